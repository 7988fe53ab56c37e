//! The public half of a key as age writes it: Bech32 (BIP 173) of an X25519 key, with the prefix `age`.

const PREFIX: &str = "age";
const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// 32 bytes in groups of five bits.
const DATA_CHARS: usize = 52;
const CHECKSUM_CHARS: usize = 6;
/// The generator of the checksum (BIP 173, *Checksum*).
const GENERATOR: [u32; 5] = [
    0x3b6a_57b2,
    0x2650_8e6d,
    0x1ea1_19fa,
    0x3d42_33dd,
    0x2a14_62b3,
];

/// Whether this is the public half of an X25519 key.
pub fn is_recipient(text: &str) -> bool {
    let data = text
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_prefix('1'));
    let Some(data) = data.filter(|data| data.len() == DATA_CHARS + CHECKSUM_CHARS) else {
        return false;
    };
    let values: Option<Vec<u8>> = data
        .bytes()
        .map(|letter| ALPHABET.iter().position(|known| *known == letter))
        .map(|place| place.and_then(|place| u8::try_from(place).ok()))
        .collect();
    let Some(values) = values else {
        return false;
    };
    // 52 groups of five bits are four bits more than 32 bytes have.
    let is_padded = values[DATA_CHARS - 1] & 0b1111 == 0;
    is_padded && checksum(&values) == 1
}

fn checksum(values: &[u8]) -> u32 {
    let prefix = PREFIX.bytes();
    let expanded = prefix
        .clone()
        .map(|letter| letter >> 5)
        .chain([0])
        .chain(prefix.map(|letter| letter & 31));
    expanded
        .chain(values.iter().copied())
        .fold(1, |sum: u32, value| {
            let top = sum >> 25;
            let shifted = ((sum & 0x1ff_ffff) << 5) ^ u32::from(value);
            let added = GENERATOR.iter().enumerate();
            added.fold(shifted, |sum, (bit, generator)| {
                if (top >> bit) & 1 == 1 {
                    sum ^ generator
                } else {
                    sum
                }
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the documentation of age.
    const KNOWN: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    #[test]
    fn recipient_with_any_letter_changed_is_refused() {
        assert!(is_recipient(KNOWN));
        for place in 0..KNOWN.len() {
            let mut changed = KNOWN.to_owned();
            let letter = if KNOWN.as_bytes()[place] == b'q' {
                "p"
            } else {
                "q"
            };
            changed.replace_range(place..=place, letter);
            assert!(!is_recipient(&changed), "{changed}");
        }
    }

    #[test]
    fn recipient_that_is_something_else_is_refused() {
        let secret = "AGE-SECRET-KEY-1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQS";
        let long = format!("{KNOWN}q");
        let upper = KNOWN.to_uppercase();
        for other in [
            "",
            "age1",
            "ssh-ed25519 AAAA",
            secret,
            &long,
            &upper,
            "äge1",
        ] {
            assert!(!is_recipient(other), "{other}");
        }
    }
}
