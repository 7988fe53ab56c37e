//! How a platform registers the tool, and what the tool shows it.

use std::time::Duration;

use kmz_meet_server::housekeeping::{self, Housekeeping};
use serde_json::{Value, json};

use super::server;
use crate::common::course::Course;

#[tokio::test]
async fn registration_describes_the_tool_in_the_language_of_the_page() {
    let (server, key) = server().await;
    let course = Course::start().await;
    for (language, description) in [
        ("en-GB", "Video conferences for lessons"),
        ("fr", "Video conferences for lessons"),
        ("de-AT", "Videokonferenzen f\u{fc}r den Unterricht"),
    ] {
        let invited = key.post("/api/v1/lti/invitations", json!({})).await.body;
        let url = invited["registration_url"].as_str().unwrap();
        let configuration = format!("{}/openid-configuration", course.url);
        let answer = server
            .browser()
            .http
            .get(url)
            .header("accept-language", language)
            .query(&[("openid_configuration", configuration)]);
        assert_eq!(answer.send().await.unwrap().status(), 200);
        let told = course.book.lock().unwrap().told.clone();
        let tool = &told["https://purl.imsglobal.org/spec/lti-tool-configuration"];
        assert_eq!(tool["description"], description);
        let icon = told["logo_uri"].as_str().unwrap();
        assert!(icon.starts_with(&server.origin), "{icon}");
    }
}

#[tokio::test]
async fn invitation_used_concurrently_registers_one_platform() {
    let (server, key) = server().await;
    let course = Course::start().await;
    let mut invitations = Vec::new();
    for _ in 0..3 {
        let invited = key.post("/api/v1/lti/invitations", json!({})).await.body;
        invitations.push(invited["registration_url"].as_str().unwrap().to_owned());
    }
    let configuration = format!("{}/openid-configuration", course.url);
    for url in &invitations {
        let tries = (0..6).map(|_| {
            let query = [("openid_configuration", configuration.as_str())];
            server.browser().http.get(url).query(&query).send()
        });
        let answers = futures_util::future::join_all(tries).await;
        let done = answers
            .into_iter()
            .filter(|one| one.as_ref().unwrap().status() == 200);
        assert_eq!(done.count(), 1);
    }
}

#[tokio::test]
async fn deep_link_address_in_a_browser_explains_itself() {
    let (server, _) = server().await;
    for (language, words) in [
        ("de", "Eine Adresse f\u{fc}r die Lernplattform"),
        ("en", "An address for the learning platform"),
        ("fr", "An address for the learning platform"),
    ] {
        let url = format!("{}/lti/deep-link", server.origin);
        let page = server.browser().http.get(url);
        let page = page
            .header("accept-language", language)
            .send()
            .await
            .unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains(words), "{language}");
    }
}

#[tokio::test]
async fn tool_key_is_replaced_after_three_months() {
    let (server, _) = server().await;
    let keys = async || {
        let url = format!("{}/lti/jwks", server.origin);
        let set: Value = server
            .browser()
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        set["keys"].as_array().unwrap().len()
    };
    assert_eq!(keys().await, 1);
    housekeeping::run_once(&Housekeeping::from(&*server.app)).await;
    assert_eq!(keys().await, 1);
    server.clock.advance(Duration::from_hours(91 * 24));
    housekeeping::run_once(&Housekeeping::from(&*server.app)).await;
    housekeeping::run_once(&Housekeeping::from(&*server.app)).await;
    assert_eq!(keys().await, 2);
    server.clock.advance(Duration::from_hours(27));
    assert_eq!(keys().await, 1);
}
