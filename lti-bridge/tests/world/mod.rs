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
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use guarded_http::{GuardedClient, Policy};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lti_bridge::{
    Bridge, Launch, MemoryStore, Platform, PlatformState, Refused, RoomChoice, RoomOpener,
    Settings, SigningKey, Store, Words,
};
use serde_json::{Value, json};
use url::Url;

pub mod services;

pub const CLAIM: &str = "https://purl.imsglobal.org/spec/lti/claim";
pub const ROLES: &str = "http://purl.imsglobal.org/vocab/lis/v2";

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
    pub keys: Mutex<Vec<(String, Arc<EncodingKey>)>>,
    pub asked: Mutex<Vec<Asked>>,
    pub handler: Mutex<Option<Handler>>,
}

/// A new key pair, as PEM of the private one would be used.
pub fn key() -> Arc<EncodingKey> {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = pair.as_der().unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    Arc::new(EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap())
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
            keys: Mutex::new(vec![("kid-1".to_owned(), key())]),
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
            .map(|(kid, key)| {
                let mut jwk =
                    serde_json::to_value(Jwk::from_encoding_key(key, Algorithm::RS256).unwrap())
                        .unwrap();
                jwk["kid"] = json!(kid);
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
        let (kid, key) = self.keys.lock().unwrap()[0].clone();
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(kid);
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    }
}

/// Opens everything, and remembers what it was asked.
#[derive(Default)]
pub struct Rooms {
    pub launches: Mutex<Vec<Launch>>,
    pub choices: Mutex<Vec<RoomChoice>>,
}

#[async_trait]
impl RoomOpener for Rooms {
    async fn open(&self, launch: &Launch) -> Result<Url, Refused> {
        self.launches.lock().unwrap().push(launch.clone());
        Ok(Url::parse("https://meet.example/room#ticket=x").unwrap())
    }
    async fn rooms(&self, _: &Launch) -> Result<Vec<RoomChoice>, Refused> {
        Ok(self.choices.lock().unwrap().clone())
    }
    async fn create_room(&self, _: &Launch, title: &str) -> Result<RoomChoice, Refused> {
        let choice = RoomChoice {
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

/// A login that was started: what the platform got, and the browser's cookies.
#[derive(Clone, Debug)]
pub struct Login {
    pub asked: std::collections::HashMap<String, String>,
    pub cookies: String,
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
        let bridge = Bridge::with_clock(
            Settings {
                base_url: Url::parse(&format!("{tool}/lti")).unwrap(),
                name: "kmz-meet".to_owned(),
                description: Words {
                    german: "Räume".to_owned(),
                    english: "Rooms".to_owned(),
                },
                icon: Some(Url::parse(&format!("{tool}/icon.svg")).unwrap()),
                key: SigningKey::random().unwrap(),
            },
            store.clone(),
            rooms.clone(),
            GuardedClient::new(Policy::default().allow_loopback(true)),
            Arc::new(move || time.load(Ordering::SeqCst)),
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
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
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
        let response = self
            .http
            .post(format!("{}/lti/login", self.tool))
            .form(fields)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 302);
        let cookies: Vec<String> = response
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(|value| {
                value
                    .to_str()
                    .unwrap()
                    .split(';')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
        assert_eq!(location.path(), "/mod/lti/auth.php");
        Login {
            asked: location.query_pairs().into_owned().collect(),
            cookies: cookies.join("; "),
        }
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
        let fields = [("id_token", token), ("state", &login.asked["state"])];
        self.post("/lti/launch", &fields, Some(&login.cookies))
            .await
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
