//! A learning platform with a course in it, which says what a test wants.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kmz_meet_server::clock::Clock;
pub use lti_bridge::testing::CLAIM;
use lti_bridge::testing::{Browser, Login, PlatformKey};
use serde_json::{Value, json};

use super::TestServer;
use super::key::Key;

pub const GRADES: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
pub const NAMES: &str = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
pub const AGS: &str = "https://purl.imsglobal.org/spec/lti-ags/scope";
const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";

/// How a class list fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListFails {
    #[default]
    Not,
    /// The platform answers with this status.
    Status(u16),
    /// The token endpoint answers with this status.
    Token(u16),
    /// The platform answers with this text, which is no list.
    Text(&'static str),
    /// The platform begins an answer and never ends it.
    Hangs,
}

/// The requests to the platform, and how it answers them.
#[derive(Default)]
pub struct Book {
    pub members: Vec<Value>,
    pub columns: Vec<Value>,
    /// The path of the column, and the score, in the order in which they came.
    pub scores: Vec<(String, Value)>,
    /// The status for the scores of a person; 200 for all others.
    pub statuses: BTreeMap<String, u16>,
    /// How long a score takes.
    pub pause: Duration,
    /// After how many scores the platform fails.
    pub fails_after: Option<usize>,
    under_way: usize,
    /// The most scores that were under way at the same time.
    pub most_at_once: usize,
    pub tokens: usize,
    /// How the class list fails now.
    pub list: ListFails,
    /// The URL that the platform gives for its class list, if not its own.
    pub list_url: Option<String>,
    /// What the tool told the platform about itself at the registration.
    pub told: Value,
    /// The platform cannot read our keys: the token endpoint answers with a page, as Moodle's does.
    pub blocked: bool,
}

pub struct Course {
    pub url: String,
    key: PlatformKey,
    pub book: Mutex<Book>,
}

/// A login that waits for the platform's sign-in.
pub struct Begun {
    target: String,
    login: Login,
}

/// The base URL of the LTI tool.
fn tool(server: &TestServer) -> String {
    format!("{}/lti", server.origin)
}

async fn answer(State(course): State<Arc<Course>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let given: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let url = &course.url;
    let answer = match (parts.method.as_str(), path.as_str()) {
        (_, "/certs") => course.keys(),
        (_, "/token") => {
            let mut book = course.book.lock().unwrap();
            if let ListFails::Token(status) = book.list {
                let why = json!({"error": "invalid_client"}).to_string();
                return (StatusCode::from_u16(status).unwrap(), why).into_response();
            }
            if book.blocked {
                return (StatusCode::NOT_FOUND, "<html>The URL is blocked.</html>").into_response();
            }
            book.tokens += 1;
            json!({"access_token": "access", "token_type": "Bearer", "expires_in": 3600})
        }
        (_, "/openid-configuration") => json!({
            "issuer": url, "authorization_endpoint": format!("{url}/auth"), "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/certs"), "registration_endpoint": format!("{url}/registration"),
        }),
        (_, "/registration") => {
            course.book.lock().unwrap().told = given;
            json!({"client_id": "by-itself", TOOL: {"deployment_id": "1"}})
        }
        (_, "/members") => return course.members(),
        ("GET", "/columns") => json!(course.book.lock().unwrap().columns),
        ("POST", "/columns") => {
            let mut book = course.book.lock().unwrap();
            let mut column = given;
            column["id"] = json!(format!("{url}/columns/{}", book.columns.len()));
            book.columns.push(column.clone());
            column
        }
        ("POST", path) if path.ends_with("/scores") => return course.score(path, given).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    answer.to_string().into_response()
}

impl Course {
    fn members(&self) -> Response {
        let book = self.book.lock().unwrap();
        match book.list {
            ListFails::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
            ListFails::Text(text) => text.into_response(),
            ListFails::Hangs => {
                let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
                Body::from_stream(never).into_response()
            }
            ListFails::Not | ListFails::Token(_) => {
                json!({"members": book.members}).to_string().into_response()
            }
        }
    }

    /// Answers at a further address.
    pub async fn serve_at(self: &Arc<Self>, address: SocketAddr) {
        self.serve_on(tokio::net::TcpListener::bind(address).await.unwrap());
    }

    fn serve_on(self: &Arc<Self>, listener: tokio::net::TcpListener) {
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    pub async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let course = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            key: PlatformKey::new("kid"),
            book: Mutex::default(),
        });
        course.serve_on(listener);
        course
    }

    /// A platform that answers at this address and signs with this key (PEM).
    pub async fn known(url: &str, key: &str) -> Arc<Self> {
        let course = Arc::new(Self {
            url: url.to_owned(),
            key: PlatformKey::from_pem("kid", key),
            book: Mutex::default(),
        });
        let address: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();
        // Another test may still use the address for a moment.
        let bound = async {
            loop {
                match tokio::net::TcpListener::bind(address).await {
                    Ok(listener) => return listener,
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let listener = tokio::time::timeout(Duration::from_mins(1), bound)
            .await
            .expect("the address gets free");
        course.serve_on(listener);
        course
    }

    fn keys(&self) -> Value {
        json!({"keys": [self.key.jwk()]})
    }

    async fn score(&self, path: &str, score: Value) -> Response {
        let (pause, status) = {
            let mut book = self.book.lock().unwrap();
            let person = score["userId"].as_str().unwrap().to_owned();
            let fails = book
                .fails_after
                .is_some_and(|most| book.scores.len() >= most);
            let status = if fails {
                500
            } else {
                book.statuses.get(&person).copied().unwrap_or(200)
            };
            book.scores.push((path.to_owned(), score));
            book.under_way += 1;
            book.most_at_once = book.most_at_once.max(book.under_way);
            (book.pause, status)
        };
        tokio::time::sleep(pause).await;
        self.book.lock().unwrap().under_way -= 1;
        StatusCode::from_u16(status).unwrap().into_response()
    }

    /// What an administrator enters to register this platform by hand.
    pub fn registration(&self, client: &str) -> Value {
        let url = &self.url;
        json!({
            "issuer": url, "client_id": client, "deployment_ids": ["1"], "authorization_endpoint": format!("{url}/auth"),
            "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/certs"),
        })
    }

    pub async fn register(&self, school: &Key, client: &str) -> Value {
        let made = school
            .post("/api/v1/lti/platforms", self.registration(client))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body
    }

    /// A learner with the id 4 opens the link 1 of the course 2, unless the test says otherwise.
    pub async fn launch(
        &self,
        server: &TestServer,
        client: &str,
        change: impl FnOnce(&mut Value),
    ) -> reqwest::Response {
        let login = self.begin(server, client).await;
        self.finish(server, client, &login, change).await
    }

    /// The first half of a launch, up to the sign-in at the platform.
    pub async fn begin(&self, server: &TestServer, client: &str) -> Begun {
        let tool = tool(server);
        let target = format!("{tool}/launch");
        let fields = [
            ("iss", self.url.as_str()),
            ("target_link_uri", &target),
            ("login_hint", "4"),
            ("client_id", client),
        ];
        let login = Browser::default().start_login(&tool, &fields).await;
        Begun { target, login }
    }

    /// The platform initiates a login, with this client id or with none. Follows no redirect.
    pub async fn initiate(&self, server: &TestServer, client: Option<&str>) -> reqwest::Response {
        let tool = tool(server);
        let target = format!("{tool}/launch");
        let mut fields = vec![
            ("iss", self.url.as_str()),
            ("target_link_uri", target.as_str()),
            ("login_hint", "4"),
        ];
        fields.extend(client.map(|client| ("client_id", client)));
        let login = Browser::default().0.post(format!("{tool}/login"));
        login.form(&fields).send().await.unwrap()
    }

    /// The second half of a launch: the platform sends the browser back.
    pub async fn finish(
        &self,
        server: &TestServer,
        client: &str,
        begun: &Begun,
        change: impl FnOnce(&mut Value),
    ) -> reqwest::Response {
        let (target, asked) = (&begun.target, &begun.login.asked);
        let now = server.clock.now() / 1_000;
        let mut claims = json!({
            "iss": self.url, "aud": client, "iat": now, "exp": now + 60, "nonce": asked["nonce"], "sub": "4", "name": "Anna",
            format!("{CLAIM}/message_type"): "LtiResourceLinkRequest", format!("{CLAIM}/version"): "1.3.0",
            format!("{CLAIM}/deployment_id"): "1", format!("{CLAIM}/target_link_uri"): target,
            format!("{CLAIM}/roles"): ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            format!("{CLAIM}/context"): {"id": "2", "title": "Mathe 7b"},
            format!("{CLAIM}/resource_link"): {"id": "1", "title": "Videokonferenz"},
            format!("{CLAIM}/launch_presentation"): {"locale": "de"},
            format!("{CLAIM}/custom"): {"un": "anna.m"},
        });
        change(&mut claims);
        Browser::default()
            .launch(&tool(server), &begun.login, &self.key.sign(&claims))
            .await
    }

    /// Claims of a teacher with the id 3, with the services of the platform.
    pub fn teacher(&self, claims: &mut Value) {
        claims["sub"] = json!("3");
        claims["name"] = json!("Frau M");
        claims[format!("{CLAIM}/roles")] =
            json!(["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]);
        let list = self.book.lock().unwrap().list_url.clone();
        let list = list.unwrap_or_else(|| format!("{}/members", self.url));
        claims[NAMES] = json!({"context_memberships_url": list});
        claims[GRADES] = json!({
            "scope": [format!("{AGS}/lineitem"), format!("{AGS}/score")],
            "lineitems": format!("{}/columns", self.url),
        });
    }
}

/// Where a launch leads.
pub fn led_to(answer: &reqwest::Response) -> reqwest::Url {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}
