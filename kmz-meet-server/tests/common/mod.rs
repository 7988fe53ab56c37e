//! A server in the process of the test, with a clock that the test sets.
#![allow(dead_code, reason = "every test file uses some of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

pub mod app_code;
pub mod authenticator;
pub mod client;
pub mod course;
pub mod key;
pub mod lesson;
pub mod machine;
pub mod mails;
pub mod platform;
pub mod postgres;
pub mod receiver;
pub mod slow_body;
pub mod sqlite;
pub mod teacher_request;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kmz_meet_server::clock::{Clock, Timestamp};
use kmz_meet_server::config::Config;
use kmz_meet_server::router::router;
use kmz_meet_server::state::App;
use kmz_meet_server::store::{
    AlreadyExists, Contract, ContractChange, OpenSchool, Room, School, User, UserRole,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

/// A clock that the test sets.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn set(&self, now: Timestamp) {
        self.0.store(now, Ordering::SeqCst);
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.load(Ordering::SeqCst)
    }
}

fn data_dir(directory: &tempfile::TempDir) -> std::path::PathBuf {
    directory.path().join("data")
}

pub struct TestServer {
    pub app: Arc<App>,
    pub clock: Arc<TestClock>,
    pub origin: String,
    http: reqwest::Client,
    directory: tempfile::TempDir,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = if postgres::is_wanted() {
            Some(postgres::database().await)
        } else {
            sqlite::copy_into(&data_dir(&directory)).await;
            None
        };
        Self::open(directory, 1_800_000_000_000, |config| {
            config.database_url = database;
            configure(config);
        })
        .await
    }

    /// Opens a server on the folder `data` of this directory, at this time.
    pub async fn open(
        directory: tempfile::TempDir,
        now: Timestamp,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config {
            data_dir: data_dir(&directory),
            media_port: 0,
            media_addresses: vec!["127.0.0.1".parse().unwrap()],
            ..Config::default()
        };
        configure(&mut config);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let clock = Arc::new(TestClock(AtomicI64::new(now)));
        let app = App::open_with_clock(config, port, clock.clone())
            .await
            .unwrap();
        let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self {
            app,
            clock,
            origin: format!("http://localhost:{port}"),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            directory,
        }
    }

    /// Opens a second server on the same data directory, as after a kill: nobody tells the first one to stop.
    pub async fn restarted(self) -> Self {
        let config = Config {
            media_port: 0,
            ..(*self.app.config).clone()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = App::open_with_clock(config, port, self.clock.clone())
            .await
            .unwrap();
        let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self {
            app,
            origin: format!("http://localhost:{port}"),
            ..self
        }
    }

    /// Changes the database as this version of the server does not.
    pub async fn execute(&self, sql: &str) {
        use sea_orm::ConnectionTrait;
        let file = self.app.config.data_dir.join(sqlite::FILE);
        let url = self.app.config.database_url.clone();
        let url = url.unwrap_or_else(|| format!("sqlite://{}", file.display()));
        let connection = sea_orm::Database::connect(url).await.unwrap();
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    pub async fn school(&self, id: &str, contract: Contract) {
        let school = School {
            id: id.to_owned(),
            name: format!("School {id}"),
            contract,
            valid_until: None,
            domains: Vec::new(),
        };
        self.app.store.add_school(&school).await.unwrap();
    }

    /// Changes the contract of a school. A signed one holds until `valid_until`.
    pub async fn set_contract(&self, id: &str, state: Contract, valid_until: Option<Timestamp>) {
        let change = ContractChange {
            id: uuid::Uuid::new_v4().to_string(),
            school: id.to_owned(),
            created_at: self.app.clock.now(),
            changed_by: "test".to_owned(),
            state,
            signer: None,
            signed_on: None,
            valid_until,
            document: None,
            document_sha256: None,
            note: None,
        };
        assert!(self.app.store.change_contract(&change).await.unwrap());
    }

    /// The contract of a school, which holds.
    pub async fn open_school(&self, id: &str) -> OpenSchool {
        let now = self.app.clock.now();
        let open = self.app.store.open_school(id, now).await.unwrap();
        open.expect("its contract holds")
    }

    /// Adds a room to a school whose contract holds.
    pub async fn add_room(&self, room: &Room) -> Result<(), AlreadyExists> {
        let school = self.open_school(&room.school).await;
        self.app.store.add_room(&school, room).await.unwrap()
    }

    /// A teacher whose password is their user name twice.
    pub async fn teacher(&self, school: &str, username: &str) {
        self.person(school, username, UserRole::Moderator).await;
    }

    /// The same with another role.
    pub async fn person(&self, school: &str, username: &str, role: UserRole) {
        let user = User {
            id: format!("id-{username}"),
            school: school.to_owned(),
            username: username.to_owned(),
            name: format!("Frau {username}"),
            role,
            password_hash: self.app.passwords.hash(&username.repeat(2)).await.unwrap(),
            email: None,
            created_at: 0,
        };
        let school = self.open_school(school).await;
        let added = self.app.store.add_user(&school, &user).await;
        added.unwrap().unwrap();
    }

    /// A server with a school that has a contract. It may send requests to this machine.
    pub async fn with_school() -> Self {
        let server = Self::start_with(|config| config.outgoing_loopback = true).await;
        server.school("a", Contract::Signed).await;
        server
    }

    /// A school with a contract and a signed-in teacher of it.
    pub async fn with_teacher(username: &str) -> (Self, Browser) {
        let server = Self::start().await;
        server.school("a", Contract::Signed).await;
        server.teacher("a", username).await;
        let browser = server.signed_in(username).await;
        (server, browser)
    }

    pub fn browser(&self) -> Browser {
        Browser {
            http: self.http.clone(),
            origin: self.origin.clone(),
            base: self.origin.clone(),
            cookie: None,
        }
    }

    pub async fn signed_in(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(username, &username.repeat(2)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let cookie = set_cookie(&answer).unwrap();
        browser.cookie = cookie.split(';').next().map(str::to_owned);
        browser
    }
}

pub fn set_cookie(answer: &Response) -> Option<String> {
    let value = answer.headers().get("set-cookie")?;
    Some(value.to_str().unwrap().to_owned())
}

/// Sends what a page of our own would send.
#[derive(Clone)]
pub struct Browser {
    pub http: reqwest::Client,
    pub base: String,
    pub origin: String,
    pub cookie: Option<String>,
}

impl Browser {
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let changes = method != Method::GET;
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if changes {
            request = request.header("origin", &self.origin);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request
    }

    pub async fn sign_in(&self, username: &str, password: &str) -> Response {
        let credentials = serde_json::json!({"username": username, "password": password});
        let request = self
            .request(Method::POST, "/api/v1/session")
            .json(&credentials);
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }
}

/// Status and JSON; `null` where there is none.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let is_error = status >= 400;
        let kind = response.headers().get("content-type").cloned();
        let text = response.text().await.unwrap();
        if is_error {
            assert_eq!(kind.unwrap(), "application/problem+json", "{status} {text}");
        }
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, body }
    }

    /// The answer must be this problem.
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{self:?}"
        );
        assert_eq!(self.body["status"], status);
    }
}
