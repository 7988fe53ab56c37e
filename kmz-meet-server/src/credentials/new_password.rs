//! Passwords of accounts: made here, or checked before they are taken.

use rand::RngExt;

/// Characters of a password that people choose.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=128;
/// It must need this many guesses (as a power of ten) by the estimate of `zxcvbn`: at the pace at which guesses are
/// compared (`queue.rs`), years.
const GUESSES_LOG10: f64 = 10.0;
/// What everyone here would try first.
const COMMON: [&str; 6] = [
    "kmz",
    "kmz-meet",
    "schule",
    "lehrer",
    "lehrerin",
    "lehrkraft",
];

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    Length,
    Guessable,
}

/// Whether someone may have this password; `about` is what others know of them.
///
/// # Errors
/// Why not.
pub fn check_new_password(password: &str, about: &[&str]) -> Result<(), Weak> {
    if !LENGTH.contains(&password.chars().count()) {
        return Err(Weak::Length);
    }
    let about: Vec<&str> = about.iter().copied().chain(COMMON).collect();
    let estimate = zxcvbn::zxcvbn(password, &about);
    if estimate.guesses_log10() < GUESSES_LOG10 {
        return Err(Weak::Guessable);
    }
    Ok(())
}

/// A password to hand out: four times four signs that cannot be mistaken for each other, 80 bits.
pub fn new_password() -> String {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let mut group = || -> String {
        (0..4)
            .map(|_| char::from(SIGNS[random.random_range(0..SIGNS.len())]))
            .collect()
    };
    [group(), group(), group(), group()].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easily_guessed_is_not_taken() {
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
