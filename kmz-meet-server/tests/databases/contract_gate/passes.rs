//! A substitute pass for a room: how it is made, and what it opens.

use serde_json::{Value, json};

use super::made;
use crate::common::{Answer, Browser, TestServer};

/// A pass that was made while the contract held.
pub struct Passes {
    path: String,
    token: String,
    /// What the pass was exchanged for at that time.
    pub ticket: String,
}

/// What is behind the `#` of the link in an answer.
fn fragment(answer: &Answer) -> &str {
    let url = answer.body["url"].as_str();
    let url = url.unwrap_or_else(|| panic!("{answer:?}"));
    url.split_once('#').unwrap().1
}

async fn exchange(server: &TestServer, token: &str) -> Answer {
    let path = "/api/v1/substitute-passes/entry";
    let stranger = server.browser();
    stranger.post(path, json!({"token": token})).await
}

impl Passes {
    pub async fn new(server: &TestServer, teacher: &Browser, room: &str) -> Self {
        let path = format!("/api/v1/rooms/{room}/substitute-passes");
        let longest = json!({"valid_minutes": 14 * 24 * 60});
        let token = fragment(&teacher.post(&path, longest).await).to_owned();
        let entry = exchange(server, &token).await;
        let ticket = fragment(&entry).strip_prefix("ticket=").unwrap().to_owned();
        Self {
            path,
            token,
            ticket,
        }
    }

    /// Makes another pass. True: it was made.
    pub async fn make(&self, teacher: &Browser) -> bool {
        let answer = teacher.post(&self.path, json!({"valid_minutes": 10})).await;
        let leads = made(&answer);
        if leads {
            // A room has a few of them only.
            let Value::String(id) = &answer.body["pass"]["id"] else {
                panic!("{answer:?}")
            };
            let pass = format!("{}/{id}", self.path);
            assert_eq!(teacher.delete(&pass).await.status, 204);
        }
        leads
    }

    /// Exchanges the pass. True: it was exchanged for a way into the room.
    pub async fn redeem(&self, server: &TestServer) -> bool {
        let answer = exchange(server, &self.token).await;
        if answer.status != 200 {
            answer.is_problem(403, "no_contract");
        }
        answer.status == 200
    }
}
