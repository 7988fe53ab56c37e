//! The contracts of schools over HTTP and at the command line: who changes them, what is refused, and what becomes of it.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod commands;
mod documents;
mod ended;
mod papers;
mod reminders;
mod schools;
mod steps;

use crate::common::{Answer, Browser, TestServer};
use kmz_meet_server::config::Config;
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

/// The operator's own school is `home`; `a` has no contract yet.
pub struct World {
    pub server: TestServer,
    pub operator: Browser,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(configure: impl FnOnce(&mut Config)) -> Self {
        let server = TestServer::start_with(configure).await;
        server.school("home", Contract::Signed).await;
        server.school("a", Contract::Requested).await;
        server.person("home", "otto", UserRole::Operator).await;
        let operator = server.signed_in("otto").await;
        Self { server, operator }
    }

    pub async fn contract(&self) -> Value {
        let answer = self.operator.get("/api/v1/schools/a/contract").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    pub async fn step(&self, body: Value) -> Answer {
        let path = "/api/v1/schools/a/contract/changes";
        self.operator.post(path, body).await
    }

    pub async fn upload(&self, bytes: impl Into<reqwest::Body>) -> Answer {
        upload(&self.operator, bytes).await
    }

    /// Signs with this document, until this day.
    pub async fn sign(&self, document: &[u8], last_day: Option<&str>) -> Answer {
        let document = self.upload(document.to_vec()).await;
        assert_eq!(document.status, 201, "{document:?}");
        let mut body = json!({"step": "sign", "signer": "Frau Leitung", "signed_on": "2027-01-15", "document_id": document.body["id"]});
        if let Some(day) = last_day {
            body["last_day"] = json!(day);
        }
        self.step(body).await
    }
}

pub async fn upload(browser: &Browser, bytes: impl Into<reqwest::Body>) -> Answer {
    let path = "/api/v1/schools/a/contract/documents";
    Answer::of(browser.request(Method::POST, path).body(bytes)).await
}

pub fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{text}\n%%EOF\n").into_bytes()
}
