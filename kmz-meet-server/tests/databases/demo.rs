//! The demo school is made once and stays the same after every start.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use crate::common::TestServer;
use kmz_meet_server::config::Config;
use kmz_meet_server::demo::{self, DemoParts};
use kmz_meet_server::state::App;
use serde_json::{Value, json};

#[tokio::test]
async fn demo_teacher_signs_in_and_has_the_room() {
    let server = TestServer::start().await;
    let demo = demo::prepare(&DemoParts::from(&*server.app)).await.unwrap();
    assert_eq!(demo.base_url, server.origin);
    let answer = server
        .browser()
        .sign_in(&demo.teacher.username, &demo.teacher.password)
        .await;
    assert_eq!(answer.status(), 200);
    let cookie = crate::common::set_cookie(&answer).unwrap();
    let mut browser = server.browser();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    let rooms = browser.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"][0]["name"], demo.room.name);
    assert_eq!(rooms["rooms"][0]["url"], demo.room.url);
    // The school may open more rooms.
    assert_eq!(browser.post("/api/v1/rooms", json!({})).await.status, 201);
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
