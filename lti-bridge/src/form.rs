//! What browsers and platforms send: forms, queries, cookies.

use std::collections::HashSet;

use axum::http::{HeaderMap, header};
use cookie::Cookie;

use crate::refusal::Refusal;

/// The fields of a form or a query. A repeated name is refused: two readers could take different ones.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form or a query.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(bytes)
            .into_owned()
            .take(200)
            .collect();
        let mut names = HashSet::new();
        if fields.iter().all(|(name, _)| names.insert(name.as_str())) {
            Ok(Self(fields))
        } else {
            Err(Refusal::tell("lti_field_twice"))
        }
    }

    /// The value, unless it is absent or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    pub(crate) fn need(&self, name: &str, code: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::tell(code))
    }

    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.0
    }
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}
