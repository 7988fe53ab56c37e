//! `If-Match`: a change is made only to what its author saw (RFC 9110, 13.1.1).

use axum::http::{HeaderMap, header};
use utoipa::IntoParams;

use super::Problem;

/// The header as it is described.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(
    dead_code,
    reason = "the description of a header that `Conditions` reads"
)]
pub struct IfMatch {
    /// The `ETag` of what was read before. When it is another one now, nothing is done. A list
    /// of them, and weak ones, are understood as well.
    #[param(rename = "If-Match", pattern = r#"^(\*|"[!#-~]{1,100}")$"#)]
    if_match: Option<String>,
}

/// What a request says about the state that it means.
pub struct Conditions(Option<Vec<String>>);

impl Conditions {
    /// Reads the header.
    ///
    /// # Errors
    /// `bad_request` when it is neither `*` nor entity tags.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut tags = Vec::new();
        let mut present = false;
        for value in headers.get_all(header::IF_MATCH) {
            present = true;
            let text = value.to_str().unwrap_or_default();
            tags.extend(entity_tags(text).ok_or_else(|| {
                Problem::bad_request(
                    "If-Match: it must be `*`, or the `ETag` of what was read, with its quotation marks.",
                )
            })?);
        }
        Ok(Self(present.then_some(tags)))
    }

    /// Whether what is there now is what the request means.
    ///
    /// # Errors
    /// `changed_meanwhile`.
    pub fn met_by(&self, tag: &str) -> Result<(), Problem> {
        match &self.0 {
            Some(tags) if !tags.iter().any(|one| one == "*" || one == tag) => {
                Err(Problem::changed_meanwhile())
            }
            _ => Ok(()),
        }
    }
}

/// The tags of a list. A comma may be in a tag, between its quotation marks.
fn entity_tags(text: &str) -> Option<Vec<String>> {
    if text == "*" {
        return Some(vec![text.to_owned()]);
    }
    let mut tags = Vec::new();
    let mut rest = text;
    // A list of none (RFC 9110, 5.6.1.2): nothing that is there is in it.
    if rest.is_empty() {
        return Some(tags);
    }
    loop {
        let weak = rest.strip_prefix("W/");
        let opaque = weak.unwrap_or(rest).strip_prefix('"')?;
        let (tag, after) = opaque.split_once('"')?;
        if !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        // A weak tag is never the same as ours.
        tags.push(if weak.is_some() {
            format!("W/\"{tag}\"")
        } else {
            format!("\"{tag}\"")
        });
        let after = after.trim_start_matches(' ');
        match after.strip_prefix(',') {
            Some(more) => rest = more.trim_start_matches(' '),
            None if after.is_empty() => return Some(tags),
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn met(condition: Option<&str>) -> Option<bool> {
        let mut headers = HeaderMap::new();
        if let Some(condition) = condition {
            headers.insert(header::IF_MATCH, HeaderValue::from_str(condition).unwrap());
        }
        let conditions = Conditions::of(&headers).ok()?;
        Some(conditions.met_by("\"now\"").is_ok())
    }

    #[test]
    fn if_match_of_another_tag_is_not_met() {
        assert_eq!(met(None), Some(true));
        for fitting in ["*", "\"now\"", "\"then\", \"now\"", "\"a,b\",\"now\""] {
            assert_eq!(met(Some(fitting)), Some(true), "{fitting}");
        }
        for other in ["\"then\"", "W/\"now\"", "\"\"", ""] {
            assert_eq!(met(Some(other)), Some(false), "{other}");
        }
        for wrong in [
            "now",
            "\"now",
            "\"now\" \"then\"",
            "\"now\",",
            "*, \"now\"",
            "\"n w\"",
        ] {
            assert_eq!(met(Some(wrong)), None, "{wrong}");
        }
    }
}
