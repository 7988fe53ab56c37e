//! The code by which the result of a test is found again: short enough to be read out on the telephone.

use rand::RngExt;

/// Letters that are not taken for one another. Without vowels they make no words.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// 20^8 codes: whoever guesses finds one of 20,000 in a million tries.
const LENGTH: usize = 8;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultCode(String);

impl ResultCode {
    /// A new one.
    pub fn random() -> Self {
        let mut random = rand::rng();
        let letter = |_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
        Self((0..LENGTH).map(letter).collect())
    }

    /// As somebody types it: in small letters, with spaces or dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text
            .bytes()
            .filter(|byte| !matches!(byte, b' ' | b'-'))
            .map(|byte| byte.to_ascii_uppercase());
        let letters: Vec<u8> = letters.take(LENGTH + 1).collect();
        let fits = letters.len() == LENGTH && letters.iter().all(|one| ALPHABET.contains(one));
        fits.then(|| Self(letters.into_iter().map(char::from).collect()))
    }

    /// Eight letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_read_however_it_is_typed() {
        let code = ResultCode::random();
        let text = code.as_str().to_lowercase();
        let typed = format!("{}-{} ", &text[..4], &text[4..]);
        assert_eq!(ResultCode::parse(&typed), Some(code));
    }

    #[test]
    fn code_with_a_letter_too_many_or_a_vowel_is_none() {
        for wrong in [
            "",
            "BCDFGHJ",
            "BCDFGHJKL",
            "ABCDFGHJ",
            "BCDFGHJ1",
            "BCDFGHJÖ",
        ] {
            assert_eq!(ResultCode::parse(wrong), None, "{wrong}");
        }
    }
}
