//! Answers: small XML documents that say SUCCESS or FAILED. The status is always 200, because clients read nothing else.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use serde_json::json;

use crate::clock::Timestamp;
use crate::credentials::SigningFailed;
use crate::http::spoken;
use crate::limits::Busy;
use crate::store::StoreError;

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    name: String,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    Elements(Vec<Element>),
}

/// An element with text.
pub fn text(name: &str, value: impl ToString) -> Element {
    // XML 1.0 cannot carry these characters at all.
    let value = value
        .to_string()
        .chars()
        .filter(|c| {
            matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        })
        .collect();
    Element {
        name: name.to_owned(),
        content: Content::Text(value),
    }
}

/// An element that contains others.
pub fn nest(name: &str, elements: Vec<Element>) -> Element {
    Element {
        name: name.to_owned(),
        content: Content::Elements(elements),
    }
}

impl Element {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        writer.write_event(Event::Start(BytesStart::new(self.name.as_str())))?;
        match &self.content {
            Content::Text(value) => writer.write_event(Event::Text(BytesText::new(value)))?,
            Content::Elements(elements) => {
                for element in elements {
                    element.write(writer)?;
                }
            }
        }
        writer.write_event(Event::End(BytesEnd::new(self.name.as_str())))
    }
}

fn document(returncode: &str, mut elements: Vec<Element>) -> Response {
    elements.insert(0, text("returncode", returncode));
    let mut writer = Writer::new(Vec::new());
    // Writing to memory does not fail.
    let _ = nest("response", elements).write(&mut writer);
    let headers = [
        (header::CONTENT_TYPE, "text/xml; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::OK, headers, writer.into_inner()).into_response()
}

/// A time in BigBlueButton's form of dates.
pub fn date(at: Timestamp) -> String {
    time::OffsetDateTime::from_unix_timestamp(at / 1_000).map_or_else(
        |_| String::new(),
        |at| {
            format!(
                "{:.3} {:.3} {:02} {:02}:{:02}:{:02} UTC {}",
                at.weekday().to_string(),
                at.month().to_string(),
                at.day(),
                at.hour(),
                at.minute(),
                at.second(),
                at.year()
            )
        },
    )
}

/// An answer that says SUCCESS.
pub fn success(elements: Vec<Element>) -> Response {
    document("SUCCESS", elements)
}

/// The same with a message.
pub fn success_with(mut elements: Vec<Element>, key: &str, message: &str) -> Response {
    elements.push(text("messageKey", key));
    elements.push(text("message", message));
    success(elements)
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub key: Cow<'static, str>,
    pub message: String,
    /// After this time the same call may succeed.
    pub again: Option<Duration>,
}

impl Failure {
    pub fn new(key: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
            again: None,
        }
    }

    /// `missingParamMeetingID` and the like.
    pub fn missing(name: &str) -> Self {
        let (first, rest) = name.split_at(name.len().min(1));
        Self::new(
            format!("missingParam{}{rest}", first.to_ascii_uppercase()),
            format!("The parameter {name} is missing."),
        )
    }

    pub fn too_long() -> Self {
        Self::new("invalidQuery", "The query is longer than 64 KiB.")
    }

    pub fn not_found() -> Self {
        Self::new("notFound", "There is no meeting with this meetingID.")
    }

    /// For the calls about captions, which answer in JSON.
    pub fn json(&self) -> Response {
        let response = json!({
            "returncode": "FAILED",
            "messageKey": self.key,
            "message": self.message,
        });
        let headers = [(header::CACHE_CONTROL, "no-store")];
        (headers, Json(json!({ "response": response }))).into_response()
    }

    /// The checksum is missing or wrong. The answer does not say which part was wrong.
    pub fn checksum() -> Self {
        Self::new(
            "checksumError",
            "The checksum does not fit. Check the shared secret.",
        )
    }
}

impl From<Busy> for Failure {
    fn from(busy: Busy) -> Self {
        let message = format!(
            "Too many wrong calls come from this address. Try again in {}.",
            spoken(busy.again.as_secs())
        );
        Self {
            again: Some(busy.again),
            ..Self::new("tooManyWrongCalls", message)
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<SigningFailed> for Failure {
    fn from(error: SigningFailed) -> Self {
        Self::internal(&error)
    }
}

impl Failure {
    /// A failure of ours that the caller cannot mend.
    fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "a call of the BigBlueButton API failed");
        Self::new(
            "internalError",
            "Something went wrong at the server. Try again.",
        )
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let elements = vec![text("messageKey", self.key), text("message", self.message)];
        document("FAILED", elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;

    fn written(element: &Element) -> String {
        let mut writer = Writer::new(Vec::new());
        element.write(&mut writer).unwrap();
        String::from_utf8(writer.into_inner()).unwrap()
    }

    proptest! {
        #[test]
        fn element_with_any_text_gives_the_text_back(value in "[\\x20-\\x7e\\n\u{a0}-\u{d7ff}\u{10000}-\u{10ffff}]{0,40}") {
            let xml = written(&nest("a", vec![text("b", &value)]));
            let mut reader = Reader::from_str(&xml);
            let mut depth = 0;
            let mut found = String::new();
            loop {
                match reader.read_event().unwrap() {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth -= 1,
                    Event::Text(part) => found.push_str(&part),
                    Event::GeneralRef(name) => found.push(match &*name {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        other => panic!("{other}"),
                    }),
                    Event::Eof => break,
                    other => panic!("{other:?}"),
                }
                prop_assert!(depth <= 2);
            }
            prop_assert_eq!(found, value);
        }
    }

    #[test]
    fn date_of_a_time_has_the_form_of_bigbluebutton() {
        assert_eq!(date(1_531_155_809_613), "Mon Jul 09 17:03:29 UTC 2018");
    }

    #[test]
    fn element_with_markup_in_its_text_is_escaped() {
        let xml = written(&nest("a", vec![text("b", "<c>&\"\u{0}\u{8}ü]]>")]));
        assert_eq!(xml, "<a><b>&lt;c&gt;&amp;&quot;ü]]&gt;</b></a>");
    }
}
