//! Messages in a stream (RFC 8656, sections 3.1 and 12.5): STUN messages and ChannelData, each padded to four bytes.

use rtc_stun::message::MAGIC_COOKIE;

/// Longest STUN message that is taken: a Send indication with a datagram of 1,500 bytes.
const MAX_MESSAGE: usize = 1_664;
/// Longest datagram that is taken.
pub const MAX_DATAGRAM: usize = 1_500;
const STUN_HEADER: usize = 20;
const CHANNEL_HEADER: usize = 4;
const COOKIE: [u8; 4] = MAGIC_COOKIE.to_be_bytes();

/// What a peer sends: one message of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A whole STUN message.
    Stun(&'a [u8]),
    /// A datagram on a channel.
    Channel { number: u16, datagram: &'a [u8] },
}

/// The stream is none of ours, or a message in it is longer than any that a browser sends. There is no way to find the
/// next message, so the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not TURN, or a message that is too long")]
pub struct Malformed;

/// Whether a connection that begins with this byte speaks STUN: no request of HTTP, of any version, begins with it.
#[must_use]
pub fn begins_stun(first: u8) -> bool {
    // The first message of a TURN client is a request (RFC 8489, section 5): its type is below 0x0100.
    first == 0
}

/// The first message of these bytes and its length with padding; `None`: it is not complete yet.
///
/// # Errors
/// See [`Malformed`].
pub fn next(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, Malformed> {
    let [kind, low, high_length, low_length, ..] = *bytes else {
        return match bytes {
            [] | [0..=0x7f, ..] => Ok(None),
            _ => Err(Malformed),
        };
    };
    let length = usize::from(u16::from_be_bytes([high_length, low_length]));
    match kind {
        0..=0x3f => {
            let whole = STUN_HEADER + length;
            if !length.is_multiple_of(4) || whole > MAX_MESSAGE {
                return Err(Malformed);
            }
            if bytes.get(4..8).is_some_and(|cookie| cookie != COOKIE) {
                return Err(Malformed);
            }
            Ok(bytes
                .get(..whole)
                .map(|message| (Frame::Stun(message), whole)))
        }
        0x40..=0x7f => {
            if length > MAX_DATAGRAM {
                return Err(Malformed);
            }
            let whole = CHANNEL_HEADER + length.next_multiple_of(4);
            Ok(bytes.get(..whole).map(|frame| {
                let number = u16::from_be_bytes([kind, low]);
                let datagram = &frame[CHANNEL_HEADER..CHANNEL_HEADER + length];
                (Frame::Channel { number, datagram }, whole)
            }))
        }
        _ => Err(Malformed),
    }
}

/// Writes a datagram as ChannelData, padded.
pub fn write_channel(out: &mut Vec<u8>, number: u16, datagram: &[u8]) {
    let length = u16::try_from(datagram.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(datagram);
    let padding = usize::from(length).next_multiple_of(4) - usize::from(length);
    out.extend_from_slice(&[0; 3][..padding]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn frame_of_a_request_of_http_is_malformed() {
        for first in [b'G', b'P', 0x16, 0x80, 0xff] {
            assert!(!begins_stun(first));
        }
        assert_eq!(next(&[0x80]), Err(Malformed));
        assert_eq!(
            next(&[0, 1, 0, 3]),
            Err(Malformed),
            "not a multiple of four"
        );
        assert_eq!(next(&[0, 1, 0xff, 0xfc]), Err(Malformed), "too long");
        assert_eq!(next(&[0, 1, 0, 0, 1, 2, 3, 4]), Err(Malformed), "no cookie");
        assert_eq!(next(&[0x40, 0, 0x10, 0]), Err(Malformed), "too long");
    }

    proptest! {
        #[test]
        fn channel_data_comes_back_whatever_follows(
            number in 0x4000u16..0x7fff,
            datagram in prop::collection::vec(any::<u8>(), 0..=MAX_DATAGRAM),
            rest in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut bytes = Vec::new();
            write_channel(&mut bytes, number, &datagram);
            let whole = bytes.len();
            prop_assert!(whole.is_multiple_of(4));
            for cut in 0..whole {
                prop_assert_eq!(next(&bytes[..cut]), Ok(None));
            }
            bytes.extend_from_slice(&rest);
            prop_assert_eq!(next(&bytes), Ok(Some((Frame::Channel { number, datagram: &datagram }, whole))));
        }

        #[test]
        fn any_bytes_end_in_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
            let mut rest = &bytes[..];
            while let Ok(Some((_, used))) = next(rest) {
                prop_assert!(used >= 4 && used <= rest.len());
                rest = &rest[used..];
            }
        }
    }
}
