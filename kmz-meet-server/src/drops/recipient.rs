//! The public half of a key as age writes it: Bech32 (BIP 173) of an X25519 key, with the prefix `age`.

use age::x25519::Recipient;

/// Whether this is the public half of an X25519 key, written as age writes it.
pub fn is_recipient(text: &str) -> bool {
    text.parse()
        .is_ok_and(|recipient: Recipient| recipient.to_string() == text)
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
