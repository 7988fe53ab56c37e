//! Texts that one person writes and others read: chat, titles, welcomes. They stay as they are written, but for what would
//! reach out of them: control characters, embedded directions, and marks without end.

use icu_properties::props::{
    BidiClass, BinaryProperty, DefaultIgnorableCodePoint, EnumeratedProperty,
};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::letters::{is_visible, with_few_marks};

/// Text of several lines. `None` when there is nothing in it to read.
#[must_use]
pub fn lines(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = text
        .chars()
        .map(|c| if is_line_end(c) { '\n' } else { c })
        .filter(|c| matches!(c, '\n' | '\t') || stays(*c));
    let text: String = with_few_marks(kept).nfc().collect();
    let is_read = text
        .chars()
        .any(|c| (!c.is_whitespace() && is_visible(c)) || is_braille(c));
    is_read.then(|| text.trim().to_owned())
}

/// Text of one line, such as a title: at most so many characters, cut between two graphemes.
#[must_use]
pub fn line(text: &str, most: usize) -> Option<String> {
    // Marks go before it is cut, so some more are looked at.
    let raw: String = text.chars().take(most.saturating_mul(16)).collect();
    let text = lines(&raw)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    // What is left of it must be something to read, too.
    lines(&shortened(&words.join(" "), most))
}

/// As many whole graphemes as fit into so many characters.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let mut length = 0;
    let mut short = String::new();
    for grapheme in text.graphemes(true) {
        length += grapheme.chars().count();
        if length > most {
            break;
        }
        short.push_str(grapheme);
    }
    short.truncate(short.trim_end().len());
    short
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The blank one among them is a space for those who read by touch.
fn is_braille(c: char) -> bool {
    ('\u{2801}'..='\u{28ff}').contains(&c)
}

/// Embeddings, overrides and isolates (UAX 9, 2) hold to the end of their paragraph and beyond what a reader sees. Marks of
/// direction, and what joins and parts letters or emoji, change only what they stand at.
fn stays(c: char) -> bool {
    let embeds = matches!(
        BidiClass::for_char(c),
        BidiClass::LeftToRightEmbedding
            | BidiClass::LeftToRightOverride
            | BidiClass::LeftToRightIsolate
            | BidiClass::RightToLeftEmbedding
            | BidiClass::RightToLeftOverride
            | BidiClass::RightToLeftIsolate
            | BidiClass::FirstStrongIsolate
            | BidiClass::PopDirectionalFormat
            | BidiClass::PopDirectionalIsolate
    );
    let annotates = ('\u{fff9}'..='\u{fffb}').contains(&c);
    // Unassigned ones too: they are the emoji of next year.
    let controls = c.is_control() && !DefaultIgnorableCodePoint::for_char(c);
    !(embeds || annotates || controls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_with_direction_marks_lose_those_that_reach_out() {
        for (text, kept) in [
            ("a\u{202e}txt.exe", "atxt.exe"),
            ("\u{2067}שלום\u{2069}!", "שלום!"),
            ("\u{202a}\u{202b}\u{202d}\u{202c}\u{2066}\u{2068}x", "x"),
            ("שלום\u{200f}!", "שלום\u{200f}!"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("👩\u{200d}🏫 ❤\u{fe0f}", "👩\u{200d}🏫 ❤\u{fe0f}"),
            ("র\u{200d}\u{9cd}য", "র\u{200d}\u{9cd}য"),
            ("◌\u{93f} zeigt das i", "◌\u{93f} zeigt das i"),
            (" eins\r\nzwei\u{2028}drei\u{7}\n", "eins\nzwei\ndrei"),
            ("fu\u{308}r", "für"),
            ("⠓⠁⠇⠇⠕", "⠓⠁⠇⠇⠕"),
        ] {
            assert_eq!(lines(text).as_deref(), Some(kept), "{text:?}");
        }
    }

    #[test]
    fn lines_without_anything_visible_are_none() {
        for text in [
            "",
            " \n ",
            "\u{200b}\u{200d}",
            "\u{2800}\u{2800}",
            "\u{202e}",
            "\u{3164}",
        ] {
            assert_eq!(lines(text), None, "{text:?}");
        }
    }

    #[test]
    fn lines_with_piled_marks_keep_two_for_a_letter() {
        let pile: String = ('\u{300}'..='\u{338}').collect();
        let text = lines(&format!("h{pile}i{pile} {pile}")).unwrap();
        assert!(text.nfd().count() <= 9, "{text}");
    }

    #[test]
    fn line_that_is_too_long_is_cut_between_graphemes() {
        assert_eq!(line("Mathe\n Übung ", 200).as_deref(), Some("Mathe Übung"));
        assert_eq!(line("ab👩\u{200d}🏫", 4).as_deref(), Some("ab"));
        assert_eq!(line("abcd ef", 5).as_deref(), Some("abcd"));
        assert_eq!(line("\u{202e}", 5), None);
    }

    proptest! {
        #[test]
        fn lines_cleaned_twice_stay_the_same(text in any::<String>()) {
            if let Some(once) = lines(&text) {
                prop_assert!(once.chars().all(|c| c == '\n' || c == '\t' || stays(c)));
                prop_assert_eq!(lines(&once), Some(once));
            }
        }

        #[test]
        fn line_of_any_text_fits_its_limit(text in any::<String>(), most in 1_usize..30) {
            if let Some(once) = line(&text, most) {
                prop_assert!(once.chars().count() <= most);
                prop_assert_eq!(line(&once, most), Some(once));
            }
        }
    }
}
