//! Signing out at the provider, too (RP-Initiated Logout 1.0). Our own session has ended before.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;

use super::counted::{Counted, count};
use super::paths::{SIGN_OUT, SIGNED_OUT};
use super::state::SignOn;
use crate::auth::{Cookies, SignOnCookie};
use crate::config::PublicUrl;
use crate::language::Language;
use crate::limits::ClientAddress;
use crate::openid::SignInProvider;
use crate::page;
use crate::store::Record;

/// Where this browser goes after its session ended here, if it came by a provider.
pub fn sign_out_url(public_url: &PublicUrl, headers: &HeaderMap) -> Option<&'static str> {
    let cookies = Cookies::of(public_url);
    let provider = cookies.sign_on_value(SignOnCookie::Provider, headers);
    provider.map(|_| SIGN_OUT)
}

/// To the provider of this browser, which sends it to [`signed_out`].
pub(super) async fn sign_out(
    State(app): State<SignOn>,
    from: ClientAddress,
    headers: HeaderMap,
    jar: CookieJar,
) -> Response {
    // It may ask the provider where that is.
    if let Err(refusal) = count(&app, Counted::SignOut, from) {
        return refusal.page(Language::wanted(&headers), None);
    }
    let cookies = Cookies::of(&app.public_url);
    let jar = jar.add(cookies.no_sign_on(SignOnCookie::Provider));
    let page = match cookies.sign_on_value(SignOnCookie::Provider, &headers) {
        Some(provider) => provider_page(&app, &provider).await,
        None => None,
    };
    let page = page.unwrap_or_else(|| SIGNED_OUT.to_owned());
    (jar, Redirect::to(&page)).into_response()
}

async fn provider_page(app: &SignOn, id: &str) -> Option<String> {
    let provider = Record::<SignInProvider>::get(&app.store, id).await.ok()??;
    let back = format!("{}{SIGNED_OUT}", app.public_url);
    let relying = app.relying(&provider.data, "", "");
    let page = relying.sign_out_page(&back).await?;
    Some(page.into())
}

/// Says so.
pub(super) async fn signed_out(headers: HeaderMap) -> Response {
    let language = Language::wanted(&headers);
    page::notice(
        language,
        language.say("Du bist abgemeldet", "You are signed out"),
        language.say(
            "An einem Gerät, das auch andere benutzen, schließ jetzt den Browser.",
            "At a device that others use, too, close the browser now.",
        ),
        ("/sign-in", language.say("Wieder anmelden", "Sign in again")),
    )
}
