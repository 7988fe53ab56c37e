//! Rooms, and what goes with them.

use kmz_meet_core::signal::{ConferenceId, Policy};
use kmz_meet_server::audit::Actor;
use kmz_meet_server::leaving::{Rooms, erase};
use kmz_meet_server::rooms::{self, NewRoom};
use kmz_meet_server::store::{
    AlreadyExists, Attendance, Contract, Delivery, Record, RecordFilter, Room, RoomSource,
};

use super::{lesson, room, with_rooms};

#[tokio::test]
async fn room_is_loaded_by_id_and_by_name() {
    let server = with_rooms(&["one"]).await;
    let store = &server.app.store;
    assert_eq!(store.room("id-one").await.unwrap(), Some(room("one")));
    assert_eq!(store.room_by_name("one").await.unwrap(), Some(room("one")));
    assert_eq!(store.room_by_name("two").await.unwrap(), None);
    let mut same_name = room("one");
    same_name.id = "other".to_owned();
    assert_eq!(server.add_room(&same_name).await, Err(AlreadyExists));
}

#[tokio::test]
async fn concurrent_find_or_create_stores_one_room() {
    let server = with_rooms(&["one"]).await;
    let school = server.open_school("a").await;
    let of_course = || NewRoom {
        external: Some("link 7".to_owned()),
        ..NewRoom::new(&school, RoomSource::Course, Policy::default())
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
    // A name or an external id that exists already is an error.
    let named = NewRoom {
        name: Some("one".to_owned()),
        ..NewRoom::new(&school, RoomSource::Own, Policy::default())
    };
    assert_eq!(
        rooms::create(store, 7, named).await.unwrap(),
        Err(AlreadyExists)
    );
    let again = rooms::create(store, 7, of_course()).await.unwrap();
    assert_eq!(again, Err(AlreadyExists));
}

#[tokio::test]
async fn deleted_room_deletes_its_conference() {
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

#[tokio::test]
async fn rooms_of_one_origin_are_listed_by_age() {
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
        server.add_room(&room).await.unwrap();
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
async fn deleted_room_deletes_its_attendance_and_deliveries() {
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
    // The owner leaves with the rest.
    let proofs = &server.app.teacher_requests.proofs;
    let berta = store.user("id-berta").await.unwrap().unwrap();
    let by = Actor::CommandLine;
    erase(store, 0, proofs, &berta, &Rooms::Delete, &by)
        .await
        .unwrap();
    assert_eq!(store.room("id-two").await.unwrap(), None);
    let lessons = Record::<Attendance>::list(store, filter).await.unwrap();
    let deliveries = Record::<Delivery>::list(store, filter).await.unwrap();
    assert!(lessons.is_empty() && deliveries.is_empty());
}
