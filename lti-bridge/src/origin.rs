//! Origins of web pages. What a platform or an administrator enters as one becomes part of a Content-Security-Policy, so it has a
//! type that can hold nothing else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use url::{Host, Url};

/// Scheme, host and perhaps a port, as browsers write an origin.
///
/// The scheme is `http` or `https`; the host has letters, digits, `-` and `.`, or is an IPv6 address in brackets. Whatever
/// else a URL's host may hold (`;`, `,`, `'`, `*`, …) would mean something in a Content-Security-Policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct WebOrigin(String);

/// The text or URL is not an origin of web pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it must be http or https, a host of letters, digits, '-' and '.', and perhaps a port, such as https://moodle.example"
)]
pub struct NoOrigin;

impl WebOrigin {
    /// Longest origin, in bytes: no name of a host is longer than 253 (RFC 1035, 2.3.4).
    pub const MAX_BYTES: usize = 270;

    /// The origin of the page at this URL.
    ///
    /// # Errors
    /// When its scheme or its host is of another kind.
    pub fn of(url: &Url) -> Result<Self, NoOrigin> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NoOrigin);
        }
        let host_fits = match url.host() {
            Some(Host::Domain(name)) => is_name(name),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            None => false,
        };
        let text = url.origin().ascii_serialization();
        if host_fits && text.len() <= Self::MAX_BYTES {
            Ok(Self(text))
        } else {
            Err(NoOrigin)
        }
    }

    /// As it stands in headers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The texts that are origins, each once. The others are left out, with a warning in the log.
    pub fn fitting<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Vec<Self> {
        let mut origins = Vec::new();
        for text in texts {
            match text.as_ref().parse() {
                Ok(origin) if origins.contains(&origin) => {}
                Ok(origin) => origins.push(origin),
                Err(NoOrigin) => tracing::warn!("a stored text that is no web origin is left out"),
            }
        }
        origins
    }

    /// Reads a stored list; what does not fit is left out, so that a row of an earlier version stays readable.
    ///
    /// # Errors
    /// When it is no list of texts.
    pub fn read_fitting<'de, D: Deserializer<'de>>(reader: D) -> Result<Vec<Self>, D::Error> {
        Vec::<String>::deserialize(reader).map(Self::fitting)
    }
}

/// Labels of letters, digits and `-`.
fn is_name(name: &str) -> bool {
    // A name may end with the dot of the root.
    let labels = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253
        && labels.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

impl FromStr for WebOrigin {
    type Err = NoOrigin;

    /// Reads an origin; a slash at the end is nothing more, everything else is.
    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        if text.len() > 2 * Self::MAX_BYTES {
            return Err(NoOrigin);
        }
        let url = Url::parse(text).map_err(|_| NoOrigin)?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if is_bare {
            Self::of(&url)
        } else {
            Err(NoOrigin)
        }
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for WebOrigin {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<WebOrigin> for String {
    fn from(origin: WebOrigin) -> Self {
        origin.0
    }
}

impl PartialEq<&str> for WebOrigin {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl<'de> Deserialize<'de> for WebOrigin {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hosts that are hosts of URLs, and mean something in a header.
    const HOSTILE: [&str; 12] = [
        "https://a;sandbox",
        "https://a,default-src",
        "https://a.example;frame-ancestors",
        "https://*.example",
        "https://'none'",
        "https://a.example'",
        "https://a\"b",
        "https://(a)",
        "https://a=b",
        "https://a_b.example",
        "https://a$b",
        "https://{a}",
    ];

    #[test]
    fn web_origin_of_a_host_with_special_characters_is_refused() {
        for text in HOSTILE {
            assert_eq!(text.parse::<WebOrigin>(), Err(NoOrigin), "{text}");
            if let Ok(url) = Url::parse(&format!("{text}/auth?x=1")) {
                assert_eq!(WebOrigin::of(&url), Err(NoOrigin), "{text}");
            }
        }
        let long = format!("https://{}example", "a.".repeat(140));
        let more = [
            "javascript:x",
            "blob:https://a.example/x",
            "data:,x",
            "ftp://a.example",
            "a.example",
            "null",
            "",
            "https://a.example/path",
            "https://a.example?x",
            "https://a.example#x",
            "https://u@a.example",
            "https://a..example",
            &long,
        ];
        for text in more {
            assert_eq!(text.parse::<WebOrigin>(), Err(NoOrigin), "{text}");
        }
    }

    #[test]
    fn web_origin_is_written_as_browsers_write_it() {
        for (text, written) in [
            ("https://Moodle.Example:443/", "https://moodle.example"),
            ("http://a.example:80", "http://a.example"),
            ("https://a.example:8443", "https://a.example:8443"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://schüle.example", "https://xn--schle-mva.example"),
            // What browsers take out of an address is no sign of it.
            ("https://a.exa\tmple", "https://a.example"),
        ] {
            let origin: WebOrigin = text.parse().unwrap();
            assert_eq!(origin, written, "{text}");
            assert_eq!(origin.as_str().parse::<WebOrigin>().unwrap(), origin);
        }
    }

    #[test]
    fn web_origins_of_a_stored_list_skip_invalid_ones() {
        #[derive(Deserialize)]
        struct Stored {
            #[serde(deserialize_with = "WebOrigin::read_fitting")]
            origins: Vec<WebOrigin>,
        }
        let stored =
            r#"{"origins": ["https://a.example", "https://a;sandbox", "https://A.example/", "x"]}"#;
        let stored: Stored = serde_json::from_str(stored).unwrap();
        assert_eq!(stored.origins, ["https://a.example"]);
    }
}
