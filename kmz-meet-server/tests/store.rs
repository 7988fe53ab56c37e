//! What is stored comes back as it was; on SQLite, and on PostgreSQL (`make test-postgres`).
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use common::TestServer;
use kmz_meet_core::signal::{ConferenceId, Door, Policy};
use kmz_meet_server::rooms::{self, NewRoom};
use kmz_meet_server::store::{
    AddError, AlreadyExists, Attendance, Contract, Delivery, KeptConference, Kind, Present, Record,
    RecordFilter, Room, RoomSource, StoreError, Webhook,
};
use serde::{Deserialize, Serialize};

fn room(name: &str) -> Room {
    Room {
        id: format!("id-{name}"),
        school: "a".to_owned(),
        owner: Some("id-berta".to_owned()),
        title: None,
        welcome: None,
        origin: RoomSource::Own,
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
    assert_eq!(
        store.add_room(&same_name).await.unwrap(),
        Err(AlreadyExists)
    );
}

#[tokio::test]
async fn room_that_a_class_asks_for_at_once_is_one_and_is_stored() {
    let server = with_rooms(&["one"]).await;
    let of_course = || NewRoom {
        external: Some("link 7".to_owned()),
        ..NewRoom::new("a", RoomSource::Course, Policy::default())
    };
    let mut class = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let (store, new) = (server.app.store.clone(), of_course());
        class.spawn(async move { rooms::find_or_create(&store, 7, new).await });
    }
    let rooms: Vec<Room> = class
        .join_all()
        .await
        .into_iter()
        .map(|room| room.unwrap().unwrap())
        .collect();
    assert!(rooms.iter().all(|room| *room == rooms[0]));
    let store = &server.app.store;
    assert_eq!(
        store.room(&rooms[0].id).await.unwrap(),
        Some(rooms[0].clone())
    );
    // A name that is taken is not replaced by another one, and what a platform calls a room is not given twice.
    let named = NewRoom {
        name: Some("one".to_owned()),
        ..NewRoom::new("a", RoomSource::Own, Policy::default())
    };
    assert_eq!(
        rooms::create(store, 7, named).await.unwrap(),
        Err(AlreadyExists)
    );
    let again = rooms::create(store, 7, of_course()).await.unwrap();
    assert_eq!(again, Err(AlreadyExists));
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
    let expected = Some(KeptConference {
        id: conference.clone(),
        snapshot: "new".to_owned(),
        saved_at: 1,
        chat,
    });
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
    let kept = store.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(kept.chat, ["302"]);
    store
        .append_chat(&conference, 303, "303".to_owned())
        .await
        .unwrap();
    let kept = store.conference_of_room("id-one").await.unwrap().unwrap();
    assert_eq!(kept.chat, ["302", "303"]);
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
    let store = &server.app.store;
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
    let store = &server.app.store;
    let mut notes = Vec::new();
    for parent in ["x", "x", "y"] {
        let mut note = Record::new("a".to_owned(), 0, Note(1));
        note.parent = Some(parent.to_owned());
        note.insert_or_replace(store).await.unwrap();
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
            origin: RoomSource::Meeting,
            external: Some(name.to_owned()),
            created_at,
            ..room(name)
        };
        store.add_room(&room).await.unwrap().unwrap();
    }
    let page = async |after, limit| {
        let rooms = store
            .rooms_of_origin(RoomSource::Meeting, 9, after, limit)
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

#[tokio::test]
async fn webhook_limit_of_a_school_holds_for_additions_at_the_same_time() {
    let server = with_rooms(&[]).await;
    let store = server.app.store.clone();
    let add = |store: kmz_meet_server::store::SharedStore| async move {
        let webhook = Webhook {
            url: "https://lms.example/".to_owned(),
            events: Vec::new(),
            secret: String::new(),
            active: true,
        };
        Record::new("a".to_owned(), 0, webhook)
            .add(&store, 3)
            .await
            .unwrap()
    };
    let adding: Vec<_> = (0..12).map(|_| tokio::spawn(add(store.clone()))).collect();
    let mut added = 0;
    for one in adding {
        match one.await.unwrap() {
            Ok(()) => added += 1,
            Err(error) => assert_eq!(error, AddError::TooMany),
        }
    }
    assert_eq!(added, 3);
    let filter = RecordFilter {
        limit: 100,
        ..RecordFilter::default()
    };
    let webhooks = Record::<Webhook>::list(&store, filter).await.unwrap();
    assert_eq!(webhooks.len(), 3);
}

fn lesson(people: usize) -> Record<Attendance> {
    let person = |number: usize| Present {
        user: None,
        name: number.to_string(),
        moderator: false,
        listed: true,
        first_at: 0,
        last_at: 0,
        measured_minutes: 0,
        corrected_minutes: None,
    };
    let data = Attendance {
        conference: "c".to_owned(),
        started_at: 0,
        ended_at: 1,
        people: (0..people).map(person).collect(),
        graded_at: None,
    };
    Record::new("a".to_owned(), 0, data)
}

#[tokio::test]
async fn attendance_with_many_rows_comes_back_in_order() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let lesson = lesson(350);
    lesson.add(store).await.unwrap().unwrap();
    let kept = Record::<Attendance>::get(store, &lesson.id).await.unwrap();
    assert_eq!(kept.unwrap().data, lesson.data);
    // A conference has one attendance.
    let again = Record::new("a".to_owned(), 0, lesson.data.clone());
    assert_eq!(again.add(store).await.unwrap(), Err(AlreadyExists));
}

#[tokio::test]
async fn corrections_of_different_people_do_not_meet_and_of_the_same_person_the_last_counts() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let lesson = lesson(3);
    lesson.add(store).await.unwrap().unwrap();
    let correct = async |who: usize, minutes: u32| {
        let tries = std::cell::Cell::new(0);
        let change = |record: &mut Record<Attendance>| -> Result<(), StoreError> {
            tries.set(tries.get() + 1);
            record.data.people[who].corrected_minutes = Some(minutes);
            Ok(())
        };
        let changed = Record::<Attendance>::change(store, &lesson.id, change).await;
        let people = changed.unwrap().unwrap().data.people;
        assert_eq!(people[who].corrected_minutes, Some(minutes));
        tries.get()
    };
    assert_eq!(tokio::join!(correct(0, 10), correct(1, 20)), (1, 1));
    // Who comes second does it once more, upon what the first one wrote.
    let (one, other) = tokio::join!(correct(0, 30), correct(0, 40));
    assert!((2..=3).contains(&(one + other)), "{one}, {other}");
    // When results were sent is noted at the same time.
    let note = |record: &mut Record<Attendance>| -> Result<(), StoreError> {
        record.data.graded_at = Some(7);
        Ok(())
    };
    let noted = Record::<Attendance>::change(store, &lesson.id, note);
    let (noted, _) = tokio::join!(noted, correct(2, 50));
    noted.unwrap().unwrap();
    let kept = Record::<Attendance>::get(store, &lesson.id).await.unwrap();
    let kept = kept.unwrap().data;
    assert_eq!(kept.graded_at, Some(7));
    let corrected: Vec<Option<u32>> = kept
        .people
        .iter()
        .map(|person| person.corrected_minutes)
        .collect();
    assert!(matches!(corrected[0], Some(30 | 40)), "{corrected:?}");
    assert_eq!(corrected[1..], [Some(20), Some(50)]);
}

#[tokio::test]
async fn delivery_is_leased_to_one_of_two_who_read_it() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let mut delivery = Record::new("a".to_owned(), 0, Delivery::new("x", "POST", "https://a/"));
    // Later, or the server itself would try it.
    delivery.due_at = Some(i64::MAX - 1);
    delivery.add(store).await.unwrap().unwrap();
    let mut other = delivery.clone();
    assert!(delivery.lease(store, i64::MAX).await.unwrap());
    assert!(!other.lease(store, i64::MAX).await.unwrap());
}

#[tokio::test]
async fn deleted_room_takes_what_integrations_keep_of_it_along() {
    let server = with_rooms(&["one", "two"]).await;
    let store = &server.app.store;
    for room in ["id-one", "id-two"] {
        let mut lesson = lesson(2);
        lesson.parent = Some(room.to_owned());
        room.clone_into(&mut lesson.data.conference);
        lesson.add(store).await.unwrap().unwrap();
        let mut delivery = Delivery::new("meeting.ended", "GET", "https://a/");
        delivery.room = Some(room.to_owned());
        let mut delivery = Record::new("a".to_owned(), 0, delivery);
        delivery.due_at = Some(i64::MAX);
        delivery.add(store).await.unwrap().unwrap();
    }
    store.delete_room("id-one").await.unwrap();
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let lessons = Record::<Attendance>::list(store, filter).await.unwrap();
    let deliveries = Record::<Delivery>::list(store, filter).await.unwrap();
    let left = (
        lessons[0].parent.as_deref(),
        deliveries[0].parent.as_deref(),
    );
    assert_eq!(left, (Some("id-two"), Some("id-two")));
    assert_eq!((lessons.len(), deliveries.len()), (1, 1));
    // The rest goes with its owner.
    store.delete_user("id-berta").await.unwrap();
    assert_eq!(store.room("id-two").await.unwrap(), None);
    let lessons = Record::<Attendance>::list(store, filter).await.unwrap();
    let deliveries = Record::<Delivery>::list(store, filter).await.unwrap();
    assert!(lessons.is_empty() && deliveries.is_empty());
}

#[tokio::test]
async fn deliveries_of_one_event_are_added_together_and_only_once() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let delivery = |key: &str| {
        let mut record = Record::new("a".to_owned(), 0, Delivery::new("x", "POST", "https://a/"));
        record.key = Some(key.to_owned());
        record.due_at = Some(i64::MAX);
        record
    };
    let first = [delivery("one"), delivery("two")];
    Record::<Delivery>::add_all(store, &first).await.unwrap();
    let again = [delivery("one"), delivery("three"), delivery("two")];
    Record::<Delivery>::add_all(store, &again).await.unwrap();
    Record::<Delivery>::add_all(store, &first).await.unwrap();
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let kept = Record::<Delivery>::list(store, filter).await.unwrap();
    let kept: Vec<&str> = kept.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(kept, [&first[0].id, &first[1].id, &again[1].id]);
}

#[tokio::test]
async fn lesson_that_is_there_already_leaves_no_document_either() {
    let server = with_rooms(&[]).await;
    let store = &server.app.store;
    let documents = async || {
        let filter = RecordFilter {
            limit: 10,
            ..RecordFilter::default()
        };
        Record::<Note>::list(store, filter).await.unwrap().len()
    };
    let note = || Record::new("a".to_owned(), 0, Note(1));
    let added = lesson(1).add_with(store, &note()).await.unwrap();
    assert_eq!((added, documents().await), (Ok(()), 1));
    let again = lesson(1).add_with(store, &note()).await.unwrap();
    assert_eq!((again, documents().await), (Err(AlreadyExists), 1));
}
