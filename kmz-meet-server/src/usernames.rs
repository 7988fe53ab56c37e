//! User names of names: `vorname.nachname`, in ASCII.

use rand::RngExt;
use unicode_normalization::UnicodeNormalization;

use crate::email_address::EmailAddress;

/// Longer names are cut.
const MAX_CHARS: usize = 60;
/// Numbers that are tried behind a name that others have, before chance takes over.
const NUMBERED: u32 = 20;

/// The user name of a person, without a number behind it. Of a name without a letter of ours, such as one in Greek, it is what
/// their address begins with, if they have one.
pub fn of(first_name: &str, surname: &str, email: Option<&EmailAddress>) -> String {
    let parts = [folded(first_name), folded(surname)];
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    let mut name = parts.join(".");
    if name.is_empty() {
        let local = email.and_then(|email| email.as_str().split('@').next());
        name = folded(local.unwrap_or_default());
    }
    if name.is_empty() {
        name.push_str("konto");
    }
    name.truncate(MAX_CHARS);
    name.trim_end_matches(['.', '-']).to_owned()
}

/// What is tried after `tries` names were taken.
pub fn candidate(name: &str, tries: u32) -> String {
    match tries {
        0 => name.to_owned(),
        1..NUMBERED => format!("{name}{}", tries + 1),
        _ => format!("{name}{}", rand::rng().random_range(1_000..1_000_000)),
    }
}

/// Lower case letters and digits of ASCII, with single hyphens between words.
fn folded(text: &str) -> String {
    let mut folded = String::new();
    for c in text.nfc().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'æ' => folded.push_str("ae"),
            'ö' | 'ø' | 'œ' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            ' ' | '-' | '\u{2010}' | '\u{2011}' => {
                if !folded.is_empty() && !folded.ends_with('-') {
                    folded.push('-');
                }
            }
            c => folded.extend(std::iter::once(c).nfd().filter(char::is_ascii_alphanumeric)),
        }
    }
    folded.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(first: &str, surname: &str) -> String {
        of(first, surname, Some(&"x.y@schule.example".parse().unwrap()))
    }

    #[test]
    fn user_name_of_a_name_is_ascii_as_germans_write_it() {
        for (first, surname, wanted) in [
            ("Jörg", "Müller-Groß", "joerg.mueller-gross"),
            ("Anna Maria", "von der Au", "anna-maria.von-der-au"),
            ("Zoë", "O'Neill", "zoe.oneill"),
            ("Łukasz", "Wałęsa", "lukasz.walesa"),
            ("Ayşe", "Çelik", "ayse.celik"),
            ("", "Kim", "kim"),
            ("Ελένη", "Παπά", "xy"),
        ] {
            let found = name(first, surname);
            assert_eq!(found, wanted, "{first} {surname}");
        }
        // A letter and a mark that follows it are the letter with it.
        assert_eq!(name("Ju\u{308}rgen", "Au"), "juergen.au");
        assert!(name(&"a".repeat(200), "b").len() <= MAX_CHARS);
        assert_eq!(of("Ελένη", "Παπά", None), "konto");
    }

    #[test]
    fn user_name_that_others_have_gets_a_number() {
        assert_eq!(candidate("anna.au", 0), "anna.au");
        assert_eq!(candidate("anna.au", 1), "anna.au2");
        let far = candidate("anna.au", NUMBERED);
        assert!(far.len() >= "anna.au1000".len(), "{far}");
    }
}
