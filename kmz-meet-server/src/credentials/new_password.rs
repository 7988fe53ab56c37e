//! New passwords of accounts: generated here, or checked before they are accepted.

use rand::RngExt;

/// Characters of a password that people choose.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;
/// A password must need at least this many guesses by the estimate of `zxcvbn`, as a power of ten. At the pace at which the
/// server compares guesses (`fair_queue.rs`) that takes years.
const MIN_GUESSES_LOG10: f64 = 10.0;
/// What everybody here would try first.
const COMMON: [&str; 6] = [
    "kmz",
    "kmz-meet",
    "schule",
    "lehrer",
    "lehrerin",
    "lehrkraft",
];

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    Length,
    Guessable,
}

/// Checks a password that somebody chose; `about` is what others know of them.
///
/// # Errors
/// Why the password is not accepted.
pub fn check_new_password(password: &str, about: &[&str]) -> Result<(), Weak> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(Weak::Length);
    }
    let about: Vec<&str> = about.iter().copied().chain(COMMON).collect();
    let estimate = zxcvbn::zxcvbn(password, &about);
    if estimate.guesses_log10() < MIN_GUESSES_LOG10 {
        return Err(Weak::Guessable);
    }
    Ok(())
}

/// Generates a password of 80 bits: four groups of four characters that cannot be mistaken for each other.
pub fn new_password() -> String {
    const CHARACTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let mut group = || -> String {
        (0..4)
            .map(|_| char::from(CHARACTERS[random.random_range(0..CHARACTERS.len())]))
            .collect()
    };
    [group(), group(), group(), group()].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_password_that_is_short_or_easily_guessed_is_refused() {
        let check = |password: &str| check_new_password(password, &["berta", "Frau Beispiel"]);
        assert_eq!(check("kurz"), Err(Weak::Length));
        assert_eq!(check(&"x".repeat(129)), Err(Weak::Length));
        for guessable in [
            "passwort123",
            "aaaaaaaaaaaa",
            "1234567890",
            "bertaberta1",
            "kmz-meet2026",
        ] {
            assert_eq!(check(guessable), Err(Weak::Guessable), "{guessable}");
        }
        for good in ["Zwiebel Kran 7 lila", &new_password(), "gT7!vq-wR2pZ"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }
}
