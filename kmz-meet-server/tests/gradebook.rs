//! What a lesson of a course leaves: the list of who was there, and results in the gradebook.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::time::Duration;

use common::course::{AGS, GRADES, ListFails, led_to};
use common::lesson::World;
use common::platform::{enter, fragment};
use kmz_meet_core::signal::ServerMessage;
use kmz_meet_server::attendance::Attendance;
use kmz_meet_server::clock::Clock;
use serde_json::{Value, json};

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
    // Learners do not see it; the teacher does as long as a school day.
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
async fn results_are_sent_in_parallel_past_refused_ones() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    let lesson = world.lesson(&room, "one", 20).await;
    {
        let mut book = world.course.book.lock().unwrap();
        book.statuses = [("p3".to_owned(), 409), ("p7".to_owned(), 404)].into();
        book.pause = Duration::from_millis(50);
    }
    let sent = world.send(&lesson, "minutes").await;
    assert_eq!(
        (sent.status, &sent.body),
        (200, &json!({"sent": 18, "refused": [3, 7]}))
    );
    let book = world.course.book.lock().unwrap();
    assert!(
        (2..=6).contains(&book.most_at_once),
        "{}",
        book.most_at_once
    );
    // One token for the columns, and one for all the results.
    assert_eq!(book.tokens, 2);
    let (path, score) = book
        .scores
        .iter()
        .find(|(_, one)| one["userId"] == "p0")
        .unwrap();
    assert_eq!(path, "/columns/0/scores");
    assert_eq!(
        (
            &score["scoreGiven"],
            &score["scoreMaximum"],
            score.get("comment")
        ),
        (&json!(40.0), &json!(45.0), None)
    );
}

#[tokio::test]
async fn results_for_long_ids_are_sent_to_the_original_ids() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    let long = |end: &str| format!("{}{end}", "u".repeat(300));
    let ids = ["a", "b", "c"].map(long);
    let kept = |id: &String| lti_bridge::kept_id(id).unwrap();
    let listed = ids
        .iter()
        .map(|id| json!({"user_id": id, "name": "Anna", "roles": ["Learner"]}));
    world.course.book.lock().unwrap().members = listed.collect();
    // One of them left the course meanwhile, and one has a short id.
    let gone = long("gone");
    let people = ids.iter().chain([&gone]).map(kept);
    let lesson = world
        .lesson_of(&room, "one", people.chain(["p0".to_owned()]))
        .await;
    let sent = world.send(&lesson, "minutes").await;
    assert_eq!(
        (sent.status, &sent.body),
        (200, &json!({"sent": 4, "refused": [3]}))
    );
    let book = world.course.book.lock().unwrap();
    let mut users: Vec<&str> = book
        .scores
        .iter()
        .map(|(_, score)| score["userId"].as_str().unwrap())
        .collect();
    users.sort_unstable();
    assert_eq!(users, ["p0", &ids[0], &ids[1], &ids[2]]);
}

#[tokio::test]
async fn lesson_gets_a_column_unless_the_platform_has_one() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    let first = world.lesson(&room, "one", 1).await;
    world.server.clock.advance(Duration::from_hours(24));
    let second = world.lesson(&room, "two", 1).await;
    for (lesson, measure) in [
        (&first, "minutes"),
        (&second, "minutes"),
        (&second, "completion"),
        (&first, "minutes"),
    ] {
        assert_eq!(world.send(lesson, measure).await.body["sent"], 1);
    }
    {
        let book = world.course.book.lock().unwrap();
        let columns: Vec<(&str, &str)> = book
            .columns
            .iter()
            .map(|one| {
                (
                    one["label"].as_str().unwrap(),
                    one["resourceId"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            columns,
            [
                ("Anwesenheit 15.01.2027 (Minuten)", "attendance-one-minutes"),
                ("Anwesenheit 16.01.2027 (Minuten)", "attendance-two-minutes"),
                ("Anwesenheit 16.01.2027", "attendance-two-completion"),
            ]
        );
    }
    // Where the platform has one for the link, it is that.
    let url = world.course.url.clone();
    let room = world
        .room(|claims| claims[GRADES]["lineitem"] = json!(format!("{url}/only")))
        .await;
    let third = world.lesson(&room, "three", 1).await;
    assert_eq!(world.send(&third, "minutes").await.body["sent"], 1);
    let book = world.course.book.lock().unwrap();
    assert_eq!(
        (book.columns.len(), book.scores.last().unwrap().0.as_str()),
        (3, "/only/scores")
    );
}

#[tokio::test]
async fn results_without_a_gradebook_are_not_sent() {
    let world = World::new().await;
    let with = |scopes: &[&str]| {
        let scopes: Vec<String> = scopes
            .iter()
            .map(|scope| format!("{AGS}/{scope}"))
            .collect();
        move |claims: &mut Value| claims[GRADES]["scope"] = json!(scopes)
    };
    let room = world.room(with(&["lineitem", "result.readonly"])).await;
    let lesson = world.lesson(&room, "one", 2).await;
    assert_eq!(world.key.get(&lesson).await.body["can_be_graded"], false);
    world
        .send(&lesson, "minutes")
        .await
        .is_problem(409, "no_gradebook");
    // Results would be taken, but there is no column, and nobody may make one.
    world.room(with(&["lineitem.readonly", "score"])).await;
    assert_eq!(world.key.get(&lesson).await.body["can_be_graded"], true);
    let refused = world.send(&lesson, "minutes").await;
    refused.is_problem(409, "no_gradebook");
    assert!(refused.body["detail"].as_str().unwrap().contains("column"));
    world.room(|_| {}).await;
    assert_eq!(world.key.get(&lesson).await.body["can_be_graded"], true);
    // A platform that was taken back, and one that is gone.
    let platform = format!("/api/v1/lti/platforms/{}", world.platform);
    world
        .key
        .patch(&platform, json!({"state": "disabled"}))
        .await;
    assert_eq!(world.key.get(&lesson).await.body["can_be_graded"], false);
    world
        .send(&lesson, "minutes")
        .await
        .is_problem(409, "no_gradebook");
    world.key.delete(&platform).await;
    assert_eq!(world.key.get(&lesson).await.body["can_be_graded"], false);
    assert_eq!(
        (
            world.scores(),
            world.course.book.lock().unwrap().columns.len()
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn platform_that_fails_halfway_leaves_a_report() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    let lesson = world.lesson(&room, "one", 40).await;
    world.course.book.lock().unwrap().fails_after = Some(0);
    world
        .send(&lesson, "minutes")
        .await
        .is_problem(502, "platform");
    assert_eq!(world.key.get(&lesson).await.body["graded_at"], Value::Null);
    {
        let mut book = world.course.book.lock().unwrap();
        book.scores.clear();
        book.fails_after = Some(5);
    }
    let report = world.send(&lesson, "minutes").await;
    assert_eq!((report.status, &report.body["sent"]), (200, &json!(5)));
    assert_eq!(report.body["failed"].as_array().unwrap().len(), 35);
    assert_eq!(report.body["refused"], json!([]));
    assert!(report.body["reason"].as_str().unwrap().contains("500"));
    // It is left alone then.
    assert!(world.scores() < 20, "{}", world.scores());
    assert!(world.key.get(&lesson).await.body["graded_at"].is_i64());
}

#[tokio::test]
async fn platform_that_cannot_read_our_keys_is_reported_with_the_url() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    let lesson = world.lesson(&room, "one", 1).await;
    world.course.book.lock().unwrap().blocked = true;
    let refused = world.send(&lesson, "minutes").await;
    refused.is_problem(502, "platform_key");
    let detail = refused.body["detail"].as_str().unwrap();
    let keys = format!("{}/lti/jwks", world.server.origin);
    assert!(
        detail.contains(&keys) && detail.contains("HTTP security"),
        "{detail}"
    );
}

#[tokio::test]
async fn attendance_changed_while_results_are_sent_stays_changed() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    world.course.book.lock().unwrap().pause = Duration::from_millis(200);
    // Whoever asks gives up at once; what was begun is finished.
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
    // What is deleted meanwhile does not come back.
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
    use kmz_meet_server::store::{Record, RecordFilter};
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
    // Of a room that an earlier version deleted.
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

#[tokio::test]
async fn column_has_a_label_in_the_language_of_the_platform() {
    let launch = format!("{}/launch_presentation", common::course::CLAIM);
    for (locale, label) in [
        (json!({"locale": "en"}), "Attendance 2027-01-15 (minutes)"),
        (
            json!({"locale": "pt_BR"}),
            "Attendance 2027-01-15 (minutes)",
        ),
        (
            json!({"locale": "de_CH"}),
            "Anwesenheit 15.01.2027 (Minuten)",
        ),
        (json!({}), "Anwesenheit 15.01.2027 (Minuten)"),
    ] {
        let world = World::new().await;
        let room = world.room(|claims| claims[&launch] = locale.clone()).await;
        // What a pupil reads in changes nothing of it.
        let pupil = |claims: &mut Value| claims[&launch] = json!({"locale": "fr"});
        world.course.launch(&world.server, "c", pupil).await;
        let lesson = world.lesson(&room, "one", 1).await;
        world.send(&lesson, "minutes").await;
        let book = world.course.book.lock().unwrap();
        assert_eq!(book.columns[0]["label"], label, "{locale}");
    }
}

#[tokio::test]
async fn completion_needs_two_thirds_or_the_minutes_of_the_teacher() {
    const SECOND: i64 = 1_000;
    const MINUTE: i64 = 60 * SECOND;
    /// The length of the lesson, what the teacher says, and the points for minutes.
    type Case<'a> = (i64, Option<u32>, &'a [(u32, f64)]);
    let lessons: [Case; 9] = [
        (
            45 * MINUTE,
            None,
            &[(1, 0.0), (29, 0.0), (30, 1.0), (45, 1.0)],
        ),
        (90 * MINUTE, None, &[(30, 0.0), (59, 0.0), (60, 1.0)]),
        (300 * MINUTE, None, &[(60, 0.0), (199, 0.0), (200, 1.0)]),
        (20 * MINUTE, None, &[(12, 0.0), (13, 1.0), (20, 1.0)]),
        (3 * MINUTE, None, &[(1, 0.0), (2, 1.0), (3, 1.0)]),
        (MINUTE, None, &[(1, 1.0)]),
        (20 * SECOND, None, &[(1, 1.0)]),
        (90 * MINUTE, Some(10), &[(9, 0.0), (10, 1.0), (90, 1.0)]),
        (45 * MINUTE, Some(45), &[(30, 0.0), (44, 0.0), (45, 1.0)]),
    ];
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    for (number, (length, needed, expected)) in lessons.into_iter().enumerate() {
        // Who was absent gets no grade: a zero is the teacher's to give.
        let mut learners: Vec<(String, u32)> = expected
            .iter()
            .map(|(minutes, _)| (format!("p{minutes}"), *minutes))
            .collect();
        learners.push(("absent".to_owned(), 0));
        let lesson = world
            .lesson_like(&room, &number.to_string(), length, learners)
            .await;
        let mut how = json!({"confirm": true, "measure": "completion"});
        if let Some(needed) = needed {
            how["needed_minutes"] = json!(needed);
        }
        world.course.book.lock().unwrap().scores.clear();
        let sent = world.key.post(&format!("{lesson}/grades"), how).await;
        assert_eq!(sent.body["sent"], expected.len(), "{length}: {sent:?}");
        let book = world.course.book.lock().unwrap();
        let given = |user: &str| {
            let of = |(_, score): &&(String, Value)| score["userId"] == user;
            book.scores
                .iter()
                .find(of)
                .map(|(_, score)| score["scoreGiven"].clone())
        };
        for (minutes, points) in expected {
            let points = Some(json!(points));
            assert_eq!(
                given(&format!("p{minutes}")),
                points,
                "{minutes} of {length}"
            );
        }
        assert_eq!(given("absent"), None, "{length}");
    }
}

#[tokio::test]
async fn absent_learner_gets_a_grade_only_by_a_correction() {
    let world = World::new().await;
    let room = world.room(|_| {}).await;
    for (number, (minutes, points)) in [(0, 0.0), (29, 0.0), (30, 1.0)].into_iter().enumerate() {
        let learners = vec![("p0".to_owned(), 40), ("absent".to_owned(), 0)];
        let lesson = world
            .lesson_like(&room, &number.to_string(), 45 * 60_000, learners)
            .await;
        let corrected = json!({"corrections": [{"number": 1, "minutes": minutes}]});
        assert_eq!(world.key.patch(&lesson, corrected).await.status, 200);
        world.course.book.lock().unwrap().scores.clear();
        assert_eq!(world.send(&lesson, "completion").await.body["sent"], 2);
        let book = world.course.book.lock().unwrap();
        let score = book
            .scores
            .iter()
            .find(|(_, one)| one["userId"] == "absent");
        assert_eq!(score.unwrap().1["scoreGiven"], points, "{minutes}");
    }
}

#[tokio::test]
async fn column_has_the_day_of_the_time_zone_of_the_school() {
    // Milliseconds since 1970, the school's zone, and the day there.
    for (at, zone, day) in [
        // 2027-07-15 21:59 and 22:01 UTC: midnight of Berlin is at 22:00 in summer.
        (1_815_688_740_000_i64, None, "15.07.2027"),
        (1_815_688_860_000, None, "16.07.2027"),
        // 2027-01-15 22:59 and 23:01 UTC: it is at 23:00 in winter.
        (1_800_053_940_000, None, "15.01.2027"),
        (1_800_054_060_000, None, "16.01.2027"),
        // 2027-07-15 23:59:30 UTC, shortly before the day of UTC ends.
        (1_815_695_970_000, Some("UTC"), "15.07.2027"),
        (1_815_695_970_000, Some("Atlantic/Azores"), "15.07.2027"),
        (1_815_695_970_000, Some("Europe/Berlin"), "16.07.2027"),
        (1_815_695_970_000, Some("Pacific/Kiritimati"), "16.07.2027"),
        // 2027-12-31 23:30 UTC: another year already.
        (1_830_295_800_000, Some("Europe/Vienna"), "01.01.2028"),
    ] {
        let world = World::new().await;
        if let Some(zone) = zone {
            let changed = world
                .key
                .patch("/api/v1/school", json!({"time_zone": zone}));
            assert_eq!(changed.await.status, 200, "{zone}");
        }
        let room = world.room(|_| {}).await;
        let later = u64::try_from(at - world.server.clock.now()).unwrap();
        world.server.clock.advance(Duration::from_millis(later));
        let key = world.server.key("a", &[]).await;
        let lesson = world.lesson(&room, "one", 1).await;
        let how = json!({"confirm": true, "measure": "minutes"});
        let sent = key.post(&format!("{lesson}/grades"), how).await;
        assert_eq!(sent.body["sent"], 1, "{sent:?}");
        let book = world.course.book.lock().unwrap();
        let label = format!("Anwesenheit {day} (Minuten)");
        assert_eq!(book.columns[0]["label"], label, "{at} in {zone:?}");
    }
}
