//! A room in a frame. Its client reports the pages around it: it knows them from the browser, and none of these pages can
//! change the report. People who forge it themselves gain only what a window of their own would give.
//!
//! In a frame on the same site the browser sends the session's cookie. It counts only if all pages around belong to the room's
//! own school: any other page could watch the room, or click in it, as the person who is signed in.

/// How many frames may be nested; deeper ones count as unknown pages.
const MAX_DEPTH: usize = 10;

/// The origins of the pages around, the nearest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PagesAround(Vec<String>);

impl PagesAround {
    /// Reads the query of the WebSocket's URL: it has `around` once for each page, empty for an unknown one. `None` in a window
    /// of its own.
    pub(super) fn read(query: &str) -> Option<Self> {
        let pages: Vec<String> = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == "around")
            .map(|(_, origin)| origin.into_owned())
            .take(MAX_DEPTH + 1)
            .collect();
        (!pages.is_empty()).then_some(Self(pages))
    }

    /// The origins; none if there are more than [`MAX_DEPTH`].
    pub(super) fn origins(&self) -> &[String] {
        if self.0.len() > MAX_DEPTH {
            &[]
        } else {
            &self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn pages_around_in_a_query_are_read_in_their_order() {
        assert_eq!(PagesAround::read(""), None);
        assert_eq!(PagesAround::read("other=1"), None);
        let one = PagesAround::read("around=https%3A%2F%2Fa.example").unwrap();
        assert_eq!(one.origins(), pages(&["https://a.example"]));
        let unknown = PagesAround::read("around=").unwrap();
        assert_eq!(unknown.origins(), pages(&[""]));
        let nested =
            PagesAround::read("around=https://a.example&around=https://b.example").unwrap();
        assert_eq!(
            nested.origins(),
            pages(&["https://a.example", "https://b.example"])
        );
        let deep = "around=https://a.example&".repeat(5_000);
        assert!(PagesAround::read(&deep).unwrap().origins().is_empty());
    }
}
