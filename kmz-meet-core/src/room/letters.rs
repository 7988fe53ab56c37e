//! What Unicode's properties say of single characters, for all texts that one person reads of another.

use icu_properties::props::{
    BinaryProperty, DefaultIgnorableCodePoint, Emoji, EnumeratedProperty, GeneralCategory,
    JoiningType, Script,
};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Marks that pile up above or below one letter. Vietnamese needs two.
const MAX_PILED_MARKS: usize = 2;
/// Marks of one letter in all: Burmese and pointed Hebrew need up to five, each in a place of its own.
const MAX_MARKS: usize = 5;
/// Symbols before this have a glyph. Behind it there are blank ones, and pictures only of those that are emoji.
const LAST_SYMBOLS: char = '\u{2800}';

/// Whether a reader sees it: no control, no format character, nothing unassigned or private, nothing blank.
#[must_use]
pub fn is_visible(c: char) -> bool {
    if DefaultIgnorableCodePoint::for_char(c) {
        return false;
    }
    match GeneralCategory::for_char(c) {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator => false,
        GeneralCategory::OtherSymbol => c < LAST_SYMBOLS || Emoji::for_char(c),
        _ => true,
    }
}

/// Small marks between letters and at the ends of words: nobody tells two people apart by them.
pub(super) fn is_slight(c: char) -> bool {
    matches!(
        GeneralCategory::for_char(c),
        GeneralCategory::OtherPunctuation
            | GeneralCategory::ModifierSymbol
            | GeneralCategory::DashPunctuation
            | GeneralCategory::ConnectorPunctuation
    ) || JoiningType::for_char(c) == JoiningType::JoinCausing
}

/// Whether it belongs to the letter before it.
fn is_mark(c: char) -> bool {
    matches!(
        GeneralCategory::for_char(c),
        GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark
    )
}

/// Whether it goes on top of what is there already, instead of having a place of its own at the letter.
fn piles_up(c: char) -> bool {
    // Classes from 2 to 199 are places of single writings (UAX 44, 5.7.4).
    matches!(canonical_combining_class(c), 1 | 200..)
        || GeneralCategory::for_char(c) == GeneralCategory::EnclosingMark
}

/// Whether this mark is one of the letter's own writing, or of all writings.
fn fits(mark: char, letter: Option<char>) -> bool {
    let script = Script::for_char(mark);
    matches!(script, Script::Inherited | Script::Common)
        || letter.is_some_and(|letter| Script::for_char(letter) == script)
}

/// The text, decomposed, without the marks that no writing needs: they would run over what stands above and below.
pub(super) fn with_few_marks(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut marks: Vec<char> = Vec::new();
    text.nfd().filter(move |c| {
        if !is_mark(*c) {
            // What joins letters does not part a letter from its marks.
            if !DefaultIgnorableCodePoint::for_char(*c) {
                marks.clear();
            }
            return true;
        }
        let piled = marks.iter().filter(|mark| piles_up(**mark)).count();
        let stays = marks.len() < MAX_MARKS
            && !marks.contains(c)
            && (piled < MAX_PILED_MARKS || !piles_up(*c));
        if stays {
            marks.push(*c);
        }
        stays
    })
}

/// The text without marks of another writing than the letter that they stand at: those have no glyph there, or none that
/// anyone could read.
pub(super) fn with_own_marks(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut letter = None;
    text.filter(move |c| {
        if is_mark(*c) {
            return fits(*c, letter);
        }
        letter = Some(*c);
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn few(text: &str) -> String {
        with_few_marks(text.chars()).nfc().collect()
    }

    #[test]
    fn character_is_visible_by_its_unicode_properties() {
        let hidden = [
            '\u{2800}',
            '\u{3164}',
            '\u{ffa0}',
            '\u{1160}',
            '\u{200b}',
            '\u{2060}',
            '\u{61c}',
            '\u{202e}',
            '\u{1d159}',
            '\u{1d173}',
            '\u{1bca0}',
            '\u{13430}',
            '\u{e0041}',
            '\u{fe0f}',
            '\u{e123}',
            '\u{f0000}',
            '\u{378}',
            '\u{ffff}',
            '\u{fffc}',
            '\u{7}',
            '\u{2028}',
            '\u{180e}',
            '\u{fff9}',
            '\u{17b4}',
        ];
        for c in hidden {
            assert!(!is_visible(c), "U+{:04X}", u32::from(c));
        }
        for c in "aßЖש中ก1°★♪❤🙂🇩-'’·€".chars() {
            assert!(is_visible(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn marks_of_a_letters_own_script_are_kept() {
        for text in [
            "Nguyễn Thế Ệ",
            "שַּׁבָּת",
            "مُحَمَّد",
            "မြို့",
            "ক্ষ্মী",
            "น้ำใจ",
            "ड़ीं",
            "Å̈b",
            "각",
        ] {
            assert_eq!(few(text), text.nfc().collect::<String>(), "{text}");
        }
    }

    #[test]
    fn marks_that_are_foreign_or_repeated_are_dropped_beyond_two() {
        let pile: String = ('\u{300}'..='\u{338}').collect();
        assert_eq!(
            with_few_marks(format!("a{pile}b").chars()).count(),
            4,
            "a, two marks, b"
        );
        assert_eq!(
            few("a\u{325}\u{325}\u{325}"),
            "a\u{325}".nfc().collect::<String>()
        );
        assert_eq!(
            with_own_marks("Anna\u{16fe4}\u{1107f}".chars()).collect::<String>(),
            "Anna",
            "a filler of another script"
        );
        let stacked: String = ('\u{f90}'..='\u{f97}').collect();
        assert_eq!(with_few_marks(format!("ཀ{stacked}").chars()).count(), 6);
    }
}
