//! Which requests make something, as their operations declare it (`operation.rs`).

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::Method;
use serde_json::Value;

use super::openapi::described;
use super::operation::{Repetition, take_declared};
use crate::state::AppState;

/// What a repetition of this request gets; `None`: the request makes nothing. `path` is the route's, such as `/rooms/{id}`.
pub fn repetition(method: &Method, path: &str) -> Option<Repetition> {
    static CREATIONS: LazyLock<HashMap<String, Repetition>> = LazyLock::new(creations);
    let is_post = *method == Method::POST;
    CREATIONS.get(path).copied().filter(|_| is_post)
}

fn creations() -> HashMap<String, Repetition> {
    let (_, api) = described::<AppState>().split_for_parts();
    let mut api = serde_json::to_value(api).unwrap_or_default();
    let mut creations = HashMap::new();
    for (path, item) in api["paths"].as_object_mut().into_iter().flatten() {
        let operation = item.get_mut("post").and_then(Value::as_object_mut);
        let declared = operation.map(take_declared).unwrap_or_default();
        if let Some(repetition) = declared.repetition {
            creations.insert(path.clone(), repetition);
        }
    }
    creations
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `POST` of the description.
    fn posts() -> Vec<String> {
        let (_, api) = described::<AppState>().split_for_parts();
        let api = serde_json::to_value(api).unwrap();
        let paths = api["paths"].as_object().unwrap().iter();
        paths
            .filter(|(_, item)| item.get("post").is_some())
            .map(|(path, _)| path.clone())
            .collect()
    }

    #[test]
    fn post_without_a_declared_repetition_makes_nothing_that_lasts() {
        let of = |path: &str| repetition(&Method::POST, path);
        let nothing: Vec<String> = posts()
            .into_iter()
            .filter(|path| of(path).is_none())
            .collect();
        assert_eq!(
            nothing,
            [
                "/api/v1/account/address/confirmation",
                // What is asked is answered once.
                "/api/v1/account/passkeys",
                "/api/v1/account/passkeys/options",
                "/api/v1/account/passkeys/proof",
                "/api/v1/account/passkeys/{id}/removal",
                // Begun or made anew, the former one is over; it is shown once.
                "/api/v1/account/second-factor",
                "/api/v1/account/second-factor/recovery-codes",
                "/api/v1/account/second-factor/removal",
                "/api/v1/mail-templates/{name}/{language}/preview",
                "/api/v1/password/forgotten",
                "/api/v1/password/link",
                // The same pupil card is exchanged each time its pupil comes.
                "/api/v1/pupil-cards/entry",
                // A new card ends the former one.
                "/api/v1/rooms/{id}/class-list/cards/renew",
                "/api/v1/rooms/{id}/class-list/cards/{pupil_id}/renew",
                // Nothing is kept of what is read.
                "/api/v1/rooms/{id}/class-list/reading",
                "/api/v1/rooms/{id}/conference/mute",
                "/api/v1/rooms/{id}/conference/participants/{participant}/lobby",
                // The same file is the same document.
                "/api/v1/schools/{school_id}/contract/documents",
                // What is looked at is deleted after a day, and to confirm or take back twice is to do it once.
                "/api/v1/schools/{school_id}/teacher-imports",
                "/api/v1/schools/{school_id}/teacher-imports/{id}/confirm",
                // A new letter or mail ends the link of the former one.
                "/api/v1/schools/{school_id}/teacher-imports/{id}/letters",
                "/api/v1/schools/{school_id}/teacher-imports/{id}/mails",
                "/api/v1/schools/{school_id}/teacher-imports/{id}/undo",
                // A decision is made once.
                "/api/v1/schools/{school_id}/teacher-requests/{id}/accept",
                "/api/v1/schools/{school_id}/teacher-requests/{id}/ask",
                "/api/v1/schools/{school_id}/teacher-requests/{id}/refuse",
                // A new letter or mail ends all former links of the account.
                "/api/v1/schools/{school_id}/teachers/{id}/letter",
                "/api/v1/schools/{school_id}/teachers/{id}/mail",
                // A test ends by itself, and its page sends no request again.
                "/api/v1/self-tests",
                "/api/v1/self-tests/{id}/connections",
                "/api/v1/self-tests/{id}/report",
                "/api/v1/session",
                "/api/v1/session/code",
                "/api/v1/session/passkey",
                "/api/v1/session/passkey/options",
                // The same pass is exchanged by each device of its holder.
                "/api/v1/substitute-passes/entry",
                // Whoever asks twice gets two mails, and few of them.
                "/api/v1/teacher-requests",
                "/api/v1/teacher-requests/confirm",
            ]
        );
        assert!(posts().len() > 9);
    }

    #[test]
    fn repetition_of_an_answer_with_secrets_or_people_is_refused() {
        let of = |path: &str| repetition(&Method::POST, path);
        for path in [
            "/api/v1/rooms",
            "/api/v1/lti/platforms",
            "/api/v1/jitsi/apps",
            "/api/v1/attendance/{id}/grades",
        ] {
            assert_eq!(of(path), Some(Repetition::SameAnswer), "{path}");
        }
        for path in [
            "/api/v1/lti/invitations",
            "/api/v1/keys",
            "/api/v1/webhooks",
            "/api/v1/bbb/secrets",
            "/api/v1/schools/{school_id}/contract/changes",
            "/api/v1/rooms/{id}/substitute-passes",
        ] {
            assert_eq!(of(path), Some(Repetition::Refusal), "{path}");
        }
        let tickets = "/api/v1/rooms/{id}/tickets";
        assert_eq!(of(tickets), Some(Repetition::NewAnswer));
        // What nobody has thought of yet.
        assert_eq!(of("/api/v1/people"), None);
        assert_eq!(repetition(&Method::GET, "/api/v1/rooms"), None);
    }
}
