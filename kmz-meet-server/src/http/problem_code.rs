//! The codes of problem documents: one table from which their status, their title and the guide's list of them are made.

use axum::http::StatusCode;

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    /// For the guide.
    when: &'static str,
}

macro_rules! codes {
    ($($variant:ident, $status:ident, $code:literal, $when:literal;)+) => {
        /// What went wrong. A code that no constructor of [`super::Problem`] makes is one that the compiler warns of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Code {
            $($variant),+
        }

        impl Code {
            pub(super) fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row {
                        status: StatusCode::$status,
                        code: $code,
                        when: $when,
                    }),+
                }
            }
        }

        const TABLE: &[Row] = &[
            $(Row {
                status: StatusCode::$status,
                code: $code,
                when: $when,
            }),+
        ];
    };
}

codes! {
    BadRequest, BAD_REQUEST, "bad_request",
        "The request is not what the description says: its JSON, a header or a parameter.";
    NotSignedIn, UNAUTHORIZED, "not_signed_in",
        "Neither a key nor a session came with the request.";
    InvalidToken, UNAUTHORIZED, "invalid_token",
        "The key is misspelt, revoked or expired.";
    WrongCredentials, UNAUTHORIZED, "wrong_credentials",
        "The user name or the password is wrong.";
    WrongSecondFactor, UNAUTHORIZED, "wrong_code",
        "The code of the second factor is wrong, or was used already.";
    WrongPasskey, UNAUTHORIZED, "wrong_passkey",
        "The answer of a passkey is wrong, came too late, or was used already.";
    PasskeyDoubtful, UNAUTHORIZED, "passkey_doubtful",
        "A passkey counted back: there may be a copy of it.";
    SecondStepOver, UNAUTHORIZED, "second_step_over",
        "The password was given too long ago: sign in from the beginning.";
    AccountLocked, FORBIDDEN, "account_locked",
        "The account is locked.";
    ForeignOrigin, FORBIDDEN, "foreign_origin",
        "The request comes from the page of another site.";
    NoContract, FORBIDDEN, "no_contract",
        "The school has no data-processing agreement that holds now.";
    NotPermitted, FORBIDDEN, "not_permitted",
        "The key has not the scope that `detail` names, or only operators may do it.";
    WrongPassword, FORBIDDEN, "wrong_password",
        "The present password is wrong.";
    NotFound, NOT_FOUND, "not_found",
        "There is no such thing in this school.";
    MethodNotAllowed, METHOD_NOT_ALLOWED, "method_not_allowed",
        "The address does not take this method.";
    AlreadyMade, CONFLICT, "already_made",
        "The first request with this `Idempotency-Key` made it; its secret is shown once only.";
    AppTaken, CONFLICT, "app_taken",
        "There is a Jitsi app with this id.";
    ExternalTaken, CONFLICT, "external_taken",
        "Another room of the school has this `external`.";
    Full, CONFLICT, "full",
        "The conference holds no more people.";
    InProgress, CONFLICT, "in_progress",
        "The first request with this `Idempotency-Key` is still being worked on.";
    KeyNeeded, CONFLICT, "key_needed",
        "Sealed lists lie here that no other key of an operator opens.";
    KeysChanged, CONFLICT, "keys_changed",
        "A key of an operator to which a list was sealed is gone.";
    KeyTaken, CONFLICT, "key_taken",
        "Another school has a Jitsi app with this id and this key.";
    LinkUsed, CONFLICT, "link_used",
        "The one-time link was used, taken back, or is over.";
    NameTaken, CONFLICT, "name_taken",
        "Another room has this name.";
    NoGradebook, CONFLICT, "no_gradebook",
        "The room belongs to no course that takes results.";
    NoOperatorKey, CONFLICT, "no_operator_key",
        "No operator has an active key to which lists can be sealed.";
    NotConfirmed, CONFLICT, "not_confirmed",
        "Results are sent only with `\"confirm\": true`.";
    OwnKey, CONFLICT, "own_key",
        "A key cannot revoke itself.";
    NotNow, CONFLICT, "not_now",
        "It is not in the state in which this can be done.";
    Owner, CONFLICT, "owner",
        "A moderator of the room cannot be removed from it, or sent to its lobby.";
    NameGiven, CONFLICT, "name_given",
        "An account or a platform gave the person this name.";
    AddressTaken, CONFLICT, "address_taken",
        "Another account has this address.";
    NoMail, CONFLICT, "no_mail",
        "This server sends no mail.";
    NoSecondFactor, CONFLICT, "no_second_factor",
        "There is no second factor that is being set up.";
    SecondFactorExists, CONFLICT, "second_factor_exists",
        "There is a second factor already.";
    SecondFactorRequired, CONFLICT, "second_factor_required",
        "A second factor is required here.";
    PasskeyExists, CONFLICT, "passkey_exists",
        "The passkey is registered already.";
    NoPasskeys, CONFLICT, "no_passkeys",
        "The server is reached by an IP address, to which no passkey can be bound.";
    PlatformTaken, CONFLICT, "platform_taken",
        "This `client_id` of this issuer is registered already.";
    RoomRunning, CONFLICT, "room_running",
        "A conference runs in the room. End it first.";
    SchoolTaken, CONFLICT, "school_taken",
        "There is a school of this name.";
    TooMany, CONFLICT, "too_many",
        "The school has as many of these as it may have.";
    LinkOver, GONE, "link_over",
        "The link was used already, or is too old.";
    ChangedMeanwhile, PRECONDITION_FAILED, "changed_meanwhile",
        "It is not what `If-Match` says any more.";
    TooLarge, PAYLOAD_TOO_LARGE, "too_large",
        "The request is larger than 64 KiB, or than `detail` says.";
    UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type",
        "The body is not of the type that the operation takes, mostly `application/json`.";
    Invalid, UNPROCESSABLE_ENTITY, "invalid",
        "A value is out of range.";
    KeyReused, UNPROCESSABLE_ENTITY, "key_reused",
        "This `Idempotency-Key` was used with another body.";
    ProofNeeded, UNPROCESSABLE_ENTITY, "proof_needed",
        "The proof that the private key is at hand is missing or wrong.";
    UnreadableList, UNPROCESSABLE_ENTITY, "unreadable_list",
        "The file is no list of people that can be read; `reason` says why, such as `password_needed`.";
    WeakName, UNPROCESSABLE_ENTITY, "weak_name",
        "The name can be guessed; `suggestion` has one that would do.";
    WeakPassword, UNPROCESSABLE_ENTITY, "weak_password",
        "The password can be guessed.";
    NoTurn, TOO_MANY_REQUESTS, "no_turn",
        "So many sign in that there was no turn. Send the same again.";
    TooManyAttempts, TOO_MANY_REQUESTS, "too_many_attempts",
        "Too many wrong passwords.";
    TooManyRequests, TOO_MANY_REQUESTS, "too_many_requests",
        "Too many requests in this minute.";
    Internal, INTERNAL_SERVER_ERROR, "internal",
        "Something went wrong at the server.";
    Platform, BAD_GATEWAY, "platform",
        "The learning platform did not take the results.";
    PlatformKey, BAD_GATEWAY, "platform_key",
        "The learning platform's key could not be checked.";
    TimedOut, SERVICE_UNAVAILABLE, "timed_out",
        "The server did not get to it in time.";
}

/// The rows of the guide's list, as Markdown.
pub(crate) fn described_codes() -> String {
    let rows = TABLE.iter().map(|row| {
        let Row { status, code, when } = row;
        format!("| {} | `{code}` | {when} |", status.as_u16())
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_in_order_and_once() {
        let told: Vec<_> = TABLE.iter().map(|row| (row.status, row.code)).collect();
        let mut sorted = told.clone();
        sorted.sort_by_key(|(status, _)| *status);
        assert_eq!(told, sorted);
        let mut codes: Vec<_> = told.iter().map(|(_, code)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), told.len());
    }

    #[test]
    fn codes_stand_for_failures() {
        for row in TABLE {
            assert!(row.status.is_client_error() || row.status.is_server_error());
            assert!(!row.when.is_empty(), "{}", row.code);
        }
    }
}
