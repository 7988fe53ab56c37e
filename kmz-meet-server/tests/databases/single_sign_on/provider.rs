//! A provider of sign-ins that answers as a test wants.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lti_bridge::testing::PlatformKey;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

pub const CLIENT: &str = "kmz-meet";
pub const SECRET: &str = "the secret of the client";

/// How ID tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signs {
    #[default]
    Right,
    /// By a key that has the id of the right one.
    WithAnotherKey,
    /// By a key whose id is in no key set.
    WithUnknownKey,
    /// By none: `alg` is `none`.
    Not,
    /// By HS256, with what everybody reads of the public key.
    WithPublicKeyAsSecret,
    /// By HS256, with the client's secret.
    WithClientSecret,
    /// By RS512, which was not registered.
    ByRs512,
}

/// What its endpoints do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fails {
    #[default]
    Not,
    /// An error of the server.
    Down,
    /// It begins an answer and never ends it.
    Hangs,
    /// An answer that never ends.
    Huge,
}

type Twist = Box<dyn Fn(&mut Value) + Send>;

struct Code {
    challenge: String,
    nonce: String,
    redirect: String,
    claims: Value,
}

#[derive(Default)]
pub struct Book {
    codes: HashMap<String, Code>,
    pub signs: Signs,
    pub discovery: Fails,
    pub token: Fails,
    /// Changes the claims of each ID token.
    pub twist: Option<Twist>,
    /// What it says where it is asked for more.
    pub more: Value,
    /// Whether each answer names the issuer, and says so.
    pub names_issuer: bool,
    /// What it calls itself, if not as it is called.
    pub calls_itself: Option<String>,
    /// How often its key set was read.
    pub keys_read: usize,
    pub codes_tried: usize,
    key: Option<PlatformKey>,
}

pub struct Provider {
    pub issuer: String,
    other: PlatformKey,
    pub book: Mutex<Book>,
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

fn endless() -> Response {
    let part = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 65_536]));
    Body::from_stream(part).into_response()
}

fn failing(how: Fails) -> Option<Response> {
    match how {
        Fails::Not => None,
        Fails::Down => Some(StatusCode::BAD_GATEWAY.into_response()),
        Fails::Hangs => {
            let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
            Some(Body::from_stream(never).into_response())
        }
        Fails::Huge => Some(endless()),
    }
}

fn answer(value: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, value.to_string()).into_response()
}

async fn asked(State(provider): State<Arc<Provider>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 16).await.unwrap();
    let issuer = &provider.issuer;
    match parts.uri.path() {
        "/.well-known/openid-configuration" => {
            let book = provider.book.lock().unwrap();
            if let Some(failed) = failing(book.discovery) {
                return failed;
            }
            answer(&json!({
                "issuer": book.calls_itself.as_ref().unwrap_or(issuer),
                "authorization_endpoint": format!("{issuer}/auth"),
                "token_endpoint": format!("{issuer}/token"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "end_session_endpoint": format!("{issuer}/end"),
                "jwks_uri": format!("{issuer}/certs"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "RS512", "HS256", "none", "of another time"],
                "authorization_response_iss_parameter_supported": book.names_issuer,
            }))
        }
        "/certs" => {
            let mut book = provider.book.lock().unwrap();
            book.keys_read += 1;
            let mut jwk = book.key.as_ref().unwrap().jwk();
            jwk["use"] = json!("sig");
            answer(&json!({"keys": [jwk]}))
        }
        "/token" => provider.token(&parts.headers, &body),
        "/userinfo" => {
            let book = provider.book.lock().unwrap();
            match parts.headers.get(header::AUTHORIZATION) {
                Some(value) if value == "Bearer access" => answer(&book.more),
                _ => StatusCode::UNAUTHORIZED.into_response(),
            }
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Provider {
    pub async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let provider = Arc::new(Self {
            issuer: format!("http://{address}"),
            other: PlatformKey::new("first"),
            book: Mutex::new(Book {
                key: Some(PlatformKey::new("first")),
                ..Book::default()
            }),
        });
        let router = Router::new().fallback(asked).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn set(&self, change: impl FnOnce(&mut Book)) {
        change(&mut self.book.lock().unwrap());
    }

    /// From now on it signs by a new key, and the former one is gone.
    pub fn has_a_new_key(&self) {
        self.set(|book| book.key = Some(PlatformKey::new("second")));
    }

    /// Somebody signs in at the page to which a browser was led. Gives the query with which it is led back.
    pub fn signed_in(&self, page: &Url, claims: Value) -> String {
        assert!(page.as_str().starts_with(&format!("{}/auth?", self.issuer)));
        let asked: HashMap<String, String> = page.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{}", uuid::Uuid::new_v4());
        let mut book = self.book.lock().unwrap();
        let given = Code {
            challenge: asked["code_challenge"].clone(),
            nonce: asked["nonce"].clone(),
            redirect: asked["redirect_uri"].clone(),
            claims,
        };
        book.codes.insert(code.clone(), given);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("code", &code);
        query.append_pair("state", &asked["state"]);
        if book.names_issuer {
            query.append_pair("iss", &self.issuer);
        }
        query.finish()
    }

    fn token(&self, headers: &axum::http::HeaderMap, body: &[u8]) -> Response {
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let mut book = self.book.lock().unwrap();
        book.codes_tried += 1;
        if let Some(failed) = failing(book.token) {
            return failed;
        }
        let form_encoded =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let basic = STANDARD.encode(format!("{}:{}", form_encoded(CLIENT), form_encoded(SECRET)));
        let known = headers
            .get(header::AUTHORIZATION)
            .is_some_and(|value| *value == format!("Basic {basic}"));
        if !known {
            let why = json!({"error": "invalid_client"}).to_string();
            return (StatusCode::UNAUTHORIZED, why).into_response();
        }
        let code = book.codes.remove(&form["code"]).filter(|code| {
            hash(&form["code_verifier"]) == code.challenge && form["redirect_uri"] == code.redirect
        });
        let Some(code) = code else {
            let why = json!({"error": "invalid_grant"}).to_string();
            return (StatusCode::BAD_REQUEST, why).into_response();
        };
        let now = 1_800_000_000;
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "nonce": code.nonce, "iat": now, "exp": now + 300,
        });
        for (name, value) in code.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        if let Some(twist) = &book.twist {
            twist(&mut claims);
        }
        let token = self.signed(&book, &claims);
        answer(&json!({
            "access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token,
        }))
    }

    fn signed(&self, book: &Book, claims: &Value) -> String {
        let key = book.key.as_ref().unwrap();
        let by_secret = |secret: &[u8]| {
            let header = Header::new(Algorithm::HS256);
            jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
        };
        match book.signs {
            Signs::Right => key.sign(claims),
            Signs::WithAnotherKey => self.other.sign(claims),
            Signs::WithUnknownKey => PlatformKey::new("nowhere").sign(claims),
            Signs::Not => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                format!("{}.{}.", part(&json!({"alg": "none"})), part(claims))
            }
            Signs::WithPublicKeyAsSecret => by_secret(key.jwk()["n"].as_str().unwrap().as_bytes()),
            Signs::WithClientSecret => by_secret(SECRET.as_bytes()),
            Signs::ByRs512 => {
                let mut header = Header::new(Algorithm::RS512);
                header.kid = Some("first".to_owned());
                key.sign_with(&header, claims)
            }
        }
    }
}
