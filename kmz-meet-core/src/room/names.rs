//! Names of people as they are shown: cleaned, so that nobody can hide behind invisible characters.

use unicode_normalization::UnicodeNormalization;

use crate::signal::MAX_NAME_CHARS;

/// The name as it will be shown; `None` when nothing is left that a reader could recognise.
#[must_use]
pub fn clean(name: &str) -> Option<String> {
    // Cut before normalising: a compatibility form can be eighteen times as long.
    let raw: String = name.chars().take(4 * MAX_NAME_CHARS).collect();
    // Composed again at the end: an invisible character between a letter and its accent must not make a second name.
    let visible: String = raw
        .chars()
        .filter(|c| c.is_whitespace() || is_shown(*c))
        .nfkc()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| is_shown(*c))
        .nfc()
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let name = words.join(" ");
    if name.chars().count() > MAX_NAME_CHARS || !name.chars().any(char::is_alphanumeric) {
        return None;
    }
    Some(name)
}

/// Not a control, direction, joining or other invisible character.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// A name that nobody here has yet: a second 'Anna' becomes 'Anna (2)'. Letters of another case do not make another name.
#[must_use]
pub fn distinct<'a>(name: &str, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    let is_taken = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        taken.clone().any(|other| other.to_lowercase() == candidate)
    };
    if !is_taken(name) {
        return name.to_owned();
    }
    (2..u32::MAX)
        .map(|number| format!("{name} ({number})"))
        .find(|candidate| !is_taken(candidate))
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn invisible_characters_and_spare_spaces_go() {
        assert_eq!(
            clean("  Anna \u{202e}\u{200b} Lena\t"),
            Some("Anna Lena".into())
        );
        assert_eq!(
            clean("Ａｎｎａ"),
            Some("Anna".into()),
            "full-width letters are letters"
        );
        assert_eq!(clean("Zoë Müller-Öz"), Some("Zoë Müller-Öz".into()));
        assert_eq!(
            clean("Zoe\u{0}\u{308}"),
            clean("Zoë"),
            "nothing hides between a letter and its accent"
        );
    }

    #[test]
    fn names_without_a_letter_or_too_long_are_refused() {
        for bad in [
            "",
            "   ",
            "\u{200b}",
            "!!!",
            "\u{3164}",
            &"x".repeat(MAX_NAME_CHARS + 1),
        ] {
            assert_eq!(clean(bad), None, "{bad:?}");
        }
        assert!(clean(&"x".repeat(MAX_NAME_CHARS)).is_some());
    }

    #[test]
    fn the_second_of_a_name_is_told_apart() {
        let taken = ["Anna", "anna (2)"];
        assert_eq!(distinct("ANNA", taken.into_iter()), "ANNA (3)");
        assert_eq!(distinct("Ben", taken.into_iter()), "Ben");
    }

    proptest! {
        #[test]
        fn a_cleaned_name_is_clean(name in any::<String>()) {
            if let Some(once) = clean(&name) {
                prop_assert!(once.chars().all(is_shown));
                prop_assert!(once.chars().count() <= MAX_NAME_CHARS);
                prop_assert_eq!(clean(&once), Some(once));
            }
        }
    }
}
