//! What mails say: texts with fields, one for each template and language. An operator replaces them by files in the data
//! directory, `mail/<template>.<language>.txt`.

use std::path::Path;
use std::time::Duration;

use crate::language::Language;

/// Longest text of a template, in bytes.
pub const MAX_TEMPLATE_BYTES: usize = 20_000;
const MAX_SUBJECT_CHARS: usize = 150;
/// Longest value of a field, in characters; a link may be longer.
const MAX_VALUE_CHARS: usize = 120;
/// Longest note, in characters.
const MAX_NOTE_CHARS: usize = 1_000;
/// How a template begins.
const SUBJECT: [&str; 2] = ["Betreff:", "Subject:"];
/// Where the files are, in the data directory.
const FOLDER: &str = "mail";

/// A field of templates. `Server` and `Contact` are in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The host of this server.
    Server,
    /// Who answers questions.
    Contact,
    /// Of the person.
    Name,
    Username,
    School,
    /// An address of this server; a template that has one must show it.
    Link,
    /// How long the link is valid.
    Valid,
    /// An address, masked.
    Address,
    /// What an administrator wrote.
    Note,
    /// The last day on which something holds.
    LastDay,
}

impl Field {
    /// As in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Contact => "contact",
            Self::Name => "name",
            Self::Username => "username",
            Self::School => "school",
            Self::Link => "link",
            Self::Valid => "valid",
            Self::Address => "address",
            Self::Note => "note",
            Self::LastDay => "last_day",
        }
    }

    /// For previews.
    fn example(self, language: Language) -> &'static str {
        match self {
            Self::Server => "meet.school.example",
            Self::Contact => language.say(
                "die Administration deiner Schule",
                "the administration of your school",
            ),
            Self::Name => "Berta Beispiel",
            Self::Username => "berta.beispiel",
            Self::School => language.say("Beispielschule", "Example School"),
            Self::Link => "https://meet.school.example/password#example",
            Self::Valid => language.say("14 Tage", "14 days"),
            Self::Address => "b…@school.example",
            Self::Note => language.say(
                "Bitte schick uns eine Bescheinigung der Schule.",
                "Please send us a certificate of the school.",
            ),
            Self::LastDay => "2027-07-31",
        }
    }
}

macro_rules! templates {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $urgent:literal, [$($field:ident),*];)+) => {
        /// Which mail it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Template {
            $($(#[$doc])* $variant),+
        }

        impl Template {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As in names of files and in the API.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Whether somebody waits for it: it goes before what is sent to many.
            pub fn is_urgent(self) -> bool {
                match self { $(Self::$variant => $urgent),+ }
            }

            /// Its fields, beside the server and the contact.
            pub fn fields(self) -> &'static [Field] {
                match self { $(Self::$variant => &[$(Field::$field),*]),+ }
            }

            /// The text that this program brings.
            fn built_in(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$variant, Language::German) =>
                            include_str!(concat!("../../templates/mail/", $name, ".de.txt")),
                        (Self::$variant, Language::English) =>
                            include_str!(concat!("../../templates/mail/", $name, ".en.txt")),
                    )+
                }
            }
        }
    };
}

templates! {
    /// A new account: choose a password.
    FirstPassword, "first_password", false, [Name, Username, School, Link, Valid];
    /// A password was forgotten.
    PasswordReset, "password_reset", true, [Name, Username, Link, Valid];
    /// The password is another now.
    PasswordChanged, "password_changed", true, [Name, Username];
    /// To a new address: is it theirs?
    ConfirmAddress, "confirm_address", true, [Name, Username, Link, Valid];
    /// To the old address: there is a new one.
    AddressChanged, "address_changed", true, [Name, Username, Address];
    /// The password alone opens the account again.
    SecondFactorOff, "second_factor_off", true, [Name, Username];
    /// An authenticator app opens the account from now on.
    AppAdded, "app_added", true, [Name, Username];
    /// A passkey opens the account from now on.
    PasskeyAdded, "passkey_added", true, [Name, Username];
    /// A passkey opens the account no longer, something else does.
    PasskeyRemoved, "passkey_removed", true, [Name, Username];
    /// There may be a copy of a passkey.
    PasskeyDoubtful, "passkey_doubtful", true, [Name, Username];
    /// Somebody asked for an account: is the address theirs?
    TeacherConfirm, "teacher_confirm", true, [Name, School, Link, Valid];
    /// Somebody asked for an account with an address that has one.
    TeacherKnown, "teacher_known", true, [School, Link];
    /// The school asks something back.
    TeacherAsked, "teacher_asked", false, [Name, School, Note, Link];
    /// The school refuses an account.
    TeacherRefused, "teacher_refused", false, [Name, School, Note];
    /// To operators and a school's administrators: the contract has to be signed again.
    ContractRunsOut, "contract_runs_out", false, [School, LastDay];
}

impl Template {
    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// Whether mails of this kind to one address are few in a day. Not what tells an owner of danger, which nobody may keep
    /// from them by using the day up, nor what has a limit by account, nor what an operator gets for each school.
    pub fn is_limited(self) -> bool {
        !matches!(
            self,
            Self::PasswordReset
                | Self::PasswordChanged
                | Self::AddressChanged
                | Self::SecondFactorOff
                | Self::ContractRunsOut
                | Self::AppAdded
                | Self::PasskeyAdded
                | Self::PasskeyRemoved
                | Self::PasskeyDoubtful
        )
    }

    fn has(self, field: Field) -> bool {
        matches!(field, Field::Server | Field::Contact) || self.fields().contains(&field)
    }

    /// Every field that may stand in it.
    pub fn all_fields(self) -> impl Iterator<Item = Field> {
        self.fields()
            .iter()
            .copied()
            .chain([Field::Server, Field::Contact])
    }
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("it is longer than {MAX_TEMPLATE_BYTES} bytes")]
    TooLong,
    #[error(
        "its first line must be `Betreff: …` or `Subject: …`, with at most {MAX_SUBJECT_CHARS} characters"
    )]
    NoSubject,
    #[error("nothing is below its subject")]
    Empty,
    #[error("there is no field {{{0}}}; its fields are {1}")]
    UnknownField(String, String),
    #[error("a brace is not closed; fields look like {{name}}")]
    OpenBrace,
    #[error("the field {{link}} must stand in a line of its own")]
    NoLink,
}

/// A part of a line.
#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Field(Field),
}

/// A text that was checked.
#[derive(Clone, Debug)]
pub struct Parsed {
    subject: Vec<Piece>,
    lines: Vec<Vec<Piece>>,
}

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub text: String,
}

/// A text as part of a page: a link of its own, or lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph<'a> {
    pub link: Option<&'a str>,
    pub lines: Vec<&'a str>,
}

/// The paragraphs of a text. A line is a link only if it is nothing else, and an address of this server.
pub fn paragraphs<'a>(text: &'a str, public_url: &str) -> Vec<Paragraph<'a>> {
    let of = |paragraph: &'a str| {
        let lines: Vec<&str> = paragraph.lines().collect();
        let link = match lines.as_slice() {
            [line] if is_own_link(line, public_url) => Some(*line),
            _ => None,
        };
        Paragraph { link, lines }
    };
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(of)
        .collect()
}

fn is_own_link(text: &str, public_url: &str) -> bool {
    text.strip_prefix(public_url)
        .is_some_and(|rest| rest.starts_with('/'))
        && !text.contains(char::is_whitespace)
}

impl Parsed {
    /// Checks a text of this template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(template: Template, text: &str) -> Result<Self, TemplateError> {
        if text.len() > MAX_TEMPLATE_BYTES {
            return Err(TemplateError::TooLong);
        }
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let subject = SUBJECT
            .iter()
            .find_map(|word| first.strip_prefix(word))
            .map(str::trim)
            .filter(|subject| (1..=MAX_SUBJECT_CHARS).contains(&subject.chars().count()))
            .ok_or(TemplateError::NoSubject)?;
        let rest = rest.trim();
        if rest.is_empty() {
            return Err(TemplateError::Empty);
        }
        let lines: Vec<Vec<Piece>> = rest
            .lines()
            .map(|line| pieces(template, line.trim_end()))
            .collect::<Result<_, _>>()?;
        let stands_alone =
            |line: &Vec<Piece>| matches!(line.as_slice(), [Piece::Field(Field::Link)]);
        if template.has(Field::Link) && !lines.iter().any(stands_alone) {
            return Err(TemplateError::NoLink);
        }
        Ok(Self {
            subject: pieces(template, subject)?,
            lines,
        })
    }

    /// Fills it in.
    pub fn write(&self, value: impl Fn(Field) -> String) -> Written {
        let line = |pieces: &Vec<Piece>| -> String {
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Field(field) => value(*field),
                })
                .collect()
        };
        let lines: Vec<String> = self.lines.iter().map(line).collect();
        Written {
            subject: line(&self.subject),
            text: format!("{}\n", lines.join("\n")),
        }
    }

    /// With examples.
    pub fn preview(&self, language: Language) -> Written {
        self.write(|field| field.example(language).to_owned())
    }
}

fn pieces(template: Template, line: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, from) = rest.split_at(at);
        let name = from
            .strip_prefix('{')
            .and_then(|from| from.split_once('}'))
            .ok_or(TemplateError::OpenBrace)?;
        let (name, behind) = name;
        let field = template.all_fields().find(|field| field.name() == name);
        let field = field.ok_or_else(|| {
            let all: Vec<String> = template
                .all_fields()
                .map(|field| format!("{{{}}}", field.name()))
                .collect();
            let name: String = name.chars().take(40).collect();
            TemplateError::UnknownField(name, all.join(", "))
        })?;
        if !text.is_empty() {
            pieces.push(Piece::Text(clean(text)));
        }
        pieces.push(Piece::Field(field));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(clean(rest)));
    }
    Ok(pieces)
}

fn clean(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).collect()
}

/// A value that somebody else may have chosen, such as a name: one line, of bounded length, and nothing that a mail program
/// takes for an address of the Web. Otherwise somebody would send advertisements in our name.
pub fn harmless(value: &str) -> String {
    harmless_up_to(MAX_VALUE_CHARS, value)
}

/// The same for a note, whose lines become one.
pub fn harmless_note(note: &str) -> String {
    harmless_up_to(MAX_NOTE_CHARS, &note.replace('\n', " "))
}

fn harmless_up_to(most: usize, value: &str) -> String {
    let mut text = String::new();
    let mut chars = value.chars().filter(|char| !char.is_control()).peekable();
    while let Some(char) = chars.next() {
        text.push(char);
        let is_part_of_address = matches!(char, '.' | ':' | '/' | '@');
        if is_part_of_address && chars.peek().is_some_and(|next| !next.is_whitespace()) {
            text.push(' ');
        }
    }
    text.chars().take(most).collect()
}

/// A length of time as people say it: whole days or hours.
pub fn spoken(time: Duration, language: Language) -> String {
    let hours = time.as_secs().div_ceil(3_600);
    match (hours, language) {
        (0 | 1, _) => language.say("eine Stunde", "an hour").to_owned(),
        (hours, Language::German) if hours % 24 == 0 && hours > 24 => {
            format!("{} Tage", hours / 24)
        }
        (hours, Language::English) if hours % 24 == 0 && hours > 24 => {
            format!("{} days", hours / 24)
        }
        (hours, Language::German) => format!("{hours} Stunden"),
        (hours, Language::English) => format!("{hours} hours"),
    }
}

/// A template, and whether an operator changed it.
pub struct Loaded {
    pub parsed: Parsed,
    pub text: String,
    pub is_changed: bool,
}

/// The text of a template: the operator's, or ours.
///
/// # Errors
/// When the operator's cannot be used.
pub fn load(
    data_dir: &Path,
    template: Template,
    language: Language,
) -> Result<Loaded, TemplateError> {
    let path = data_dir.join(FOLDER).join(file_name(template, language));
    let (text, is_changed) = match read(&path)? {
        Some(text) => (text, true),
        None => (template.built_in(language).to_owned(), false),
    };
    Ok(Loaded {
        parsed: Parsed::of(template, &text)?,
        text,
        is_changed,
    })
}

/// The name of a template's file.
pub fn file_name(template: Template, language: Language) -> String {
    format!("{}.{}.txt", template.name(), language.tag())
}

fn read(path: &Path) -> Result<Option<String>, TemplateError> {
    use std::io::{ErrorKind, Read};
    let unreadable = |error: std::io::Error| TemplateError::Unreadable(error.to_string());
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut text = String::new();
    file.take(MAX_TEMPLATE_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    Ok(Some(text))
}

/// What is wrong with the operator's templates: a line for each file that cannot be used, or that is none of ours.
pub fn examine(data_dir: &Path) -> Vec<String> {
    let folder = data_dir.join(FOLDER);
    let mut wrong = Vec::new();
    let mut known = Vec::new();
    for template in Template::ALL {
        for language in [Language::German, Language::English] {
            let name = file_name(*template, language);
            if let Err(error) = load(data_dir, *template, language) {
                wrong.push(format!("{}: {error}", folder.join(&name).display()));
            }
            known.push(name);
        }
    }
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_text = Path::new(&name)
            .extension()
            .is_some_and(|ending| ending == "txt");
        if is_text && !known.contains(&name) {
            let path = folder.join(&name);
            wrong.push(format!("{}: there is no such template", path.display()));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_this_program_can_be_used() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(examine(directory.path()), Vec::<String>::new());
        for template in Template::ALL {
            for language in [Language::German, Language::English] {
                let loaded = load(directory.path(), *template, language).unwrap();
                let written = loaded.parsed.preview(language);
                assert!(!written.text.contains(['{', '}']), "{written:?}");
                for field in template.fields() {
                    let example = field.example(language);
                    assert!(written.text.contains(example), "{template:?} {field:?}");
                }
            }
        }
    }

    #[test]
    fn template_of_an_operator_takes_the_place_of_ours_or_is_refused_with_a_reason() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join(FOLDER);
        std::fs::create_dir(&folder).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        let name = "password_changed.de.txt";
        write(
            name,
            "Betreff: Neu an der {server}\r\n\r\nHallo {name}!\r\n",
        );
        let loaded = load(
            directory.path(),
            Template::PasswordChanged,
            Language::German,
        );
        let loaded = loaded.unwrap();
        let written = loaded.parsed.preview(Language::German);
        assert!(loaded.is_changed);
        assert_eq!(written.subject, "Neu an der meet.school.example");
        assert_eq!(written.text, "Hallo Berta Beispiel!\n");
        let long = format!("Betreff: x\n\n{}", "x".repeat(MAX_TEMPLATE_BYTES));
        for (text, why) in [
            ("", "Betreff"),
            ("Hallo", "Betreff"),
            ("Betreff: x", "nothing"),
            ("Betreff: x\n\n{password}", "{password}"),
            ("Betreff: x\n\n{link}", "{link}"),
            ("Betreff: {x\n\ny", "brace"),
            ("Betreff: x\n\n}", "brace"),
            (&long, "longer"),
        ] {
            write(name, text);
            let found = examine(directory.path());
            assert_eq!(found.len(), 1, "{text}");
            assert!(
                found[0].contains(name) && found[0].contains(why),
                "{found:?}"
            );
        }
        write(name, "Betreff: x\n\ny");
        write("password_reset.en.txt", "Subject: x\n\nGo to {link} now.");
        write("passwort.de.txt", "Betreff: x\n\ny");
        let found = examine(directory.path()).join("\n");
        assert!(found.contains("line of its own"), "{found}");
        assert!(found.contains("no such template"), "{found}");
    }

    #[test]
    fn value_of_a_stranger_brings_no_link_and_no_line() {
        assert_eq!(harmless("Dr. Berta Beispiel"), "Dr. Berta Beispiel");
        assert_eq!(harmless("https://evil.example"), "https: / / evil. example");
        assert_eq!(harmless("www.evil.example/x"), "www. evil. example/ x");
        assert_eq!(harmless("a\r\nBcc: b@c.example"), "aBcc: b@ c. example");
        assert_eq!(harmless(&"x".repeat(500)).len(), MAX_VALUE_CHARS);
    }

    #[test]
    fn paragraph_is_a_link_only_if_it_leads_to_this_server() {
        let text = "One\ntwo\n\nhttps://a.example/password#x\n\nhttps://a.example.evil/x\n";
        let found = paragraphs(text, "https://a.example");
        let links: Vec<Option<&str>> = found.iter().map(|one| one.link).collect();
        assert_eq!(links, [None, Some("https://a.example/password#x"), None]);
        assert_eq!(found[0].lines, ["One", "two"]);
    }
}
