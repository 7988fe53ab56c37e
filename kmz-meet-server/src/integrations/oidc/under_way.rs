//! A login that is under way at a provider: its browser holds it, sealed, and nobody else. Each counts once.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::HeaderMap;
use axum_extra::extract::cookie::Cookie;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::state::SignOn;
use crate::auth::{Cookies, SignOnCookie};
use crate::clock::{Timestamp, millis};
use crate::credentials::fingerprint;
use crate::openid::Login;
use crate::store::{AlreadyExists, Kind, Record};

/// So long somebody may take to sign in at the provider.
pub(super) const LIFETIME: Duration = Duration::from_mins(10);
const ABOUT: &str = "login under way";
/// The longest path of ours to which a sign-in leads.
const MAX_NEXT_BYTES: usize = 500;
/// Where it leads if nothing is said.
const HOME: &str = "/rooms";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct UnderWay {
    pub(super) provider: String,
    pub(super) login: Login,
    /// A path of ours.
    pub(super) next: String,
    until: Timestamp,
}

/// A login that came back: its key is the fingerprint of its state.
#[derive(Serialize, Deserialize)]
struct SpentLogin {}

impl Kind for SpentLogin {
    const KIND: &'static str = "spent_sign_in";
}

impl UnderWay {
    /// Begins now.
    pub(super) fn new(provider: &str, next: String, now: Timestamp) -> Self {
        Self {
            provider: provider.to_owned(),
            login: Login::new(),
            next,
            until: now + millis(LIFETIME),
        }
    }

    /// For the browser.
    pub(super) fn cookie(&self, app: &SignOn) -> Result<Cookie<'static>, Refusal> {
        let text = serde_json::to_vec(self).map_err(|_| Refusal::Internal)?;
        let sealed = app.sign_in_sealing.seal(ABOUT, &text);
        let sealed = sealed.map_err(|_| Refusal::Internal)?;
        let cookies = Cookies::of(&app.public_url);
        Ok(cookies.sign_on(SignOnCookie::Login, sealed, LIFETIME))
    }

    /// The one of this browser, if it is not over.
    pub(super) fn of(app: &SignOn, headers: &HeaderMap) -> Option<Self> {
        let cookies = Cookies::of(&app.public_url);
        let sealed = cookies.sign_on_value(SignOnCookie::Login, headers)?;
        let text = app.sign_in_sealing.open(ABOUT, &sealed).ok()?;
        let one: Self = serde_json::from_slice(&text).ok()?;
        (app.clock.now() < one.until).then_some(one)
    }

    /// Whether an answer with this state belongs to it.
    pub(super) fn has_state(&self, state: &str) -> bool {
        verify_slices_are_equal(self.login.state.as_bytes(), state.as_bytes()).is_ok()
    }

    /// It counts now, and never again.
    ///
    /// # Errors
    /// `UsedState` the second time.
    pub(super) async fn spend(&self, app: &SignOn) -> Result<(), Refusal> {
        let mut spent = Record::new(None::<String>, app.clock.now(), SpentLogin {});
        spent.key = Some(fingerprint(&self.login.state));
        spent.expires_at = Some(self.until);
        match spent.add(&app.store).await? {
            Ok(()) => Ok(()),
            Err(AlreadyExists) => Err(Refusal::UsedState),
        }
    }
}

/// Where a sign-in leads: a path of this server. `None`: it is no such path, and anything else would make us a signpost to
/// foreign pages.
pub(super) fn own_path(asked: Option<&str>) -> Option<String> {
    let Some(path) = asked else {
        return Some(HOME.to_owned());
    };
    let mut bytes = path.bytes();
    let fits = path.len() <= MAX_NEXT_BYTES
        && bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    fits.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_path_of_a_foreign_page_is_none() {
        assert_eq!(own_path(None).as_deref(), Some("/rooms"));
        for own in ["/", "/rooms", "/mathe-7b?x=1#y"] {
            assert_eq!(own_path(Some(own)).as_deref(), Some(own));
        }
        let long = format!("/{}", "a".repeat(MAX_NEXT_BYTES));
        for foreign in [
            "",
            "rooms",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example/",
            "javascript:alert(1)",
            "/a\r\nLocation: https://evil.example",
            "/\t/evil.example",
            " /rooms",
            "/ä",
            &long,
        ] {
            assert_eq!(own_path(Some(foreign)), None, "{foreign:?}");
        }
    }
}
