//! The life of an account: its password changes, its sessions end, it is locked, unlocked and removed.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::client::Client;
use crate::common::{Answer, Browser, TestServer};
use kmz_meet_core::signal::{RefusalReason, Role, ServerMessage};
use kmz_meet_server::admin::Admin;
use reqwest::Method;
use serde_json::{Value, json};

const SESSIONS: &str = "/api/v1/account/sessions";
const PASSWORD: &str = "/api/v1/account/password";
const GOOD: &str = "Zwiebel Kran 7 lila";

async fn change(browser: &Browser, current: &str, new: &str) -> Answer {
    let body = json!({"current_password": current, "new_password": new});
    Answer::of(browser.request(Method::PUT, PASSWORD).json(&body)).await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/api/v1/session").await.body["user"] != Value::Null
}

#[tokio::test]
async fn password_changed_by_its_owner_ends_the_other_sessions() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let other = server.signed_in("berta").await;
    change(&browser, "wrong", GOOD)
        .await
        .is_problem(403, "wrong_password");
    for weak in ["short", "passwort123", "bertaberta12"] {
        change(&browser, "bertaberta", weak)
            .await
            .is_problem(422, "weak_password");
    }
    assert_eq!(change(&browser, "bertaberta", GOOD).await.status, 204);
    assert!(is_signed_in(&browser).await && !is_signed_in(&other).await);
    let new = server.browser();
    assert_eq!(new.sign_in("berta", "bertaberta").await.status(), 401);
    assert_eq!(new.sign_in("berta", GOOD).await.status(), 200);
    // An open session does not help to find the password.
    for _ in 0..5 {
        assert_eq!(change(&browser, "wrong", GOOD).await.status, 403);
    }
    change(&browser, GOOD, GOOD)
        .await
        .is_problem(429, "too_many_attempts");
}

#[tokio::test]
async fn session_list_shows_and_ends_the_sessions_of_its_owner_only() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    server.teacher("a", "clara").await;
    let (second, third) = (
        server.signed_in("berta").await,
        server.signed_in("berta").await,
    );
    let clara = server.signed_in("clara").await;
    let list = browser.get(SESSIONS).await.body;
    let list = list["sessions"].as_array().unwrap();
    assert_eq!(list.len(), 3);
    assert_eq!(list.iter().filter(|one| one["current"] == true).count(), 1);
    let of_second = second.get(SESSIONS).await.body;
    let sessions = of_second["sessions"].as_array().unwrap();
    let id = sessions.iter().find(|one| one["current"] == true).unwrap()["id"].clone();
    let path = format!("{SESSIONS}/{}", id.as_str().unwrap());
    clara.delete(&path).await.is_problem(404, "not_found");
    assert_eq!(browser.delete(&path).await.status, 204);
    browser.delete(&path).await.is_problem(404, "not_found");
    assert!(!is_signed_in(&second).await && is_signed_in(&third).await);
    assert_eq!(browser.delete(SESSIONS).await.status, 204);
    assert!(!is_signed_in(&third).await && is_signed_in(&browser).await);
    assert!(is_signed_in(&clara).await);
}

#[tokio::test]
async fn account_routes_without_a_session_are_refused() {
    let (server, _) = TestServer::with_teacher("berta").await;
    let key = server.key("a", &[]).await;
    let body = json!({"current_password": "x", "new_password": GOOD});
    for (method, path) in [
        (Method::GET, SESSIONS.to_owned()),
        (Method::DELETE, SESSIONS.to_owned()),
        (Method::DELETE, format!("{SESSIONS}/x")),
        (Method::PUT, PASSWORD.to_owned()),
    ] {
        let nobody = server.browser().request(method.clone(), &path).json(&body);
        Answer::of(nobody).await.is_problem(401, "not_signed_in");
        let key = key.request(method, &path).json(&body);
        Answer::of(key).await.is_problem(401, "not_signed_in");
    }
}

#[tokio::test]
async fn session_in_use_ends_after_a_week() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    for _ in 0..20 {
        assert!(is_signed_in(&browser).await);
        server.clock.advance(Duration::from_hours(8));
    }
    for _ in 0..3 {
        server.clock.advance(Duration::from_hours(4));
        is_signed_in(&browser).await;
    }
    assert!(!is_signed_in(&browser).await);
}

/// Starts a conference of the teacher's own room. Returns the client and the name of the room.
async fn lesson(browser: &Browser) -> (Client, String) {
    let room = browser.post("/api/v1/rooms", json!({})).await.body;
    let name = room["name"].as_str().unwrap().to_owned();
    let (client, joined) = Client::join(browser, &name, "x").await;
    let ServerMessage::Joined {
        you, participants, ..
    } = joined
    else {
        panic!("{joined:?}")
    };
    let me = participants.iter().find(|person| person.id == you).unwrap();
    assert_eq!(me.role, Role::Moderator);
    (client, name)
}

/// Waits until the connection ends.
async fn is_put_out(client: &mut Client) {
    let end = async { while client.next().await.is_some() {} };
    let ended = tokio::time::timeout(Duration::from_secs(30), end).await;
    assert!(ended.is_ok(), "put out");
}

#[tokio::test]
async fn account_that_is_locked_is_out_until_it_is_unlocked() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let (mut client, _) = lesson(&browser).await;
    // An operator does this beside the running server.
    let admin = Admin::open(&server.app.config).await.unwrap();
    admin.set_locked("Berta", true).await.unwrap();
    assert!(!is_signed_in(&browser).await);
    is_put_out(&mut client).await;
    let new = server.browser();
    let answer = new.sign_in("berta", "bertaberta").await;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("account_locked"));
    // A wrong password does not tell that the account is locked.
    assert_eq!(new.sign_in("berta", "wrong").await.status(), 401);
    admin.set_locked("berta", false).await.unwrap();
    assert_eq!(new.sign_in("berta", "bertaberta").await.status(), 200);
}

#[tokio::test]
async fn password_reset_by_an_operator_ends_sessions_and_connections() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let (mut client, name) = lesson(&browser).await;
    let admin = Admin::open(&server.app.config).await.unwrap();
    let password = admin.reset_password("berta").await.unwrap();
    assert!(!is_signed_in(&browser).await);
    is_put_out(&mut client).await;
    let mut back = server.browser();
    let answer = back.sign_in("berta", &password).await;
    assert_eq!(answer.status(), 200);
    let cookie = crate::common::set_cookie(&answer).unwrap();
    back.cookie = cookie.split(';').next().map(str::to_owned);
    // The new password lets the teacher come back as moderator.
    let (_client, joined) = Client::join(&back, &name, "x").await;
    assert!(matches!(joined, ServerMessage::Joined { .. }), "{joined:?}");
}

/// Waits until the connection ends. Returns the last message.
async fn goodbye(client: &mut Client) -> Option<ServerMessage> {
    let mut last = None;
    let end = async {
        while let Some(message) = client.next().await {
            last = Some(message);
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(30), end).await;
    assert!(ended.is_ok(), "put out");
    last
}

const SIGNED_OUT: ServerMessage = ServerMessage::Refused {
    reason: RefusalReason::SignedOut,
};

#[tokio::test]
async fn sessions_ended_by_their_owner_leave_the_lesson_with_a_reason() {
    let (server, desk) = TestServer::with_teacher("berta").await;
    let (mut teacher, name) = lesson(&desk).await;
    let phone = server.signed_in("berta").await;
    server.clock.advance(Duration::from_secs(1));
    let home = server.signed_in("berta").await;
    let (mut on_phone, _) = Client::joined(&phone, &name, "x").await;
    let (mut at_home, _) = Client::joined(&home, &name, "x").await;
    // The newest is first.
    let sessions = desk.get(SESSIONS).await.body;
    let of_home = sessions["sessions"][0]["id"].as_str().unwrap().to_owned();
    let ended = desk.delete(&format!("{SESSIONS}/{of_home}")).await;
    assert_eq!(ended.status, 204);
    assert_eq!(goodbye(&mut at_home).await, Some(SIGNED_OUT));
    assert_eq!(change(&desk, "bertaberta", GOOD).await.status, 204);
    assert_eq!(goodbye(&mut on_phone).await, Some(SIGNED_OUT));
    // The teacher is still in the conference, with the same role.
    let others = [on_phone, at_home].len();
    let mut left = 0;
    while left < others {
        match teacher.next().await.expect("still connected") {
            ServerMessage::ParticipantLeft { reason, .. } => {
                assert_eq!(reason, kmz_meet_core::signal::LeaveReason::Left);
                left += 1;
            }
            message => assert!(
                !matches!(
                    message,
                    ServerMessage::Removed | ServerMessage::Refused { .. }
                ),
                "{message:?}"
            ),
        }
    }
    teacher
        .say(&kmz_meet_core::signal::ClientMessage::Ping)
        .await;
    let pong = teacher.until(|message| *message == ServerMessage::Pong);
    pong.await;
    // A teacher who signs in again comes in.
    let mut back = server.browser();
    let answer = back.sign_in("berta", GOOD).await;
    let cookie = crate::common::set_cookie(&answer).unwrap();
    back.cookie = cookie.split(';').next().map(str::to_owned);
    let (_client, joined) = Client::join(&back, &name, "x").await;
    assert!(matches!(joined, ServerMessage::Joined { .. }), "{joined:?}");
}

#[tokio::test]
async fn waiting_person_whose_session_ended_is_refused() {
    let (server, berta) = TestServer::with_teacher("berta").await;
    let room = berta.post("/api/v1/rooms", json!({})).await.body;
    let name = room["name"].as_str().unwrap().to_owned();
    server.teacher("a", "clara").await;
    let clara = server.signed_in("clara").await;
    let (mut waiting, answer) = Client::join(&clara, &name, "x").await;
    assert_eq!(answer, ServerMessage::Waiting);
    let admin = Admin::open(&server.app.config).await.unwrap();
    admin.end_sessions("clara").await.unwrap();
    let (_teacher, _) = Client::joined(&berta, &name, "x").await;
    assert_eq!(goodbye(&mut waiting).await, Some(SIGNED_OUT));
}

#[tokio::test]
async fn account_with_rooms_is_removed_only_together_with_them() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let (mut client, name) = lesson(&browser).await;
    let admin = Admin::open(&server.app.config).await.unwrap();
    let refused = admin.remove_teacher("berta", false).await.unwrap_err();
    assert!(refused.to_string().contains("--with-rooms"), "{refused}");
    assert!(is_signed_in(&browser).await);
    admin.remove_teacher("berta", true).await.unwrap();
    assert!(!is_signed_in(&browser).await);
    is_put_out(&mut client).await;
    assert_eq!(server.app.store.room_by_name(&name).await.unwrap(), None);
    let unknown = admin.remove_teacher("berta", true).await.unwrap_err();
    assert!(unknown.to_string().contains("teacher add"), "{unknown}");
}
