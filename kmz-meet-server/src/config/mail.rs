//! How mails leave: the keys `mail_url`, `mail_from`, `mail_reply_to` and `mail_authorities`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How mails leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailConfig {
    /// They do not: everybody sees them at `/demo/mail`.
    Show,
    Smtp(Smtp, Box<Letterhead>),
}

/// What all mails have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letterhead {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// More authorities that are trusted for the mail server's certificate, in a PEM file.
    pub authorities: Option<PathBuf>,
}

/// The value of `mail_url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MailRoute {
    Show,
    Smtp(Smtp),
}

/// A mail server that takes our mails.
#[derive(Clone, PartialEq, Eq)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub credentials: Option<(String, String)>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS (RFC 3207). A server that does not offer it gets no mail.
    StartTls,
    /// None; on this machine only.
    Plain,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, .. } = self;
        write!(out, "Smtp({host}:{port}, {:?})", self.security)
    }
}

impl FromStr for MailRoute {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "show" {
            return Ok(Self::Show);
        }
        let url: Url = text.parse().map_err(|_| ())?;
        // Of schemes that it does not know, the library leaves hosts as they were written.
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(())?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let plain = match url.query() {
            None => false,
            Some("tls=none") => true,
            Some(_) => return Err(()),
        };
        let (security, usual_port) = match (url.scheme(), plain) {
            ("smtps", false) => (Security::Tls, 465),
            ("smtp", false) => (Security::StartTls, 587),
            ("smtp", true) if is_this_machine(host) => (Security::Plain, 25),
            _ => return Err(()),
        };
        let is_bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
        if !is_bare || Host::parse(url.host_str().ok_or(())?).is_err() {
            return Err(());
        }
        let decoded = |text: &str| -> Result<String, ()> {
            let text = percent_decode_str(text).decode_utf8().map_err(|_| ())?;
            (!text.chars().any(char::is_control))
                .then(|| text.into_owned())
                .ok_or(())
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                Some((decoded(user)?, decoded(password)?))
            }
            _ => return Err(()),
        };
        Ok(Self::Smtp(Smtp {
            host: host.to_owned(),
            port: url.port().unwrap_or(usual_port),
            security,
            credentials,
        }))
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(text: &str) -> Smtp {
        match text.parse() {
            Ok(MailRoute::Smtp(smtp)) => smtp,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn mail_url_says_where_how_and_as_whom() {
        let one = smtp("smtps://kmz%40school.example:ge%3Aheim@mail.school.example");
        assert_eq!((one.port, one.security), (465, Security::Tls));
        let credentials = ("kmz@school.example".to_owned(), "ge:heim".to_owned());
        assert_eq!(one.credentials, Some(credentials));
        assert!(!format!("{one:?}").contains("heim"));
        let other = smtp("smtp://mail.school.example:2525");
        assert_eq!((other.port, other.security), (2525, Security::StartTls));
        assert_eq!(other.credentials, None);
        assert_eq!("show".parse(), Ok(MailRoute::Show));
    }

    #[test]
    fn mail_url_without_protection_is_for_this_machine_alone() {
        assert_eq!(smtp("smtp://127.0.0.1?tls=none").security, Security::Plain);
        assert_eq!(smtp("smtp://[::1]:26?tls=none").host, "::1");
        assert_eq!(smtp("smtp://localhost?tls=none").port, 25);
        for wrong in [
            "smtp://mail.school.example?tls=none",
            "smtp://10.0.0.1?tls=none",
            "smtps://127.0.0.1?tls=none",
            "smtp://127.0.0.1?tls=maybe",
            "smtp://user@mail.school.example",
            "smtp://:secret@mail.school.example",
            "smtp://mail.school.example/path",
            "smtp://mail.school.example#x",
            "http://mail.school.example",
            "smtp://",
            "mail.school.example",
            "Show",
        ] {
            assert_eq!(wrong.parse::<MailRoute>(), Err(()), "{wrong}");
        }
    }
}
