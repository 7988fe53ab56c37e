//! The launch itself: the platform's answer is verified (LTI 1.3 core, 5.1.3; security framework, 5.1.3), and leads on.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jsonwebtoken::{Algorithm, Validation};
use url::Url;

use crate::claims::Claims;
use crate::deep_linking;
use crate::form::{Form, cookie};
use crate::ids::kept_id;
use crate::login::{Login, LoginState, cookie_name, storage_key};
use crate::model::{
    AssignmentAndGradeService, Context, Launch, MembershipService, Platform, PlatformState,
    ResourceLink, role_of,
};
use crate::numeric_date::NumericDate;
use crate::pages::{Framers, Language, Page};
use crate::random::hash;
use crate::refusal::Refusal;
use crate::tool::Bridge;

const MAX_TOKEN: usize = 64 * 1024;
/// With the longest target and storage that a login takes.
const MAX_STATE: usize = 4 * 1_024;
const MAX_DEPLOYMENT: usize = 255;
/// How far the clocks of a platform and this server may differ.
const CLOCK_LEEWAY: Duration = Duration::from_mins(1);
/// Dates outside of the years 1970 to 3000 are mistakes.
const YEAR_3000: NumericDate = NumericDate(32_503_680_000);
/// A token issued longer ago than this starts no launch, even if it has not expired.
const MAX_TOKEN_AGE: Duration = Duration::from_hours(1);

pub(crate) async fn launch(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let language = Language::wanted(&headers);
    let mut seen = Seen::default();
    match received(&bridge, &headers, &body, language, &mut seen).await {
        Ok(response) => response,
        Err(refusal) => {
            if let Some(id) = &seen.platform_id {
                bridge.handler.launch_refused(id, refusal.code).await;
            }
            bridge.refused(&refusal, language, seen.platform.as_ref())
        }
    }
}

/// What is known of a launch by the time that it fails.
#[derive(Default)]
struct Seen {
    /// Of the platform whose login it is: our own state says so. It may have been deleted since the login began.
    platform_id: Option<String>,
    /// The platform, if its launches are taken.
    platform: Option<Platform>,
}

async fn received(
    bridge: &Bridge,
    headers: &HeaderMap,
    body: &[u8],
    language: Language,
    seen: &mut Seen,
) -> Result<Response, Refusal> {
    let form = Form::read(body)?;
    let state = form.need("state", "lti_state_missing")?;
    if state.len() > MAX_STATE {
        return Err(Refusal::again("lti_state_unknown"));
    }
    // From the cheapest check to the dearest: a request without a login of ours costs one HMAC, and the store is asked only
    // after the browser has proved that it began the login.
    let login = bridge.signer.read::<LoginState>(state);
    let login = login.ok_or_else(|| Refusal::again("lti_state_unknown"))?;
    seen.platform_id = Some(login.data.platform.clone());
    let now = bridge.now();
    if login.expires_at <= now {
        return Err(Refusal::again("lti_state_expired"));
    }
    match proof(headers, &form, &login) {
        Some(proof) if hash(&proof) == login.data.browser => {}
        None if login.data.storage.is_some() && form.get("id_token").is_some() => {
            let platform = active(bridge, &login).await?;
            seen.platform = Some(platform.clone());
            return ask_storage(bridge, &platform, &login, &form, language);
        }
        _ => return Err(Refusal::again("lti_other_browser")),
    }
    // Whatever comes of it, this login opens nothing a second time.
    if !bridge.spent.note(&login.id, login.expires_at, now) {
        return Err(Refusal::again("lti_state_unknown"));
    }
    let platform = active(bridge, &login).await?;
    seen.platform = Some(platform.clone());
    if form.get("error").is_some() {
        return Err(refused_by_platform(&form));
    }
    let token = form.need("id_token", "lti_token_missing")?;
    let claims = verified(bridge, &platform, token, login.started(), now).await?;
    if claims.nonce != login.id {
        return Err(Refusal::again("lti_nonce_wrong"));
    }
    let mut launch = launch_of(&platform, &claims, &login.data.target)?;
    launch.platform = of_deployment(bridge, platform, &claims.deployment_id).await?;
    // Only what a platform vouches for is noted for good, so nobody else can fill the store.
    if !bridge.store.use_once(&login.id, login.expires_at).await? {
        return Err(Refusal::again("lti_state_unknown"));
    }
    match claims.message_type.as_str() {
        "LtiResourceLinkRequest" => {
            if launch.resource_link.is_none() {
                return Err(Refusal::tell("lti_resource_link_missing"));
            }
            let url = bridge.handler.open(&launch).await?;
            let location = HeaderValue::from_str(url.as_str());
            let location = location.map_err(|error| Refusal::internal(&error))?;
            let headers = [
                (header::LOCATION, location),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            Ok((StatusCode::SEE_OTHER, headers).into_response())
        }
        "LtiDeepLinkingRequest" => {
            let settings = claims.deep_linking.as_ref();
            let settings = settings.ok_or_else(|| Refusal::tell("lti_deep_linking_missing"))?;
            deep_linking::choose(bridge, &launch, settings).await
        }
        _ => Err(Refusal::tell("lti_message_type")),
    }
}

/// The platform that a login is of, if its launches are taken.
async fn active(bridge: &Bridge, login: &Login) -> Result<Platform, Refusal> {
    let platform = bridge.store.platform(&login.data.platform).await?;
    let platform = platform.filter(|platform| platform.state == PlatformState::Active);
    platform.ok_or_else(|| Refusal::forbidden("lti_platform_disabled"))
}

/// A person opened the launch URL in a browser: the setup page says what it is for.
pub(crate) async fn redirect_to_setup_page(State(bridge): State<Arc<Bridge>>) -> Response {
    Redirect::to(&bridge.url("")).into_response()
}

/// The secret that proves that this browser started the login: from its cookie, or from the platform's storage.
fn proof(headers: &HeaderMap, form: &Form, login: &Login) -> Option<String> {
    cookie(headers, &cookie_name(true, &login.id))
        .or_else(|| cookie(headers, &cookie_name(false, &login.id)))
        .or_else(|| {
            // An attacker who started a login knows its secret, and could put it into a form for someone else. So it
            // counts only from our own page that asked the platform's storage.
            (login.data.asked && is_of_our_page(headers))
                .then(|| form.get("browser"))
                .flatten()
                .map(str::to_owned)
        })
}

/// Browsers that say where a form comes from must say that it is ours.
fn is_of_our_page(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_none_or(|site| site.as_bytes() == b"same-origin")
}

/// The platform refused. People read our words, not those of the request.
fn refused_by_platform(form: &Form) -> Refusal {
    match form.get("error") {
        Some("login_required" | "interaction_required" | "access_denied") => {
            Refusal::again("lti_platform_login_required")
        }
        _ => Refusal::tell("lti_platform_error"),
    }
}

#[derive(Template)]
#[template(path = "ask_storage.html")]
struct AskStoragePage<'a> {
    page: &'a Page<'a>,
    action: &'a str,
    id_token: &'a str,
    state: &'a str,
}

/// The cookie did not come back, but the platform stores: the page asks it and posts the same launch again.
fn ask_storage(
    bridge: &Bridge,
    platform: &Platform,
    login: &Login,
    form: &Form,
    language: Language,
) -> Result<Response, Refusal> {
    // The same login, one round further: it says that the storage was asked, and is asked no more.
    let again = Login {
        data: LoginState {
            storage: None,
            asked: true,
            ..login.data.clone()
        },
        ..login.clone()
    };
    let state = bridge.signer.sign(&again);
    let state = state.map_err(|error| Refusal::internal(&error))?;
    let title = language.of_words(&bridge.settings.wording.opening);
    let data = vec![
        ("ask", "storage".to_owned()),
        ("key", storage_key(&login.id)),
        ("storage", login.data.storage.clone().unwrap_or_default()),
        (
            "platform",
            platform
                .authorization_endpoint
                .origin()
                .ascii_serialization(),
        ),
    ];
    let page = Page {
        language,
        title,
        data,
        framers: Framers::Only(platform.origins()),
        base: bridge.base_path(),
    };
    Ok(page.answer(
        StatusCode::OK,
        &AskStoragePage {
            page: &page,
            action: &bridge.launch_url(),
            id_token: form.get("id_token").unwrap_or_default(),
            state: &state,
        },
    ))
}

/// The claims of a token of this platform for us, now.
async fn verified(
    bridge: &Bridge,
    platform: &Platform,
    token: &str,
    started: NumericDate,
    now: NumericDate,
) -> Result<Claims, Refusal> {
    if token.len() > MAX_TOKEN {
        return Err(Refusal::tell("lti_token_too_long"));
    }
    let header = jsonwebtoken::decode_header(token);
    let header = header.map_err(|_| Refusal::tell("lti_token_damaged"))?;
    if header.alg != Algorithm::RS256 {
        return Err(Refusal::tell("lti_algorithm"));
    }
    // Keys come from where the platform was registered with, never from where a token says.
    let kid = header.kid.filter(|kid| !kid.is_empty() && kid.len() <= 200);
    let kid = kid.ok_or_else(|| Refusal::tell("lti_kid_missing"))?;
    let key = bridge
        .key_sets
        .key(&bridge.http, &platform.jwks_uri, &kid, now)
        .await?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[&platform.issuer]);
    validation.set_required_spec_claims(&["aud", "exp", "iss"]);
    // Both are looked at below: the audience with its authorized party, the time by our own clock.
    validation.validate_aud = false;
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation);
    let claims = claims
        .map_err(|error| {
            use jsonwebtoken::errors::ErrorKind;
            match error.kind() {
                ErrorKind::InvalidSignature => Refusal::tell("lti_signature"),
                ErrorKind::InvalidIssuer => Refusal::tell("lti_issuer_wrong"),
                _ => Refusal::tell("lti_claims_damaged"),
            }
        })?
        .claims;
    if claims.iss != platform.issuer {
        return Err(Refusal::tell("lti_issuer_wrong"));
    }
    if !claims
        .aud
        .is_for(&platform.client_id, claims.azp.as_deref())
    {
        return Err(Refusal::tell("lti_audience_wrong"));
    }
    in_time(platform, &claims, started, now)?;
    if claims.version != "1.3.0" {
        return Err(Refusal::tell("lti_version"));
    }
    // An empty list says that someone has no role; no list says nothing (LTI 1.3 core, 5.3.7).
    if claims.roles.is_none() {
        return Err(Refusal::tell("lti_roles_missing"));
    }
    Ok(claims)
}

/// Whether a token holds now. The platform made it after the login had started here: where that does not fit, the clocks
/// differ, and trying again cannot help.
fn in_time(
    platform: &Platform,
    claims: &Claims,
    started: NumericDate,
    now: NumericDate,
) -> Result<(), Refusal> {
    let plausible = |date: NumericDate| (NumericDate(0)..=YEAR_3000).contains(&date);
    let (exp, iat) = (claims.exp, claims.iat);
    let from = claims.nbf.map_or(iat, |from| from.max(iat));
    if ![exp, iat, from].into_iter().all(plausible) || exp <= iat {
        return Err(Refusal::tell("lti_token_expired"));
    }
    let is_over = exp + CLOCK_LEEWAY <= now || iat <= now - MAX_TOKEN_AGE;
    let ahead = from.saturating_duration_since(now);
    let behind = started.saturating_duration_since(iat);
    let differ = |by: Duration| {
        let seconds = by.as_secs();
        tracing::warn!(platform = %platform.id, seconds, "the clocks of a platform and of this server differ");
        Refusal::clocks_differ(seconds)
    };
    match (ahead > CLOCK_LEEWAY, is_over) {
        (true, _) => Err(differ(ahead)),
        (false, true) if behind > CLOCK_LEEWAY => Err(differ(behind)),
        (false, true) => Err(Refusal::again("lti_token_expired")),
        (false, false) => Ok(()),
    }
}

/// The platform, if the deployment is one of its registered ones. A registration may have named none: then it is the
/// first one that a verified launch comes from.
async fn of_deployment(bridge: &Bridge, platform: Platform, id: &str) -> Result<Platform, Refusal> {
    if platform.deployment_ids.iter().any(|known| known == id) {
        return Ok(platform);
    }
    let unknown = || Refusal::tell("lti_deployment_unknown");
    if !platform.deployment_ids.is_empty() || id.is_empty() || id.len() > MAX_DEPLOYMENT {
        return Err(unknown());
    }
    // Under the lock the registration is read again: another launch may have been first.
    let _alone = bridge.first_deployment.lock().await;
    let now = bridge.store.platform(&platform.id).await?;
    let mut platform = now.ok_or_else(unknown)?;
    if platform.deployment_ids.is_empty() && platform.state == PlatformState::Active {
        platform.deployment_ids.push(id.to_owned());
        bridge.store.save_platform(&platform).await?;
        tracing::info!(platform = %platform.id, "the first deployment of a platform was taken");
    }
    if platform.deployment_ids.iter().any(|known| known == id) {
        Ok(platform)
    } else {
        Err(unknown())
    }
}

fn launch_of(platform: &Platform, claims: &Claims, started: &Url) -> Result<Launch, Refusal> {
    let target = match &claims.target_link_uri {
        // The login request was not signed: the token must repeat its target (LTI 1.3 core, 5.3.4).
        Some(target) if target == started => target.clone(),
        Some(_) => return Err(Refusal::tell("lti_target_differs")),
        // A deep linking request may leave it out.
        None if claims.message_type == "LtiDeepLinkingRequest" => started.clone(),
        None => return Err(Refusal::tell("lti_target_missing")),
    };
    let presentation = claims.launch_presentation.as_ref();
    let short = |text: &str| text.chars().take(500).collect::<String>();
    let locale = presentation.and_then(|one| one.locale.as_deref());
    let return_url = presentation.and_then(|one| Url::parse(one.return_url.as_deref()?).ok());
    let roles = claims.roles.iter().flatten().map(String::as_str);
    let subject = claims.sub.as_deref().filter(|sub| !sub.is_empty());
    // LTI 1.3 ends it at 255 characters (core, 5.3.6). The person cannot mend it where a platform does not.
    let subject =
        subject.map(|sub| kept_id(sub).ok_or_else(|| Refusal::tell("lti_subject_too_long")));
    let id = |id: &str| kept_id(id).ok_or_else(|| Refusal::tell("lti_claims_damaged"));
    let context = claims.context.as_ref().map(|context| {
        Ok::<_, Refusal>(Context {
            id: id(&context.id)?,
            label: context.label.as_deref().map(short),
            title: context.title.as_deref().map(short),
        })
    });
    let link = claims.resource_link.as_ref();
    let resource_link = link.filter(|link| !link.id.is_empty()).map(|link| {
        Ok::<_, Refusal>(ResourceLink {
            id: id(&link.id)?,
            title: link.title.as_deref().map(short),
        })
    });
    Ok(Launch {
        platform: platform.clone(),
        deployment_id: claims.deployment_id.clone(),
        subject: subject.transpose()?,
        name: claims.full_name().as_deref().map(short),
        role: role_of(roles),
        context: context.transpose()?,
        resource_link: resource_link.transpose()?,
        target_link_uri: target,
        custom: claims.custom_texts(),
        locale: locale.map(|locale| short(locale).replace('_', "-").to_lowercase()),
        document_target: presentation.and_then(|one| one.document_target.as_deref().map(short)),
        return_url: return_url.filter(|url| matches!(url.scheme(), "http" | "https")),
        names: claims
            .names
            .as_ref()
            .and_then(|names| names.context_memberships_url.clone())
            .map(|context_memberships_url| MembershipService {
                context_memberships_url,
            }),
        grades: claims
            .grades
            .as_ref()
            .map(|grades| AssignmentAndGradeService {
                scopes: grades.scope.clone(),
                lineitems: grades.lineitems.clone(),
                lineitem: grades.lineitem.clone(),
            }),
    })
}
