//! The parameters of a call.

use std::collections::BTreeMap;

use super::xml::Failure;

/// The longest query, in bytes: Moodle sends whole descriptions of recordings in one.
pub const MAX_QUERY_BYTES: usize = 64 * 1024;
const MAX_PARAMETERS: usize = 1_000;

/// The parameters by name; each name occurs once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads a query without its checksum.
    ///
    /// # Errors
    /// When a parameter occurs twice (which one would count?) or there are too many.
    pub fn read(raw: &str) -> Result<Self, Failure> {
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
            if name.is_empty() {
                continue;
            }
            let value = printable(&name, &value);
            let twice = parameters.insert(name.into_owned(), value).is_some();
            if twice || parameters.len() > MAX_PARAMETERS {
                return Err(Failure::new(
                    "invalidQuery",
                    "A parameter stands in the query twice, or there are more than 1000.",
                ));
            }
        }
        Ok(Self(parameters))
    }

    /// Whether the caller wants an answer for a program instead of a redirect. It decides on nothing else, so unsigned
    /// parameters count too.
    pub fn wants_no_redirect(raw: &str) -> bool {
        url::form_urlencoded::parse(raw.as_bytes())
            .any(|(name, value)| name == "redirect" && truth(&value) == Some(false))
    }

    /// The text of which BigBlueButton itself makes the checksum if the parameters are in a body: sorted by name, and encoded
    /// again.
    ///
    /// `None` if there are more parameters than any call has; [`Query::read`] refuses them too.
    pub fn canonical(raw: &str) -> Option<String> {
        if raw.split('&').count() > MAX_PARAMETERS {
            return None;
        }
        let mut parameters: Vec<(String, String)> = url::form_urlencoded::parse(raw.as_bytes())
            .into_owned()
            .collect();
        parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
        let encoded = parameters.iter().map(|(name, value)| {
            // Names are encoded too, or one text could mean several sets of parameters.
            let encode = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            format!("{}={}", encode(name), encode(value))
        });
        Some(encoded.collect::<Vec<_>>().join("&"))
    }

    /// The value, unless it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// A truth value as BigBlueButton reads it.
    pub fn is(&self, name: &str) -> Option<bool> {
        truth(self.get(name)?)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// Names the missing one.
    pub fn need(&self, name: &'static str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::missing(name))
    }

    /// What the platform wants back: `meta_...` without the prefix.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        self.0
            .iter()
            .filter_map(|(name, value)| {
                let name = name.strip_prefix("meta_")?.to_ascii_lowercase();
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                let fits =
                    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain);
                fits.then(|| (name, value.clone()))
            })
            .collect()
    }
}

fn truth(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// A value without control characters, as BigBlueButton does it: nobody means them, and PostgreSQL stores no NUL. Only a
/// welcome message has lines.
fn printable(name: &str, value: &str) -> String {
    let has_lines = name == "welcome";
    value
        .chars()
        .filter(|c| !c.is_control() || (has_lines && matches!(c, '\n' | '\r' | '\t')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn query_in_its_canonical_form_says_the_same(raw in "[a-c%=&+A-F0-9ü]{0,60}") {
            if let Ok(query) = Query::read(&raw) {
                prop_assert_eq!(Query::read(&Query::canonical(&raw).unwrap()).unwrap(), query);
            }
        }
    }

    #[test]
    fn query_with_a_parameter_twice_is_refused() {
        let query =
            Query::read("&meetingID=a%5B0%5D&name=M%C3%BCll+er&empty=&record=TRUE").unwrap();
        assert_eq!(query.get("meetingID"), Some("a[0]"));
        assert_eq!(query.get("name"), Some("Müll er"));
        assert_eq!(query.get("empty"), None);
        assert_eq!(query.is("record"), Some(true));
        assert!(query.need("password").is_err());
        assert!(Query::read("role=VIEWER&role=MODERATOR").is_err());
        assert!(Query::read("role=VIEWER&r%6Fle=MODERATOR").is_err());
    }

    #[test]
    fn query_with_control_characters_loses_them() {
        let query =
            Query::read("meetingID=a%00b%0A&welcome=a%00%0D%0Ab&meta_a=x%1By%C2%85").unwrap();
        assert_eq!(query.get("meetingID"), Some("ab"));
        assert_eq!(query.get("welcome"), Some("a\r\nb"));
        assert_eq!(query.metadata()["a"], "xy");
    }

    #[test]
    fn metadata_with_names_that_are_no_elements_are_left_out() {
        let query = Query::read("meta_bbb-origin=Moodle&meta_1x=a&meta_A=b&meta_a<b=c").unwrap();
        let metadata = query.metadata();
        assert_eq!(metadata.len(), 2);
        assert_eq!(metadata["bbb-origin"], "Moodle");
        assert_eq!(metadata["a"], "b");
    }
}
