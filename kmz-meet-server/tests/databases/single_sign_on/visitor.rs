//! A browser that keeps its cookies and follows no redirect by itself.

use std::collections::BTreeMap;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::provider::Provider;
use crate::common::TestServer;

pub struct Visitor {
    http: reqwest::Client,
    origin: String,
    pub cookies: BTreeMap<String, String>,
}

/// What a page of ours said.
pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub text: String,
}

impl Page {
    /// The code of a refusal.
    pub fn code(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once("<code>")?;
        Some(rest.split_once("</code>")?.0)
    }

    pub fn refuses(&self, code: &str) {
        assert_eq!(self.code(), Some(code), "{} {}", self.status, self.text);
        assert_eq!(self.status, StatusCode::BAD_REQUEST);
        assert_eq!(self.location, None);
    }

    pub fn leads_to(&self, path: &str) {
        assert_eq!(self.location.as_deref(), Some(path), "{}", self.text);
        assert_eq!(self.status, StatusCode::SEE_OTHER);
    }
}

impl Visitor {
    pub fn new(server: &TestServer) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            origin: server.origin.clone(),
            cookies: BTreeMap::new(),
        }
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.origin));
        request = request.header("origin", &self.origin);
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
                assert!(cookie.contains(attribute), "{cookie}");
            }
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    pub async fn open(&mut self, path: &str) -> Page {
        let response = self.send(Method::GET, path, None).await;
        let location = response.headers().get("location");
        Page {
            status: response.status(),
            location: location.map(|value| value.to_str().unwrap().to_owned()),
            text: response.text().await.unwrap(),
        }
    }

    pub async fn json(&mut self, method: Method, path: &str, body: Option<Value>) -> Value {
        let response = self.send(method, path, body).await;
        serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default()
    }

    /// Who is signed in.
    pub async fn user(&mut self) -> Value {
        self.json(Method::GET, "/api/v1/session", None).await["user"].clone()
    }

    pub async fn signs_in(&mut self, username: &str, password: &str) -> Value {
        let credentials = json!({"username": username, "password": password});
        self.json(Method::POST, "/api/v1/session", Some(credentials))
            .await["user"]
            .clone()
    }

    /// To the page of the provider.
    pub async fn begins(&mut self, id: &str) -> Url {
        let page = self.open(&format!("/sign-in/oidc/{id}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        page.location.unwrap().parse().unwrap()
    }

    pub async fn comes_back(&mut self, query: &str) -> Page {
        self.open(&format!("/sign-in/oidc/callback?{query}")).await
    }

    /// All the way: there, signed in as this person, and back.
    pub async fn goes(&mut self, id: &str, provider: &Provider, claims: Value) -> Page {
        let page = self.begins(id).await;
        let query = provider.signed_in(&page, claims);
        self.comes_back(&query).await
    }
}
