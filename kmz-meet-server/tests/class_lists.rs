//! Class lists of platforms that do not answer when a lesson ends: nobody is lost.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::net::TcpListener;
use std::time::Duration;

use common::TestServer;
use common::course::ListFails;
use common::key::Key;
use common::lesson::World;
use kmz_meet_core::Timestamp;
use kmz_meet_core::conference::Summary;
use kmz_meet_core::signal::ConferenceId;
use kmz_meet_server::attendance::Attendance;
use kmz_meet_server::events;
use kmz_meet_server::integrations::lti::missing_class_lists;
use kmz_meet_server::store::{Record, RecordFilter};
use serde_json::{Value, json};

/// Reads what is due until the lesson's list is complete; the lesson. The server does so by itself, too, and may be at it.
async fn completed(server: &TestServer, key: &Key, path: &str) -> Value {
    for _ in 0..500 {
        missing_class_lists::run_once(&server.app).await.unwrap();
        let shown = key.get(path).await.body;
        if shown["incomplete"] == false {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{}", key.get(path).await.body);
}

/// The names of those who were not there.
fn absent(lesson: &Value) -> Vec<&str> {
    let people = lesson["attendance"].as_array().unwrap().iter();
    let mut names: Vec<&str> = people
        .filter(|one| one["first_at"] == one["last_at"])
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names
}

fn path(lesson: &Value) -> String {
    format!("/api/v1/attendance/{}", lesson["id"].as_str().unwrap())
}

#[tokio::test]
async fn class_list_that_fails_in_any_way_is_complete_once_the_platform_answers() {
    for fails in [
        ListFails::Status(500),
        ListFails::Status(401),
        ListFails::Status(404),
        ListFails::Token(401),
        ListFails::Token(400),
        ListFails::Token(503),
        ListFails::Text("<html>Wartung</html>"),
        ListFails::Text("{\"members\": [{\"user_id\": \"5\""),
        ListFails::Text("{\"members\": \"none\"}"),
        ListFails::Text(""),
        ListFails::Hangs,
    ] {
        let world = World::new().await;
        world.course.book.lock().unwrap().list = fails;
        let (_, lesson) = world.held().await;
        assert_eq!(
            (&lesson["people"], &lesson["incomplete"]),
            (&json!(2), &json!(true)),
            "{fails:?}"
        );
        let path = path(&lesson);
        world.server.clock.advance(Duration::from_hours(1));
        missing_class_lists::run_once(&world.server.app)
            .await
            .unwrap();
        assert_eq!(
            world.key.get(&path).await.body["incomplete"],
            true,
            "{fails:?}"
        );
        world.course.book.lock().unwrap().list = ListFails::Not;
        world.server.clock.advance(Duration::from_hours(1));
        let shown = completed(&world.server, &world.key, &path).await;
        assert_eq!(
            (&shown["people"], &shown["present"], absent(&shown)),
            (&json!(4), &json!(2), vec!["Ben", "Mia"]),
            "{fails:?}"
        );
    }
}

#[tokio::test]
async fn class_list_of_a_platform_at_whose_address_nobody_listens_is_complete_once_somebody_does() {
    let world = World::new().await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    world.course.book.lock().unwrap().list_url = Some(format!("http://{address}/members"));
    let (_, lesson) = world.held().await;
    assert_eq!(lesson["incomplete"], true, "{lesson}");
    world.server.clock.advance(Duration::from_hours(1));
    missing_class_lists::run_once(&world.server.app)
        .await
        .unwrap();
    world.course.serve_at(address).await;
    world.server.clock.advance(Duration::from_hours(1));
    let shown = completed(&world.server, &world.key, &path(&lesson)).await;
    assert_eq!(absent(&shown), ["Ben", "Mia"]);
}

#[tokio::test]
async fn class_list_that_fails_is_complete_also_when_this_server_was_killed_meanwhile() {
    for fails in [
        ListFails::Status(503),
        ListFails::Token(401),
        ListFails::Text("Fatal error: Allowed memory size"),
    ] {
        let world = World::new().await;
        world.course.book.lock().unwrap().list = fails;
        let (_, lesson) = world.held().await;
        let path = path(&lesson);
        // Killed before a further try, and once more after one in vain.
        let World {
            server,
            key,
            course,
            ..
        } = world;
        let server = server.restarted().await;
        let shown = server.with_token(&key.token).get(&path).await.body;
        assert_eq!(shown["incomplete"], true, "{fails:?}: {shown}");
        server.clock.advance(Duration::from_hours(1));
        missing_class_lists::run_once(&server.app).await.unwrap();
        let server = server.restarted().await;
        course.book.lock().unwrap().list = ListFails::Not;
        server.clock.advance(Duration::from_hours(1));
        let key = server.with_token(&key.token);
        let shown = completed(&server, &key, &path).await;
        assert_eq!(absent(&shown), ["Ben", "Mia"], "{fails:?}");
    }
}

#[tokio::test]
async fn lesson_that_is_kept_again_waits_for_one_list_or_for_none() {
    for fails in [
        ListFails::Status(503),
        ListFails::Token(401),
        ListFails::Text("<html>"),
    ] {
        let world = World::new().await;
        world.course.book.lock().unwrap().list = fails;
        let (room, lesson) = world.held().await;
        let (path, store) = (path(&lesson), &world.server.app.store);
        let kept = Record::<Attendance>::get(store, lesson["id"].as_str().unwrap()).await;
        let conference = kept.unwrap().unwrap().data.conference;
        let room = store.room(room.rsplit('/').next().unwrap()).await;
        let room = room.unwrap().unwrap();
        let attended = json!([{
            "user": "x", "name": "Anna", "role": "participant", "listed": true, "first_at": 1, "last_at": 2,
            "present_ms": 1, "chats": 0, "hands": 0, "here": []
        }]);
        let summary = Summary {
            conference: ConferenceId(conference),
            started_at: Timestamp::from_millis(1),
            ended_at: Timestamp::from_millis(2),
            attended: serde_json::from_value(attended).unwrap(),
        };
        let waiting = async || {
            let filter = RecordFilter {
                limit: 10,
                ..RecordFilter::default()
            };
            store
                .raw_list("late_class_list", filter)
                .await
                .unwrap()
                .len()
        };
        // As after a failure of something else that is done when a conference ends.
        for _ in 0..3 {
            events::attendance::ended(&world.server.app, &room, &summary)
                .await
                .unwrap();
            assert_eq!(waiting().await, 1, "{fails:?}");
        }
        world.course.book.lock().unwrap().list = ListFails::Not;
        world.server.clock.advance(Duration::from_hours(1));
        let shown = completed(&world.server, &world.key, &path).await;
        assert_eq!(absent(&shown), ["Ben", "Mia"], "{fails:?}");
        events::attendance::ended(&world.server.app, &room, &summary)
            .await
            .unwrap();
        assert_eq!(waiting().await, 0, "{fails:?}");
    }
}

#[tokio::test]
async fn class_list_of_a_platform_that_was_down_is_read_again_later() {
    let world = World::new().await;
    world.course.book.lock().unwrap().list = ListFails::Status(503);
    let (room, lesson) = world.held().await;
    assert_eq!(
        (&lesson["people"], &lesson["incomplete"]),
        (&json!(2), &json!(true))
    );
    let path = format!("/api/v1/attendance/{}", lesson["id"].as_str().unwrap());
    let csv = async || {
        let table = world
            .key
            .request(reqwest::Method::GET, &format!("{path}/csv"));
        table.send().await.unwrap().text().await.unwrap()
    };
    assert!(csv().await.contains("unvollst\u{e4}ndig"));
    // Down for a day: asked again and again, and nothing is lost. The teacher corrects meanwhile.
    let anna = json!({"corrections": [{"number": 1, "minutes": 40}]});
    assert_eq!(world.key.patch(&path, anna).await.status, 200);
    for hours in [1, 3, 6, 14] {
        world.server.clock.advance(Duration::from_hours(hours));
        missing_class_lists::run_once(&world.server.app)
            .await
            .unwrap();
        assert_eq!(world.key.get(&path).await.body["incomplete"], true);
    }
    world.course.book.lock().unwrap().list = ListFails::Not;
    world.server.clock.advance(Duration::from_hours(13));
    missing_class_lists::run_once(&world.server.app)
        .await
        .unwrap();
    let shown = world.key.get(&path).await.body;
    assert_eq!(
        (&shown["people"], &shown["present"], &shown["incomplete"]),
        (&json!(4), &json!(2), &json!(false)),
        "{shown}"
    );
    assert_eq!(shown["attendance"][1]["minutes"], 40);
    assert!(!csv().await.contains("unvollst\u{e4}ndig"));
    // Once read it is not read again: who comes to the course later was not in that lesson.
    world.server.clock.advance(Duration::from_hours(100));
    missing_class_lists::run_once(&world.server.app)
        .await
        .unwrap();
    assert_eq!(world.key.get(&path).await.body["people"], 4);
    let list = world.key.get(&format!("{room}/attendance")).await.body;
    assert_eq!(list["lessons"][0]["incomplete"], false);
}

#[tokio::test]
async fn class_list_of_a_platform_that_answers_is_complete_at_once() {
    let world = World::new().await;
    let (_, lesson) = world.held().await;
    assert_eq!(
        (&lesson["people"], &lesson["present"], &lesson["incomplete"]),
        (&json!(4), &json!(2), &json!(false))
    );
}
