//! Somebody of whom everything is kept that can be, is erased: then nothing of them is in the database, in a fresh dump of it,
//! or in any file.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use kmz_meet_core::signal::ClientMessage;
use kmz_meet_server::attendance::{Attendance, Present};
use kmz_meet_server::store::{Contract, Delivery, Record, SignInLink, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::app_code::app_code;
use crate::common::client::Client;
use crate::common::key::Key;
use crate::common::{Answer, Browser, TestServer, kept};

/// Parts of the name, of the addresses, of the proof and of what a provider calls them.
const CANARIES: [&str; 6] = [
    "Zitronenfalter",
    "zitronenfalter",
    "apfelwickler",
    "Schillerfalter",
    "Dienstausweis",
    "Nachtpfauenauge",
];
const NAME: &str = "Änne Zitronenfalter";
const FIRST: &str = "aenne.zitronenfalter@schule.example";
const LATER: &str = "apfelwickler@schule.example";
const PASSWORD: &str = "drei kleine Igel im Laub";

async fn put(browser: &Browser, path: &str, body: Value) -> Answer {
    Answer::of(browser.request(Method::PUT, path).json(&body)).await
}

/// What is behind the `#` of the link in the newest mail to an address.
async fn mailed(server: &TestServer, email: &str) -> String {
    for _ in 0..200 {
        let mails = server.browser().get("/demo/mail.json").await.body;
        let mails = mails["mails"].as_array().unwrap();
        let newest = mails.iter().find(|mail| mail["to"] == email);
        let text = newest.and_then(|mail| mail["text"].as_str());
        let token = text.and_then(|text| text.lines().find_map(|line| line.split_once('#')));
        if let Some((_, token)) = token {
            return token.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no link is mailed to {email}");
}

/// A list with them in it.
fn list() -> String {
    format!("Vorname;Nachname;E-Mail\r\nÄnne;Zitronenfalter;{FIRST}\r\n")
}

/// They ask a school for an account, and prove the address and the employment.
async fn asks(server: &TestServer, school: &str) {
    let stranger = server.browser();
    let asked = json!({"school_id": school, "name": NAME, "email": FIRST});
    let taken = stranger.post("/api/v1/teacher-requests", asked).await;
    assert_eq!(taken.status, 202, "{taken:?}");
    let token = mailed(server, FIRST).await;
    let own = json!({"token": token});
    let own = stranger.post("/api/v1/teacher-requests/confirm", own).await;
    assert_eq!(own.status, 200, "{own:?}");
    let proof = stranger
        .request(Method::PUT, "/api/v1/teacher-requests/proof")
        .header("request-token", &token)
        .body("%PDF-1.7 Dienstausweis");
    assert_eq!(Answer::of(proof).await.status, 204);
}

/// They ask with a proof, are asked back, are accepted, and choose a password by the mailed link.
async fn comes(server: &TestServer, admin: &Browser) {
    asks(server, "a").await;
    let stranger = server.browser();
    let all = "/api/v1/schools/a/teacher-requests";
    let queue = admin.get(all).await.body;
    let path = format!("{all}/{}", queue["requests"][0]["id"].as_str().unwrap());
    let question = json!({"text": "Frau Zitronenfalter, welche Klasse?"});
    let asked = admin.post(&format!("{path}/ask"), question).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let accepted = admin.post(&format!("{path}/accept"), json!({})).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    let first = json!({"token": mailed(server, FIRST).await, "new_password": PASSWORD});
    let chosen = put(&stranger, "/api/v1/password", first).await;
    assert_eq!(chosen.status, 204, "{chosen:?}");
    // They are in a list, too, and once more asked for an account that they have.
    let imports = "/api/v1/schools/a/teacher-imports";
    let import = Answer::of(admin.request(Method::POST, imports).body(list())).await;
    assert_eq!(import.body["verdicts"]["known"], 1, "{import:?}");
    let asked = json!({"school_id": "a", "name": NAME, "email": FIRST});
    let again = stranger.post("/api/v1/teacher-requests", asked).await;
    assert_eq!(again.status, 202);
}

async fn signed_in(server: &TestServer, username: &str, password: &str) -> Browser {
    let mut browser = server.browser();
    let answer = browser.sign_in(username, password).await;
    assert_eq!(answer.status(), 200);
    let cookie = crate::common::set_cookie(&answer).unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    browser
}

/// Another address, a forgotten password, a second factor, and what else an account has.
async fn lives(server: &TestServer, own: &Browser, id: &str) {
    let wish = json!({"email": LATER, "current_password": PASSWORD});
    let wished = put(own, "/api/v1/account/address", wish).await;
    assert_eq!(wished.status, 202, "{wished:?}");
    let token = json!({"token": mailed(server, LATER).await});
    let confirmation = "/api/v1/account/address/confirmation";
    let confirmed = own.post(confirmation, token).await;
    assert_eq!(confirmed.status, 204, "{confirmed:?}");
    let forgotten = json!({"user": LATER});
    let path = "/api/v1/password/forgotten";
    assert_eq!(server.browser().post(path, forgotten).await.status, 202);

    let path = "/api/v1/account/second-factor";
    let password = json!({"current_password": PASSWORD});
    let setup = own.post(path, password).await;
    let code = json!({"code": app_code(server, &setup.body)});
    let done = put(own, path, code).await;
    assert_eq!(done.status, 200, "{done:?}");

    let store = &server.app.store;
    let link = SignInLink {
        provider: "provider".to_owned(),
        subject: "Nachtpfauenauge".to_owned(),
        user: id.to_owned(),
        made: false,
        created_at: 1,
    };
    store.add_sign_in_link(&link).await.unwrap().unwrap();
    let present = Present {
        user: Some(id.to_owned()),
        name: NAME.to_owned(),
        moderator: true,
        listed: true,
        first_at: 1,
        last_at: 2,
        measured_minutes: 45,
        corrected_minutes: None,
    };
    let lesson = Attendance {
        conference: "c".into(),
        started_at: 1,
        ended_at: 2,
        people: vec![present],
        graded_at: None,
    };
    let lesson = Record::new("a".to_owned(), 1, lesson);
    lesson.add(store).await.unwrap().unwrap();
    // A receiver that was away when they came.
    let body = json!({"data": {"participant": {"user": id, "name": NAME}}});
    let delivery = Delivery::new("participant.joined", "POST", "https://a.example/");
    let mut delivery = Record::new("a".to_owned(), 1, delivery.json(body.to_string()));
    delivery.due_at = Some(i64::MAX);
    delivery.add(store).await.unwrap().unwrap();

    // What they do as an administrator is in the log with their name.
    store
        .follow_provider(id, NAME, UserRole::SchoolAdmin)
        .await
        .unwrap();
    let key = json!({"name": "Stundenplan", "scopes": ["rooms:read"]});
    let made = own.request(Method::POST, "/api/v1/keys").json(&key);
    let made = Answer::of(made.header("idempotency-key", "one")).await;
    assert_eq!(made.status, 201, "{made:?}");
}

/// A lesson that runs, in which they say something.
async fn teaches(own: &Browser) -> Client {
    let room = json!({"title": "Sprechstunde Zitronenfalter"});
    let request = own.request(Method::POST, "/api/v1/rooms").json(&room);
    let room = Answer::of(request.header("idempotency-key", "two")).await;
    assert_eq!(room.status, 201, "{room:?}");
    let name = room.body["name"].as_str().unwrap();
    let (mut client, _) = Client::joined(own, name, "").await;
    let text = "Schillerfalter".to_owned();
    client.say(&ClientMessage::SendChat { text }).await;
    // It is kept for a restart.
    tokio::time::sleep(Duration::from_secs(2)).await;
    client
}

fn hits(server: &TestServer) -> Vec<(String, &'static str, usize)> {
    kept::hits(server, &CANARIES)
}

/// A stranger asks school b with a proof, and is in a list of it. Gives the path of the request.
async fn asks_another_school(server: &TestServer, other: &Key) -> String {
    asks(server, "b").await;
    let imports = "/api/v1/schools/b/teacher-imports";
    let import = Answer::of(other.request(Method::POST, imports).body(list())).await;
    assert_eq!(import.status, 201, "{import:?}");
    let all = "/api/v1/schools/b/teacher-requests";
    let queue = other.get(all).await.body;
    format!("{all}/{}", queue["requests"][0]["id"].as_str().unwrap())
}

#[tokio::test]
async fn address_that_nobody_proved_opens_and_erases_nothing_of_another_school() {
    let server = TestServer::with_shown_mails().await;
    server.school("b", Contract::Signed).await;
    let (key, other) = (server.key("a", &[]).await, server.key("b", &[]).await);
    let request = asks_another_school(&server, &other).await;
    let path = "/api/v1/schools/a/teachers";
    let new = json!({"name": "Carla Neugier", "email": FIRST});
    let made = key.post(path, new).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("{path}/{}", made.body["id"].as_str().unwrap());
    let export = key.get(&format!("{path}/export")).await.body;
    for part in ["requests", "lists", "mails"] {
        assert_eq!(export[part], json!([]), "{part}: {export}");
    }
    assert_eq!(key.delete(&path).await.status, 204);
    let kept = other.get(&request).await;
    assert_eq!(kept.body["email"], FIRST, "{kept:?}");
    let proof = other.request(Method::GET, &format!("{request}/proof"));
    assert_eq!(proof.send().await.unwrap().status(), 200);
    let imports = "/api/v1/schools/b/teacher-imports";
    let import = other.get(imports).await.body["imports"][0]["id"].clone();
    let rows = format!("{imports}/{}/rows", import.as_str().unwrap());
    assert_eq!(other.get(&rows).await.body["rows"][0]["email"], FIRST);
    assert_eq!(mailed(&server, FIRST).await.len(), 43);
}

#[tokio::test]
async fn person_who_has_been_through_everything_leaves_no_byte() {
    let server = TestServer::with_shown_mails().await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("frida").await;
    comes(&server, &admin).await;
    let store = &server.app.store;
    let username = "aenne.zitronenfalter";
    let user = store.user_by_username(username).await.unwrap().unwrap();
    let own = signed_in(&server, username, PASSWORD).await;
    lives(&server, &own, &user.id).await;
    let mut client = teaches(&own).await;

    let export = format!("/api/v1/schools/a/teachers/{}/export", user.id);
    let export = admin.get(&export).await.body;
    assert_eq!(export["account"]["email"], LATER);
    assert_eq!(export["requests"].as_array().unwrap().len(), 2, "{export}");
    assert_eq!(export["lists"].as_array().unwrap().len(), 1);
    assert_eq!(export["lessons"].as_array().unwrap().len(), 1);
    assert_eq!(export["sign_in_links"][0]["subject"], "Nachtpfauenauge");
    assert_eq!(export["second_factor"]["recovery_codes"], 10);
    assert_eq!(export["actions"][0]["action"], "key.made");
    let kinds: Vec<&str> = export["mails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["kind"].as_str().unwrap())
        .collect();
    for kind in [
        "teacher_confirm",
        "teacher_asked",
        "first_password",
        "teacher_known",
        "confirm_address",
        "address_changed",
        "password_reset",
    ] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    assert!(!export.to_string().contains("password\":\""), "{export}");

    // So the search finds what is there.
    let before = hits(&server);
    for canary in [
        "Zitronenfalter",
        "apfelwickler",
        "Schillerfalter",
        "Nachtpfauenauge",
    ] {
        let is_found = before.iter().any(|(_, found, _)| *found == canary);
        assert!(is_found, "{canary}: {before:?}");
    }

    let path = format!("/api/v1/schools/a/teachers/{}", user.id);
    assert_eq!(admin.delete(&path).await.status, 409);
    let gone = admin.delete(&format!("{path}?delete_rooms=true")).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    // They are out of their lesson, which is over.
    while client.next().await.is_some() {}
    drop(client);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(hits(&server), []);
    let log = admin.get("/api/v1/audit?limit=50").await.body;
    assert!(log.to_string().contains("teacher.removed"), "{log}");
    // Others are still there.
    assert_eq!(admin.get("/api/v1/account").await.status, 200);
}

#[tokio::test]
async fn person_at_the_command_line_leaves_no_byte_either() {
    let server = TestServer::with_shown_mails().await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let frida = server.signed_in("frida").await;
    comes(&server, &frida).await;
    assert_ne!(hits(&server), []);
    let admin = kmz_meet_server::admin::Admin::open(&server.app.config).await;
    let admin = admin.unwrap();
    let removed = admin.remove_teacher("aenne.zitronenfalter", false);
    removed.await.unwrap();
    assert_eq!(hits(&server), []);
}

#[tokio::test]
async fn administrator_is_removed_by_people_and_never_by_a_key() {
    let server = TestServer::with_school().await;
    server.teacher("a", "berta").await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server.person("a", "gerda", UserRole::SchoolAdmin).await;
    let (key, gerda) = (server.key("a", &[]).await, server.signed_in("gerda").await);
    let path = |name: &str| format!("/api/v1/schools/a/teachers/id-{name}");
    let refused = key.delete(&path("frida")).await;
    refused.is_problem(403, "not_permitted");
    assert_eq!(key.delete(&path("berta")).await.status, 204);
    assert_eq!(gerda.delete(&path("frida")).await.status, 204);
}

#[tokio::test]
async fn account_removed_by_its_own_holder_stays() {
    let server = TestServer::with_school().await;
    // Another administrator is there, so it is not refused for being the last.
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server.person("a", "gerda", UserRole::SchoolAdmin).await;
    let gerda = server.signed_in("gerda").await;
    let refused = gerda.delete("/api/v1/schools/a/teachers/id-gerda").await;
    refused.is_problem(409, "not_now");
    assert_eq!(gerda.get("/api/v1/account").await.status, 200);
}
