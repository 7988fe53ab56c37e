use super::*;

/// A browser's end with virtual time; one datagram of the wire, counted over both directions, may be lost.
struct Wire {
    server: Dtls,
    client: Endpoint,
    now: Instant,
    count: usize,
    lost: std::ops::Range<usize>,
    complete: [bool; 2],
}

impl Wire {
    fn new(lost: std::ops::Range<usize>) -> Self {
        let identity = Identity::generate().expect("an identity");
        let provider = identity.provider.clone();
        let certificate =
            Certificate::generate_self_signed(vec!["peer".to_owned()], provider.crypto())
                .expect("a certificate");
        let fingerprint =
            sha256_of(certificate.certificate[0].as_ref(), &provider).expect("a digest");
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(true, None)
            .expect("a configuration");
        let now = Instant::now();
        let mut client = Endpoint::new(PEER, TransportProtocol::UDP, None);
        client
            .connect(now, PEER, Arc::new(config), None)
            .expect("a handshake");
        Self {
            server: Dtls::new(&identity, fingerprint),
            client,
            now,
            count: 0,
            lost,
            complete: [false; 2],
        }
    }

    fn arrives(&mut self) -> bool {
        self.count += 1;
        !self.lost.contains(&(self.count - 1))
    }

    /// Carries what is under way; true if there was anything.
    fn carry(&mut self) -> bool {
        let mut any = false;
        while let Some(transmit) = self.client.poll_transmit() {
            any = true;
            if self.arrives() {
                let keys = self.server.read(self.now, &transmit.message);
                self.complete[0] |= keys.expect("a handshake").is_some();
            }
        }
        while let Some(datagram) = self.server.poll_transmit() {
            any = true;
            if self.arrives() {
                let events = self.client.read(self.now, PEER, None, datagram);
                self.complete[1] |= events
                    .expect("a handshake")
                    .iter()
                    .any(|event| matches!(event, EndpointEvent::HandshakeComplete));
            }
        }
        any
    }

    /// How long until both ends are through.
    fn drive_handshake(&mut self) -> Duration {
        let start = self.now;
        while self.complete != [true; 2] {
            if !self.carry() {
                self.now += Duration::from_millis(50);
                assert!(
                    self.now - start < Duration::from_secs(8),
                    "stuck without {:?} of {}: {:?}",
                    self.lost,
                    self.count,
                    self.complete
                );
                self.server.handle_timeout(self.now).expect("not yet");
                if self.client.poll_timeout(&PEER).is_some() {
                    let _ = self.client.handle_timeout(PEER, self.now);
                }
            }
        }
        self.now - start
    }
}

#[test]
fn handshake_that_loses_any_datagram_completes() {
    let mut whole = Wire::new(0..0);
    assert_eq!(whole.drive_handshake(), Duration::ZERO);
    for lost in 0..whole.count {
        Wire::new(lost..lost + 1).drive_handshake();
        Wire::new(lost..lost + 2).drive_handshake();
    }
}

#[test]
fn repeated_hello_leaves_the_repetition_of_the_flight_running() {
    let mut wire = Wire::new(0..0);
    let hello = wire.client.poll_transmit().expect("a hello").message;
    wire.server.read(wire.now, &hello).expect("a handshake");
    while wire.server.poll_transmit().is_some() {}
    wire.server.read(wire.now, &hello).expect("a handshake");
    while wire.server.poll_transmit().is_some() {}
    wire.server
        .handle_timeout(wire.now + MIN_REPEAT_INTERVAL)
        .expect("not yet");
    assert!(wire.server.poll_transmit().is_some());
}

#[test]
fn handshake_without_an_answer_fails_after_some_seconds() {
    let mut wire = Wire::new(1..10_000);
    wire.carry();
    let mut sent = 0;
    let given_up = (0..1_000).find(|step| {
        let now = wire.now + Duration::from_millis(step * 20);
        let result = wire.server.handle_timeout(now);
        while wire.server.poll_transmit().is_some() {
            sent += 1;
        }
        result.is_err()
    });
    let after = given_up.expect("an end") * 20;
    assert!((10_000..15_000).contains(&after), "{after} ms");
    assert!(sent <= 8 * 8, "{sent}");
}

#[test]
fn handshake_beyond_the_byte_limit_is_refused() {
    let mut wire = Wire::new(0..0);
    let hello = wire.client.poll_transmit().expect("a hello").message;
    wire.server.read(wire.now, &hello).expect("a handshake");
    // Records of the next epoch, which the library keeps for later.
    let mut record = vec![22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 4, 0];
    record.resize(13 + 1_024, 0);
    let refused = (0..100).any(|_| wire.server.read(wire.now, &record).is_err());
    assert!(refused);
}
