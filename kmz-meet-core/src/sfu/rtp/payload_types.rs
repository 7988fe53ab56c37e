//! Sets of payload types (RFC 3550, section 5.1: seven bits).

/// A set of payload types, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadTypes(u128);

impl PayloadTypes {
    /// With this type too.
    #[must_use]
    pub fn with(self, payload_type: u8) -> Self {
        Self(self.0 | 1 << (payload_type & 0x7f))
    }

    /// Whether a packet with this second byte, in which the marker shares the byte, has one of these types.
    #[must_use]
    pub fn has(self, second_byte: u8) -> bool {
        self.0 >> (second_byte & 0x7f) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::PayloadTypes;

    #[test]
    fn payload_type_is_found_with_and_without_a_marker() {
        let types = PayloadTypes::default().with(111).with(0);
        assert!(types.has(111) && types.has(0x80 | 111) && types.has(0));
        assert!(!types.has(96) && !types.has(127));
    }
}
