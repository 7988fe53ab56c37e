//! Texts of requests as types. A value of such a type is in the form in which we store it; its `parse` is the only way to one.

use kmz_meet_core::room::DisplayName;
use kmz_meet_core::room::password::folded;
use kmz_meet_core::room::room_name::{self, WeakName};
use kmz_meet_core::room::text::line;
use kmz_meet_core::signal::{MAX_NAME_CHARS, MAX_PASSWORD_CHARS};

use super::Problem;
use super::formats::{
    FOREIGN_ID, Form, LINE_OF_TEXT, MAX_FOREIGN_ID_CHARS, MAX_LINE_CHARS, MAX_NOTICE_CHARS,
    READABLE_LINE,
};

/// Why a text is no value of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// What it must be: said after the name of its field.
    Value(String),
    /// The same as a sentence of its own.
    Sentence(String),
    /// A name of a room that can be guessed.
    WeakName(WeakName),
}

impl Unfit {
    fn value(must: impl Into<String>) -> Self {
        Self::Value(must.into())
    }

    /// The refusal of a request whose field of this name has the text.
    pub(crate) fn in_field(self, field: &str) -> Problem {
        match self {
            Self::Value(must) => Problem::invalid(format!("{field}: {must}")),
            Self::Sentence(sentence) => Problem::invalid(sentence),
            Self::WeakName(weak) => Problem::weak_name(weak.to_string(), room_name::propose()),
        }
    }
}

/// A type of texts.
pub trait Text: Sized {
    /// How the description of the API shows them.
    const FORM: Form;

    /// Brings a text into the form that we store.
    ///
    /// # Errors
    /// When it is of another form, and what it must be.
    fn parse(text: String) -> Result<Self, Unfit>;
}

macro_rules! text {
    ($(#[$meta:meta])+ $name:ident) => {
        $(#[$meta])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

text! {
    /// What the integrator calls a room.
    ExternalName
}
text! {
    /// What people call a room. Its directional characters do not affect the text around it.
    RoomTitle
}
text! {
    /// A name of a room that can be said and not be guessed, in its canonical form.
    RoomName
}
text! {
    /// What people call a key or a platform: they can read it in a list.
    Label
}
text! {
    /// What another system calls something. It is compared with what that system says, so it stays as it is.
    ForeignId
}
text! {
    /// A person as the integrator knows them.
    ForeignUser
}
text! {
    /// What others see of a person: cleaned, and cut.
    PersonName
}
text! {
    /// A notice in one language.
    NoticeLine
}
text! {
    /// `iss` of an app's tokens.
    JitsiAppId
}
text! {
    /// A secret, or a public key as PEM. Which one it must be, the algorithm says.
    JitsiAppKey
}

/// A password of a room in the form in which it is compared, also in a running conference; or none.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomPassword(Option<String>);

impl RoomPassword {
    /// `None` where nothing of it was left.
    pub fn kept(self) -> Option<String> {
        self.0
    }
}

/// A line without the spaces around it.
fn trimmed_line(text: &str) -> Result<String, Unfit> {
    if text.trim().is_empty() || text.chars().count() > MAX_LINE_CHARS {
        return Err(Unfit::Value(format!(
            "it must have from 1 to {MAX_LINE_CHARS} characters."
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Unfit::value("control characters are not allowed."));
    }
    Ok(text.trim().to_owned())
}

impl Text for ExternalName {
    const FORM: Form = LINE_OF_TEXT;

    fn parse(text: String) -> Result<Self, Unfit> {
        trimmed_line(&text).map(Self)
    }
}

impl Text for RoomTitle {
    const FORM: Form = READABLE_LINE;

    fn parse(text: String) -> Result<Self, Unfit> {
        line(&trimmed_line(&text)?, MAX_LINE_CHARS)
            .map(Self)
            .ok_or_else(|| Unfit::value("it must have a character that can be seen."))
    }
}

impl Text for RoomName {
    const FORM: Form = Form {
        name: "RoomName",
        description: "The name of a room as in its link. One that can be guessed is refused.",
        shortest: Some(1),
        longest: 64,
        pattern: None,
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        room_name::check(&text).map(Self).map_err(Unfit::WeakName)
    }
}

impl Text for Label {
    const FORM: Form = LINE_OF_TEXT;

    fn parse(text: String) -> Result<Self, Unfit> {
        trimmed_line(&text).map(Self).map_err(|_| {
            Unfit::Value(format!(
                "it must have from 1 to {MAX_LINE_CHARS} characters, and no control characters."
            ))
        })
    }
}

impl Text for NoticeLine {
    const FORM: Form = Form {
        name: "NoticeLine",
        description: "A notice in one language: plain text with a visible character.",
        shortest: Some(1),
        longest: MAX_NOTICE_CHARS,
        pattern: None,
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let is_short = text.chars().count() <= MAX_NOTICE_CHARS;
        let line = line(&text, MAX_NOTICE_CHARS).filter(|_| is_short);
        line.map(Self).ok_or_else(|| {
            Unfit::Value(format!(
                "it must have from 1 to {MAX_NOTICE_CHARS} characters, and one of them must be visible."
            ))
        })
    }
}

impl Text for ForeignId {
    const FORM: Form = FOREIGN_ID;

    fn parse(text: String) -> Result<Self, Unfit> {
        let fits = (1..=MAX_FOREIGN_ID_CHARS).contains(&text.chars().count())
            && !text.chars().any(char::is_control)
            && !text.trim().is_empty();
        fits.then_some(Self(text)).ok_or_else(|| {
            Unfit::Value(format!(
                "it must have from 1 to {MAX_FOREIGN_ID_CHARS} characters, not only spaces, and no control characters."
            ))
        })
    }
}

impl Text for ForeignUser {
    const FORM: Form = Form {
        name: "ForeignUser",
        description: "What the integrator calls a person.",
        shortest: Some(1),
        longest: 100,
        pattern: Some("^[!-~]{1,100}$"),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = is_visible && (1..=Self::FORM.longest).contains(&text.len());
        fits.then_some(Self(text)).ok_or_else(|| {
            Unfit::Value(format!(
                "it must have from 1 to {} visible ASCII characters.",
                Self::FORM.longest
            ))
        })
    }
}

impl Text for PersonName {
    const FORM: Form = Form {
        name: "PersonName",
        description: "What a person is called. It needs a letter or a digit, of any script: no pattern that all tools understand says so.",
        shortest: Some(1),
        longest: MAX_NAME_CHARS,
        pattern: None,
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let name = DisplayName::of(&text).map(|name| Self(name.into()));
        name.ok_or_else(|| {
            Unfit::value(
                "it must have a letter or a digit. Leave it out, and the person types one.",
            )
        })
    }
}

impl Text for JitsiAppId {
    const FORM: Form = Form {
        name: "JitsiAppId",
        description: "The id of a Jitsi app.",
        shortest: Some(1),
        longest: 100,
        pattern: Some("^[A-Za-z0-9._-]{1,100}$"),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=Self::FORM.longest).contains(&text.len()) && text.bytes().all(is_plain);
        fits.then_some(Self(text)).ok_or_else(|| {
            Unfit::Value(format!(
                "it must have from 1 to {} letters, digits, dots, lines.",
                Self::FORM.longest
            ))
        })
    }
}

/// The shortest secret that an app may have, in characters.
const MIN_APP_KEY_CHARS: usize = 16;

impl Text for JitsiAppKey {
    const FORM: Form = Form {
        name: "JitsiAppKey",
        description: "A secret, or a public key as PEM.",
        shortest: Some(MIN_APP_KEY_CHARS),
        longest: 4_000,
        pattern: None,
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let fits = (MIN_APP_KEY_CHARS..=Self::FORM.longest).contains(&text.chars().count());
        fits.then_some(Self(text)).ok_or_else(|| {
            Unfit::Value(format!(
                "it must have from {MIN_APP_KEY_CHARS} to {} characters.",
                Self::FORM.longest
            ))
        })
    }
}

impl Text for RoomPassword {
    const FORM: Form = Form {
        name: "Password",
        description: "Text to be typed in. An empty one is none.",
        shortest: Some(0),
        longest: MAX_PASSWORD_CHARS,
        pattern: Some(r"^[^\u0000]*$"),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let kept = folded(&text);
        let is_long = |text: &str| text.chars().count() > MAX_PASSWORD_CHARS;
        if is_long(&text) || kept.as_deref().is_some_and(is_long) {
            return Err(Unfit::Sentence(format!(
                "The password is longer than {MAX_PASSWORD_CHARS} characters."
            )));
        }
        if text.contains('\0') {
            return Err(Unfit::Sentence(
                "The password has a character that cannot be stored.".to_owned(),
            ));
        }
        Ok(Self(kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: Text>(text: &str) -> Option<Unfit> {
        T::parse(text.to_owned()).err()
    }

    #[test]
    fn room_title_is_trimmed_and_keeps_no_direction_that_reaches_out() {
        let title = RoomTitle::parse(" 7b \u{202e}Mathe ".to_owned()).unwrap();
        assert_eq!(title.as_str(), "7b Mathe");
    }

    #[test]
    fn room_title_of_nothing_to_see_is_refused() {
        for (text, must) in [
            (" ", "it must have from 1 to 200 characters."),
            (&"a".repeat(201), "it must have from 1 to 200 characters."),
            ("a\u{7}", "control characters are not allowed."),
            ("\u{200b}", "it must have a character that can be seen."),
        ] {
            assert_eq!(refused::<RoomTitle>(text), Some(Unfit::value(must)));
        }
    }

    #[test]
    fn label_with_control_characters_is_refused() {
        let must = "it must have from 1 to 200 characters, and no control characters.";
        for text in ["", "  ", "a\nb", &"a".repeat(201)] {
            assert_eq!(refused::<Label>(text), Some(Unfit::value(must)), "{text:?}");
        }
        assert_eq!(
            Label::parse(" Portal ".to_owned()).unwrap().as_str(),
            "Portal"
        );
    }

    #[test]
    fn foreign_id_stays_as_it_is() {
        let id = ForeignId::parse(" 7 b ".to_owned()).unwrap();
        assert_eq!(id.as_str(), " 7 b ");
        for text in ["", "  ", "a\0", &"a".repeat(501)] {
            assert!(refused::<ForeignId>(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn room_password_of_spaces_is_none() {
        assert_eq!(RoomPassword::parse("  ".to_owned()).unwrap().kept(), None);
        let kept = RoomPassword::parse(" \u{fb01}x ".to_owned())
            .unwrap()
            .kept();
        assert_eq!(kept.as_deref(), Some("fix"));
    }

    #[test]
    fn room_password_that_is_long_when_folded_is_refused() {
        let long = Some(Unfit::Sentence(
            "The password is longer than 100 characters.".to_owned(),
        ));
        assert_eq!(refused::<RoomPassword>(&"a".repeat(101)), long);
        assert_eq!(refused::<RoomPassword>(&"\u{fb01}".repeat(51)), long);
        assert!(refused::<RoomPassword>("a\0").is_some_and(|unfit| Some(unfit) != long));
    }
}
