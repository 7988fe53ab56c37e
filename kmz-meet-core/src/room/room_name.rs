//! Names of rooms: proposed ones that can be said but not guessed, and the check on names that people make up.
//!
//! A proposal has 6 + 6 bits of words and six syllables of 6.3 bits each: 49.9 random bits, above the 48 that are asked for.

use rand::RngExt;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Shortest and longest canonical name, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=80;
/// A name that people make up must need this many guesses (as a power of ten) by the estimate of `zxcvbn`.
const GUESSES_LOG10: f64 = 10.0;
/// Paths of the server; a room there could not be reached.
const RESERVED: [&str; 29] = [
    "accessibility",
    "card",
    "privacy",
    "substitute",
    "demo",
    "request",
    "password",
    "confirm-address",
    "account",
    "apart",
    "api",
    "assets",
    "console",
    "drop",
    "healthz",
    "metrics",
    "sign-in",
    "check",
    "test",
    "rooms",
    "help",
    "bigbluebutton",
    "lti",
    "external-api",
    "static",
    "about",
    "admin",
    "login",
    "index",
];
const SYLLABLES: usize = 6;
const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvw";
const VOWELS: &[u8; 5] = b"aeiou";
/// German adjectives in the form that goes before a masculine noun. Sixty-four: six bits.
const ADJECTIVES: [&str; 64] = [
    "blauer",
    "bunter",
    "cleverer",
    "eifriger",
    "fairer",
    "feiner",
    "fixer",
    "flinker",
    "flotter",
    "freier",
    "froher",
    "frischer",
    "ganzer",
    "genauer",
    "grauer",
    "grosser",
    "gruener",
    "guter",
    "heller",
    "hoher",
    "junger",
    "kesser",
    "kleiner",
    "kluger",
    "kuehner",
    "kurzer",
    "langer",
    "lauter",
    "leiser",
    "lieber",
    "lila",
    "lockerer",
    "lustiger",
    "milder",
    "mobiler",
    "munterer",
    "mutiger",
    "netter",
    "neuer",
    "oranger",
    "ovaler",
    "prima",
    "rascher",
    "reger",
    "reifer",
    "roter",
    "ruhiger",
    "runder",
    "sanfter",
    "satter",
    "schlauer",
    "schneller",
    "schoener",
    "sonniger",
    "starker",
    "stiller",
    "stolzer",
    "tapferer",
    "toller",
    "treuer",
    "wacher",
    "warmer",
    "weiser",
    "wilder",
];
/// Masculine animals. Sixty-four: six bits.
const ANIMALS: [&str; 64] = [
    "aal", "adler", "affe", "baer", "barsch", "biber", "bison", "bueffel", "bussard", "dachs",
    "delfin", "dingo", "elch", "elefant", "esel", "falke", "fasan", "fink", "fisch", "frosch",
    "fuchs", "gecko", "gepard", "gibbon", "greif", "habicht", "hahn", "hai", "hamster", "hase",
    "hecht", "hering", "hirsch", "hummer", "hund", "igel", "iltis", "jaguar", "kaefer", "kakadu",
    "karpfen", "kater", "kiebitz", "koala", "kolibri", "kranich", "krebs", "kuckuck", "lachs",
    "leopard", "loewe", "luchs", "marder", "maulwurf", "otter", "panda", "panther", "papagei",
    "pinguin", "puma", "rabe", "reiher", "storch", "tiger",
];

/// Why a name is not taken. The text is for the person who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakName {
    #[error("the name must have 3 to 80 characters")]
    Length,
    #[error("the name may have letters, digits and hyphens only")]
    Characters,
    #[error("this word is the address of a page of this server")]
    Reserved,
    #[error("the name is easy to guess: use several unusual words, or take the proposed name")]
    Guessable,
}

/// A name that can be said on the telephone and not be guessed, such as `mutiger-dachs-lomi-katu-reno`.
#[must_use]
pub fn propose() -> String {
    // `rand::rng` is cryptographically secure and seeded by the operating system.
    let mut random = rand::rng();
    let mut name = format!(
        "{}-{}",
        ADJECTIVES[random.random_range(0..ADJECTIVES.len())],
        ANIMALS[random.random_range(0..ANIMALS.len())]
    );
    for syllable in 0..SYLLABLES {
        if syllable % 2 == 0 {
            name.push('-');
        }
        name.push(char::from(
            CONSONANTS[random.random_range(0..CONSONANTS.len())],
        ));
        name.push(char::from(VOWELS[random.random_range(0..VOWELS.len())]));
    }
    name
}

/// The one form under which a room is known: lower case, without accents, words joined by single hyphens. Whatever way a
/// name is written or encoded, it leads to the same room. `None` when it cannot be a room's name.
#[must_use]
pub fn canonical(name: &str) -> Option<String> {
    if name.len() > 400 {
        return None;
    }
    let name = unescape(name);
    let mut out = String::new();
    for c in name.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            'ß' | 'ẞ' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'ø' | 'Ø' => out.push('o'),
            ' ' | '-' | '_' | '.' | '\u{2010}'..='\u{2015}' => {
                if !out.is_empty() && !out.ends_with('-') {
                    out.push('-');
                }
            }
            // Invisible characters make no other name.
            '\u{00ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {}
            _ => return None,
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    LENGTH.contains(&out.len()).then_some(out)
}

/// Percent-encoding, as it may survive in a copied link.
fn unescape(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(escaped) = escaped {
            out.push(escaped);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Checks a name that somebody made up; gives its canonical form.
///
/// # Errors
/// With the reason why it is not taken.
pub fn check(name: &str) -> Result<String, WeakName> {
    let length = name.trim().chars().count();
    if !LENGTH.contains(&length) {
        return Err(WeakName::Length);
    }
    let canonical = canonical(name.trim()).ok_or(WeakName::Characters)?;
    if RESERVED.contains(&canonical.as_str()) {
        return Err(WeakName::Reserved);
    }
    // Words that stand in every school's timetable make a name no stronger.
    let school = [
        "klasse",
        "kurs",
        "schule",
        "unterricht",
        "mathe",
        "mathematik",
        "deutsch",
        "englisch",
        "physik",
        "chemie",
        "biologie",
        "sport",
        "musik",
        "kunst",
        "religion",
        "ethik",
        "geschichte",
        "erdkunde",
        "informatik",
        "franzoesisch",
        "latein",
        "elternabend",
        "konferenz",
        "lehrerzimmer",
        "sprechstunde",
        "meeting",
        "test",
        "raum",
        "room",
        "gymnasium",
        "realschule",
        "grundschule",
        "goeppingen",
        "kmz",
    ];
    let estimate = zxcvbn::zxcvbn(&canonical, &school);
    if estimate.guesses_log10() < GUESSES_LOG10 {
        return Err(WeakName::Guessable);
    }
    Ok(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn proposed_name_has_48_random_bits_and_passes_the_check() {
        let words = (ADJECTIVES.len() * ANIMALS.len()) as f64;
        let syllables = ((CONSONANTS.len() * VOWELS.len()) as f64).powi(SYLLABLES as i32);
        assert!((words * syllables).log2() >= 48.0);
        assert_eq!(
            ADJECTIVES.iter().collect::<HashSet<_>>().len(),
            ADJECTIVES.len()
        );
        assert_eq!(ANIMALS.iter().collect::<HashSet<_>>().len(), ANIMALS.len());
        let mut seen = HashSet::new();
        for _ in 0..2_000 {
            let name = propose();
            assert_eq!(check(&name).as_deref(), Ok(name.as_str()));
            assert!(seen.insert(name));
        }
    }

    #[test]
    fn room_name_that_is_guessable_is_refused() {
        for weak in [
            "klasse7b",
            "mathe",
            "Klasse 7b",
            "test123",
            "deutsch-8a",
            "qwertz",
            "123456789",
            "physik",
            "abcabcabc",
            "passwort1",
            "schule",
            "aaaaaaaaaaaa",
            "englisch-6c",
            "klasse-10-mathe",
        ] {
            assert_eq!(check(weak), Err(WeakName::Guessable), "{weak}");
        }
        assert_eq!(check("ab"), Err(WeakName::Length));
        assert_eq!(check("../../etc"), Err(WeakName::Characters));
        assert_eq!(check("healthz"), Err(WeakName::Reserved));
        assert_eq!(check("sign-in"), Err(WeakName::Reserved));
    }

    #[test]
    fn room_name_that_is_unusual_is_accepted() {
        for strong in [
            "Siebenschläfer tanzen nachts Tango",
            "quarzuhr-lampenfieber-nordwind",
        ] {
            assert!(check(strong).is_ok(), "{strong}");
        }
    }

    #[test]
    fn room_name_in_look_alike_spellings_is_the_same() {
        for other in [
            "Mutiger-Dachs-Lomi",
            "mutiger%2Ddachs%2dlomi",
            "ｍｕｔｉｇｅｒ-dachs-lomi",
            "mutiger dachs lomi",
            "mutiger-dachs-lomi.",
            "mutiger\u{200b}-dachs-lomi",
            "mutiger--dachs_lomi",
            "mu\u{202e}tiger-dachs-lomi",
        ] {
            assert_eq!(
                canonical(other).as_deref(),
                Some("mutiger-dachs-lomi"),
                "{other}"
            );
        }
        assert_eq!(canonical("größe").as_deref(), Some("grosse"));
        assert_eq!(canonical("a/b"), None);
    }

    proptest! {
        #[test]
        fn room_name_made_canonical_twice_stays_the_same(name in any::<String>()) {
            if let Some(once) = canonical(&name) {
                prop_assert!(once.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
                prop_assert_eq!(canonical(&once), Some(once));
            }
            let _ = check(&name);
        }
    }
}
