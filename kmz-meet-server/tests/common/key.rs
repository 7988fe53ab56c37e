//! An integration of a school: calls the API with a key.

use reqwest::Method;
use serde_json::Value;

use super::{Answer, TestServer};

pub struct Key {
    http: reqwest::Client,
    base: String,
    pub token: String,
}

impl TestServer {
    /// A key with these scopes; all of them when there are none.
    pub async fn key(&self, school: &str, scopes: &[&str]) -> Key {
        use kmz_meet_server::clock::Clock;
        use kmz_meet_server::credentials::{ApiKey, Scope};
        use kmz_meet_server::store::Record;
        let scopes: Vec<Scope> = if scopes.is_empty() {
            Scope::ALL.into()
        } else {
            serde_json::from_value(serde_json::json!(scopes)).unwrap()
        };
        let now = self.clock.now();
        let data = ApiKey {
            name: "test".to_owned(),
            scopes,
        };
        let mut record = Record::new(school.to_owned(), now, data);
        record.expires_at = Some(now + 365 * 24 * 3_600_000);
        record.add(&self.app.store).await.unwrap();
        let token = self
            .app
            .api_tokens
            .sign(&record.id, school, now, now + 365 * 24 * 3_600_000)
            .unwrap();
        self.with_token(&token)
    }

    pub fn with_token(&self, token: &str) -> Key {
        Key {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            base: self.origin.clone(),
            token: token.to_owned(),
        }
    }
}

impl Key {
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }
}
