//! The VP8 payload descriptor (RFC 7741, section 4.2): read, and its running numbers rewritten.
//!
//! Every simulcast encoding counts pictures for itself. A receiver that is moved from one encoding to another must see
//! one count that goes on, so the slot shifts the picture id and the index of temporal layer zero.

/// Where the running numbers of a packet stand, and whether a key frame starts in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "bits of the header")]
pub struct Descriptor {
    /// Offset and value of the picture id; 15 bits wide where `wide`.
    pub picture: Option<(usize, u16)>,
    pub wide: bool,
    /// Offset and value of the index of temporal layer zero.
    pub tl0: Option<(usize, u8)>,
    /// The first packet of a key frame.
    pub key_frame: bool,
    /// The first packet of a picture.
    pub begins: bool,
    /// No other picture needs this one: it can be left out (the N bit).
    pub droppable: bool,
}

/// How far the running numbers are moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    pub picture_by: u16,
    pub tl0_by: u8,
}

impl Descriptor {
    /// Reads the descriptor; `None` when the payload is cut short.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut found = Self::default();
        let mut at = 1;
        if first & 0x80 != 0 {
            let present = *payload.get(at)?;
            at += 1;
            if present & 0x80 != 0 {
                let high = *payload.get(at)?;
                if high & 0x80 == 0 {
                    found.picture = Some((at, u16::from(high)));
                    at += 1;
                } else {
                    let low = *payload.get(at + 1)?;
                    found.picture = Some((at, u16::from_be_bytes([high & 0x7f, low])));
                    found.wide = true;
                    at += 2;
                }
            }
            if present & 0x40 != 0 {
                found.tl0 = Some((at, *payload.get(at)?));
                at += 1;
            }
            if present & 0x30 != 0 {
                at += 1;
            }
        }
        let starts_partition_zero = first & 0x10 != 0 && first & 0x0f == 0;
        let frame_header = *payload.get(at)?;
        found.begins = starts_partition_zero;
        found.droppable = first & 0x20 != 0;
        found.key_frame = starts_partition_zero && frame_header & 1 == 0;
        Some(found)
    }

    /// Writes shifted numbers into a copy of the payload that this descriptor was read from.
    pub fn shift(&self, payload: &mut [u8], by: Shift) {
        let Shift { picture_by, tl0_by } = by;
        if let Some((at, id)) = self.picture {
            let id = id.wrapping_add(picture_by);
            if self.wide {
                if let Some(field) = payload.get_mut(at..at + 2) {
                    field.copy_from_slice(&((id & 0x7fff) | 0x8000).to_be_bytes());
                }
            } else if let Some(field) = payload.get_mut(at) {
                *field = (id & 0x7f) as u8;
            }
        }
        if let Some((at, index)) = self.tl0
            && let Some(field) = payload.get_mut(at)
        {
            *field = index.wrapping_add(tl0_by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X, I (15 bits), L, T: a key frame's first packet.
    const KEY: [u8; 8] = [0x90, 0xe0, 0x81, 0x02, 7, 0x20, 0x10, 0xff];

    #[test]
    fn descriptor_with_all_fields_is_read_and_shifted() {
        let read = Descriptor::parse(&KEY).expect("a descriptor");
        assert_eq!(read.picture, Some((2, 0x0102)));
        assert_eq!(read.tl0, Some((4, 7)));
        assert!(read.wide && read.key_frame);
        let mut copy = KEY;
        read.shift(
            &mut copy,
            Shift {
                picture_by: 1,
                tl0_by: 250,
            },
        );
        let shifted = Descriptor::parse(&copy).expect("a descriptor");
        assert_eq!(shifted.picture, Some((2, 0x0103)));
        assert_eq!(shifted.tl0, Some((4, 1)));
    }

    #[test]
    fn descriptor_of_a_delta_frame_or_a_later_packet_is_no_key_frame() {
        let mut delta = KEY;
        delta[6] |= 1;
        assert!(!Descriptor::parse(&delta).expect("a descriptor").key_frame);
        let mut later = KEY;
        later[0] &= !0x10;
        assert!(!Descriptor::parse(&later).expect("a descriptor").key_frame);
    }

    #[test]
    fn descriptor_of_a_picture_that_none_needs_is_droppable() {
        let mut droppable = KEY;
        droppable[0] |= 0x20;
        assert!(
            Descriptor::parse(&droppable)
                .expect("a descriptor")
                .droppable
        );
        let needed = Descriptor::parse(&KEY).expect("a descriptor");
        assert!(!needed.droppable && needed.begins);
    }

    #[test]
    fn descriptor_of_a_truncated_payload_is_none() {
        for length in 0..7 {
            assert_eq!(Descriptor::parse(&KEY[..length]), None);
        }
    }

    #[test]
    fn picture_id_that_is_shifted_wraps_within_its_width() {
        let narrow = [0x90, 0x80, 0x7f, 0x10];
        let read = Descriptor::parse(&narrow).expect("a descriptor");
        let mut copy = narrow;
        read.shift(
            &mut copy,
            Shift {
                picture_by: 2,
                tl0_by: 0,
            },
        );
        assert_eq!(copy[2], 1);
    }
}
