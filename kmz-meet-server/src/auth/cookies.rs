//! The cookies: one for the session, one for the device, one for the accounts that it has signed in to.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::clock::{Timestamp, seconds};
use crate::config::PublicUrl;
use crate::credentials::Devices;
use crate::credentials::known_browser::KNOWN_LIFETIME;

/// What a browser keeps that signs in by a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOnCookie {
    /// A login that is under way there.
    Login,
    /// An account that is linked as soon as its holder signs in by the password.
    Link,
    /// The provider, for signing out there, too. It opens nothing.
    Provider,
}

/// Names and attributes of the cookies.
///
/// Where browsers take the page for secure, the names begin with `__Host-`: then no other host and no plain HTTP can set them.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// As fits the address under which the server is reached.
    pub fn of(url: &PublicUrl) -> Self {
        Self {
            secure: url.is_secure_context(),
        }
    }

    /// Who is signed in.
    pub fn session_name(self) -> &'static str {
        if self.secure {
            "__Host-kmz_session"
        } else {
            "kmz_session"
        }
    }

    /// Which browser this is: a removed person does not come back by a reload with another name.
    pub fn device_name(self) -> &'static str {
        if self.secure {
            "__Host-kmz_device"
        } else {
            "kmz_device"
        }
    }

    /// Which accounts this browser has signed in to: nobody else's wrong guesses keep it waiting.
    pub fn known_name(self) -> &'static str {
        if self.secure {
            "__Host-kmz_known"
        } else {
            "kmz_known"
        }
    }

    /// Outlives the browser: it opens nothing.
    pub fn known(self, token: String) -> Cookie<'static> {
        let mut cookie = self.cookie(self.known_name(), token);
        cookie.set_max_age(time::Duration::seconds(seconds(KNOWN_LIFETIME)));
        cookie
    }

    /// Ends with the browser: school computers are shared.
    pub fn session(self, token: String) -> Cookie<'static> {
        self.cookie(self.session_name(), token)
    }

    /// Takes the session cookie away.
    pub fn no_session(self) -> Cookie<'static> {
        let mut cookie = self.cookie(self.session_name(), String::new());
        cookie.make_removal();
        cookie
    }

    /// A new device cookie, when the browser has none that is ours.
    pub fn new_device(
        self,
        headers: &HeaderMap,
        devices: &Devices,
        now: Timestamp,
    ) -> Option<Cookie<'static>> {
        if self.device(headers, devices).is_some() {
            return None;
        }
        Some(self.cookie(self.device_name(), devices.issue(now)))
    }

    pub(crate) fn token(self, headers: &HeaderMap) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        jar.get(self.session_name())
            .map(|cookie| cookie.value().to_owned())
    }

    /// What the browser keeps of the accounts that it has signed in to.
    pub(super) fn known_token(self, headers: &HeaderMap) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        jar.get(self.known_name())
            .map(|cookie| cookie.value().to_owned())
    }

    pub fn device(self, headers: &HeaderMap, devices: &Devices) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        let device = jar.get(self.device_name())?.value();
        devices.issued_at(device)?;
        Some(device.to_owned())
    }

    fn sign_on_name(self, which: SignOnCookie) -> &'static str {
        match (which, self.secure) {
            (SignOnCookie::Login, true) => "__Host-kmz_login",
            (SignOnCookie::Login, false) => "kmz_login",
            (SignOnCookie::Link, true) => "__Host-kmz_link",
            (SignOnCookie::Link, false) => "kmz_link",
            (SignOnCookie::Provider, true) => "__Host-kmz_provider",
            (SignOnCookie::Provider, false) => "kmz_provider",
        }
    }

    /// What a browser keeps for a while that signs in by a provider.
    pub fn sign_on(
        self,
        which: SignOnCookie,
        value: String,
        lifetime: Duration,
    ) -> Cookie<'static> {
        let mut cookie = self.cookie(self.sign_on_name(which), value);
        cookie.set_max_age(time::Duration::seconds(seconds(lifetime)));
        cookie
    }

    /// By which provider this browser signed in. It ends with the session.
    pub fn provider(self, id: String) -> Cookie<'static> {
        self.cookie(self.sign_on_name(SignOnCookie::Provider), id)
    }

    /// Takes it away.
    pub fn no_sign_on(self, which: SignOnCookie) -> Cookie<'static> {
        let mut cookie = self.cookie(self.sign_on_name(which), String::new());
        cookie.make_removal();
        cookie
    }

    /// What the browser keeps.
    pub fn sign_on_value(self, which: SignOnCookie, headers: &HeaderMap) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        let cookie = jar.get(self.sign_on_name(which))?;
        Some(cookie.value().to_owned())
    }

    fn cookie(self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build()
    }
}

/// Which browser a request comes from; `None` when it has no (or an invented) device cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device(pub Option<String>);

impl<S> FromRequestParts<S> for Device
where
    PublicUrl: FromRef<S>,
    Arc<Devices>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let devices = Arc::<Devices>::from_ref(state);
        let cookies = Cookies::of(&PublicUrl::from_ref(state));
        Ok(Self(cookies.device(&parts.headers, &devices)))
    }
}
