//! Passwords of rooms: as people paste and type them, not as their bytes are.

use unicode_normalization::UnicodeNormalization;

use super::letters::is_visible;
use crate::signal::MAX_PASSWORD_CHARS;

/// The password in the form in which it is kept and compared: compatibility forms and decomposed letters are their letters
/// (RFC 8265 uses NFC; a pasted ligature is meant as its letters too), any space is a space, and around it there is none.
/// `None` when nothing is left.
#[must_use]
pub fn folded(password: &str) -> Option<String> {
    // Cut before normalising: a compatibility form can be eighteen times as long.
    let raw = password.trim().chars().take(4 * MAX_PASSWORD_CHARS);
    let seen: String = raw
        .filter(|c| c.is_whitespace() || c.is_control() || is_visible(*c))
        .nfkc()
        .collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    let password = words.join(" ");
    (!password.is_empty()).then_some(password)
}

/// Whether what someone gave is the password that is kept, which may be from before passwords were folded.
#[must_use]
pub fn is_same(kept: &str, given: &str) -> bool {
    match (folded(kept), folded(given)) {
        (Some(kept), Some(given)) => kept == given,
        // Nobody can have set one of nothing.
        _ => kept == given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn password_pasted_with_other_spaces_is_the_same() {
        for given in [
            "grüne Wiese",
            " grüne Wiese\n",
            "gru\u{308}ne Wiese",
            "grüne\u{a0}Wiese",
            "grüne\u{202f}Wiese\u{a0}",
            "grüne  Wiese",
            "grüne\tWiese",
            "ｇｒüne Wiese",
            "\u{feff}grüne\u{200b} Wiese",
        ] {
            assert!(is_same("grüne Wiese", given), "{given:?}");
            assert!(is_same(given, "grüne Wiese"), "an old one: {given:?}");
        }
    }

    #[test]
    fn password_that_differs_in_a_letter_is_another() {
        for given in [
            "",
            "grune Wiese",
            "Grüne Wiese",
            "grüneWiese",
            "grüne Wiese!",
        ] {
            assert!(!is_same("grüne Wiese", given), "{given:?}");
        }
        assert_eq!(folded(" \u{a0}"), None);
        assert!(!is_same("a", ""));
    }

    proptest! {
        #[test]
        fn password_folded_twice_stays_the_same(password in ".{0,40}") {
            if let Some(once) = folded(&password) {
                prop_assert_eq!(folded(&once), Some(once.clone()));
                prop_assert!(is_same(&once, &password));
            }
        }
    }
}
