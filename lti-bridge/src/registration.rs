//! Dynamic Registration (LTI Dynamic Registration 1.0): an administrator pastes one URL, and the platform and this tool
//! tell each other the rest.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::form::Form;
use crate::model::{Platform, PlatformState};
use crate::origin::WebOrigin;
use crate::pages::Language;
use crate::random::random;
use crate::refusal::Refusal;
use crate::registered_page::registered_page;
use crate::scopes;
use crate::store::{AddPlatformError, Invitation};
use crate::tool::Bridge;
use crate::words::Words;
use guarded_http::{Error as HttpError, Response as HttpResponse};

/// Longest name that a platform gives to itself or to us.
const MAX_TEXT: usize = 500;
/// Bounds for what repeated registrations of one platform add up to.
const MAX_DEPLOYMENTS: usize = 100;
const MAX_PAGE_ORIGINS: usize = 10;

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";

/// A platform's OpenID configuration, with the members that LTI adds.
#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    registration_endpoint: Url,
    /// The audience of client assertions; the token endpoint when absent.
    authorization_server: Option<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-platform-configuration",
        default
    )]
    platform: Value,
}

/// A platform's answer to a registration.
#[derive(Deserialize)]
struct Registered {
    client_id: String,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-tool-configuration",
        default
    )]
    tool: Value,
}

/// The OpenID configuration of the tool, as dynamic registration says it.
fn tool_configuration(bridge: &Bridge, language: Language) -> serde_json::Value {
    let Words { german, english } = &bridge.settings.description;
    let message = |kind: &str| {
        let mut message = json!({
            "type": kind, "target_link_uri": bridge.launch_url(), "label": bridge.settings.name,
        });
        if let Some(icon) = &bridge.settings.icon {
            message["icon_uri"] = json!(icon);
        }
        message
    };
    let base = &bridge.settings.base_url;
    let domain = match (base.host_str(), base.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    json!({
        "domain": domain,
        // Platforms that know several languages take theirs (LTI Dynamic Registration 1.0, 3.5.1).
        "description": language.say(german, english),
        "description#de": german,
        "description#en": english,
        "target_link_uri": bridge.launch_url(),
        "claims": ["iss", "sub", "name", "given_name", "family_name"],
        "messages": [
            message("LtiResourceLinkRequest"),
            message("LtiDeepLinkingRequest"),
        ],
    })
}

pub(crate) async fn without_invitation(
    State(bridge): State<Arc<Bridge>>,
    headers: HeaderMap,
) -> Response {
    let refusal = Refusal::forbidden("lti_invitation_unknown");
    bridge.refused(&refusal, Language::wanted(&headers), None)
}

pub(crate) async fn register(
    State(bridge): State<Arc<Bridge>>,
    Path(invitation): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let language = Language::wanted(&headers);
    match registered(
        &bridge,
        &invitation,
        query.unwrap_or_default().as_bytes(),
        language,
    )
    .await
    {
        Ok(platform) => registered_page(&bridge, &platform, language),
        Err(refusal) => bridge.refused(&refusal, language, None),
    }
}

async fn registered(
    bridge: &Bridge,
    code: &str,
    query: &[u8],
    language: Language,
) -> Result<Platform, Refusal> {
    let invitation = bridge.store.invitation(code).await?;
    let invitation = invitation.ok_or_else(|| Refusal::forbidden("lti_invitation_unknown"))?;
    let form = Form::read(query)?;
    let url = form.need("openid_configuration", "lti_configuration_missing")?;
    let url = Url::parse(url).map_err(|_| Refusal::tell("lti_configuration_missing"))?;
    let configuration = fetch(bridge, &url).await?;
    let token = form.get("registration_token");
    let registered = announce(bridge, &configuration, token, language).await?;
    let former = bridge.store.platforms_of(&configuration.issuer).await?;
    let former = former
        .into_iter()
        .find(|one| one.client_id == registered.client_id && one.tenant == invitation.tenant);
    let mut platform = said(configuration, registered, &invitation, &url)?;
    // First: of several who come with it at once, one is registered.
    if invitation.once && !bridge.store.use_up(code).await? {
        return Err(Refusal::forbidden("lti_invitation_unknown"));
    }
    let kept = keep(bridge, &mut platform, former).await;
    if kept.is_err() && invitation.once {
        bridge.store.give_back(code, invitation).await?;
    }
    kept?;
    tracing::info!(platform = %platform.id, "a platform was registered");
    Ok(platform)
}

async fn keep(
    bridge: &Bridge,
    platform: &mut Platform,
    former: Option<Platform>,
) -> Result<(), Refusal> {
    if let Some(former) = former {
        renew(platform, former);
        bridge.store.save_platform(platform).await?;
        return Ok(());
    }
    match bridge.store.add_platform(platform).await? {
        Ok(()) => Ok(()),
        Err(AddPlatformError::AlreadyRegistered) => Err(Refusal::platform_taken()),
        Err(AddPlatformError::TooMany) => Err(Refusal::too_many_platforms()),
    }
}

/// Makes the registration from the platform's own words.
fn said(
    configuration: Configuration,
    registered: Registered,
    invitation: &Invitation,
    url: &Url,
) -> Result<Platform, Refusal> {
    let deployment = registered
        .tool
        .get("deployment_id")
        .and_then(|id| match id {
            Value::Null => None,
            Value::String(id) => Some(id.clone()),
            other => Some(other.to_string()),
        });
    let name = configuration
        .platform
        .get("product_family_code")
        .and_then(Value::as_str);
    let mut platform = Platform {
        id: random()?,
        tenant: invitation.tenant.clone(),
        name: format!("{} {}", name.unwrap_or("LTI"), configuration.issuer)
            .chars()
            .take(200)
            .collect(),
        issuer: configuration.issuer,
        client_id: registered.client_id,
        deployment_ids: deployment.into_iter().filter(|id| !id.is_empty()).collect(),
        authorization_endpoint: configuration.authorization_endpoint,
        token_endpoint: configuration.token_endpoint,
        jwks_uri: configuration.jwks_uri,
        state: if invitation.approved {
            PlatformState::Active
        } else {
            PlatformState::Pending
        },
        page_origins: Vec::new(),
        proven: true,
        named_only: false,
        audience: configuration
            .authorization_server
            .filter(|server| !server.is_empty()),
    };
    // Where it describes itself its pages come from, too.
    let own = WebOrigin::of(url).map_err(|_| Refusal::tell("lti_configuration_missing"))?;
    if !platform.origins().contains(&own) {
        platform.page_origins.push(own);
    }
    Ok(platform)
}

/// Merges a repeated registration (Moodle repeats it after an update) with the former one. A platform at the same addresses keeps
/// its approval and its deployments; one that was disabled stays disabled.
fn renew(platform: &mut Platform, former: Platform) {
    let addresses = |one: &Platform| {
        (
            one.authorization_endpoint.clone(),
            one.token_endpoint.clone(),
            one.jwks_uri.clone(),
        )
    };
    let unchanged = addresses(platform) == addresses(&former);
    if unchanged || former.state == PlatformState::Disabled {
        platform.state = former.state;
    }
    if unchanged {
        add_missing(
            &mut platform.deployment_ids,
            former.deployment_ids,
            MAX_DEPLOYMENTS,
        );
    }
    add_missing(
        &mut platform.page_origins,
        former.page_origins,
        MAX_PAGE_ORIGINS,
    );
    platform.id = former.id;
    platform.name = former.name;
}

fn add_missing<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>, most: usize) {
    for one in more {
        if !known.contains(&one) && known.len() < most {
            known.push(one);
        }
    }
}

fn unreachable(error: HttpError) -> Refusal {
    tracing::warn!(%error, "a platform cannot be reached for its registration");
    match error {
        HttpError::Forbidden(_) => Refusal::tell("lti_platform_address"),
        _ => Refusal::tell("lti_platform_unreachable"),
    }
}

async fn fetch(bridge: &Bridge, url: &Url) -> Result<Configuration, Refusal> {
    let answer = bridge
        .http
        .send(Method::GET, url, HeaderMap::new(), Vec::new())
        .await
        .map_err(unreachable)?;
    let configuration = json_of::<Configuration>(&answer, "lti_configuration_damaged")?;
    // A server must not register an issuer or addresses of another host.
    let issuer =
        Url::parse(&configuration.issuer).map_err(|_| Refusal::tell("lti_issuer_wrong"))?;
    if issuer.host_str() != url.host_str() || issuer.scheme() != url.scheme() {
        return Err(Refusal::tell("lti_issuer_wrong"));
    }
    // Their hosts become a part of headers.
    for url in [&issuer, &configuration.authorization_endpoint] {
        WebOrigin::of(url).map_err(|_| Refusal::tell("lti_configuration_damaged"))?;
    }
    let server = configuration.authorization_server.as_deref();
    if configuration.issuer.len() > MAX_TEXT || server.is_some_and(|text| text.len() > MAX_TEXT) {
        return Err(Refusal::tell("lti_configuration_damaged"));
    }
    if configuration.registration_endpoint.host_str() != url.host_str() {
        return Err(Refusal::tell("lti_configuration_foreign"));
    }
    for address in [
        &configuration.authorization_endpoint,
        &configuration.token_endpoint,
        &configuration.jwks_uri,
        &configuration.registration_endpoint,
    ] {
        bridge.http.check(address).map_err(unreachable)?;
    }
    Ok(configuration)
}

fn json_of<T: serde::de::DeserializeOwned>(
    answer: &HttpResponse,
    code: &'static str,
) -> Result<T, Refusal> {
    if !answer.status.is_success() {
        tracing::warn!(status = answer.status.as_u16(), code, "a platform refused");
        return Err(Refusal::tell(code));
    }
    serde_json::from_slice(&answer.body).map_err(|_| Refusal::tell(code))
}

/// Registers the tool at the platform.
async fn announce(
    bridge: &Bridge,
    configuration: &Configuration,
    token: Option<&str>,
    language: Language,
) -> Result<Registered, Refusal> {
    let offered = &configuration.scopes_supported;
    let wanted: Vec<&str> = scopes::ALL
        .into_iter()
        .filter(|scope| offered.is_empty() || offered.iter().any(|one| one == scope))
        .collect();
    let mut body = json!({
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": bridge.login_url(),
        "redirect_uris": [bridge.launch_url()],
        "client_name": bridge.settings.name,
        "jwks_uri": bridge.jwks_url(),
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": wanted.join(" "),
        TOOL: tool_configuration(bridge, language),
    });
    if let Some(icon) = &bridge.settings.icon {
        body["logo_uri"] = json!(icon);
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        let value = HeaderValue::try_from(format!("Bearer {token}"));
        let value = value.map_err(|_| Refusal::tell("lti_registration_token"))?;
        headers.insert(header::AUTHORIZATION, value);
    }
    let answer = bridge
        .http
        .send(
            Method::POST,
            &configuration.registration_endpoint,
            headers,
            body.to_string().into_bytes(),
        )
        .await
        .map_err(unreachable)?;
    let registered: Registered = json_of(&answer, "lti_registration_refused")?;
    if registered.client_id.is_empty() || registered.client_id.len() > MAX_TEXT {
        return Err(Refusal::tell("lti_registration_refused"));
    }
    Ok(registered)
}
