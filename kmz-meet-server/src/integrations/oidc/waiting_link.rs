//! An account whose holder has to sign in by the password once before a provider counts for it. The browser that came from the
//! provider holds what waits, sealed.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::Cookie;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::state::SignOn;
use crate::auth::{Cookies, SignOnCookie};
use crate::clock::{Timestamp, millis};
use crate::openid::SignInProvider;
use crate::store::{AlreadyExists, Record, SignInLink, StoreError, User};

/// So long somebody may take to remember the password.
const LIFETIME: Duration = Duration::from_mins(15);
const ABOUT: &str = "link that waits";

#[derive(Serialize, Deserialize)]
struct WaitingLink {
    provider: String,
    subject: String,
    user: String,
    until: Timestamp,
}

/// For the browser of somebody whom the provider calls so, until they prove that the account is theirs.
pub(super) fn cookie(
    app: &SignOn,
    provider: &str,
    subject: &str,
    user: &str,
) -> Result<Cookie<'static>, Refusal> {
    let waiting = WaitingLink {
        provider: provider.to_owned(),
        subject: subject.to_owned(),
        user: user.to_owned(),
        until: app.clock.now() + millis(LIFETIME),
    };
    let text = serde_json::to_vec(&waiting).map_err(|_| Refusal::Internal)?;
    let sealed = app.sign_in_sealing.seal(ABOUT, &text);
    let sealed = sealed.map_err(|_| Refusal::Internal)?;
    Ok(Cookies::of(&app.public_url).sign_on(SignOnCookie::Link, sealed, LIFETIME))
}

/// Links the account of somebody who has just signed in by everything that their account asks for, if that is what this
/// browser's link waits for. Of another account it is not.
///
/// # Errors
/// When the store fails.
pub async fn link_waiting(
    app: &SignOn,
    headers: &HeaderMap,
    user: &User,
) -> Result<(), StoreError> {
    let cookies = Cookies::of(&app.public_url);
    let waiting = cookies
        .sign_on_value(SignOnCookie::Link, headers)
        .and_then(|sealed| app.sign_in_sealing.open(ABOUT, &sealed).ok())
        .and_then(|text| serde_json::from_slice::<WaitingLink>(&text).ok());
    let now = app.clock.now();
    let Some(waiting) = waiting.filter(|one| one.user == user.id && now < one.until) else {
        return Ok(());
    };
    // It may have been deleted, or the person may have moved, meanwhile.
    let provider =
        Record::<SignInProvider>::of_school(&app.store, &user.school, &waiting.provider).await?;
    let Some(provider) = provider else {
        return Ok(());
    };
    let link = SignInLink {
        provider: provider.id,
        subject: waiting.subject,
        user: waiting.user,
        made: false,
        created_at: now,
    };
    // Where it is linked already there is nothing to do.
    let (Ok(()) | Err(AlreadyExists)) = app.store.add_sign_in_link(&link).await?;
    Ok(())
}
