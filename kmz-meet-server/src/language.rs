//! In which language someone is answered whose browser asks the server itself. The client has its own choice.

use axum::http::{HeaderMap, header};

/// German first; English for those whose browser says something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    German,
    English,
}

impl Language {
    /// Of the languages that the browser accepts, the first one that is spoken here (RFC 9110, 12.5.4: browsers send them in
    /// order of their weights). Who understands neither gets English.
    pub fn wanted(headers: &HeaderMap) -> Self {
        let Some(accepted) = headers.get(header::ACCEPT_LANGUAGE) else {
            return Self::German;
        };
        let accepted = accepted.to_str().unwrap_or_default().to_ascii_lowercase();
        let first = accepted.split(',').find_map(|tag| {
            let tag = tag.split([';', '-', '_']).next().unwrap_or_default().trim();
            match tag {
                "de" => Some(Self::German),
                "en" => Some(Self::English),
                _ => None,
            }
        });
        match accepted.trim() {
            "" | "*" => Self::German,
            _ => first.unwrap_or(Self::English),
        }
    }

    /// One of two texts.
    pub fn say<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }

    /// As in `lang` of a page.
    pub fn tag(self) -> &'static str {
        self.say("de", "en")
    }

    /// The language of such a tag; what is not known is German.
    pub fn of_tag(tag: &str) -> Self {
        match tag {
            "en" => Self::English,
            _ => Self::German,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_of_a_list_is_the_first_that_we_have() {
        for (accepted, language) in [
            ("de-DE,de;q=0.9,en;q=0.8", Language::German),
            ("en-GB,en;q=0.9", Language::English),
            ("tr,de;q=0.7,en;q=0.3", Language::German),
            ("uk,fr;q=0.5", Language::English),
            ("*", Language::German),
            ("", Language::German),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(Language::wanted(&headers), language, "{accepted}");
        }
        assert_eq!(Language::wanted(&HeaderMap::new()), Language::German);
    }
}
