//! The list of who was there: whom it has, who sees it, and how it changes.

use std::time::Duration;

use kmz_meet_core::signal::ServerMessage;
use kmz_meet_server::attendance::Attendance;
use kmz_meet_server::store::{Record, RecordFilter};
use serde_json::{Value, json};

use crate::common::course::{ListFails, led_to};
use crate::common::lesson::World;
use crate::common::platform::{enter, fragment};

#[tokio::test]
async fn attendance_lists_the_class_and_opens_to_teachers_for_a_day() {
    let world = World::new().await;
    let World {
        server,
        key,
        course,
        ..
    } = &world;
    let person =
        |id: &str, name: &str, role: &str| json!({"user_id": id, "name": name, "roles": [role]});
    course.book.lock().unwrap().members = vec![
        person("3", "Frau M", "Instructor"),
        person("4", "Anna", "Learner"),
        person("5", "Ben", "Learner"),
    ];
    let teacher = led_to(
        &course
            .launch(server, "c", |claims| course.teacher(claims))
            .await,
    );
    let pupil = led_to(&course.launch(server, "c", |_| {}).await);
    let mut here = Vec::new();
    for url in [&teacher, &pupil] {
        let (client, answer) = enter(server, url).await;
        assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
        here.push(client);
    }
    let rooms = key.get("/api/v1/rooms").await.body;
    let room = format!(
        "/api/v1/rooms/{}",
        rooms["rooms"][0]["id"].as_str().unwrap()
    );
    server.clock.advance(Duration::from_mins(2));
    assert_eq!(key.delete(&format!("{room}/conference")).await.status, 204);
    let mut lesson = Value::Null;
    for _ in 0..100 {
        lesson = key.get(&format!("{room}/attendance")).await.body["lessons"][0].clone();
        if lesson.is_object() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(
        (&lesson["people"], &lesson["present"]),
        (&json!(3), &json!(2))
    );
    let lesson = format!("/api/v1/attendance/{}", lesson["id"].as_str().unwrap());
    let of_teacher = server.with_token(&fragment(&teacher, "ticket").unwrap());
    let shown = of_teacher.get(&lesson).await;
    assert_eq!(
        (shown.status, &shown.body["can_be_graded"]),
        (200, &json!(true))
    );
    let people = shown.body["attendance"].as_array().unwrap();
    let mut seen: Vec<(&str, bool, bool)> = people
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap(),
                one["moderator"] == true,
                one["listed"] == true,
            )
        })
        .collect();
    seen.sort_unstable();
    assert_eq!(seen[0], ("Anna", false, true));
    assert_eq!(seen[1], ("Ben", false, true));
    assert!(seen[2].0 == "Frau M" && seen[2].1 && seen.len() == 3);
    let ben = people.iter().find(|one| one["name"] == "Ben").unwrap();
    assert_eq!(
        (&ben["minutes"], &ben["first_at"]),
        (&json!(0), &ben["last_at"])
    );
    // Learners do not see it. The teacher sees it for the length of a school day.
    let of_pupil = server.with_token(&fragment(&pupil, "ticket").unwrap());
    of_pupil.get(&lesson).await.is_problem(401, "invalid_token");
    server.clock.advance(Duration::from_hours(7));
    assert_eq!(of_teacher.get(&lesson).await.status, 200);
    server.clock.advance(Duration::from_hours(2));
    of_teacher
        .get(&lesson)
        .await
        .is_problem(401, "invalid_token");
}

#[tokio::test]
async fn attendance_changed_while_results_are_sent_stays_changed() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    world.course.book.lock().unwrap().pause = Duration::from_millis(200);
    // The caller gives up at once. The server finishes what it began.
    let lesson = world.lesson(&room, "one", 13).await;
    let how = json!({"confirm": true, "measure": "minutes"});
    let request = world
        .key
        .request(reqwest::Method::POST, &format!("{lesson}/grades"))
        .json(&how);
    let sending = tokio::spawn(request.send());
    world.until_scores(1).await;
    sending.abort();
    let corrected = json!({"corrections": [{"number": 1, "minutes": 7}]});
    world.key.patch(&lesson, corrected).await;
    world.until_scores(13).await;
    let mut shown = Value::Null;
    for _ in 0..100 {
        shown = world.key.get(&lesson).await.body;
        if shown["graded_at"].is_i64() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(shown["graded_at"].is_i64());
    assert_eq!(shown["attendance"][1]["minutes"], 7);
    // A lesson that is deleted meanwhile does not come back.
    let lesson = world.lesson(&room, "two", 7).await;
    let (sent, deleted) = tokio::join!(world.send(&lesson, "minutes"), async {
        world.until_scores(14).await;
        world.key.delete(&lesson).await.status
    });
    assert_eq!((sent.body["sent"].as_u64(), deleted), (Some(7), 204));
    world.key.get(&lesson).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn attendance_of_a_deleted_room_is_deleted() {
    let world = World::new().await;
    world.course.book.lock().unwrap().list = ListFails::Status(503);
    let (room, lesson) = world.held().await;
    let path = format!("/api/v1/attendance/{}", lesson["id"].as_str().unwrap());
    assert_eq!(world.key.get(&path).await.status, 200);
    assert_eq!(world.key.delete(&room).await.status, 204);
    world.key.get(&path).await.is_problem(404, "not_found");
    let store = &world.server.app.store;
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let left = Record::<Attendance>::list(store, filter).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    for kind in ["lti_course", "late_class_list"] {
        let left = store.raw_list(kind, filter).await.unwrap();
        assert!(left.is_empty(), "{kind}: {left:?}");
    }
    // The attendance of a room that an earlier version deleted.
    let lesson = world.lesson("gone", "c", 2).await;
    assert_eq!(world.key.get(&lesson).await.status, 200);
    store.delete_orphans().await.unwrap();
    world.key.get(&lesson).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn concurrent_corrections_are_all_stored() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    let lesson = world.lesson(&room, "one", 12).await;
    let corrections = (0..12).map(|number| {
        let body = json!({"corrections": [{"number": number, "minutes": 10 + number}]});
        world.key.patch(&lesson, body)
    });
    for answer in futures_util::future::join_all(corrections).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let shown = world.key.get(&lesson).await.body;
    for number in 0..12 {
        assert_eq!(
            shown["attendance"][number]["minutes"],
            10 + number,
            "{shown}"
        );
    }
}

#[tokio::test]
async fn concurrent_changes_of_school_settings_are_all_stored() {
    for round in 0..10 {
        let world = World::new().await;
        let days = json!({"attendance_days": 7 + round});
        let origins = json!({"embed_origins": ["https://a.example"]});
        let both = futures_util::future::join(
            world.key.patch("/api/v1/school", days),
            world.key.patch("/api/v1/school", origins),
        );
        both.await;
        let school = world.key.get("/api/v1/school").await.body;
        assert_eq!(
            (&school["attendance_days"], &school["embed_origins"]),
            (&json!(7 + round), &json!(["https://a.example"]))
        );
    }
}
