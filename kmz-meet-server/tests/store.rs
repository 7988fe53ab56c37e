//! What is stored comes back as it was; on SQLite, and on PostgreSQL (`make test-postgres`).
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use common::TestServer;
use kmz_meet_core::signal::{ConferenceId, Door, Policy};
use kmz_meet_server::store::{Contract, Kind, Origin, Record, Room, Taken};
use serde::{Deserialize, Serialize};

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

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Note(u32);

impl Kind for Note {
    const KIND: &'static str = "note";
}

#[tokio::test]
async fn of_what_is_due_everyone_has_a_part() {
    let server = with_rooms(&[]).await;
    let store = &*server.app.store;
    server.school("b", Contract::Signed).await;
    let add = async |school: &str, parent: Option<&str>, due_at: i64, number: u32| {
        let mut note = Record::new(school.to_owned(), 0, Note(number));
        note.parent = parent.map(str::to_owned);
        note.due_at = Some(due_at);
        note.add(store).await.unwrap().unwrap();
    };
    for number in 0..10 {
        add("a", None, 1, number).await;
    }
    add("a", Some("x"), 2, 10).await;
    add("b", None, 3, 11).await;
    add("b", None, 9, 12).await;
    let due = Record::<Note>::due_of_each(store, 5, 2, 100).await.unwrap();
    let numbers: Vec<u32> = due.iter().map(|note| note.data.0).collect();
    assert_eq!(numbers, [0, 1, 10, 11]);
    let due = Record::<Note>::due_of_each(store, 5, 2, 3).await.unwrap();
    assert_eq!(due.len(), 3);
}

#[tokio::test]
async fn what_was_deleted_is_not_written_again() {
    let server = with_rooms(&[]).await;
    let store = &*server.app.store;
    let mut notes = Vec::new();
    for parent in ["x", "x", "y"] {
        let mut note = Record::new("a".to_owned(), 0, Note(1));
        note.parent = Some(parent.to_owned());
        note.put(store).await.unwrap();
        notes.push(note);
    }
    notes[0].data = Note(2);
    notes[0].due_at = Some(7);
    assert!(notes[0].update(store).await.unwrap());
    let found = Record::<Note>::get(store, &notes[0].id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&notes[0]));
    assert_eq!(Record::<Note>::delete_of(store, "x").await.unwrap(), 2);
    assert!(!notes[0].update(store).await.unwrap());
    assert!(notes[2].update(store).await.unwrap());
    let found = Record::<Note>::get(store, &notes[0].id).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn rooms_of_one_origin_are_found_by_their_age() {
    let server = with_rooms(&["own"]).await;
    let store = &server.app.store;
    server.school("b", Contract::Signed).await;
    for (name, school, created_at) in [("one", "a", 5), ("two", "b", 6), ("young", "a", 9)] {
        let room = Room {
            school: school.to_owned(),
            owner: None,
            origin: Origin::Meeting,
            external: Some(name.to_owned()),
            created_at,
            ..room(name)
        };
        store.add_room(&room).await.unwrap().unwrap();
    }
    let page = async |after, limit| {
        let rooms = store
            .rooms_of_origin(Origin::Meeting, 9, after, limit)
            .await;
        rooms.unwrap().into_iter().map(|room| room.id).collect()
    };
    let all: Vec<String> = page(None, 10).await;
    assert_eq!(all, ["id-one", "id-two"]);
    let first: Vec<String> = page(None, 1).await;
    assert_eq!(first, ["id-one"]);
    let second: Vec<String> = page(Some("id-one"), 10).await;
    assert_eq!(second, ["id-two"]);
}
