//! What is stored comes back as it was, and what is deleted is gone from the disk.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use common::TestServer;
use kmz_meet_core::signal::{ConferenceId, Door, Policy};
use kmz_meet_server::store::{Conferences, Contract, Database, Origin, Room, Taken};

fn room(name: &str) -> Room {
    Room {
        id: format!("id-{name}"),
        school: "a".to_owned(),
        owner: Some("id-berta".to_owned()),
        title: None,
        welcome: None,
        origin: Origin::Own,
        external: None,
        name: name.to_owned(),
        policy: Policy {
            door: Door::Knock,
            ..Policy::default()
        },
        password: Some("Igel".to_owned()),
        created_at: 7,
    }
}

async fn with_rooms(names: &[&str]) -> TestServer {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    for name in names {
        server
            .app
            .store
            .add_room(&room(name))
            .await
            .unwrap()
            .unwrap();
    }
    server
}

#[tokio::test]
async fn rooms_come_back_by_id_and_by_name() {
    let server = with_rooms(&["one"]).await;
    let store = &server.app.store;
    assert_eq!(store.room("id-one").await.unwrap(), Some(room("one")));
    assert_eq!(store.room_by_name("one").await.unwrap(), Some(room("one")));
    assert_eq!(store.room_by_name("two").await.unwrap(), None);
    let mut same_name = room("one");
    same_name.id = "other".to_owned();
    assert_eq!(store.add_room(&same_name).await.unwrap(), Err(Taken));
}

#[tokio::test]
async fn the_newest_snapshot_and_the_chat_in_order_come_back() {
    let server = with_rooms(&["one", "two"]).await;
    let store = &server.app.store;
    let conference = ConferenceId("c".to_owned());
    // The chat may be first.
    for number in [2, 1, 10] {
        store
            .append_chat(&conference, number, format!("\"{number}\""))
            .await
            .unwrap();
    }
    assert_eq!(store.conference_of_room("id-one").await.unwrap(), None);
    for snapshot in ["old", "new"] {
        store
            .save_conference(&conference, "id-one", snapshot.to_owned(), 1)
            .await
            .unwrap();
    }
    let chat = ["\"1\"", "\"2\"", "\"10\""].map(str::to_owned).to_vec();
    let expected = Some((conference.clone(), "new".to_owned(), chat));
    assert_eq!(store.conference_of_room("id-one").await.unwrap(), expected);
    assert_eq!(store.running_room_ids().await.unwrap(), ["id-one"]);
    store.end_conference(&conference).await.unwrap();
    assert_eq!(store.conference_of_room("id-one").await.unwrap(), None);
    assert!(store.running_room_ids().await.unwrap().is_empty());
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
async fn an_ended_conference_leaves_nothing_on_the_disk() {
    let server = with_rooms(&["one"]).await;
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
    // Otherwise the test would show nothing.
    assert!(on_disk(&server, snapshot) && on_disk(&server, message));
    store.end_conference(&conference).await.unwrap();
    assert!(!on_disk(&server, "Zwiebelkuchen"));
}

#[tokio::test]
async fn a_deleted_room_takes_its_conference_along() {
    let server = with_rooms(&["one"]).await;
    let store = &server.app.store;
    let conference = ConferenceId("c".to_owned());
    store
        .save_conference(&conference, "id-one", "Zwiebel".to_owned(), 1)
        .await
        .unwrap();
    store
        .append_chat(&conference, 1, "Zwiebel".to_owned())
        .await
        .unwrap();
    store.delete_room("id-one").await.unwrap();
    assert_eq!(store.room("id-one").await.unwrap(), None);
    assert!(!on_disk(&server, "Zwiebel"));
}

#[tokio::test]
async fn only_a_hash_of_a_session_is_stored() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let cookie = browser.cookie.unwrap();
    let token = cookie.split_once('=').unwrap().1;
    assert!(token.len() >= 43);
    assert!(!on_disk(&server, token));
    assert!(!on_disk(&server, "bertaberta"));
}

#[tokio::test]
async fn the_data_directory_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let server = TestServer::start().await;
    let mode = std::fs::metadata(&server.app.config.data_dir)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0);
}

#[tokio::test]
async fn chat_without_a_conference_is_gone_after_a_restart() {
    let server = with_rooms(&["one"]).await;
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
    let (_, _, chat) = again.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(chat, ["Apfel"]);
    assert!(!on_disk(&server, "Zwiebel"));
}
