//! Class lists of platforms that do not answer when a lesson ends. No learner is lost.

use std::net::TcpListener;
use std::time::Duration;

use kmz_meet_core::Timestamp;
use kmz_meet_core::conference::Summary;
use kmz_meet_core::signal::ConferenceId;
use kmz_meet_server::attendance::Attendance;
use kmz_meet_server::events;
use kmz_meet_server::integrations::lti::{Courses, missing_class_lists};
use kmz_meet_server::store::{Record, RecordFilter};
use serde_json::{Value, json};

use crate::common::TestServer;
use crate::common::course::ListFails;
use crate::common::key::Key;
use crate::common::lesson::World;

/// Reads due class lists until the lesson is complete, and returns the lesson. The server reads them by itself, too.
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

/// The names of those who were absent, sorted.
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
async fn class_list_after_any_failure_is_completed() {
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
async fn class_list_of_an_unreachable_platform_is_completed() {
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
async fn class_list_after_failure_and_restart_is_completed() {
    for fails in [
        ListFails::Status(503),
        ListFails::Token(401),
        ListFails::Text("Fatal error: Allowed memory size"),
    ] {
        let world = World::new().await;
        world.course.book.lock().unwrap().list = fails;
        let (_, lesson) = world.held().await;
        let path = path(&lesson);
        // The server is killed before the next try, and again after a try that failed.
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
async fn lesson_stored_again_waits_for_at_most_one_class_list() {
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
        // The end is handled again when another part of it failed.
        for _ in 0..3 {
            events::attendance::ended(&Courses::from(&*world.server.app), &room, &summary)
                .await
                .unwrap();
            assert_eq!(waiting().await, 1, "{fails:?}");
        }
        world.course.book.lock().unwrap().list = ListFails::Not;
        world.server.clock.advance(Duration::from_hours(1));
        let shown = completed(&world.server, &world.key, &path).await;
        assert_eq!(absent(&shown), ["Ben", "Mia"], "{fails:?}");
        events::attendance::ended(&Courses::from(&*world.server.app), &room, &summary)
            .await
            .unwrap();
        assert_eq!(waiting().await, 0, "{fails:?}");
    }
}

#[tokio::test]
async fn class_list_after_a_day_without_platform_keeps_corrections() {
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
    // The platform is down for a day. The server asks again and again, and the teacher corrects meanwhile.
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
    // The list is read once: people who join the course later were not in that lesson.
    world.server.clock.advance(Duration::from_hours(100));
    missing_class_lists::run_once(&world.server.app)
        .await
        .unwrap();
    assert_eq!(world.key.get(&path).await.body["people"], 4);
    let list = world.key.get(&format!("{room}/attendance")).await.body;
    assert_eq!(list["lessons"][0]["incomplete"], false);
}

#[tokio::test]
async fn class_list_of_a_platform_that_answers_is_complete() {
    let world = World::new().await;
    let (_, lesson) = world.held().await;
    assert_eq!(
        (&lesson["people"], &lesson["present"], &lesson["incomplete"]),
        (&json!(4), &json!(2), &json!(false))
    );
}
