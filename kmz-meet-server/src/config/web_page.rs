//! The address of a page that an operator names, for people to open.

use std::str::FromStr;

use url::Url;

/// An address of http or https, as browsers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPage(Url);

impl WebPage {
    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for WebPage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let url: Url = text.parse().map_err(|_| ())?;
        // `https://school.example@evil.example` shows one host and opens another.
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_page = matches!(url.scheme(), "http" | "https") && is_plain;
        is_page.then_some(Self(url)).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_page_of_another_scheme_or_with_a_user_is_refused() {
        for text in [
            "meet.example.org",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://meet.example.org/",
            "https://",
            "https://school.example@evil.example/",
            "https://a:b@school.example/",
        ] {
            assert!(text.parse::<WebPage>().is_err(), "{text}");
        }
    }

    #[test]
    fn web_page_with_umlauts_is_written_as_browsers_write_it() {
        let page: WebPage = "https://kmz.example/für-Eltern?a=b#c".parse().unwrap();
        assert_eq!(page.as_str(), "https://kmz.example/f%C3%BCr-Eltern?a=b#c");
    }
}
