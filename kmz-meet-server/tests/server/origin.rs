//! Pages of other sites cannot act for a signed-in person.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::TestServer;
use reqwest::Method;
use serde_json::json;

async fn status(request: reqwest::RequestBuilder) -> u16 {
    request
        .json(&json!({}))
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn change_from_a_foreign_page_is_refused() {
    let (_server, mut browser) = TestServer::with_teacher("berta").await;
    let rooms = "/api/v1/rooms";
    assert_eq!(status(browser.request(Method::POST, rooms)).await, 201);
    let port = browser.base.rsplit(':').next().unwrap().to_owned();
    let foreign = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://localhost.evil.example:{port}"),
        "http://localhost:1".to_owned(),
        String::new(),
    ];
    for origin in foreign {
        browser.origin = origin;
        for (method, path) in [
            (Method::POST, rooms),
            (Method::POST, "/api/v1/session"),
            (Method::DELETE, "/api/v1/session"),
        ] {
            assert_eq!(
                status(browser.request(method, path)).await,
                403,
                "{path} {}",
                browser.origin
            );
        }
    }
    assert_eq!(
        browser.get(rooms).await.body["rooms"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn change_from_the_same_machine_by_another_name_is_accepted() {
    let (_server, mut browser) = TestServer::with_teacher("berta").await;
    browser.base = browser.base.replace("localhost", "127.0.0.1");
    browser.origin = browser.base.clone();
    assert_eq!(
        status(browser.request(Method::POST, "/api/v1/rooms")).await,
        201
    );
}

#[tokio::test]
async fn change_by_a_program_without_a_page_is_accepted() {
    let (_server, browser) = TestServer::with_teacher("berta").await;
    let request = |site: Option<&str>| {
        let mut request = browser
            .http
            .post(format!("{}/api/v1/rooms", browser.base))
            .header("cookie", browser.cookie.clone().unwrap());
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        request
    };
    assert_eq!(status(request(None)).await, 201);
    assert_eq!(status(request(Some("cross-site"))).await, 403);
    assert_eq!(status(request(Some("same-site"))).await, 403);
}
