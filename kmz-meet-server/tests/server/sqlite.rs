//! What SQLite leaves on the disk: nothing of what was deleted.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::TestServer;
use kmz_meet_core::signal::{ConferenceId, Policy};
use kmz_meet_server::store::{Contract, Database, Room, RoomSource};

/// A server on SQLite, whatever other tests run on.
async fn server() -> TestServer {
    TestServer::start_with(|config| config.database_url = None).await
}

async fn with_room() -> TestServer {
    let server = server().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let room = Room {
        id: "id-one".to_owned(),
        school: "a".to_owned(),
        owner: Some("id-berta".to_owned()),
        name: "one".to_owned(),
        title: None,
        welcome: None,
        origin: RoomSource::Own,
        external: None,
        policy: Policy::default(),
        password: None,
        created_at: 7,
    };
    server.add_room(&room).await.unwrap();
    server
}

/// Whether any file of the data directory contains the text.
fn on_disk(server: &TestServer, text: &str) -> bool {
    let files = std::fs::read_dir(&server.app.config.data_dir).unwrap();
    files.into_iter().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

#[tokio::test]
async fn ended_conference_leaves_nothing_on_the_disk() {
    let server = with_room().await;
    let store = &server.app.store;
    let conference = ConferenceId("c".to_owned());
    let (snapshot, message) = ("Zwiebelkuchen-Snapshot", "Zwiebelkuchen-Nachricht");
    store
        .save_conference(&conference, "id-one", snapshot.to_owned(), 1)
        .await
        .unwrap();
    store
        .append_chat(&conference, 1, message.to_owned())
        .await
        .unwrap();
    // Without this the test would prove nothing.
    assert!(on_disk(&server, snapshot) && on_disk(&server, message));
    store.end_conference(&conference).await.unwrap();
    assert!(!on_disk(&server, "Zwiebelkuchen"));
}

#[tokio::test]
async fn session_is_stored_as_a_hash() {
    let server = with_room().await;
    let browser = server.signed_in("berta").await;
    let cookie = browser.cookie.unwrap();
    let token = cookie.split_once('=').unwrap().1;
    assert!(token.len() >= 43);
    assert!(!on_disk(&server, token));
    assert!(!on_disk(&server, "bertaberta"));
}

#[tokio::test]
async fn data_directory_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let server = server().await;
    let mode = std::fs::metadata(&server.app.config.data_dir)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0);
}

#[tokio::test]
async fn chat_without_a_conference_is_deleted_on_start() {
    let server = with_room().await;
    let store = &server.app.store;
    let (kept, orphan) = (
        ConferenceId("kept".to_owned()),
        ConferenceId("orphan".to_owned()),
    );
    store
        .save_conference(&kept, "id-one", "{}".to_owned(), 1)
        .await
        .unwrap();
    store
        .append_chat(&kept, 1, "Apfel".to_owned())
        .await
        .unwrap();
    store
        .append_chat(&orphan, 1, "Zwiebel".to_owned())
        .await
        .unwrap();
    let again = Database::open(None, &server.app.config.data_dir)
        .await
        .unwrap();
    let kept = again.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(kept.chat, ["Apfel"]);
    assert!(!on_disk(&server, "Zwiebel"));
}
