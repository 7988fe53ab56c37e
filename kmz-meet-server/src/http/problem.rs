//! The one error type of the API: a problem document (RFC 9457) with a stable `code`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::credentials::{KeyNotMade, SigningFailed};
use crate::store::StoreError;

/// What went wrong, and what to do about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` says what it is.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// Stable; programs go by it.
    code: &'static str,
    /// With `weak_name`: a name that would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            suggestion: None,
            retry_after: None,
        }
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The request is larger than 64 KiB.",
        )
    }

    pub fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body must be JSON, with `Content-Type: application/json`.",
        )
    }

    /// It took too long.
    pub fn timed_out() -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "timed_out",
            "The server did not get to it in time. Try again in a moment.",
        );
        problem.retry_after = Some(5);
        problem
    }

    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in first.")
    }

    pub fn wrong_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong_credentials",
            "User name or password is wrong.",
        )
    }

    /// The present password is another.
    pub fn wrong_password() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "wrong_password",
            "The present password is wrong.",
        )
    }

    pub fn weak_password(reason: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", reason)
    }

    pub fn account_locked() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "account_locked",
            "This account is locked. Ask those who gave it to you.",
        )
    }

    /// A public key without the proof that its private key is at hand.
    pub fn proof_needed(detail: String) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "proof_needed", detail)
    }

    pub fn too_many_attempts(seconds: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            format!(
                "There were too many attempts. Try again in {}.",
                spoken(seconds)
            ),
        );
        problem.retry_after = Some(seconds);
        problem
    }

    /// So many passwords wait to be compared that this one was not.
    pub fn no_turn() -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "no_turn",
            "So many try to sign in that there was no turn. Send the same again in a second, some dozen times if need be.",
        );
        problem.retry_after = Some(1);
        problem
    }

    /// The token in `Authorization` is not (or no longer) one of ours.
    pub fn invalid_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_token",
            "The API key is not valid: it is misspelt, revoked or expired.",
        )
    }

    /// `scope` is what is missing.
    pub fn not_permitted(scope: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not_permitted",
            format!("This needs the scope {scope}."),
        )
    }

    pub fn too_many_requests(seconds: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            format!("Too many requests. Go on in {}.", spoken(seconds)),
        );
        problem.retry_after = Some(seconds);
        problem
    }

    pub fn changed_meanwhile() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "changed_meanwhile",
            "It is not what If-Match says any more. Read it again.",
        )
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    pub fn bad_gateway(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, code, detail)
    }

    pub fn foreign_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "The request comes from another site's page.",
        )
    }

    pub fn no_contract() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "no_contract",
            "The school has not signed the data-processing agreement.",
        )
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not take this method.",
        )
    }

    pub fn name_taken() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "name_taken",
            "Another room has this name.",
        )
    }

    pub fn room_running() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "room_running",
            "A conference runs in this room. End it first.",
        )
    }

    pub fn weak_name(reason: impl Into<String>, suggestion: String) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_name", reason);
        problem.suggestion = Some(suggestion);
        problem
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    /// What happened is logged; users are told only that something did.
    pub fn internal(error: &impl std::error::Error) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong at the server. Try again; if it stays, tell the operator.",
        )
    }
}

/// A time as it is said.
pub fn spoken(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        _ => format!("{seconds} seconds"),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<KeyNotMade> for Problem {
    fn from(error: KeyNotMade) -> Self {
        Self::internal(&error)
    }
}

impl From<SigningFailed> for Problem {
    fn from(error: SigningFailed) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"kmz-meet\""),
            );
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_one_and_others_are_several() {
        let one = Problem::too_many_requests(1).detail;
        assert_eq!(one, "Too many requests. Go on in 1 second.");
        let some = Problem::too_many_attempts(2).detail;
        assert_eq!(
            some,
            "There were too many attempts. Try again in 2 seconds."
        );
    }
}
