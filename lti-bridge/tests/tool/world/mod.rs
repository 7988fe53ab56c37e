//! A platform that says what a test wants, and a tool with our bridge in it.
#![allow(dead_code, reason = "every test file uses some of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use guarded_http::{GuardedClient, Policy};
use lti_bridge::testing::{Browser, PlatformKey};
pub use lti_bridge::testing::{CLAIM, Login, ROLES};
use lti_bridge::{
    Bridge, ContentItem, Launch, LaunchHandler, MemoryStore, NumericDate, Platform, PlatformState,
    Refused, Settings, SigningKey, Store, Words,
};
use serde_json::{Value, json};
use url::Url;

pub mod services;

/// What the platform was asked.
#[derive(Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub authorization: String,
    pub accept: String,
    pub kind: String,
    pub body: String,
}

pub type Handler = Box<dyn Fn(&Asked) -> Option<Response> + Send + Sync>;

pub struct PlatformServer {
    pub url: String,
    pub keys: Mutex<Vec<PlatformKey>>,
    pub asked: Mutex<Vec<Asked>>,
    pub handler: Mutex<Option<Handler>>,
}

async fn answer(State(platform): State<Arc<PlatformServer>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| {
        let value = parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        authorization: header("authorization"),
        accept: header("accept"),
        kind: header("content-type"),
        body: String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap(),
    };
    let special = platform
        .handler
        .lock()
        .unwrap()
        .as_ref()
        .and_then(|handler| handler(&asked));
    let response = special.unwrap_or_else(|| {
        if asked.path == "/certs.php" {
            platform.jwks().to_string().into_response()
        } else {
            axum::http::StatusCode::NOT_FOUND.into_response()
        }
    });
    platform.asked.lock().unwrap().push(asked);
    response
}

impl PlatformServer {
    pub async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            keys: Mutex::new(vec![PlatformKey::new("kid-1")]),
            asked: Mutex::default(),
            handler: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(platform.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        platform
    }

    pub fn handle(&self, handler: impl Fn(&Asked) -> Option<Response> + Send + Sync + 'static) {
        *self.handler.lock().unwrap() = Some(Box::new(handler));
    }

    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .keys
            .lock()
            .unwrap()
            .iter()
            .map(|key| {
                let mut jwk = key.jwk();
                jwk["alg"] = json!("RS256");
                jwk["use"] = json!("sig");
                jwk
            })
            .collect();
        json!({"keys": keys})
    }

    pub fn times_asked(&self, path: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| asked.path.starts_with(path))
            .count()
    }

    pub fn platform(&self, tenant: &str) -> Platform {
        let url = |path: &str| Url::parse(&format!("{}{path}", self.url)).unwrap();
        Platform {
            id: format!("platform-{tenant}"),
            tenant: tenant.to_owned(),
            name: "Moodle".to_owned(),
            issuer: self.url.clone(),
            client_id: "CLIENT123".to_owned(),
            deployment_ids: vec!["4".to_owned()],
            authorization_endpoint: url("/mod/lti/auth.php"),
            token_endpoint: url("/mod/lti/token.php"),
            jwks_uri: url("/certs.php"),
            state: PlatformState::Active,
            page_origins: Vec::new(),
            proven: false,
            named_only: false,
            audience: None,
        }
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.keys.lock().unwrap()[0].sign(claims)
    }
}

/// Opens everything, and remembers what it was asked.
#[derive(Default)]
pub struct Rooms {
    pub launches: Mutex<Vec<Launch>>,
    pub choices: Mutex<Vec<ContentItem>>,
}

#[async_trait]
impl LaunchHandler for Rooms {
    async fn open(&self, launch: &Launch) -> Result<Url, Refused> {
        self.launches.lock().unwrap().push(launch.clone());
        Ok(Url::parse("https://meet.example/room#ticket=x").unwrap())
    }
    async fn content_items(&self, _: &Launch) -> Result<Vec<ContentItem>, Refused> {
        Ok(self.choices.lock().unwrap().clone())
    }
    async fn create_content_item(&self, _: &Launch, title: &str) -> Result<ContentItem, Refused> {
        let choice = ContentItem {
            id: "room-new".to_owned(),
            title: title.to_owned(),
        };
        self.choices.lock().unwrap().push(choice.clone());
        Ok(choice)
    }
}

pub struct World {
    pub platform: Arc<PlatformServer>,
    pub bridge: Arc<Bridge>,
    pub store: Arc<MemoryStore>,
    pub rooms: Arc<Rooms>,
    pub tool: String,
    pub http: reqwest::Client,
    clock: Arc<AtomicI64>,
    counter: AtomicUsize,
}

impl World {
    pub async fn new() -> Self {
        let platform = PlatformServer::start().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tool = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let store = Arc::new(MemoryStore::default());
        let rooms = Arc::new(Rooms::default());
        let clock = Arc::new(AtomicI64::new(1_800_000_000));
        let time = clock.clone();
        let mut settings = Settings::new(
            Url::parse(&format!("{tool}/lti")).unwrap(),
            "kmz-meet",
            Words::new("Räume", "Rooms"),
            SigningKey::random().unwrap(),
        );
        settings.icon = Some(Url::parse(&format!("{tool}/icon.svg")).unwrap());
        "room".clone_into(&mut settings.item_parameter);
        settings.line_item_tag = Some("attendance".to_owned());
        settings.wording.manual_setup = Words::new(
            "Hier: POST /api/v1/lti/platforms",
            "Here: POST /api/v1/lti/platforms",
        );
        let bridge = Bridge::with_clock(
            settings,
            store.clone(),
            rooms.clone(),
            GuardedClient::new(Policy::default().allow_loopback(true)),
            Arc::new(move || NumericDate(time.load(Ordering::SeqCst))),
        );
        let router: Router = Router::new().nest("/lti", bridge.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        store.save_platform(&platform.platform("a")).await.unwrap();
        Self {
            platform,
            bridge,
            store,
            rooms,
            tool,
            http: Browser::default().0,
            clock,
            counter: AtomicUsize::new(0),
        }
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn initiation(&self) -> Vec<(&'static str, String)> {
        vec![
            ("iss", self.platform.url.clone()),
            ("target_link_uri", format!("{}/lti/launch", self.tool)),
            ("login_hint", "4".to_owned()),
            (
                "lti_message_hint",
                r#"{"cmid":4,"launchid":"ltilaunch1_259481090"}"#.to_owned(),
            ),
            ("client_id", "CLIENT123".to_owned()),
            ("lti_deployment_id", "4".to_owned()),
        ]
    }

    pub async fn start(&self) -> Login {
        self.start_with(&self.initiation()).await
    }

    pub async fn start_with(&self, fields: &[(&str, String)]) -> Login {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let tool = format!("{}/lti", self.tool);
        let login = Browser(self.http.clone()).start_login(&tool, &fields).await;
        assert_eq!(login.onward.path(), "/mod/lti/auth.php");
        login
    }

    /// As Moodle 4.5 makes them.
    pub fn claims(&self, login: &Login) -> Value {
        let now = self.now();
        json!({
            "nonce": login.asked["nonce"],
            "iat": now, "exp": now + 60, "iss": self.platform.url, "aud": "CLIENT123",
            format!("{CLAIM}/deployment_id"): "4",
            format!("{CLAIM}/target_link_uri"): format!("{}/lti/launch", self.tool),
            "sub": "4",
            format!("{CLAIM}/lis"): {"person_sourcedid": "", "course_section_sourcedid": ""},
            format!("{CLAIM}/roles"): [format!("{ROLES}/membership#Instructor")],
            format!("{CLAIM}/context"): {"id": "2", "label": "M7b", "title": "Mathe 7b", "type": ["CourseSection"]},
            format!("{CLAIM}/message_type"): "LtiResourceLinkRequest",
            format!("{CLAIM}/resource_link"): {"title": "Videokonferenz", "description": "", "id": "1"},
            "given_name": "Frau", "family_name": "Müller", "name": "Frau Müller",
            format!("{CLAIM}/ext"): {"user_username": "teacher1", "lms": "moodle-2"},
            format!("{CLAIM}/launch_presentation"): {"locale": "pt_br", "document_target": "iframe", "return_url": format!("{}/return?sesskey=x", self.platform.url)},
            format!("{CLAIM}/tool_platform"): {"product_family_code": "moodle", "version": "2024100705.01"},
            format!("{CLAIM}/version"): "1.3.0",
            format!("{CLAIM}/custom"): {"context_memberships_url": "x", "mixed_key": "1"},
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem", "https://purl.imsglobal.org/spec/lti-ags/scope/score"],
                "lineitems": format!("{}/mod/lti/services.php/2/lineitems?type_id=3", self.platform.url),
            },
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": format!("{}/mod/lti/services.php/CourseSection/2/bindings/3/memberships", self.platform.url),
                "service_versions": ["1.0", "2.0"],
            },
        })
    }

    pub async fn launch(&self, login: &Login, token: &str) -> reqwest::Response {
        let tool = format!("{}/lti", self.tool);
        Browser(self.http.clone()).launch(&tool, login, token).await
    }

    pub async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        cookies: Option<&str>,
    ) -> reqwest::Response {
        let mut request = self.http.post(format!("{}{path}", self.tool)).form(fields);
        if let Some(cookies) = cookies.filter(|cookies| !cookies.is_empty()) {
            request = request.header("cookie", cookies);
        }
        request.send().await.unwrap()
    }

    pub fn opened(&self) -> usize {
        self.rooms.launches.lock().unwrap().len()
    }

    pub fn number(&self) -> usize {
        self.counter.fetch_add(1, Ordering::SeqCst)
    }
}
