//! A secret that an operator sets. It is in no log, and compared without telling how far a guess was right.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

/// A shorter secret could be guessed.
const MIN_BYTES: usize = 16;
const MAX_BYTES: usize = 200;

/// See the module.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Whether this is it.
    pub fn is(&self, guess: &[u8]) -> bool {
        // Of hashes: they are of one length, whatever was guessed.
        let hash = |bytes: &[u8]| digest(&SHA256, bytes);
        verify_slices_are_equal(hash(self.0.as_bytes()).as_ref(), hash(guess).as_ref()).is_ok()
    }
}

impl FromStr for Secret {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let fits = (MIN_BYTES..=MAX_BYTES).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned())).ok_or(())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_takes_the_whole_secret_only() {
        let secret: Secret = "0123456789abcdef".parse().unwrap();
        assert!(secret.is(b"0123456789abcdef"));
        for guess in [
            "",
            "0123456789abcde",
            "0123456789abcdef0",
            "0123456789ABCDEF",
        ] {
            assert!(!secret.is(guess.as_bytes()), "{guess}");
        }
        assert!(!format!("{secret:?}").contains("0123"));
    }

    #[test]
    fn from_str_refuses_what_can_be_guessed_or_stands_in_no_header() {
        for text in ["", "short", "with a blank in it", "ümlaut-0123456789"] {
            assert!(text.parse::<Secret>().is_err(), "{text}");
        }
    }
}
