//! The one error type of the API: a problem document (RFC 9457) with a stable `code`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::problem_code::{Code, Row};
use crate::credentials::{KeyNotMade, SigningFailed};
use crate::language::Language;
use crate::store::{Scope, StoreError};
use crate::teacher_lists::Refusal;

/// What went wrong, and what to do about it. Its constructors are the refusals that there are; status and title follow from the
/// code.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    suggestion: Option<String>,
    reason: Option<&'static str>,
    /// In seconds.
    retry_after: Option<u64>,
}

/// What went wrong, and what to do about it.
#[derive(Serialize, ToSchema)]
struct Document {
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
    /// Why a list was not read, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Document::schema()
    }
}

impl ToSchema for Problem {}

impl Problem {
    fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            suggestion: None,
            reason: None,
            retry_after: None,
        }
    }

    fn again_in(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }
}

/// Constructors of problems that always say the same.
macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident, $code:ident, $detail:literal;)+) => {
        impl Problem {
            $($(#[$doc])* pub(crate) fn $name() -> Self {
                Self::new(Code::$code, $detail)
            })+
        }
    };
}

/// Constructors of problems that say what is wrong in this case.
macro_rules! told {
    ($($(#[$doc:meta])* $name:ident, $code:ident;)+) => {
        impl Problem {
            $($(#[$doc])* pub(crate) fn $name(detail: impl Into<String>) -> Self {
                Self::new(Code::$code, detail)
            })+
        }
    };
}

fixed! {
    too_large, TooLarge,
        "The request is larger than 64 KiB.";
    unsupported_media_type, UnsupportedMediaType,
        "The body must be JSON, with `Content-Type: application/json`.";
    not_signed_in, NotSignedIn,
        "Sign in first.";
    wrong_credentials, WrongCredentials,
        "User name or password is wrong.";
    /// The present password is another.
    wrong_password, WrongPassword,
        "The present password is wrong.";
    /// The code of the second factor is wrong, or was used before.
    wrong_code, WrongSecondFactor,
        "The code is wrong, or was used already. Wait for the next one.";
    /// The answer of a passkey is wrong, too late, or was used before.
    wrong_passkey, WrongPasskey,
        "The passkey was not accepted, or its answer came too late. Try again.";
    /// A passkey counted back.
    passkey_doubtful, PasskeyDoubtful,
        "The passkey was not accepted: there may be a copy of it. Use another way, and remove it.";
    passkey_exists, PasskeyExists,
        "This passkey is registered already.";
    no_passkeys, NoPasskeys,
        "There are no passkeys at a server that is reached by an IP address.";
    second_step_over, SecondStepOver,
        "Sign in with user name and password again: this took too long.";
    second_factor_exists, SecondFactorExists,
        "There is a second factor already. Remove it first.";
    no_second_factor, NoSecondFactor,
        "There is no second factor that is being set up.";
    second_factor_required, SecondFactorRequired,
        "A second factor is required here, so it cannot be removed.";
    link_over, LinkOver,
        "The link was used already, is too old, or was not copied as a whole. Ask for a new one.";
    address_taken, AddressTaken,
        "Another account has this address.";
    no_mail, NoMail,
        "This server sends no mail.";
    account_locked, AccountLocked,
        "This account is locked. Ask those who gave it to you.";
    /// The token in `Authorization` is not (or no longer) one of ours.
    invalid_token, InvalidToken,
        "The API key is not valid: it is misspelt, revoked or expired.";
    foreign_origin, ForeignOrigin,
        "The request comes from another site's page.";
    no_contract, NoContract,
        "The school has no data-processing agreement that holds now.";
    operators_only, NotPermitted,
        "Only operators of the service may do this.";
    /// Keys may not, whatever their scopes.
    people_only, NotPermitted,
        "Only administrators who are signed in may do this.";
    not_found, NotFound,
        "There is nothing here.";
    method_not_allowed, MethodNotAllowed,
        "This address does not take this method.";
    changed_meanwhile, ChangedMeanwhile,
        "It is not what If-Match says any more. Read it again.";
    already_made, AlreadyMade,
        "It was made by the first request; its secret is shown only once. Make another one with a new Idempotency-Key.";
    in_progress, InProgress,
        "The first request with this Idempotency-Key is still being worked on. Ask again in a moment.";
    key_reused, KeyReused,
        "This Idempotency-Key was used with another body. Use a new one.";
    name_taken, NameTaken,
        "Another room has this name.";
    room_running, RoomRunning,
        "A conference runs in this room. End it first.";
    full, Full,
        "The conference holds no more people.";
    /// Who is to be removed moderates the room.
    owner, Owner,
        "A moderator of the room cannot be removed from it, or sent to its lobby.";
    /// Who is to be renamed has a name that others rely on.
    name_given, NameGiven,
        "An account or a platform gave this person the name, so it stays.";
    own_key, OwnKey,
        "A key cannot take itself back. Use another one.";
    app_taken, AppTaken,
        "There is an app with this id. Delete it first, or take another id.";
    key_taken, KeyTaken,
        "Another school of this server has an app with this id and this key. Take a key of your own; if it is nobody else's, ask \
         the operator of this server.";
    platform_taken, PlatformTaken,
        "This client_id of this issuer is registered already. Change it, or delete it first. If another school has it: let the \
         platform register itself by an invitation, which proves that it is yours.";
    /// Nothing is taken by a one-time link any more.
    link_used, LinkUsed,
        "This link was used already, was taken back, or is over. Ask for a new one.";
    keys_changed, KeysChanged,
        "A key to which this was sealed is gone or retired. Read the link again, and seal it anew.";
    no_operator_key, NoOperatorKey,
        "No operator has an active key, so nobody could open what is sealed. Make a key first.";
    school_taken, SchoolTaken,
        "There is a school of this name already.";
    not_confirmed, NotConfirmed,
        "Results are sent to the gradebook only with \"confirm\": true.";
}

told! {
    bad_request, BadRequest;
    invalid, Invalid;
    weak_password, WeakPassword;
    /// A public key without the proof that its private key is at hand.
    proof_needed, ProofNeeded;
    too_many, TooMany;
    no_gradebook, NoGradebook;
    /// Of another type than this operation takes.
    other_media_type, UnsupportedMediaType;
    /// Larger than this operation takes, and how much it takes.
    larger, TooLarge;
    key_needed, KeyNeeded;
    not_now, NotNow;
    /// How the learning platform failed.
    platform, Platform;
    platform_key, PlatformKey;
}

impl Problem {
    /// It took too long.
    pub(crate) fn timed_out() -> Self {
        let detail = "The server did not get to it in time. Try again in a moment.";
        Self::new(Code::TimedOut, detail).again_in(5)
    }

    /// A school with as many accounts as it may have.
    pub(crate) fn too_many_accounts() -> Self {
        Self::too_many(
            "The school has as many accounts as it may have, or would have more. Remove those of people who left.",
        )
    }

    pub(crate) fn too_many_attempts(seconds: u64) -> Self {
        let time = spoken(seconds);
        let detail = format!("There were too many attempts. Try again in {time}.");
        Self::new(Code::TooManyAttempts, detail).again_in(seconds)
    }

    pub(crate) fn too_many_requests(seconds: u64) -> Self {
        let detail = format!("Too many requests. Go on in {}.", spoken(seconds));
        Self::new(Code::TooManyRequests, detail).again_in(seconds)
    }

    /// So many passwords wait to be compared that this one was not.
    pub(crate) fn no_turn() -> Self {
        let detail = "So many try to sign in that there was no turn. Send the same again in a second, some dozen times if need be.";
        Self::new(Code::NoTurn, detail).again_in(1)
    }

    /// `scope` is what is missing.
    pub(crate) fn not_permitted(scope: Scope) -> Self {
        let detail = format!("This needs the scope {}.", scope.as_str());
        Self::new(Code::NotPermitted, detail)
    }

    /// `room` is the id of the other one.
    pub(crate) fn external_taken(room: &str) -> Self {
        let detail = format!(
            "The room {room} of the school has this `external` already. `GET /api/v1/rooms?external=` finds it."
        );
        Self::new(Code::ExternalTaken, detail)
    }

    /// In both languages, because whoever sent the list reads it.
    pub(crate) fn unreadable_list(refusal: &Refusal) -> Self {
        let (german, english) = (
            refusal.words(Language::German),
            refusal.words(Language::English),
        );
        let words = format!("{german} / {english}");
        let mut problem = match refusal {
            // The list may be good: another one is being read.
            Refusal::Busy => Self::new(Code::TooManyRequests, words).again_in(10),
            _ => Self::new(Code::UnreadableList, words),
        };
        problem.reason = Some(refusal.code());
        problem
    }

    pub(crate) fn weak_name(reason: impl Into<String>, suggestion: String) -> Self {
        let mut problem = Self::new(Code::WeakName, reason);
        problem.suggestion = Some(suggestion);
        problem
    }

    /// What happened is logged; users are told only that something did.
    pub(crate) fn internal(error: &impl std::error::Error) -> Self {
        tracing::error!(%error, "a request failed");
        let detail =
            "Something went wrong at the server. Try again; if it stays, tell the operator.";
        Self::new(Code::Internal, detail)
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
        let Row { status, code, .. } = self.code.row();
        let document = Document {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.detail,
            code,
            suggestion: self.suggestion,
            reason: self.reason,
        };
        let mut response = (status, Json(document)).into_response();
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
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_that_waits_for_another_one_is_to_be_sent_again() {
        let status = |refusal| {
            let answer = Problem::unreadable_list(&refusal).into_response();
            let again = answer.headers().contains_key("retry-after");
            (answer.status().as_u16(), again)
        };
        assert_eq!(status(Refusal::Busy), (429, true));
        assert_eq!(status(Refusal::Damaged), (422, false));
    }

    #[test]
    fn problem_of_one_second_says_it_in_the_singular() {
        let one = Problem::too_many_requests(1).detail;
        assert_eq!(one, "Too many requests. Go on in 1 second.");
        let some = Problem::too_many_attempts(2).detail;
        assert_eq!(
            some,
            "There were too many attempts. Try again in 2 seconds."
        );
    }
}
