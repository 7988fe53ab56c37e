//! What a datagram is, by its first bytes (RFC 7983, RFC 5761).

/// The protocols that share the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
    Unknown,
}

/// Tells them apart.
#[must_use]
pub fn kind(datagram: &[u8]) -> Kind {
    match datagram {
        [0..=3, ..] if datagram.len() >= 20 => Kind::Stun,
        [20..=63, ..] if datagram.len() >= 13 => Kind::Dtls,
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, ..] => Kind::Rtp,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_is_decided_by_the_first_bytes() {
        assert_eq!(kind(&[0; 20]), Kind::Stun);
        assert_eq!(kind(&[0; 19]), Kind::Unknown);
        assert_eq!(kind(&[22; 13]), Kind::Dtls);
        assert_eq!(kind(&[0x80, 96]), Kind::Rtp);
        assert_eq!(kind(&[0x80, 0x80 | 96]), Kind::Rtp, "marker bit");
        assert_eq!(kind(&[0x80, 200]), Kind::Rtcp);
        assert_eq!(kind(&[0x81, 205]), Kind::Rtcp);
        assert_eq!(kind(&[]), Kind::Unknown);
        assert_eq!(kind(&[255; 40]), Kind::Unknown);
    }
}
