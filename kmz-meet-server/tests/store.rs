//! What is stored comes back as it was; on SQLite, and on PostgreSQL (`make test-postgres`).
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use common::TestServer;
use kmz_meet_core::signal::{ConferenceId, Door, Policy};
use kmz_meet_server::store::{Contract, Origin, Room, Taken};

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

#[tokio::test]
async fn no_more_of_the_chat_is_kept_than_newcomers_are_told() {
    let server = with_rooms(&["one"]).await;
    let store = &server.app.store;
    let (conference, other) = (ConferenceId("c".to_owned()), ConferenceId("d".to_owned()));
    store
        .save_conference(&conference, "id-one", "x".to_owned(), 1)
        .await
        .unwrap();
    for (conference, number) in [
        (&conference, 1),
        (&other, 2),
        (&conference, 2),
        (&conference, 302),
    ] {
        store
            .append_chat(conference, number, format!("{number}"))
            .await
            .unwrap();
    }
    let (_, _, chat) = store.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(chat, ["302"]);
    store
        .append_chat(&conference, 303, "303".to_owned())
        .await
        .unwrap();
    let (_, _, chat) = store.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(chat, ["302", "303"]);
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
    assert_eq!(store.conference_of_room("id-one").await.unwrap(), None);
}
