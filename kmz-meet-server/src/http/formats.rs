//! What texts look like that are more than any text. Every text of the form that is described here is taken; what is
//! wrong with another one, the handlers say.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! format {
    ($(#[doc = $doc:literal])+ $name:ident, $lengths:expr, $pattern:expr) => {
        $(#[doc = $doc])+
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let (shortest, longest): (usize, usize) = $lengths;
                let pattern: Option<&str> = $pattern;
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(concat!($($doc),+).trim()))
                    .min_length(Some(shortest))
                    .max_length(Some(longest))
                    .pattern(pattern)
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    };
}

/// Any character but a control character, and one at least that is seen.
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

format!(
    /// One line of text.
    Line, (1, 200), Some(LINE)
);
format!(
    /// What another system calls something: one line of text.
    ForeignId, (1, 500), Some(LINE)
);
format!(
    /// What a person is called. It needs a letter or a digit, of any script: no pattern that all tools understand says so.
    PersonName, (1, 60), None
);
format!(
    /// Text to be typed in. An empty one is none.
    Password, (0, 100), Some(r"^[^\u0000]*$")
);
format!(
    /// A page that a browser can open.
    WebAddress, (1, 2_000), Some(WEB_ADDRESS)
);
format!(
    /// Where pages come from: scheme, host and perhaps a port, such as `https://moodle.example`.
    WebOrigin, (1, 255), Some(WEB_ORIGIN)
);
format!(
    /// Where the server sends requests: https, at a public address or a host that the operator permits; on a
    /// demonstration server also http at its own machine. A public IP address in place of the name is taken, too.
    OutgoingAddress, (1, 2_000), Some(OUTGOING_ADDRESS)
);
