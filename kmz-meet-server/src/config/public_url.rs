//! The address under which browsers reach the server.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;

/// Longest title of a room in a link, in characters.
const MAX_TITLE: usize = 80;

/// Scheme, host and perhaps a port: nothing else. Lower case, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

/// How someone with a ticket comes in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entry<'a> {
    pub ticket: &'a str,
    /// For showing it; the ticket decides.
    pub name: Option<&'a str>,
    /// What the platform calls the room, for showing it before anyone is inside. Only who has a ticket reads it.
    pub title: Option<&'a str>,
    /// `de` or `en`, if the platform said.
    pub lang: Option<&'a str>,
}

impl PublicUrl {
    /// What holds when nothing is configured.
    pub fn localhost(https: bool, port: u16) -> Self {
        let scheme = if https { "https" } else { "http" };
        Self(format!("{scheme}://localhost:{port}"))
    }

    /// The URL, which is also its origin.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The link of a room.
    pub fn room(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }

    /// The way into a room for someone with a ticket. Everything is in the fragment, which no server and no log sees;
    /// beside the ticket nothing in it is signed, so nothing may stand there that leads or lets anyone anywhere.
    pub fn entry(&self, room: &str, entry: &Entry<'_>) -> String {
        let mut fragment = url::form_urlencoded::Serializer::new(String::new());
        fragment.append_pair("ticket", entry.ticket);
        // A link has to fit into what browsers and proxies take.
        let title = entry
            .title
            .map(|title| -> String { title.chars().take(MAX_TITLE).collect() });
        let more = [
            ("name", entry.name),
            ("title", title.as_deref()),
            ("lang", entry.lang),
        ];
        for (key, value) in more {
            if let Some(value) = value {
                fragment.append_pair(key, value);
            }
        }
        format!("{}#{}", self.room(room), fragment.finish())
    }

    /// Whether browsers use HTTPS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether browsers treat the page as secure: only then may cookies be `Secure`.
    pub fn is_secure_context(&self) -> bool {
        self.is_https() || matches!(self.host(), "localhost" | "127.0.0.1" | "[::1]")
    }

    /// The same host for WebSockets.
    pub fn websocket(&self) -> String {
        // "http" becomes "ws", "https" becomes "wss"
        format!("ws{}", self.0.trim_start_matches("http"))
    }

    /// The host, without its port.
    pub fn host(&self) -> &str {
        let authority = self
            .0
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let uri: Uri = text.trim().parse().map_err(|_| ())?;
        let scheme = uri.scheme_str().ok_or(())?;
        let authority = uri.authority().ok_or(())?;
        let plain = uri.path() == "/" && uri.query().is_none() && !authority.as_str().contains('@');
        if !matches!(scheme, "http" | "https") || !plain || authority.host().is_empty() {
            return Err(());
        }
        // Browsers leave the usual port out of the Origin header.
        let usual = if scheme == "https" { 443 } else { 80 };
        let port = authority
            .port_u16()
            .filter(|port| *port != usual)
            .map_or_else(String::new, |port| format!(":{port}"));
        Ok(Self(format!(
            "{scheme}://{}{port}",
            authority.host().to_lowercase()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_str_is_written_as_browsers_write_an_origin() {
        let parsed = |text: &str| text.parse::<PublicUrl>().unwrap().0;
        assert_eq!(
            parsed("https://Meet.Example.org:443/"),
            "https://meet.example.org"
        );
        assert_eq!(parsed("http://[::1]:8080"), "http://[::1]:8080");
        for wrong in [
            "",
            "meet.example.org",
            "ftp://a",
            "https://a/b",
            "https://a/?b",
            "https://u@a",
            "https://",
        ] {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn is_secure_on_localhost_is_true_without_https() {
        let secure = |text: &str| text.parse::<PublicUrl>().unwrap().is_secure_context();
        assert!(
            secure("http://localhost:8080")
                && secure("http://[::1]:8080")
                && secure("https://meet.example.org")
        );
        assert!(!secure("http://meet.example.org") && !secure("http://localhost.example.org"));
    }

    #[test]
    fn websocket_has_the_same_host() {
        assert_eq!(
            PublicUrl::localhost(true, 1).websocket(),
            "wss://localhost:1"
        );
        assert_eq!(
            PublicUrl::localhost(false, 1).websocket(),
            "ws://localhost:1"
        );
    }
}
