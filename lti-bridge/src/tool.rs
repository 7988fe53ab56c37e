//! The tool: its settings, its routes, and what all of them share.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use url::Url;

use crate::handler::RoomOpener;
use crate::keyset::KeySets;
use crate::model::Platform;
use crate::pages::{Framers, Language, Page, escaped};
use crate::refusal::Refusal;
use crate::services::Tokens;
use crate::signed::{Signer, SigningKey};
use crate::spent::Spent;
use crate::store::Store;
use crate::{deep_linking, keys, launch, login, registration};
use guarded_http::Outgoing;

/// Forms that strangers send are not longer.
const MAX_BODY: usize = 128 * 1024;

/// What a tool is called, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Under which the router is reached, such as `https://meet.example/lti`; without a slash at the end.
    pub base_url: Url,
    pub name: String,
    /// What it is for; the platform gets it in the language of whoever registers.
    pub description: Words,
    /// A picture that platforms show beside the name; they load it from other hosts than ours.
    pub icon: Option<Url>,
    /// Signs the logins and choices that are under way. It has to outlive a restart if they are to.
    pub key: SigningKey,
}

/// The same in two languages.
#[derive(Clone, Debug)]
pub struct Words {
    pub german: String,
    pub english: String,
}

/// Tells the time, in seconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// An LTI 1.3 tool.
pub struct Bridge {
    pub(crate) settings: Settings,
    pub(crate) signer: Signer,
    pub(crate) spent: Spent,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) rooms: Arc<dyn RoomOpener>,
    pub(crate) outgoing: Outgoing,
    pub(crate) key_sets: KeySets,
    pub(crate) tokens: Tokens,
    /// Held while a platform gets its first deployment.
    pub(crate) first_deployment: tokio::sync::Mutex<()>,
    clock: Clock,
}

impl Bridge {
    /// A tool with the clock of this machine.
    #[must_use]
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        rooms: Arc<dyn RoomOpener>,
        outgoing: Outgoing,
    ) -> Arc<Self> {
        let clock = || {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        };
        Self::with_clock(settings, store, rooms, outgoing, Arc::new(clock))
    }

    /// The same with a clock of one's own.
    #[must_use]
    pub fn with_clock(
        settings: Settings,
        store: Arc<dyn Store>,
        rooms: Arc<dyn RoomOpener>,
        outgoing: Outgoing,
        clock: Clock,
    ) -> Arc<Self> {
        Arc::new(Self {
            signer: Signer::new(&settings.key),
            spent: Spent::default(),
            settings,
            store,
            rooms,
            outgoing,
            key_sets: KeySets::default(),
            tokens: Tokens::default(),
            first_deployment: tokio::sync::Mutex::default(),
            clock,
        })
    }

    /// The routes, to be nested at the path of `base_url`.
    pub fn router<S: Clone + Send + Sync + 'static>(self: &Arc<Self>) -> Router<S> {
        Router::new()
            .route("/", get(values))
            .route("/login", get(login::by_query).post(login::by_form))
            .route("/cookie-check", get(login::cookie_check))
            .route("/launch", get(launch::by_hand).post(launch::launch))
            .route("/deep-link", get(for_programs).post(deep_linking::chosen))
            .route("/register", get(registration::without_invitation))
            .route("/register/{invitation}", get(registration::register))
            .route("/jwks", get(jwks))
            .route("/lti.js", get(script))
            .route("/lti.css", get(style))
            .method_not_allowed_fallback(not_allowed)
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(self.clone())
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// An address of ours.
    pub(crate) fn url(&self, path: &str) -> String {
        let base = self.settings.base_url.as_str();
        format!("{}{path}", base.trim_end_matches('/'))
    }

    /// The path under which the router is mounted.
    pub(crate) fn base_path(&self) -> &str {
        self.settings.base_url.path().trim_end_matches('/')
    }

    /// Where platforms start a login (OpenID Connect third-party initiated login).
    #[must_use]
    pub fn login_url(&self) -> String {
        self.url("/login")
    }

    /// Where platforms post launches to: the redirect URI, and the target link.
    #[must_use]
    pub fn launch_url(&self) -> String {
        self.url("/launch")
    }

    /// Where platforms read our keys.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        self.url("/jwks")
    }

    /// What an administrator pastes to register a platform.
    #[must_use]
    pub fn registration_url(&self, invitation: &str) -> String {
        self.url(&format!("/register/{invitation}"))
    }

    /// A new key is published now, and signs as soon as platforms had the time to read it.
    ///
    /// # Errors
    /// When no key can be made or kept.
    pub async fn rotate_key(&self) -> Result<(), keys::KeyError> {
        keys::rotate(&*self.store, self.now()).await
    }

    /// The same if the newest key is at least so many seconds old; old ones whose tokens are out are deleted. Says
    /// whether there is a new one.
    ///
    /// # Errors
    /// When no key can be made or kept.
    pub async fn rotate_key_after(&self, seconds: i64) -> Result<bool, keys::KeyError> {
        keys::delete_old(&*self.store, self.now()).await?;
        let newest = keys::newest(&*self.store).await?;
        let due = newest.is_some_and(|made| self.now().saturating_sub(made) >= seconds);
        if due {
            self.rotate_key().await?;
        }
        Ok(due)
    }

    pub(crate) fn refused(
        &self,
        refusal: &Refusal,
        language: Language,
        platform: Option<&Platform>,
    ) -> Response {
        tracing::info!(code = refusal.code, "a launch is refused");
        // Words without anything to press: whoever frames them gains nothing, and people see what is wrong.
        let framers = platform.map_or(Framers::Anyone, |one| Framers::Only(one.origins()));
        refusal.page(self.base_path(), language, framers)
    }
}

/// A random text of 192 bits, usable in cookies and URLs.
pub(crate) fn random() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 24];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Refusal::internal(&"no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(crate) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// The fields of a form, each once.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form or a query.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(bytes)
            .into_owned()
            .take(200)
            .collect();
        let mut names = HashSet::new();
        if fields.iter().all(|(name, _)| names.insert(name.as_str())) {
            Ok(Self(fields))
        } else {
            Err(Refusal::tell("lti_field_twice"))
        }
    }

    /// The value, unless it is absent or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    pub(crate) fn need(&self, name: &str, code: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::tell(code))
    }

    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.0
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

async fn jwks(State(bridge): State<Arc<Bridge>>) -> Response {
    match keys::published(&*bridge.store, bridge.now()).await {
        Ok(set) => (
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "public, max-age=300"),
            ],
            set.to_string(),
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "our keys cannot be published");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn script() -> Response {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../assets/lti.js"),
    )
}

async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../assets/lti.css"))
}

fn file(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, Bytes::from_static(content.as_bytes())).into_response()
}

/// Every value that an administrator needs who registers the tool by hand.
async fn values(State(bridge): State<Arc<Bridge>>, headers: HeaderMap) -> Response {
    let language = Language::wanted(&headers);
    let title = language.say("LTI 1.3: Werte zum Eintragen", "LTI 1.3: values to enter");
    let values = [
        (
            language.say(
                "Tool-URL und Ziel (Target Link URI)",
                "Tool URL and target link URI",
            ),
            bridge.launch_url(),
        ),
        (
            language.say("Login starten (Initiate login URL)", "Initiate login URL"),
            bridge.login_url(),
        ),
        (
            language.say("Weiterleitung (Redirection URI)", "Redirection URI"),
            bridge.launch_url(),
        ),
        (
            language.say("Öffentliche Schlüssel (Keyset URL)", "Public keyset URL"),
            bridge.jwks_url(),
        ),
        (
            language.say(
                "Auswahl von Inhalten (Deep Linking)",
                "Content selection URL (Deep Linking)",
            ),
            bridge.launch_url(),
        ),
        (
            language.say("Dienste", "Services"),
            "Names and Role Provisioning, Assignment and Grade".to_owned(),
        ),
        (
            language.say("Eigene Parameter (Custom parameters)", "Custom parameters"),
            language.say("keine nötig", "none needed").to_owned(),
        ),
        (
            language.say("Datenschutz", "Privacy"),
            language
                .say(
                    "Name teilen: immer; E-Mail: nie",
                    "Share name: always; email: never",
                )
                .to_owned(),
        ),
    ];
    let list: String = values
        .iter()
        .map(|(name, value)| {
            format!(
                "<dt>{}</dt><dd><code>{}</code></dd>",
                escaped(name),
                escaped(value)
            )
        })
        .collect();
    let hint = language.say(
        "Danach nennt die Plattform ihre eigenen Werte (Issuer, Client ID, Deployment ID, drei Adressen). Die Administration dieses Dienstes trägt sie über die REST-Schnittstelle ein: POST /api/v1/lti/platforms.",
        "Afterwards the platform names its own values (issuer, client ID, deployment ID, three addresses). The administrator of this service enters them by the REST API: POST /api/v1/lti/platforms.",
    );
    Page {
        language,
        title,
        body: format!("<h1>{title}</h1><dl>{list}</dl><p>{hint}</p>"),
        data: Vec::new(),
        framers: Framers::Only(Vec::new()),
        base: bridge.base_path(),
    }
    .answer(StatusCode::OK)
}

/// A person opened an address at which programs speak to each other: the page says what it is for, and where to go.
async fn for_programs(State(bridge): State<Arc<Bridge>>, headers: HeaderMap) -> Response {
    purpose(&bridge, &headers, StatusCode::OK)
}

async fn not_allowed(State(bridge): State<Arc<Bridge>>, headers: HeaderMap) -> Response {
    purpose(&bridge, &headers, StatusCode::METHOD_NOT_ALLOWED)
}

fn purpose(bridge: &Bridge, headers: &HeaderMap, status: StatusCode) -> Response {
    let language = Language::wanted(headers);
    let title = language.say(
        "Eine Adresse für die Lernplattform",
        "An address for the learning platform",
    );
    let what = language.say(
        "Hierher schickt ein Formular, was eine Lehrkraft im Kurs ausgewählt hat (LTI Deep Linking). Von Hand gibt es hier nichts zu öffnen: Öffne die Aktivität im Kurs.",
        "A form sends here what a teacher has chosen in the course (LTI Deep Linking). There is nothing to open by hand: open the activity in the course.",
    );
    let values = language.say(
        "Alle Adressen, die in der Lernplattform einzutragen sind",
        "Every address to enter in the platform",
    );
    Page {
        language,
        title,
        body: format!(
            "<h1>{title}</h1><p>{what}</p><p><a href=\"{}\">{values}</a></p>",
            escaped(&bridge.url(""))
        ),
        data: Vec::new(),
        framers: Framers::Only(Vec::new()),
        base: bridge.base_path(),
    }
    .answer(status)
}

/// The OpenID configuration of the tool, as dynamic registration says it.
pub(crate) fn tool_configuration(bridge: &Bridge, language: Language) -> serde_json::Value {
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
