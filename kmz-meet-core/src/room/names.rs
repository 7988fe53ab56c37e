//! Names of people, by whatever way they come: cleaned once, so that nobody hides behind characters that nobody sees,
//! and told apart by what a reader sees.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::letters::{is_slight, is_visible, with_few_marks, with_own_marks};
use super::text::shortened;
use crate::signal::MAX_NAME_CHARS;

/// So much of a name is looked at.
pub(super) const MAX_RAW_CHARS: usize = 16 * MAX_NAME_CHARS;

/// A name as others see it. There is no other way to one than [`DisplayName::of`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(String);

impl DisplayName {
    /// The name, cleaned, and cut between two letters when it is too long. `None` when there is no letter and no digit in
    /// it: then the person is to be asked.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let name = shortened(&whole(name)?, MAX_NAME_CHARS);
        has_letter(&name).then_some(Self(name))
    }

    /// A name as its person typed it: they can shorten a long one themselves, and see what others will see.
    #[must_use]
    pub fn typed(name: &str) -> Option<Self> {
        let name = whole(name)?;
        (name.chars().count() <= MAX_NAME_CHARS).then_some(Self(name))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

/// A name without a letter or a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name must have a letter or a digit")]
pub struct NoName;

impl TryFrom<String> for DisplayName {
    type Error = NoName;

    fn try_from(name: String) -> Result<Self, NoName> {
        Self::of(&name).ok_or(NoName)
    }
}

/// The name, cleaned, in its full length.
fn whole(name: &str) -> Option<String> {
    // Cut before normalising: a compatibility form can be eighteen times as long.
    let raw = name.chars().take(MAX_RAW_CHARS);
    let seen = raw
        .filter(|c| c.is_whitespace() || is_visible(*c))
        .nfkd()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| is_visible(*c));
    // Composed at the end: an invisible character between a letter and its accent must not make a second name.
    let seen: String = with_few_marks(with_own_marks(seen)).nfc().collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    let name = words.join(" ");
    has_letter(&name).then_some(name)
}

fn has_letter(name: &str) -> bool {
    name.chars().any(char::is_alphanumeric)
}

/// The name as it will be shown; `None` when nothing is left that a reader could recognise.
#[must_use]
pub fn clean(name: &str) -> Option<String> {
    DisplayName::of(name).map(String::from)
}

/// What a reader takes a name for (UTS 39, 4): names of the same skeleton look alike. Case, spaces, hyphens, invisible
/// characters and small punctuation make no difference. It is for comparing only.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let [seen, _, _] = skeletons(name);
    seen
}

/// Whether a reader takes these names for the same.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    let other = skeletons(other);
    skeletons(one)
        .into_iter()
        .zip(other)
        .any(|(one, other)| one == other)
}

/// As it is written, and as it looks in small and in capital letters: what looks alike in one case differs in the other.
pub(super) fn skeletons(name: &str) -> [String; 3] {
    #[cfg(test)]
    tests::WORKED_OUT.with(|times| times.set(times.get() + 1));
    forms(name)
}

/// See [`skeletons`].
pub(super) fn forms(name: &str) -> [String; 3] {
    let name: String = bare(name.chars().take(MAX_RAW_CHARS)).nfkc().collect();
    let small = alike(&name.to_lowercase());
    let capital = alike(&name.to_uppercase()).to_lowercase();
    // The capital I looks like a small l, and is the small i: of these three none tells people apart.
    let written = alike(&alike(&name).to_lowercase()).replace('i', "l");
    [written, small, capital]
}

/// The prototypes of all characters. At a glance 'Frau Maier', 'Frau-Maier' and 'FrauMaier |' are one.
fn alike(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| has_letter(word));
    let text: String = words.collect();
    bare(unicode_security::confusable_detection::skeleton(&text)).collect()
}

fn bare(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    text.filter(|c| c.is_whitespace() || (is_visible(*c) && !is_slight(*c)))
}

/// What a name that is taken becomes, one after the other.
pub(super) fn numbered(name: &str) -> impl Iterator<Item = String> {
    (2..u32::MAX).map(move |number| format!("{name} ({number})"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::room::seen_name::distinct;
    use proptest::prelude::*;
    use std::cell::Cell;
    use unicode_segmentation::UnicodeSegmentation;

    thread_local! {
        /// How often it was worked out what a reader takes a name for: it is what names cost.
        pub(in crate::room) static WORKED_OUT: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn names_that_differ_by_spaces_and_hyphens_are_the_same() {
        for other in [
            "FrauMaier",
            "Frau-Maier",
            "Frau_Maier",
            "Frau\u{2013}Maier",
            "Frau Maier |",
            "Frau Maier \u{2014}",
            "-Frau Maier-",
            "F r a u M a i e r",
            "Frau + Maier",
        ] {
            assert!(same_name("Frau Maier", other), "{other:?}");
        }
        // A bar within a word looks like a letter.
        assert!(same_name("Frau Maier", "Frau Ma|er"));
        for other in ["Frau Maier 2", "Frau Meier", "Herr Maier", "Frau Maier (2)"] {
            assert!(!same_name("Frau Maier", other), "{other:?}");
        }
    }

    #[test]
    fn name_with_marks_of_another_script_loses_them() {
        for name in ["Anna\u{93e}", "An\u{e34}na", "Anna\u{16fe4}"] {
            assert_eq!(clean(name), Some("Anna".into()), "{name:?}");
        }
        assert_eq!(clean("अनुष्का"), Some("अनुष्का".into()));
    }

    #[test]
    fn name_with_invisible_characters_and_extra_spaces_loses_them() {
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
        for blank in [
            "\u{2800}",
            "\u{1d159}",
            "\u{1d173}",
            "\u{1bca0}",
            "\u{13430}",
            "\u{e001}",
        ] {
            assert_eq!(
                clean(&format!("Frau{blank} Beispiel{blank}")),
                Some("Frau Beispiel".into()),
                "{blank:?}"
            );
        }
    }

    #[test]
    fn name_without_a_letter_or_digit_is_none() {
        for bad in [
            "",
            "   ",
            "\u{200b}",
            "!!!",
            "\u{3164}",
            "\u{2800}\u{2800}",
            "🙂",
            "😀👍🏽",
            "-_-",
        ] {
            assert_eq!(clean(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn name_in_any_script_is_kept() {
        for name in [
            "Anna 🙂",
            "محمد علي",
            "יעל כהן",
            "Дарʼя Ковальчук",
            "Ελένη Παπαδοπούλου",
            "Nguyễn Thị Ánh",
            "王小明",
            "さくら",
            "अनुष्का",
            "O’Brien",
            "Ðorđe ★",
            "7",
        ] {
            assert_eq!(clean(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn name_that_is_too_long_is_cut_between_graphemes() {
        assert_eq!(clean(&"x".repeat(61)), Some("x".repeat(60)));
        assert_eq!(clean(&"x".repeat(70_000)), Some("x".repeat(60)));
        assert_eq!(
            clean(&format!("{} Lena", "x".repeat(59))),
            Some("x".repeat(59)),
            "no space at the end"
        );
        let marked = "a\u{325}\u{302}\u{325}";
        let name = clean(&marked.repeat(40)).unwrap();
        assert!(name.ends_with('\u{325}') || name.ends_with('ḁ') || name.ends_with('\u{302}'));
        assert_eq!(name.graphemes(true).count(), name.chars().count() / 2);
        let flags = clean(&format!("A{}", "🇩🇪".repeat(40))).unwrap();
        assert_eq!(flags.chars().count(), 59, "no half of a flag");
        assert_eq!(
            clean(&format!("{}A", "\u{200b}".repeat(600))),
            Some("A".into())
        );
    }

    #[test]
    fn name_with_piled_marks_keeps_two_for_a_letter() {
        let pile: String = ('\u{300}'..='\u{338}').collect();
        let name = clean(&format!("a{pile}")).unwrap();
        assert!(name.nfd().count() <= 3, "{name}");
    }

    #[test]
    fn name_that_is_taken_gets_the_next_number() {
        let taken = ["Anna", "anna (2)"];
        assert_eq!(distinct("ANNA", taken.into_iter()), "ANNA (3)");
        assert_eq!(distinct("Ben", taken.into_iter()), "Ben");
    }

    #[test]
    fn names_that_look_alike_are_the_same_name() {
        for alike in [
            "Frau Beispiel\u{2800}",
            "Frau B\u{435}isp\u{456}\u{435}l",
            "Frau BeispieI",
            "Frau Beispie1",
            "FRAU BEISPIEL",
            "frau  beispiel",
            "Frau\u{a0}Beispiel",
            "Frau Beispiel.",
            "Frau Beispiel\u{b7}",
            "Ｆｒａｕ Ｂｅｉｓｐｉｅｌ",
            "𝐅𝐫𝐚𝐮 𝐁𝐞𝐢𝐬𝐩𝐢𝐞𝐥",
            "Frau \u{412}eispiel",
            "Frau \u{392}eispiel",
        ] {
            assert!(same_name("Frau Beispiel", alike), "{alike:?}");
            assert_eq!(
                distinct(&clean(alike).unwrap(), ["Frau Beispiel"].into_iter()),
                format!("{} (2)", clean(alike).unwrap())
            );
        }
        assert!(same_name("Анна", "АННА"));
        assert!(same_name("Ελένη", "ΕΛΈΝΗ"));
        assert!(same_name("محمد", "محـمد"));
        assert!(same_name("Emma", "Ernma"));
    }

    #[test]
    fn names_that_differ_visibly_are_different_names() {
        for (one, other) in [
            ("Anna", "Anne"),
            ("Müller", "Muller"),
            ("Anna (2)", "Anna (3)"),
            ("Ben", "Sven"),
            ("Mia", "Mina"),
            ("Frau Beispiel", "Herr Beispiel"),
            ("علي", "عمر"),
        ] {
            assert!(!same_name(one, other), "{one} {other}");
        }
    }

    /// Letters with what may hide among them.
    fn tricky() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<char>(),
            prop::sample::select(vec![
                'a',
                'I',
                'l',
                'е',
                ' ',
                '\u{2800}',
                '\u{200d}',
                '\u{301}',
                '\u{323}',
                '\u{345}',
                'ﷺ',
                'İ',
                'ß',
                '\u{1f1e9}',
                '\u{e33}',
                '\u{ac00}',
                '\u{11a8}',
                '\u{600}',
                '\u{202e}',
                '\u{fe0f}',
            ]),
        ];
        prop::collection::vec(part, 0..120).prop_map(|all| all.into_iter().collect())
    }

    proptest! {
        #[test]
        fn name_cleaned_twice_stays_the_same(name in prop_oneof![any::<String>(), tricky()]) {
            if let Some(once) = clean(&name) {
                prop_assert!(once.chars().all(is_visible));
                prop_assert!(once.chars().count() <= MAX_NAME_CHARS);
                prop_assert!(once.chars().any(char::is_alphanumeric));
                prop_assert_eq!(with_few_marks(once.chars()).nfc().collect::<String>(), once.clone());
                prop_assert_eq!(clean(&once), Some(once));
            }
        }

        #[test]
        fn name_made_distinct_looks_like_no_taken_one(one in tricky(), other in tricky()) {
            if let (Some(one), Some(other)) = (clean(&one), clean(&other)) {
                let second = distinct(&one, [one.as_str(), other.as_str()].into_iter());
                prop_assert!(!same_name(&second, &one));
                prop_assert!(!same_name(&second, &other));
            }
        }
    }
}
