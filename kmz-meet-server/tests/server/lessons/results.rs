//! Results in the gradebook: for whom they are sent, and how many points.

use std::time::Duration;

use serde_json::{Value, json};

use crate::common::course::{AGS, GRADES};
use crate::common::lesson::World;

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
    // The server asks for one token for the columns and one for all results.
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
    // One learner left the course meanwhile, and one has a short id.
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
    // The platform would take results, but it has no column, and nobody may make one.
    world.room(with(&["lineitem.readonly", "score"])).await;
    assert_eq!(world.key.get(&lesson).await.body["can_be_graded"], true);
    let refused = world.send(&lesson, "minutes").await;
    refused.is_problem(409, "no_gradebook");
    assert!(refused.body["detail"].as_str().unwrap().contains("column"));
    world.room(|_| {}).await;
    assert_eq!(world.key.get(&lesson).await.body["can_be_graded"], true);
    // A platform that is disabled, and one that is deleted.
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
    // The server sends nothing more then.
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
        // An absent learner gets no grade: only the teacher gives a zero.
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
