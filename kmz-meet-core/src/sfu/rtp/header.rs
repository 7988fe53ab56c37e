//! RTP headers (RFC 3550), header extensions (RFC 8285) and redundant audio (RFC 2198), read in place.

use std::ops::Range;

/// Length of the fixed header.
pub const FIXED_HEADER: usize = 12;

/// What is needed of a packet's header. Offsets are into the packet it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub marker: bool,
    pub padding: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// Where the payload starts.
    pub payload: usize,
    extensions: Range<usize>,
    two_byte: bool,
}

impl Header {
    /// Reads a header; `None` when the packet is not RTP or cut short.
    #[must_use]
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let fixed: &[u8; FIXED_HEADER] = packet.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let mut at = FIXED_HEADER + 4 * usize::from(fixed[0] & 0x0f);
        let mut extensions = 0..0;
        let mut two_byte = false;
        if fixed[0] & 0x10 != 0 {
            let head: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
            let profile = u16::from_be_bytes([head[0], head[1]]);
            let length = 4 * usize::from(u16::from_be_bytes([head[2], head[3]]));
            at += 4;
            if profile == 0xbede || profile & 0xfff0 == 0x1000 {
                extensions = at..at + length;
                two_byte = profile != 0xbede;
            }
            at += length;
        }
        if at > packet.len() {
            return None;
        }
        Some(Self {
            marker: fixed[1] & 0x80 != 0,
            padding: fixed[0] & 0x20 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            payload: at,
            extensions,
            two_byte,
        })
    }

    /// The header extension with this id.
    #[must_use]
    pub fn extension<'a>(&self, packet: &'a [u8], id: u8) -> Option<&'a [u8]> {
        let mut rest = packet.get(self.extensions.clone())?;
        while let [first, tail @ ..] = rest {
            if *first == 0 {
                rest = tail;
                continue;
            }
            let (this, length, value) = if self.two_byte {
                let (length, value) = tail.split_first()?;
                (*first, usize::from(*length), value)
            } else {
                if first >> 4 == 15 {
                    return None;
                }
                (first >> 4, usize::from(first & 0x0f) + 1, tail)
            };
            let value_of = value.get(..length)?;
            if this == id {
                return Some(value_of);
            }
            rest = &value[length..];
        }
        None
    }

    /// The payload of a decrypted packet, padding taken off.
    #[must_use]
    pub fn payload_of<'a>(&self, packet: &'a [u8]) -> Option<&'a [u8]> {
        let end = if self.padding {
            packet.len().checked_sub(usize::from(*packet.last()?))?
        } else {
            packet.len()
        };
        packet.get(self.payload..end)
    }
}

/// Writes a header with at most the transport-wide sequence number as extension; returns its length.
///
/// # Panics
/// Never for a buffer of at least 20 bytes, which every caller gives.
pub fn write_header(
    out: &mut [u8],
    marker: bool,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    transport_sequence: Option<(u8, u16)>,
) -> usize {
    out[0] = if transport_sequence.is_some() {
        0x90
    } else {
        0x80
    };
    out[1] = (u8::from(marker) << 7) | (payload_type & 0x7f);
    out[2..4].copy_from_slice(&sequence.to_be_bytes());
    out[4..8].copy_from_slice(&timestamp.to_be_bytes());
    out[8..12].copy_from_slice(&ssrc.to_be_bytes());
    let Some((id, number)) = transport_sequence else {
        return FIXED_HEADER;
    };
    out[12..16].copy_from_slice(&[0xbe, 0xde, 0, 1]);
    out[16] = (id << 4) | 1;
    out[17..19].copy_from_slice(&number.to_be_bytes());
    out[19] = 0;
    FIXED_HEADER + 8
}

/// The newest block of a redundant audio payload: what a receiver without RED gets.
#[must_use]
pub fn primary_of_red(payload: &[u8]) -> Option<&[u8]> {
    let mut headers = 0;
    let mut redundant = 0;
    loop {
        let first = *payload.get(headers)?;
        if first & 0x80 == 0 {
            headers += 1;
            break;
        }
        let block = payload.get(headers..headers + 4)?;
        redundant += usize::from(u16::from_be_bytes([block[2] & 0x03, block[3]]));
        headers += 4;
    }
    payload.get(headers + redundant..)
}

/// Follows 16-bit sequence numbers over their wrap (RFC 3711, appendix A).
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwrapper {
    newest: Option<u64>,
}

impl Unwrapper {
    /// The extended number, nearest to the newest one seen. The first is taken in the second cycle, so that
    /// late packets before it have a number too.
    pub fn unwrap(&mut self, number: u16) -> u64 {
        let Some(newest) = self.newest else {
            let first = 0x1_0000 + u64::from(number);
            self.newest = Some(first);
            return first;
        };
        let step = number.wrapping_sub((newest & 0xffff) as u16).cast_signed();
        let extended = newest.saturating_add_signed(i64::from(step));
        if extended > newest {
            self.newest = Some(extended);
        }
        extended
    }

    /// The newest number seen.
    #[must_use]
    pub fn newest(&self) -> Option<u64> {
        self.newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_written_is_read_back() {
        let mut packet = [0u8; 30];
        let length = write_header(&mut packet, true, 96, 4711, 90_000, 7, Some((5, 300)));
        let header = Header::parse(&packet).expect("a header");
        assert_eq!(length, header.payload);
        assert!(header.marker);
        assert_eq!((header.payload_type, header.sequence), (96, 4711));
        assert_eq!((header.timestamp, header.ssrc), (90_000, 7));
        assert_eq!(
            header.extension(&packet, 5),
            Some(&300u16.to_be_bytes()[..])
        );
        assert_eq!(header.extension(&packet, 4), None);
    }

    #[test]
    fn header_of_a_truncated_packet_is_none() {
        let mut packet = [0u8; 20];
        write_header(&mut packet, false, 96, 1, 2, 3, Some((5, 300)));
        for length in 0..20 {
            assert_eq!(Header::parse(&packet[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn payload_with_padding_beyond_the_packet_is_none() {
        let mut packet = [0u8; 14];
        write_header(&mut packet, false, 96, 1, 2, 3, None);
        packet[0] |= 0x20;
        packet[13] = 200;
        let header = Header::parse(&packet).expect("a header");
        assert_eq!(header.payload_of(&packet), None);
        packet[13] = 2;
        assert_eq!(header.payload_of(&packet), Some(&[][..]));
    }

    #[test]
    fn primary_of_red_is_the_newest_block() {
        // one redundant block of 3 bytes, then the primary
        let payload = [0x80 | 111, 0, 0, 3, 111, 1, 2, 3, 9, 9];
        assert_eq!(primary_of_red(&payload), Some(&[9, 9][..]));
        assert_eq!(primary_of_red(&[0x80 | 111, 0, 0xff, 3, 111]), None);
        assert_eq!(primary_of_red(&[]), None);
    }

    #[test]
    fn unwrapper_follows_numbers_over_the_wrap_both_ways() {
        let mut numbers = Unwrapper::default();
        let first = numbers.unwrap(65_534);
        assert_eq!(numbers.unwrap(1), first + 3);
        assert_eq!(numbers.unwrap(65_535), first + 1);
        assert_eq!(numbers.newest(), Some(first + 3));
    }
}
