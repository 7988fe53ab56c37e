//! A mail as it leaves: plain text and HTML (RFC 2046, 5.1.4), with headers that no value of a field can break.

use askama::Template as _;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use super::template::{Paragraph, Written, paragraphs};
use crate::config::{Letterhead, PublicUrl};
use crate::language::Language;

/// Why it cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error("it cannot be written: {0}")]
    Page(#[from] askama::Error),
    #[error("its address cannot be used: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("it cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
}

#[derive(askama::Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    language: Language,
    subject: &'a str,
    paragraphs: Vec<Paragraph<'a>>,
}

/// The HTML of a mail.
///
/// # Errors
/// When the template fails.
pub fn html(
    language: Language,
    written: &Written,
    public_url: &str,
) -> Result<String, askama::Error> {
    let page = Page {
        language,
        subject: &written.subject,
        paragraphs: paragraphs(&written.text, public_url),
    };
    page.render()
}

/// Nobody answers it by itself (RFC 3834, 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Puts a mail together. Its id is the same at each try, so that who gets it twice can know.
///
/// # Errors
/// When it cannot be made.
pub fn put_together(
    letterhead: &Letterhead,
    public_url: &PublicUrl,
    (id, recipient): (&str, &str),
    (language, written): (Language, &Written),
) -> Result<lettre::Message, LetterError> {
    let host = letterhead.from.email.domain();
    let mut builder = lettre::Message::builder()
        .from(letterhead.from.clone())
        .to(Mailbox::new(None, recipient.parse()?))
        .subject(written.subject.clone())
        .message_id(Some(format!("<{id}@{host}>")))
        .header(AutoSubmitted);
    if let Some(reply_to) = &letterhead.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    let html = html(language, written, public_url.as_str())?;
    let body = MultiPart::alternative()
        .singlepart(
            SinglePart::builder()
                .header(ContentType::TEXT_PLAIN)
                .body(written.text.clone()),
        )
        .singlepart(
            SinglePart::builder()
                .header(ContentType::TEXT_HTML)
                .body(html),
        );
    Ok(builder.multipart(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letterhead() -> Letterhead {
        Letterhead {
            from: "KMZ <noreply@school.example>".parse().unwrap(),
            reply_to: Some("office@school.example".parse().unwrap()),
            authorities: None,
        }
    }

    #[test]
    fn letter_has_two_parts_and_headers_that_a_value_cannot_break() {
        let written = Written {
            subject: "Grüße\r\nBcc: evil@evil.example".to_owned(),
            text: "Hallo <b>\n\nhttps://a.example/password#x\n".to_owned(),
        };
        let url = "https://a.example".parse().unwrap();
        let to = ("1", "berta@school.example");
        let letter = put_together(&letterhead(), &url, to, (Language::German, &written)).unwrap();
        let text = String::from_utf8(letter.formatted()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        for line in [
            "From: KMZ <noreply@school.example>",
            "To: berta@school.example",
            "Reply-To: office@school.example",
            "Message-ID: <1@school.example>",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(head.lines().any(|one| one == line), "{line} in {head}");
        }
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(body.contains("text/plain") && body.contains("text/html"));
        assert!(
            body.contains("Hallo <b>") && body.contains("Hallo &lt;b&gt;"),
            "{body}"
        );
    }
}
