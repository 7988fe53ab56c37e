use super::*;
use crate::sfu::rtp::header::write_header;

/// Two ends: the second one's keys are swapped, as a client has them.
fn pair(profile: ProtectionProfile) -> (Srtp, Srtp) {
    let provider = rtc_crypto::default_provider().expect("a provider");
    let salt = profile.salt_len();
    let keys = Keys {
        profile,
        client_key: vec![1; 16],
        client_salt: vec![2; salt],
        server_key: vec![3; 16],
        server_salt: vec![4; salt],
    };
    let swapped = Keys {
        profile,
        client_key: keys.server_key.clone(),
        client_salt: keys.server_salt.clone(),
        server_key: keys.client_key.clone(),
        server_salt: keys.client_salt.clone(),
    };
    (
        Srtp::new(&keys, &provider).expect("server"),
        Srtp::new(&swapped, &provider).expect("client"),
    )
}

fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; 12];
    write_header(&mut packet, false, 96, sequence, 1, 99, None);
    packet.extend_from_slice(payload);
    packet
}

#[test]
fn packet_protected_in_any_profile_is_unprotected() {
    for profile in [
        ProtectionProfile::AeadAes128Gcm,
        ProtectionProfile::Aes128CmHmacSha1_80,
    ] {
        let (mut server, mut client) = pair(profile);
        let plain = packet(5, b"picture");
        let mut wire = plain.clone();
        assert!(server.protect(&mut wire, 0, 12, 99, 5));
        assert_ne!(wire, plain);
        let header = Header::parse(&wire).expect("a header");
        let length = client.unprotect(&mut wire, &header).expect("authentic");
        assert_eq!(&wire[..length], &plain);
    }
}

/// The library's own GCM agrees with ours, so that a browser does.
#[test]
fn packet_protected_by_our_gcm_is_unprotected_by_the_library() {
    let (mut server, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
    let plain = packet(77, b"picture");
    let mut wire = plain.clone();
    assert!(server.protect(&mut wire, 0, 12, 99, 77));
    assert_eq!(
        &client.library_in.decrypt_rtp(&wire).expect("authentic")[..],
        &plain
    );
}

#[test]
fn packet_that_is_replayed_or_forged_is_refused() {
    let (mut server, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
    let mut wire = packet(5, b"picture");
    assert!(server.protect(&mut wire, 0, 12, 99, 5));
    let header = Header::parse(&wire).expect("a header");
    let mut forged = wire.clone();
    forged[13] ^= 1;
    assert_eq!(client.unprotect(&mut forged, &header), None);
    assert!(client.unprotect(&mut wire.clone(), &header).is_some());
    assert_eq!(client.unprotect(&mut wire, &header), None);
}

#[test]
fn sequence_number_that_rolls_over_is_followed() {
    let (mut server, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
    for index in 65_530u64..65_545 {
        let mut wire = packet((index & 0xffff) as u16, b"x");
        assert!(server.protect(&mut wire, 0, 12, 99, index));
        let header = Header::parse(&wire).expect("a header");
        assert!(client.unprotect(&mut wire, &header).is_some(), "{index}");
    }
}

#[test]
fn rtcp_without_encryption_is_refused() {
    for profile in [
        ProtectionProfile::AeadAes128Gcm,
        ProtectionProfile::Aes128CmHmacSha1_80,
    ] {
        let (mut server, mut client) = pair(profile);
        // A picture loss indication.
        let plain = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
        let wire = server.protect_rtcp(&plain).expect("protected");
        assert_eq!(
            &client.unprotect_rtcp(&wire).expect("authentic")[..],
            &plain
        );
        let mut naked = plain.to_vec();
        naked.extend_from_slice(&[0; 14]);
        assert!(client.unprotect_rtcp(&naked).is_none());
    }
}

#[test]
fn packet_that_is_truncated_is_refused() {
    let (_, mut client) = pair(ProtectionProfile::AeadAes128Gcm);
    let (_, mut other) = pair(ProtectionProfile::Aes128CmHmacSha1_80);
    for length in 0..64 {
        let mut wire = packet(1, &[0; 52]);
        wire.truncate(length);
        for end in [&mut client, &mut other] {
            if let Some(header) = Header::parse(&wire) {
                assert_eq!(end.unprotect(&mut wire.clone(), &header), None);
            }
            assert!(end.unprotect_rtcp(&wire).is_none());
        }
    }
}

/// As from someone who writes another's address into datagrams.
#[test]
fn forged_streams_leave_room_for_authentic_ones() {
    for profile in [
        ProtectionProfile::AeadAes128Gcm,
        ProtectionProfile::Aes128CmHmacSha1_80,
    ] {
        let (mut server, mut client) = pair(profile);
        for ssrc in 1_000..1_500u32 {
            let mut forged = vec![0; 12];
            write_header(&mut forged, false, 96, 1, 1, ssrc, None);
            forged.extend_from_slice(&[7; 40]);
            let header = Header::parse(&forged).expect("a header");
            assert_eq!(client.unprotect(&mut forged, &header), None);
            let mut forged = vec![0x80, 201, 0, 1];
            forged.extend_from_slice(&ssrc.to_be_bytes());
            forged.extend_from_slice(&[0xff; 32]);
            assert!(client.unprotect_rtcp(&forged).is_none());
        }
        let mut wire = packet(5, b"picture");
        assert!(server.protect(&mut wire, 0, 12, 99, 5));
        let header = Header::parse(&wire).expect("a header");
        assert!(client.unprotect(&mut wire.clone(), &header).is_some());
        assert!(client.unprotect(&mut wire, &header).is_none(), "replayed");
        let plain = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
        let wire = server.protect_rtcp(&plain).expect("protected");
        assert!(client.unprotect_rtcp(&wire).is_some());
        assert!(client.unprotect_rtcp(&wire).is_none(), "replayed");
    }
}

#[test]
fn streams_beyond_the_maximum_are_refused_in_any_profile() {
    for profile in [
        ProtectionProfile::AeadAes128Gcm,
        ProtectionProfile::Aes128CmHmacSha1_80,
    ] {
        let (mut server, mut client) = pair(profile);
        let mut taken = [0, 0];
        for ssrc in 1..=100u32 {
            let mut wire = vec![0; 12];
            write_header(&mut wire, false, 96, 1, 1, ssrc, None);
            wire.extend_from_slice(b"x");
            assert!(server.protect(&mut wire, 0, 12, ssrc, 1));
            let header = Header::parse(&wire).expect("a header");
            taken[0] += usize::from(client.unprotect(&mut wire, &header).is_some());
            let mut report = vec![0x80, 201, 0, 1];
            report.extend_from_slice(&ssrc.to_be_bytes());
            let wire = server.protect_rtcp(&report).expect("protected");
            taken[1] += usize::from(client.unprotect_rtcp(&wire).is_some());
        }
        assert_eq!(taken, [MAX_STREAMS; 2]);
    }
}
