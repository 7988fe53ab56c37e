//! Texts of schools and their contracts as types.

use jiff::civil::Date;
use kmz_meet_core::room::text::line;
use url::Host;

use super::formats::{Form, MAX_LINE_CHARS, READABLE_LINE};
use super::texts::{Label, Text, Unfit};

/// The longest note to a change.
const MAX_NOTE_CHARS: usize = 500;
/// The longest name of a host (RFC 1035, 2.3.4).
const MAX_DOMAIN_CHARS: usize = 253;

/// What a school is called: a line that reads as it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolName(String);

/// What somebody writes beside a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

/// A day (ISO 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(Date);

/// What is behind the `@` in the addresses of a school's teachers: in small letters, as it is in the DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressDomain(String);

impl From<SchoolName> for String {
    fn from(name: SchoolName) -> Self {
        name.0
    }
}

impl From<Note> for String {
    fn from(note: Note) -> Self {
        note.0
    }
}

impl From<Day> for Date {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl From<AddressDomain> for String {
    fn from(domain: AddressDomain) -> Self {
        domain.0
    }
}

impl Text for SchoolName {
    const FORM: Form = READABLE_LINE;

    fn parse(text: String) -> Result<Self, Unfit> {
        let label = Label::parse(text)?;
        let seen = line(label.as_str(), MAX_LINE_CHARS);
        seen.map(Self)
            .ok_or_else(|| Unfit::Value("it must have a character that can be seen.".to_owned()))
    }
}

impl Text for Note {
    const FORM: Form = Form {
        name: "Note",
        description: "What somebody writes beside a change: one line. An empty one is none.",
        shortest: Some(0),
        longest: MAX_NOTE_CHARS,
        pattern: Some(r"^[^\u0000-\u001f\u007f-\u009f]*$"),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        if text.chars().count() > MAX_NOTE_CHARS || text.chars().any(char::is_control) {
            return Err(Unfit::Value(format!(
                "it must have at most {MAX_NOTE_CHARS} characters, and no control characters."
            )));
        }
        Ok(Self(text.trim().to_owned()))
    }
}

impl Text for Day {
    const FORM: Form = Form {
        name: "Day",
        description: "A day, such as 2027-07-31 (ISO 8601).",
        shortest: Some(10),
        longest: 10,
        pattern: Some("^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let has_form = text.len() == 10 && text.starts_with("20");
        let day = text.parse().ok().filter(|_| has_form);
        day.map(Self)
            .ok_or_else(|| Unfit::Value("it must be a day, such as 2027-07-31.".to_owned()))
    }
}

impl Text for AddressDomain {
    const FORM: Form = Form {
        name: "AddressDomain",
        description: "What is behind the @ in the addresses of a school's teachers, such as schule.example: a domain of the school's own, under which not everybody gets an address. Letters beyond ASCII are taken, too.",
        shortest: Some(4),
        longest: MAX_DOMAIN_CHARS,
        pattern: Some(
            r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,4}[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
        ),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let unfit = |why: &str| Unfit::Value(why.to_owned());
        let no_domain =
            || unfit("it must be a domain, such as schule.example, without @ and spaces.");
        let text = text.trim();
        if text.chars().count() > MAX_DOMAIN_CHARS || text.contains(['%', '/', '@', ':', '[']) {
            return Err(no_domain());
        }
        let Ok(Host::Domain(domain)) = Host::parse(text) else {
            return Err(no_domain());
        };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if domain.len() > MAX_DOMAIN_CHARS || !domain.split('.').all(is_label) {
            return Err(no_domain());
        }
        if !domain.contains('.') || psl::domain_str(&domain).is_none() {
            return Err(unfit(
                "it is one under which many have domains of their own, such as `de` or `co.uk`; name the school's.",
            ));
        }
        if MAIL_PROVIDERS.contains(&domain.as_str()) {
            return Err(unfit(
                "everybody gets an address there; name the school's own domain.",
            ));
        }
        Ok(Self(domain))
    }
}

/// Where everybody gets an address.
const MAIL_PROVIDERS: [&str; 30] = [
    "aol.com",
    "arcor.de",
    "email.de",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "hotmail.de",
    "icloud.com",
    "live.com",
    "live.de",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yahoo.de",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Option<String> {
        AddressDomain::parse(text.to_owned()).ok().map(String::from)
    }

    #[test]
    fn address_domain_is_in_small_letters_as_in_the_dns() {
        for (text, stored) in [
            ("schule.example", "schule.example"),
            (" Schiller.Schule.DE ", "schiller.schule.de"),
            ("schüler-gymnasium.de", "xn--schler-gymnasium-lzb.de"),
            ("XN--SCHLER-GYMNASIUM-LZB.de", "xn--schler-gymnasium-lzb.de"),
            ("schule。example", "schule.example"),
            ("gs.schulen.bayern.de", "gs.schulen.bayern.de"),
        ] {
            assert_eq!(domain(text).as_deref(), Some(stored), "{text}");
        }
    }

    #[test]
    fn address_domain_under_which_others_are_is_refused() {
        for text in [
            "de",
            "com",
            "co.uk",
            "github.io",
            "GMX.de",
            "web.de",
            "t-online.de",
            "localhost",
            "",
            ".",
            ".de",
            "schule.de.",
            "*.schule.de",
            "@schule.de",
            "a@schule.de",
            "schule..de",
            "-schule.de",
            "schule-.de",
            "schule_7.de",
            "127.0.0.1",
            "0x7f.1",
            "[::1]",
            "schule.de:25",
            "schule.de/x",
            "schule.%64e",
            "sch ule.de",
            "sch\nule.de",
            "xn--a.de",
            &format!("{}.de", "a".repeat(64)),
            &format!("{}de", "a.".repeat(130)),
        ] {
            assert_eq!(domain(text), None, "{text}");
        }
    }

    #[test]
    fn day_that_is_none_is_refused() {
        let day = |text: &str| Day::parse(text.to_owned()).is_ok();
        assert!(day("2027-07-31") && day("2028-02-29"));
        for text in [
            "2027-02-29",
            "2027-7-31",
            "31.07.2027",
            "2027-07-31T00:00",
            "1999-01-01",
            "20270731",
            "",
            "2027-00-10",
        ] {
            assert!(!day(text), "{text}");
        }
    }

    #[test]
    fn school_name_keeps_no_direction_that_reaches_out() {
        let name = |text: &str| SchoolName::parse(text.to_owned()).map(String::from);
        assert_eq!(
            name(" Schiller\u{202e}-Schule ").unwrap(),
            "Schiller-Schule"
        );
        assert!(name("\u{200b}").is_err() && name("").is_err() && name("a\nb").is_err());
    }
}
