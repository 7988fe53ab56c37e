//! A name as somebody remembers it who does not look closely. It is coarser than a skeleton (`names`), by which names are told
//! apart: who differs by it is only pointed out.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::letters::is_slight;
use super::names::{MAX_RAW_CHARS, forms};

/// Everything that a reader may take this name for. Two names that have one in common are alike.
pub(super) fn looks(name: &str) -> Vec<String> {
    let words = words(name);
    let mut sorted = words.clone();
    sorted.sort();
    let mut looks: Vec<String> = Vec::new();
    for words in [&words, &sorted] {
        for form in 0..3 {
            let joined: String = words.iter().map(|word| word[form].as_str()).collect();
            let look = without_repetitions(&german(&joined));
            if !look.is_empty() && !looks.contains(&look) {
                looks.push(look);
            }
        }
    }
    looks
}

/// The words of a name, each in the three forms of a skeleton. Numbers stay what they are: 'Kind 1' is not 'Kind 11'.
fn words(name: &str) -> Vec<[String; 3]> {
    let name: String = name.chars().take(MAX_RAW_CHARS).nfkd().collect();
    let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | ',' | '\u{2013}');
    without_number(&name)
        .split(is_between)
        .map(|word| word.trim_matches(|c| is_slight(c) && c != '@'))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| {
            if word.chars().all(char::is_numeric) {
                return [word, word, word].map(str::to_owned);
            }
            let word: String = word
                .chars()
                .filter(|c| !is_combining_mark(*c))
                .map(letter)
                .collect();
            forms(&word)
        })
        .collect()
}

/// The name without the number that tells it from others: 'Anna (2)' is another Anna.
fn without_number(name: &str) -> &str {
    let mut name = name.trim_end();
    while let Some((before, number)) = name
        .strip_suffix(')')
        .and_then(|name| name.rsplit_once('('))
    {
        let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
        let before = before.trim_end();
        if !is_number || before.is_empty() {
            break;
        }
        name = before;
    }
    name
}

/// The letter that a digit or a sign within a word stands for.
fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'l',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        c => c,
    }
}

/// 'Mueller' is 'Müller', of which the marks are gone, and 'Weiss' is 'Weiß'.
fn german(text: &str) -> String {
    let text = text.replace('ß', "ss").replace("ae", "a");
    text.replace("oe", "o").replace("ue", "u")
}

/// 'Annna' is 'Anna', and so is 'Ana'.
fn without_repetitions(text: &str) -> String {
    let mut letters: Vec<char> = Vec::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_alphabetic() || letters.last() != Some(&c) {
            letters.push(c);
        }
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn are_alike(one: &str, other: &str) -> bool {
        let other = looks(other);
        looks(one).iter().any(|look| other.contains(look))
    }

    #[test]
    fn names_that_differ_at_a_second_glance_only_are_alike() {
        for other in [
            "paula mueller",
            "Müller, Paula",
            "PAULA MÜLLER",
            "PaulaMüller",
            "P4ul4 Müll3r",
            "Paula  Muller",
            "Paula Müller (2)",
            "Paula Müller (2) (3)",
            "Paula Müler",
            "Pauula Müller",
            "Pаula Мüller",
            "Ｐａｕｌａ Ｍüｌｌｅｒ",
            "Paula_Müller",
            "Paula Müller!",
            "PauIa MüIIer",
            "Pau1a Mü11er",
            "Páula Mûller",
            "P a u l a Müller",
        ] {
            assert!(are_alike("Paula Müller", other), "{other}");
        }
        assert!(are_alike("Emma", "Ernma"));
        assert!(are_alike("Strauß", "Strauss"));
        assert!(are_alike("Annika", "Ann1ka"));
    }

    #[test]
    fn names_of_two_people_are_not_alike() {
        for (one, other) in [
            ("Anna", "Anne"),
            ("Tim", "Tom"),
            ("Lea", "Leo"),
            ("Paula Müller", "Paula Meier"),
            ("Paula", "Paula Müller"),
            ("Kind 1", "Kind 11"),
            ("Kind 1", "Kind 7"),
            ("Gast 22", "Gast 2"),
            ("علي", "عمر"),
        ] {
            assert!(!are_alike(one, other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn looks_of_any_name_are_few_and_the_same_again(name in any::<String>()) {
            let once = looks(&name);
            prop_assert!(once.len() <= 6);
            prop_assert_eq!(looks(&name), once);
        }
    }
}
