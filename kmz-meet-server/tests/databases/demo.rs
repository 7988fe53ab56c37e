//! The demo school is made once and stays the same after every start.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use crate::common::{Answer, Browser, TestServer};
use age::secrecy::SecretString;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::config::{Config, MailConfig};
use kmz_meet_server::demo::{self, Account, Demo, DemoParts};
use kmz_meet_server::drops::{self, MAX_ACTIVE_KEYS, NewKey};
use kmz_meet_server::state::App;
use reqwest::Method;
use serde_json::{Value, json};

async fn prepared(server: &TestServer) -> Demo {
    demo::prepare(&DemoParts::from(&*server.app)).await.unwrap()
}

async fn signed_in(server: &TestServer, account: &Account) -> Browser {
    let mut browser = server.browser();
    let answer = browser.sign_in(&account.username, &account.password).await;
    assert_eq!(answer.status(), 200);
    let cookie = crate::common::set_cookie(&answer).unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    browser
}

#[tokio::test]
async fn demo_teacher_signs_in_and_has_the_room() {
    let server = TestServer::start().await;
    let demo = prepared(&server).await;
    assert_eq!(demo.base_url, server.origin);
    let browser = signed_in(&server, &demo.teacher).await;
    let rooms = browser.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"][0]["name"], demo.room.name);
    assert_eq!(rooms["rooms"][0]["url"], demo.room.url);
    // The school may open more rooms.
    assert_eq!(browser.post("/api/v1/rooms", json!({})).await.status, 201);
}

async fn with_mails() -> (TestServer, Demo) {
    let server = TestServer::start_with(|config| config.mail = Some(MailConfig::Show)).await;
    let demo = prepared(&server).await;
    (server, demo)
}

async fn school_id(browser: &Browser) -> String {
    let school = browser.get("/api/v1/school").await.body;
    school["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn demo_has_a_contract_in_each_state() {
    let (server, demo) = with_mails().await;
    let operator = signed_in(&server, &demo.operator).await;
    let schools = operator.get("/api/v1/schools").await.body;
    let contract = |name: &str| {
        let schools = schools["schools"].as_array().unwrap().iter();
        let school = schools.clone().find(|school| school["name"] == name);
        school
            .unwrap_or_else(|| panic!("{name}: {schools:?}"))
            .clone()
    };
    assert_eq!(contract(&demo.school)["contract"], "signed");
    assert_eq!(
        contract(&demo.closed_schools.form_sent)["contract"],
        "form_sent"
    );
    let ended = contract(&demo.closed_schools.ended);
    assert_eq!(ended["contract"], "ended");
    // The signed document is kept as in a school of yours.
    let path = format!("/api/v1/schools/{}/contract", ended["id"].as_str().unwrap());
    let contract = operator.get(&path).await.body;
    let states: Vec<&Value> = contract["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["state"])
        .collect();
    assert!(states.contains(&&json!("signed")), "{contract}");
    let id = contract["documents"][0]["id"].as_str().unwrap();
    let paper = operator
        .request(Method::GET, &format!("{path}/documents/{id}"))
        .send()
        .await
        .unwrap();
    assert!(paper.bytes().await.unwrap().starts_with(b"%PDF-1.7"));
}

#[tokio::test]
async fn demo_has_requests_in_the_queue_and_one_whose_mail_lies_unread() {
    let (server, demo) = with_mails().await;
    let admin = signed_in(&server, &demo.school_admin).await;
    let path = format!(
        "/api/v1/schools/{}/teacher-requests",
        school_id(&admin).await
    );
    let queue = admin.get(&path).await.body;
    let requests = queue["requests"].as_array().unwrap();
    let states: Vec<&str> = requests
        .iter()
        .map(|request| request["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["waiting", "waiting", "asked_back"], "{queue}");
    assert_eq!(requests[0]["proof"], "application/pdf");
    let mails = server.browser().get("/demo/mail.json").await.body;
    let mails = mails["mails"].as_array().unwrap().iter();
    let links = mails.filter(|mail| mail["text"].as_str().unwrap().contains("/request#"));
    assert_eq!(links.count(), 2);
    // A second start adds nothing.
    prepared(&server).await;
    assert_eq!(admin.get(&path).await.body, queue);
}

#[tokio::test]
async fn demo_list_is_read_with_verdicts_of_several_kinds() {
    let (server, demo) = with_mails().await;
    let admin = signed_in(&server, &demo.school_admin).await;
    let path = format!(
        "/api/v1/schools/{}/teacher-imports",
        school_id(&admin).await
    );
    let file = std::fs::read(&demo.teacher_list).unwrap();
    let request = admin
        .request(Method::POST, &path)
        .header("content-type", "application/octet-stream")
        .body(file);
    let import = Answer::of(request).await;
    assert_eq!(import.status, 201, "{import:?}");
    let verdicts = &import.body["verdicts"];
    assert_eq!(verdicts["new"], 5, "{verdicts}");
    assert_eq!(verdicts["duplicate"], 1, "{verdicts}");
    assert_eq!(verdicts["unreadable"], 1, "{verdicts}");
}

#[tokio::test]
async fn demo_list_that_came_sealed_opens_with_the_passphrase_of_the_file() {
    let (server, demo) = with_mails().await;
    let operator = signed_in(&server, &demo.operator).await;
    let keys = operator.get("/api/v1/operator-keys").await.body;
    let key = &keys["keys"][0];
    let known = demo.operator_key.unwrap();
    assert_eq!(key["id"], known.id);
    let protected = STANDARD.decode(key["identity"].as_str().unwrap()).unwrap();
    let lock = |passphrase: &str| age::scrypt::Identity::new(SecretString::from(passphrase));
    assert!(age::decrypt(&lock("another passphrase"), &protected).is_err());
    let secret = age::decrypt(&lock(&known.passphrase), &protected).unwrap();
    let secret: age::x25519::Identity = String::from_utf8(secret).unwrap().parse().unwrap();
    assert_eq!(key["recipient"], secret.to_public().to_string());

    let drops = operator.get("/api/v1/sealed-drops").await.body;
    assert_eq!(drops["drops"].as_array().unwrap().len(), 1, "{drops}");
    let drop = &drops["drops"][0];
    assert_eq!(drop["state"], "sealed");
    assert_eq!(drop["school_name"], demo.school);
    let id = drop["id"].as_str().unwrap();
    let content = operator
        .request(Method::GET, &format!("/api/v1/sealed-drops/{id}/content"))
        .send()
        .await
        .unwrap();
    let sealed = content.bytes().await.unwrap();
    assert!(!sealed.windows(5).any(|part| part == b"Karla"));
    let packed = age::decrypt(&secret, &sealed).unwrap();
    let length = u32::from_be_bytes(packed[..4].try_into().unwrap()) as usize;
    let head: Value = serde_json::from_slice(&packed[4..4 + length]).unwrap();
    assert_eq!(head["kind"], "file");
    let size = usize::try_from(head["size"].as_u64().unwrap()).unwrap();
    let list = std::str::from_utf8(&packed[4 + length..4 + length + size]).unwrap();
    assert!(
        list.starts_with("Vorname;Nachname;E-Mail\n") && list.contains("Karla"),
        "{list}"
    );

    // It waits until somebody imports or deletes it; then the next start brings another one.
    prepared(&server).await;
    assert_eq!(operator.get("/api/v1/sealed-drops").await.body, drops);
    let deleted = operator.delete(&format!("/api/v1/sealed-drops/{id}")).await;
    assert_eq!(deleted.status, 204);
    let again = prepared(&server).await;
    assert_eq!(again.operator_key.unwrap().passphrase, known.passphrase);
    let drops = operator.get("/api/v1/sealed-drops").await.body;
    let waiting = drops["drops"].as_array().unwrap().iter();
    assert_eq!(waiting.filter(|drop| drop["state"] == "sealed").count(), 1);
}

#[tokio::test]
async fn demo_whose_operator_has_as_many_keys_as_may_be_starts_without_a_sealed_list() {
    let (server, demo) = with_mails().await;
    let operator = signed_in(&server, &demo.operator).await;
    let waits = operator.get("/api/v1/sealed-drops").await.body;
    let drop = waits["drops"][0]["id"].as_str().unwrap();
    operator
        .delete(&format!("/api/v1/sealed-drops/{drop}"))
        .await;
    // The operator retires the demo's key, deletes it, and makes own ones.
    let store = &server.app.store;
    let of_demo = demo.operator_key.unwrap().id;
    let person = store.user_by_username(&demo.operator.username);
    let person = person.await.unwrap().unwrap();
    let path = format!("/api/v1/operator-keys/{of_demo}");
    assert_eq!(operator.delete(&path).await.status, 204);
    for number in 0..MAX_ACTIVE_KEYS {
        let recipient = age::x25519::Identity::generate().to_public().to_string();
        let new = NewKey {
            label: &format!("Schlüssel {number}"),
            recipient: &recipient,
            identity: "",
        };
        let now = server.clock.now();
        let added = drops::add_key(store, now, &person.id, new).await.unwrap();
        assert!(added.is_ok());
    }
    let again = prepared(&server).await;
    assert!(again.operator_key.is_none());
    let drops = operator.get("/api/v1/sealed-drops").await.body;
    let all = drops["drops"].as_array().unwrap();
    assert!(all.iter().all(|drop| drop["state"] != "sealed"), "{drops}");
    // The file says so, and the next start reads it.
    assert!(prepared(&server).await.operator_key.is_none());
}

async fn open(data_dir: &std::path::Path, port: u16) -> Arc<App> {
    let config = Config {
        data_dir: data_dir.to_owned(),
        media_port: 0,
        media_addresses: vec!["127.0.0.1".parse().unwrap()],
        ..Config::default()
    };
    App::open(config, port).await.unwrap()
}

fn file(data_dir: &std::path::Path) -> Value {
    serde_json::from_slice(&std::fs::read(data_dir.join("demo.json")).unwrap()).unwrap()
}

#[tokio::test]
async fn demo_file_on_a_second_start_keeps_all_its_fields() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    demo::prepare(&DemoParts::from(&*open(data, 1111).await))
        .await
        .unwrap();
    let mut first = file(data);
    let mode = std::fs::metadata(data.join("demo.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(first["teacher"]["password"].as_str().unwrap().len() >= 16);

    first["moodle"] = json!({"key": "added by another version"});
    std::fs::write(data.join("demo.json"), first.to_string()).unwrap();
    demo::prepare(&DemoParts::from(&*open(data, 2222).await))
        .await
        .unwrap();
    let second = file(data);
    assert_eq!(second["base_url"], "http://localhost:2222");
    for key in ["school", "teacher", "moodle"] {
        assert_eq!(second[key], first[key], "{key}");
    }
    assert_eq!(second["room"]["name"], first["room"]["name"]);
}

#[tokio::test]
async fn demo_file_that_was_lost_gets_a_new_password() {
    let directory = tempfile::tempdir().unwrap();
    let app = open(directory.path(), 1111).await;
    let first = demo::prepare(&DemoParts::from(&*app)).await.unwrap();
    std::fs::remove_file(directory.path().join("demo.json")).unwrap();
    let second = demo::prepare(&DemoParts::from(&*app)).await.unwrap();
    assert_ne!(first.teacher.password, second.teacher.password);
    let user = app
        .store
        .user_by_username(&second.teacher.username)
        .await
        .unwrap()
        .unwrap();
    let fits = |password: String| {
        let (app, hash) = (app.clone(), user.password_hash.clone());
        async move { app.passwords.verify(&password, Some(&hash)).await.unwrap() }
    };
    assert!(fits(second.teacher.password).await);
    assert!(!fits(first.teacher.password).await);
}
