//! Signing in and out.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::{TestServer, set_cookie};
use kmz_meet_server::store::Contract;
use serde_json::{Value, json};

#[tokio::test]
async fn session_of_a_teacher_lasts_until_signing_out() {
    let (_server, browser) = TestServer::with_teacher("berta").await;
    let answer = browser.get("/api/v1/session").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["user"]["username"], "berta");
    assert_eq!(answer.body["user"]["name"], "Frau berta");
    assert_eq!(answer.body["user"]["role"], "moderator");
    assert_eq!(
        answer.body["user"]["school"],
        json!({"id": "a", "name": "School a"})
    );
    assert_eq!(browser.delete("/api/v1/session").await.status, 204);
    // The cookie is still there, but the session is over.
    let answer = browser.get("/api/v1/session").await;
    assert_eq!((answer.status, &answer.body["user"]), (200, &Value::Null));
    browser
        .get("/api/v1/rooms")
        .await
        .is_problem(401, "not_signed_in");
}

#[tokio::test]
async fn session_cookie_is_hidden_from_scripts() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    // The user name is taken as people type it.
    let answer = server.browser().sign_in(" Berta ", "bertaberta").await;
    let cookie = set_cookie(&answer).unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(cookie.starts_with("__Host-kmz_session="), "{cookie}");
}

#[tokio::test]
async fn session_cookie_without_https_has_no_secure_attribute() {
    let server = TestServer::start_with(|config| {
        config.public_url = Some("http://meet.example.org".parse().unwrap());
    })
    .await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let answer = server.browser().sign_in("berta", "bertaberta").await;
    let cookie = set_cookie(&answer).unwrap();
    assert!(
        cookie.starts_with("kmz_session=") && !cookie.contains("Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn sign_in_with_wrong_password_or_unknown_name_answers_alike() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let browser = server.browser();
    let mut texts = Vec::new();
    for (username, password) in [("berta", "wrong"), ("nobody", "wrong"), ("", "")] {
        let answer = browser.sign_in(username, password).await;
        assert_eq!(answer.status(), 401);
        assert!(set_cookie(&answer).is_none());
        texts.push(answer.text().await.unwrap());
    }
    assert!(texts[0].contains("wrong_credentials"));
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

#[tokio::test]
async fn sign_in_after_five_failures_waits_and_others_do_not() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    server.teacher("a", "clara").await;
    let browser = server.browser();
    for _ in 0..5 {
        assert_eq!(browser.sign_in("berta", "wrong").await.status(), 401);
    }
    let answer = browser.sign_in("berta", "wrong").await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(browser.sign_in("clara", "claraclara").await.status(), 200);
    // Wrong passwords do not refuse a right one: it waits for its turn.
    assert_eq!(browser.sign_in("berta", "bertaberta").await.status(), 200);
    // A success resets the count of failures.
    assert_eq!(browser.sign_in("berta", "wrong").await.status(), 401);
}

/// A pupil in the classroom, behind the same address.
#[tokio::test]
async fn known_browser_during_guesses_of_others_does_not_wait() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let mut own = server.browser();
    let answer = own.sign_in("berta", "bertaberta").await;
    let known = answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|cookie| cookie.to_str().ok())
        .find(|cookie| cookie.starts_with("__Host-kmz_known="))
        .unwrap()
        .to_owned();
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(known.contains(attribute), "{known}");
    }
    own.cookie = known.split(';').next().map(str::to_owned);
    let pupil = server.browser();
    for _ in 0..5 {
        server.clock.advance(Duration::from_mins(1));
        pupil.sign_in("berta", "wrong").await;
        pupil.sign_in("berta", "wrong").await;
    }
    assert_eq!(pupil.sign_in("berta", "wrong").await.status(), 429);
    assert_eq!(own.sign_in("berta", "bertaberta").await.status(), 200);
    // The server slows its own guesses too, and a forged cookie does not help.
    for _ in 0..5 {
        assert_eq!(own.sign_in("berta", "wrong").await.status(), 401);
    }
    assert_eq!(own.sign_in("berta", "wrong").await.status(), 429);
    let mut forged = server.browser();
    forged.cookie = own.cookie.clone().map(|cookie| format!("{cookie}x"));
    assert_eq!(forged.sign_in("berta", "wrong").await.status(), 429);
    // A right password gets its turn after anybody's wrong ones.
    for browser in [&own, &forged, &pupil] {
        assert_eq!(browser.sign_in("berta", "bertaberta").await.status(), 200);
    }
}

#[tokio::test]
async fn concurrent_guesses_are_counted_before_they_are_answered() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let guesses = (0..30).map(|_| {
        let browser = server.browser();
        tokio::spawn(async move { browser.sign_in("berta", "wrong").await.status() })
    });
    let mut tried = 0;
    for guess in guesses.collect::<Vec<_>>() {
        tried += usize::from(guess.await.unwrap() == 401);
    }
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn session_without_use_ends_after_a_day() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    for _ in 0..3 {
        server.clock.advance(Duration::from_hours(8));
        assert_eq!(browser.get("/api/v1/rooms").await.status, 200);
    }
    server.clock.advance(Duration::from_hours(13));
    browser
        .get("/api/v1/rooms")
        .await
        .is_problem(401, "not_signed_in");
}

#[tokio::test]
async fn forwarded_address_counts_only_from_a_trusted_proxy() {
    for (trusted, blocked) in [(false, true), (true, false)] {
        let server = TestServer::start_with(|config| {
            if trusted {
                config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
            }
        })
        .await;
        let browser = server.browser();
        let mut last = 0;
        for guess in 0..6 {
            let request = browser
                .request(reqwest::Method::POST, "/api/v1/session")
                .header("x-forwarded-for", format!("10.0.0.{guess}"))
                .json(&json!({"username": "berta", "password": "wrong"}));
            last = request.send().await.unwrap().status().as_u16();
        }
        assert_eq!(last == 429, blocked);
    }
}
