//! The sealed drop over HTTP: who makes links and keys, what a link takes, and when what came is gone.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod keys;
mod links;
mod uploads;

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::common::{Answer, Browser, TestServer};
use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http_body::Frame;
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

/// A list in plain text must never come; this is what is sealed instead: the form of an age file for so many keys.
pub fn sealed(keys: usize, bytes: usize) -> Vec<u8> {
    let text = STANDARD_NO_PAD.encode([7; 32]);
    let stanzas = format!("-> X25519 {text}\n{text}\n").repeat(keys);
    let file = format!("age-encryption.org/v1\n{stanzas}--- {text}\n");
    let mut file = file.into_bytes();
    file.extend(vec![9; bytes.max(64)]);
    file
}

pub fn protected() -> String {
    let [salt, body] = [16, 32].map(|bytes| STANDARD_NO_PAD.encode(vec![7; bytes]));
    let mut file = format!("age-encryption.org/v1\n-> scrypt {salt} 18\n{body}\n--- {body}\n");
    file += &"x".repeat(110);
    STANDARD.encode(file)
}

/// Public halves of keys that nobody has, from the test vectors of others.
pub const RECIPIENTS: [&str; 3] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
    "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa",
];

struct World {
    server: TestServer,
    operator: Browser,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        for school in ["a", "b"] {
            server.school(school, Contract::Signed).await;
        }
        server.school("c", Contract::Requested).await;
        server.person("a", "otto", UserRole::Operator).await;
        let operator = server.signed_in("otto").await;
        Self { server, operator }
    }

    async fn key(&self, number: usize) -> Value {
        let body = json!({
            "label": format!("Key {number}"),
            "recipient": RECIPIENTS[number],
            "identity": protected(),
        });
        let made = self.operator.post("/api/v1/operator-keys", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body
    }

    async fn link(&self, school: &str) -> Link {
        let made = self.invites(school).await;
        assert_eq!(made.status, 201, "{made:?}");
        let url = made.body["url"].as_str().unwrap();
        let token = url.strip_prefix(&format!("{}/drop#", self.server.origin));
        Link {
            token: token.unwrap().to_owned(),
            id: made.body["drop"]["id"].as_str().unwrap().to_owned(),
        }
    }

    async fn invites(&self, school: &str) -> Answer {
        let path = format!("/api/v1/schools/{school}/sealed-drops");
        self.operator.post(&path, Value::Null).await
    }

    async fn looks(&self, link: &Link) -> Answer {
        self.looks_at(&link.token).await
    }

    async fn looks_at(&self, token: &str) -> Answer {
        let browser = self.server.browser();
        let request = browser.request(Method::GET, "/api/v1/drop-link");
        Answer::of(request.header("drop-token", token)).await
    }

    async fn sends(&self, link: &Link, keys: &[&Value], body: Vec<u8>) -> Answer {
        let request = self.upload(&link.token, keys).body(body);
        Answer::of(request.header("content-type", "application/octet-stream")).await
    }

    fn upload(&self, token: &str, keys: &[&Value]) -> reqwest::RequestBuilder {
        let ids: Vec<&str> = keys.iter().map(|key| key["id"].as_str().unwrap()).collect();
        self.upload_to(token, &ids.join(","))
    }

    fn upload_to(&self, token: &str, keys: &str) -> reqwest::RequestBuilder {
        let path = format!("/api/v1/drop-link/content?keys={keys}");
        let request = self.server.browser().request(Method::PUT, &path);
        request.header("drop-token", token)
    }

    async fn content(&self, by: &Browser, id: &str) -> (u16, Vec<u8>) {
        let path = format!("/api/v1/sealed-drops/{id}/content");
        let answer = by.request(Method::GET, &path).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.bytes().await.unwrap().to_vec())
    }

    async fn state(&self, id: &str) -> Option<String> {
        let drops = self.operator.get("/api/v1/sealed-drops").await.body;
        let drops = drops["drops"].as_array().unwrap();
        let drop = drops.iter().find(|drop| drop["id"] == id)?;
        Some(drop["state"].as_str().unwrap().to_owned())
    }

    async fn housekeeping(&self) {
        let now = kmz_meet_server::clock::Clock::now(&*self.server.clock);
        self.server.app.store.delete_expired(now).await.unwrap();
    }
}

/// A body that does not say how long it is.
struct OfUnknownLength(std::vec::IntoIter<Vec<u8>>);

impl http_body::Body for OfUnknownLength {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = self.get_mut().0.next();
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk.into()))))
    }
}

struct Link {
    token: String,
    id: String,
}
