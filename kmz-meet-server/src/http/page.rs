//! Queries and pages.

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::{Serializer, parse};
use utoipa::IntoParams;

use super::Problem;

/// The query of a request. A query that cannot be read is answered with a problem document.
pub struct QueryParams<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Which school is asked for is no part of what a list is asked for.
        let query = parts.uri.query().unwrap_or_default();
        let rest = parse(query.as_bytes()).filter(|(name, _)| name != SCHOOL);
        let mut uri = Serializer::for_suffix("/?".to_owned(), "/?".len());
        let rest = uri.extend_pairs(rest).finish();
        let uri = rest.parse::<Uri>();
        let uri = uri.map_err(|error| Problem::bad_request(error.to_string()))?;
        match Query::<T>::try_from_uri(&uri) {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

/// The parameter by which an operator acts in a school that is not their own, in operations of a school that their path does not
/// name.
pub const SCHOOL: &str = "school";
/// Longer is no id of a school.
const MAX_SCHOOL_ID: usize = 64;

/// The school that a query names.
///
/// # Errors
/// `bad_request` when it names several, or what is no id.
pub fn named_school(query: Option<&str>) -> Result<Option<String>, Problem> {
    let query = query.unwrap_or_default();
    let mut named = parse(query.as_bytes()).filter(|(name, _)| name == SCHOOL);
    let Some((_, school)) = named.next() else {
        return Ok(None);
    };
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fits = (1..=MAX_SCHOOL_ID).contains(&school.len()) && school.bytes().all(is_id);
    if !fits || named.next().is_some() {
        return Err(Problem::bad_request("school: it is no id of a school."));
    }
    Ok(Some(school.into_owned()))
}

/// Entries on a page when the request names no limit.
const DEFAULT_LIMIT: u64 = 50;
/// The most entries on a page.
const MAX_LIMIT: u64 = 200;

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Entries on a page; 50 when absent.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(min_length = 1, max_length = 64, pattern = "^[0-9A-Za-z_-]{1,64}$")]
    pub after: Option<String>,
}

impl Page {
    /// How many entries.
    ///
    /// # Errors
    /// `bad_request` when it is out of range.
    pub fn limit(&self) -> Result<u64, Problem> {
        let after = self.after.as_deref().unwrap_or("-");
        let fits = (1..=64).contains(&after.len())
            && after
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !fits {
            return Err(Problem::bad_request("after: it is no `next` of this list."));
        }
        match self.limit {
            None => Ok(DEFAULT_LIMIT),
            Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
            Some(_) => Err(Problem::bad_request(format!(
                "limit: it must be from 1 to {MAX_LIMIT}."
            ))),
        }
    }
}

/// Cuts a page off what was read of a list, of which one entry more was asked for; gives the id to go on after, if there
/// is more.
pub fn next<T>(read: &mut Vec<T>, limit: u64, id: impl Fn(&T) -> &str) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = read.len() > limit;
    read.truncate(limit);
    read.last().filter(|_| more).map(|last| id(last).to_owned())
}
