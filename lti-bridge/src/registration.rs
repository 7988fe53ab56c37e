//! Dynamic Registration (LTI Dynamic Registration 1.0): an administrator pastes one URL, and the platform and this tool
//! tell each other the rest.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::bridge::{Bridge, Form, random, tool_configuration};
use crate::model::{Platform, PlatformState};
use crate::outgoing::{Answer, OutgoingError};
use crate::pages::{Language, Page, escaped};
use crate::refusal::Refusal;
use crate::services::scopes;

/// What a page says to the platform's window that it may be closed (LTI Dynamic Registration 1.0, 3.7).
const CLOSE: &str = "org.imsglobal.lti.close";
/// The page is closed after so many seconds without a touch: quickly when there is nothing left to do here.
const CLOSED_AFTER: u32 = 4;
const CLOSED_AFTER_READING: u32 = 12;

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";

/// What a platform says of itself (OpenID Connect discovery, with what LTI adds).
#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    registration_endpoint: Url,
    #[serde(default)]
    scopes_supported: Vec<String>,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-platform-configuration",
        default
    )]
    platform: Value,
}

/// What it answers.
#[derive(Deserialize)]
struct Registered {
    client_id: String,
    #[serde(
        rename = "https://purl.imsglobal.org/spec/lti-tool-configuration",
        default
    )]
    tool: Value,
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
    match registered(&bridge, &invitation, query.unwrap_or_default().as_bytes()).await {
        Ok(platform) => done(&bridge, &platform, language),
        Err(refusal) => bridge.refused(&refusal, language, None),
    }
}

async fn registered(bridge: &Bridge, invitation: &str, query: &[u8]) -> Result<Platform, Refusal> {
    let invitation = bridge.store.invitation(invitation).await?;
    let invitation = invitation.ok_or_else(|| Refusal::forbidden("lti_invitation_unknown"))?;
    let form = Form::read(query)?;
    let url = form.need("openid_configuration", "lti_configuration_missing")?;
    let url = Url::parse(url).map_err(|_| Refusal::tell("lti_configuration_missing"))?;
    let configuration = fetch(bridge, &url).await?;
    let token = form.get("registration_token");
    let registered = announce(bridge, &configuration, token).await?;
    let deployment = registered.tool.get("deployment_id").map(|id| match id {
        Value::String(id) => id.clone(),
        other => other.to_string(),
    });
    let former = bridge.store.platforms_of(&configuration.issuer).await?;
    let former = former
        .into_iter()
        .find(|one| one.client_id == registered.client_id && one.tenant == invitation.tenant);
    let id = match &former {
        Some(former) => former.id.clone(),
        None => random()?,
    };
    let name = configuration
        .platform
        .get("product_family_code")
        .and_then(Value::as_str);
    let platform = Platform {
        id,
        tenant: invitation.tenant,
        name: format!("{} {}", name.unwrap_or("LTI"), configuration.issuer)
            .chars()
            .take(200)
            .collect(),
        issuer: configuration.issuer,
        client_id: registered.client_id,
        deployment_ids: deployment.into_iter().collect(),
        authorization_endpoint: configuration.authorization_endpoint,
        token_endpoint: configuration.token_endpoint,
        jwks_uri: configuration.jwks_uri,
        state: if invitation.approved {
            PlatformState::Active
        } else {
            PlatformState::Pending
        },
    };
    bridge.store.save_platform(&platform).await?;
    tracing::info!(platform = %platform.id, "a platform was registered");
    Ok(platform)
}

fn unreachable(error: OutgoingError) -> Refusal {
    tracing::warn!(%error, "a platform cannot be reached for its registration");
    match error {
        OutgoingError::Forbidden(_) => Refusal::tell("lti_platform_address"),
        _ => Refusal::tell("lti_platform_unreachable"),
    }
}

async fn fetch(bridge: &Bridge, url: &Url) -> Result<Configuration, Refusal> {
    let answer = bridge
        .outgoing
        .send(Method::GET, url, HeaderMap::new(), Vec::new())
        .await
        .map_err(unreachable)?;
    let configuration = json_of::<Configuration>(&answer, "lti_configuration_damaged")?;
    // Whoever answers at one host cannot register another one's issuer or addresses.
    let issuer =
        Url::parse(&configuration.issuer).map_err(|_| Refusal::tell("lti_issuer_wrong"))?;
    if issuer.host_str() != url.host_str() || issuer.scheme() != url.scheme() {
        return Err(Refusal::tell("lti_issuer_wrong"));
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
        bridge.outgoing.check(address).map_err(unreachable)?;
    }
    Ok(configuration)
}

fn json_of<T: serde::de::DeserializeOwned>(
    answer: &Answer,
    code: &'static str,
) -> Result<T, Refusal> {
    if !answer.status.is_success() {
        tracing::warn!(status = answer.status.as_u16(), code, "a platform refused");
        return Err(Refusal::tell(code));
    }
    serde_json::from_slice(&answer.body).map_err(|_| Refusal::tell(code))
}

/// Tells the platform who we are.
async fn announce(
    bridge: &Bridge,
    configuration: &Configuration,
    token: Option<&str>,
) -> Result<Registered, Refusal> {
    let offered = &configuration.scopes_supported;
    let wanted: Vec<&str> = scopes::ALL
        .into_iter()
        .filter(|scope| offered.is_empty() || offered.iter().any(|one| one == scope))
        .collect();
    let body = json!({
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": bridge.login_url(),
        "redirect_uris": [bridge.launch_url()],
        "client_name": bridge.settings.name,
        "jwks_uri": bridge.jwks_url(),
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": wanted.join(" "),
        TOOL: tool_configuration(bridge),
    });
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
        .outgoing
        .send(
            Method::POST,
            &configuration.registration_endpoint,
            headers,
            body.to_string().into_bytes(),
        )
        .await
        .map_err(unreachable)?;
    let registered: Registered = json_of(&answer, "lti_registration_refused")?;
    if registered.client_id.is_empty() || registered.client_id.len() > 500 {
        return Err(Refusal::tell("lti_registration_refused"));
    }
    Ok(registered)
}

fn done(bridge: &Bridge, platform: &Platform, language: Language) -> Response {
    let title = language.say(
        "Die Lernplattform ist angemeldet",
        "The platform is registered",
    );
    let (next, seconds) = match platform.state {
        PlatformState::Active => (
            language.say(
                "Schalte das Werkzeug jetzt in der Lernplattform frei. Danach können Kurse Räume öffnen.",
                "Now activate the tool in the platform. Afterwards courses can open rooms.",
            ),
            CLOSED_AFTER,
        ),
        _ => (
            language.say(
                "Zwei Schritte fehlen: Die Administration dieses Dienstes gibt die Lernplattform frei, und du schaltest das Werkzeug in der Lernplattform frei.",
                "Two steps are left: the administrator of this service approves the platform, and you activate the tool in the platform.",
            ),
            CLOSED_AFTER_READING,
        ),
    };
    let screen = language.say(
        "Damit Lehrkräfte ihren Bildschirm teilen können, stelle den Startcontainer auf „Neues Fenster“.",
        "So that teachers can share their screen, set the launch container to 'New window'.",
    );
    Page {
        language,
        title,
        body: format!(
            "<h1>{title}</h1><p>{next}</p><p>{screen}</p><dl><dt>Client ID</dt><dd><code>{}</code></dd></dl>\
             <p><button type=\"button\" id=\"done\" hidden>{}</button></p>",
            escaped(&platform.client_id),
            language.say("Fertig", "Done"),
        ),
        data: vec![
            ("close", CLOSE.to_owned()),
            ("after", seconds.to_string()),
        ],
        platform: platform.origins(),
        base: bridge.base_path(),
    }
    .answer(StatusCode::OK)
}
