//! A cookie that came in without a password proves nothing once the room has one.

use futures_util::future::join_all;
use kmz_meet_core::signal::{ClientMessage, ServerMessage};
use reqwest::Method;
use serde_json::json;

use crate::common::client::Client;
use crate::common::{Browser, TestServer, set_cookie};

/// More wrong passwords than a room accepts from all addresses together.
const GUESSES: usize = 50;

/// A browser that has opened the page.
async fn browser(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    let page = browser.request(Method::GET, "/").send().await.unwrap();
    let cookie = set_cookie(&page).unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    browser
}

async fn comes(browser: &Browser, room: &str, name: &str, password: &str) -> ServerMessage {
    let join = json!({"type": "join", "room": room, "name": name, "password": password});
    let (mut client, answer) = Client::arrive(browser, join).await;
    client.say(&ClientMessage::Leave).await;
    answer
}

#[tokio::test]
async fn cookies_from_before_the_password_do_not_help_to_guess_it() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = teacher.post("/api/v1/rooms", json!({})).await.body;
    let room = room["name"].as_str().unwrap().to_owned();
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    let (stock, honest) = (browser(&server).await, browser(&server).await);
    let in_by_nothing = comes(&stock, &room, "Mallory", "4711").await;
    assert!(matches!(in_by_nothing, ServerMessage::Joined { .. }));
    let password = Some("4711".to_owned());
    maier.say(&ClientMessage::SetPassword { password }).await;
    maier
        .until(|message| matches!(message, ServerMessage::Password { password: Some(_) }))
        .await;
    let by_password = comes(&honest, &room, "Anna", "4711").await;
    assert!(matches!(by_password, ServerMessage::Joined { .. }));
    let guesses = (0..GUESSES).map(async |number| {
        let guesser = browser(&server).await;
        comes(&guesser, &room, "Mallory", &format!("wrong {number}")).await
    });
    for answer in join_all(guesses).await {
        assert_eq!(answer, ServerMessage::Waiting);
    }
    // Somebody is guessing: the room lets in only cookies that gave this password before.
    let answer = comes(&stock, &room, "Eve", "4711").await;
    assert_eq!(answer, ServerMessage::Waiting);
    let answer = comes(&honest, &room, "Anna", "4711").await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}
