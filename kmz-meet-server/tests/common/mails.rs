//! A server that shows its mails instead of sending them, and reading them there.

use std::time::Duration;

use kmz_meet_server::config::MailConfig;
use kmz_meet_server::store::Contract;
use serde_json::Value;

use super::{Browser, TestServer};

impl TestServer {
    /// A server that shows its mails, with a school that has a contract.
    pub async fn with_shown_mails() -> Self {
        let server = Self::start_with(|config| config.mail = Some(MailConfig::Show)).await;
        server.school("a", Contract::Signed).await;
        server
    }

    /// The same, and a signed-in teacher with the address `<username>@school.example`.
    pub async fn with_mailed_teacher(username: &str) -> (Self, Browser) {
        let server = Self::with_shown_mails().await;
        server.teacher("a", username).await;
        let address = format!("{username}@school.example").parse().unwrap();
        let id = format!("id-{username}");
        let set = server.app.store.set_email(&id, &address).await;
        set.unwrap().unwrap();
        let browser = server.signed_in(username).await;
        (server, browser)
    }

    /// The mails so far, newest first.
    pub async fn mails_so_far(&self) -> Vec<Value> {
        let list = self.browser().get("/demo/mail.json").await.body;
        list["mails"].as_array().unwrap().clone()
    }

    /// Waits until there are so many mails, or more; newest first.
    pub async fn mails(&self, number: usize) -> Vec<Value> {
        for _ in 0..200 {
            let mails = self.mails_so_far().await;
            if mails.len() >= number {
                return mails;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("fewer than {number}: {:?}", self.mails_so_far().await);
    }
}
