//! The forms of texts, as the description of the API has them. Every text of its form is taken (`api/formats_tests.rs`); what is
//! wrong with another one, its type says (`texts.rs`).

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// What the description says of texts of one kind. Lengths are in characters.
pub struct Form {
    /// The name of its schema.
    pub name: &'static str,
    pub description: &'static str,
    pub shortest: Option<usize>,
    pub longest: usize,
    pub pattern: Option<&'static str>,
}

impl Form {
    pub(super) fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(self.description))
            .min_length(self.shortest)
            .max_length(Some(self.longest))
            .pattern(self.pattern)
            .into()
    }
}

/// The longest title, name of a list and name that an integrator gives.
pub(super) const MAX_LINE_CHARS: usize = 200;
/// The longest name that another system has for something.
pub(super) const MAX_FOREIGN_ID_CHARS: usize = 500;
/// The longest notice.
pub(super) const MAX_NOTICE_CHARS: usize = 500;
/// The longest address.
pub(super) const MAX_ADDRESS_BYTES: usize = 2_000;

/// Any character but a control character, and one at least that is no space.
pub(crate) const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000-\u001f\u007f-\u009f]*$";

/// A host by its name. The last part is no number, for that would be an address.
macro_rules! host {
    () => {
        r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){0,4}[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    };
}

macro_rules! port {
    () => {
        r"(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?"
    };
}

/// What follows host and port (RFC 3986, 3.3 to 3.5).
macro_rules! rest {
    () => {
        r"([/?#][A-Za-z0-9._~:/?#@!$&()*+,;=%-]*)?$"
    };
}

pub(crate) const WEB_ADDRESS: &str = concat!("^https?://", host!(), port!(), rest!());
pub(crate) const WEB_ORIGIN: &str = concat!("^https?://", host!(), port!(), "$");
pub(crate) const OUTGOING_ADDRESS: &str = concat!(
    "^(https://",
    host!(),
    r"|http://(localhost|127\.0\.0\.1|\[::1\]))",
    port!(),
    rest!()
);

pub(super) const LINE_OF_TEXT: Form = Form {
    name: "Line",
    description: "One line of text.",
    shortest: Some(1),
    longest: MAX_LINE_CHARS,
    pattern: Some(LINE),
};
/// Unlike `LINE_OF_TEXT` it has something to read. No pattern that all tools understand says which characters are visible.
pub(super) const READABLE_LINE: Form = Form {
    name: "ReadableLine",
    description: "One line of text with a visible character: letters, digits, marks, symbols, not only what is invisible.",
    shortest: Some(1),
    longest: MAX_LINE_CHARS,
    pattern: None,
};
pub(super) const FOREIGN_ID: Form = Form {
    name: "ForeignId",
    description: "What another system calls something: one line of text.",
    shortest: Some(1),
    longest: MAX_FOREIGN_ID_CHARS,
    pattern: Some(LINE),
};
