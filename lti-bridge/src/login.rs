//! The start of a launch: third-party initiated login (LTI security framework 1.0, 5.1.1).

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use crate::form::{Form, cookie};
use crate::model::{Platform, PlatformState};
use crate::numeric_date::NumericDate;
use crate::pages::{Framers, Language, Page};
use crate::random::{hash, random};
use crate::refusal::Refusal;
use crate::signed::{Kind, Signed};
use crate::tool::Bridge;

/// How long a person has to sign in at the platform.
const LOGIN_LIFETIME: Duration = Duration::from_mins(5);
/// Longest value of a parameter that is handed on.
const MAX_VALUE: usize = 4_096;
/// Longest target: the state carries it, and the state is part of an address.
const MAX_TARGET: usize = 2_048;
/// Longest name of a storage frame.
const MAX_STORAGE: usize = 255;

/// A login under way. Signed, it is the `state` parameter, and nothing of it is kept here. Its id is the nonce, which the platform
/// repeats in the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginState {
    pub(crate) platform: String,
    /// Hash of a secret that only the browser knows.
    pub(crate) browser: String,
    /// The target link URI of the login; the token must repeat it.
    pub(crate) target: Url,
    /// The platform's storage frame, if it has one (LTI Client Side postMessages).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) storage: Option<String>,
    /// Whether that frame was asked. Only then does the secret in a form count.
    #[serde(default)]
    pub(crate) asked: bool,
}

impl Kind for LoginState {
    const AUDIENCE: &'static str = "login";
}

/// A login as the platform sends it back.
pub(crate) type Login = Signed<LoginState>;

impl Login {
    /// When the login began.
    pub(crate) fn started(&self) -> NumericDate {
        self.expires_at - LOGIN_LIFETIME
    }
}

/// The name of the cookie of a login: several may be under way in one browser.
pub(crate) fn cookie_name(secure: bool, login: &str) -> String {
    let prefix = if secure { "__Host-lti-" } else { "lti-" };
    format!("{prefix}{}", &hash(login)[..12])
}

pub(crate) async fn by_query(
    State(bridge): State<Arc<Bridge>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    start(&bridge, query.unwrap_or_default().as_bytes(), &headers).await
}

pub(crate) async fn by_form(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    start(&bridge, &body, &headers).await
}

async fn start(bridge: &Bridge, fields: &[u8], headers: &HeaderMap) -> Response {
    let language = Language::wanted(headers);
    match begin(bridge, fields, headers, language).await {
        Ok(response) => response,
        Err(refusal) => bridge.refused(&refusal, language, None),
    }
}

async fn begin(
    bridge: &Bridge,
    fields: &[u8],
    headers: &HeaderMap,
    language: Language,
) -> Result<Response, Refusal> {
    let form = Form::read(fields)?;
    if form.all().iter().any(|(_, value)| value.len() > MAX_VALUE) {
        return Err(Refusal::tell("lti_too_long"));
    }
    for (name, longest) in [
        ("target_link_uri", MAX_TARGET),
        ("lti_storage_target", MAX_STORAGE),
    ] {
        if form.get(name).is_some_and(|value| value.len() > longest) {
            return Err(Refusal::tell("lti_too_long"));
        }
    }
    let issuer = form.need("iss", "lti_issuer_missing")?;
    let login_hint = form.need("login_hint", "lti_login_hint_missing")?;
    let target = form.need("target_link_uri", "lti_target_missing")?;
    let target = own_target(bridge, target)?;
    let platform = platform(
        bridge,
        issuer,
        form.get("client_id"),
        form.get("lti_deployment_id"),
    )
    .await?;
    let (nonce, browser) = (random()?, random()?);
    let login = Login {
        id: nonce.clone(),
        expires_at: bridge.now() + LOGIN_LIFETIME,
        data: LoginState {
            platform: platform.id.clone(),
            browser: hash(&browser),
            target,
            storage: form.get("lti_storage_target").map(str::to_owned),
            asked: false,
        },
    };
    let state = bridge.signer.sign(&login);
    let state = state.map_err(|error| Refusal::internal(&error))?;

    let mut url = platform.authorization_endpoint.clone();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("scope", "openid")
            .append_pair("response_type", "id_token")
            .append_pair("response_mode", "form_post")
            .append_pair("prompt", "none")
            .append_pair("client_id", &platform.client_id)
            .append_pair("redirect_uri", &bridge.launch_url())
            .append_pair("login_hint", login_hint)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce);
        if let Some(hint) = form.get("lti_message_hint") {
            query.append_pair("lti_message_hint", hint);
        }
    }
    let framed = headers
        .get("sec-fetch-dest")
        .is_some_and(|dest| dest.as_bytes() == b"iframe");
    let mut response = if framed {
        in_frame(
            bridge,
            &platform,
            language,
            &Way {
                url: url.as_str(),
                login: &nonce,
                browser: &browser,
                storage: login.data.storage.as_deref(),
                again: &again(bridge, &form),
            },
        )
    } else {
        let location = HeaderValue::from_str(url.as_str());
        let location = location.map_err(|error| Refusal::internal(&error))?;
        (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for text in cookies(bridge, &nonce, &browser) {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    Ok(response)
}

/// The cookie that binds a login to its browser. In a frame of another site it is partitioned, as browsers want.
fn cookies(bridge: &Bridge, login: &str, browser: &str) -> Vec<String> {
    let max_age = LOGIN_LIFETIME.as_secs();
    let secure = cookie_name(true, login);
    let mut cookies = vec![format!(
        "{secure}={browser}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite=None; Partitioned"
    )];
    // Without HTTPS, which is only so on one machine, programs that are no browsers keep no secure cookies.
    if bridge.settings.base_url.scheme() == "http" {
        let plain = cookie_name(false, login);
        cookies.push(format!(
            "{plain}={browser}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax"
        ));
    }
    cookies
}

/// The target, if it is an address of ours.
fn own_target(bridge: &Bridge, target: &str) -> Result<Url, Refusal> {
    Url::parse(target)
        .ok()
        .filter(|url| url.origin() == bridge.settings.base_url.origin())
        .ok_or_else(|| Refusal::tell("lti_target_foreign"))
}

/// The registration that a login is for. An unknown issuer causes no request.
async fn platform(
    bridge: &Bridge,
    issuer: &str,
    client_id: Option<&str>,
    deployment_id: Option<&str>,
) -> Result<Platform, Refusal> {
    let mut fitting: Vec<Platform> = bridge.store.platforms_of(issuer).await?;
    if fitting.is_empty() {
        return Err(Refusal::tell("lti_issuer_unknown"));
    }
    if let Some(client_id) = client_id {
        fitting.retain(|platform| platform.client_id == client_id);
    }
    leave_out_outranked(&mut fitting);
    if let Some(deployment_id) = deployment_id
        && fitting.len() > 1
    {
        let names =
            |platform: &Platform| platform.deployment_ids.iter().any(|id| id == deployment_id);
        let named = fitting.iter().any(names);
        // One that named none yet may get its first one by this launch.
        fitting
            .retain(|platform| names(platform) || (!named && platform.deployment_ids.is_empty()));
    }
    let active = fitting
        .iter()
        .filter(|platform| platform.state == PlatformState::Active);
    let active = preferred(active.collect());
    match (active.first(), active.get(1)) {
        (Some(platform), None) => Ok((*platform).clone()),
        (Some(_), Some(_)) => Err(Refusal::tell("lti_client_ambiguous")),
        (None, _)
            if fitting
                .iter()
                .any(|one| one.state == PlatformState::Pending) =>
        {
            Err(Refusal::pending())
        }
        (None, _) => Err(Refusal::tell("lti_client_unknown")),
    }
}

/// Drops the registrations by hand whose client id another tenant has registered with a proof of its issuer. That holds before the
/// proven registration is approved, too: the other one must not stand in for it meanwhile.
fn leave_out_outranked(fitting: &mut Vec<Platform>) {
    let provers: Vec<Platform> = fitting.iter().filter(|one| one.proven).cloned().collect();
    let outranks = |prover: &Platform, one: &Platform| {
        prover.client_id == one.client_id && prover.tenant != one.tenant
    };
    fitting.retain(|one| one.proven || !provers.iter().any(|prover| outranks(prover, one)));
}

/// Of several tenants' registrations the ones that count. Anyone may register any issuer by hand, and must not make the launches of
/// others ambiguous by that: proven registrations come first, and later unproven ones count only for logins that name them.
fn preferred(mut active: Vec<&Platform>) -> Vec<&Platform> {
    let several = active.iter().any(|one| {
        active
            .first()
            .is_some_and(|first| first.tenant != one.tenant)
    });
    if !several {
        return active;
    }
    if active.iter().any(|one| one.proven) {
        active.retain(|one| one.proven);
    } else if active.iter().any(|one| !one.named_only) {
        active.retain(|one| !one.named_only);
    }
    active
}

/// How a login goes on.
struct Way<'a> {
    url: &'a str,
    /// Its id.
    login: &'a str,
    browser: &'a str,
    storage: Option<&'a str>,
    /// The same login once more, for a window of our own.
    again: &'a str,
}

fn again(bridge: &Bridge, form: &Form) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let handed_on = form
        .all()
        .iter()
        .filter(|(name, _)| name != "lti_storage_target");
    for (name, value) in handed_on {
        query.append_pair(name, value);
    }
    format!("{}?{}", bridge.login_url(), query.finish())
}

#[derive(Template)]
#[template(path = "login_in_frame.html")]
struct LoginInFramePage<'a> {
    page: &'a Page<'a>,
    why: &'a str,
    again: &'a str,
}

/// In a frame it is not sure that the cookie comes back: the page finds out, and else offers a window of our own.
fn in_frame(bridge: &Bridge, platform: &Platform, language: Language, way: &Way<'_>) -> Response {
    let title = language.of_words(&bridge.settings.wording.opening);
    let check = format!("{}/cookie-check?login={}", bridge.base_path(), way.login);
    let platform_origin = platform.authorization_endpoint.origin();
    let mut data = vec![
        ("check", check),
        ("onward", way.url.to_owned()),
        ("platform", platform_origin.ascii_serialization()),
    ];
    if let Some(storage) = way.storage {
        data.push(("storage", storage.to_owned()));
        data.push(("key", storage_key(way.login)));
        data.push(("value", way.browser.to_owned()));
    }
    let page = Page {
        language,
        title,
        data,
        framers: Framers::Only(platform.origins()),
        base: bridge.base_path(),
    };
    page.answer(
        StatusCode::OK,
        &LoginInFramePage {
            page: &page,
            why: language.of_words(&bridge.settings.wording.framed),
            again: way.again,
        },
    )
}

/// The key under which the platform's storage keeps the secret of a login.
pub(crate) fn storage_key(login: &str) -> String {
    format!("lti-{}", &hash(login)[..12])
}

/// Whether this browser gave the cookie of this login back.
pub(crate) async fn cookie_check(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    let login = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "login")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    let back = [true, false]
        .iter()
        .any(|secure| cookie(&headers, &cookie_name(*secure, &login)).is_some());
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, json!({"cookie": back}).to_string()).into_response()
}
