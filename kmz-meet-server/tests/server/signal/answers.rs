//! Answers that refuse come a fixed time after the question, so that the time does not tell what the server had to look
//! up. A slow machine makes answers late, never early, so the tests only measure that none is early.

use std::time::{Duration, Instant};

use kmz_meet_core::signal::{RefusalReason, ServerMessage};
use serde_json::{Value, json};

use crate::common::client::Client;
use crate::common::{Browser, TestServer};

/// As `MIN_ANSWER_DELAY` of the server.
const MIN_ANSWER_DELAY: Duration = Duration::from_millis(100);
/// How often each question is asked: one answer may be late by chance.
const TIMES: usize = 3;

/// A school with a room that runs and has a password, and one that does not run; the teacher is in the first.
struct School {
    server: TestServer,
    running: String,
    sleeping: String,
    _teacher: Client,
}

impl School {
    async fn new() -> Self {
        let (server, teacher) = TestServer::with_teacher("maier").await;
        let mut rooms = Vec::new();
        for _ in 0..2 {
            let room = json!({"password": "geheim"});
            let room = teacher.post("/api/v1/rooms", room).await;
            rooms.push(room.body["name"].as_str().unwrap().to_owned());
        }
        let (inside, _) = Client::joined(&teacher, &rooms[0], "").await;
        Self {
            server,
            running: rooms.remove(0),
            sleeping: rooms.remove(0),
            _teacher: inside,
        }
    }
}

/// The answer, and the time from the question to it.
async fn asked(browser: &Browser, join: &Value) -> (Client, ServerMessage, Duration) {
    let mut client = Client::connect(browser).await;
    let question = Instant::now();
    client.send_text(&join.to_string()).await;
    let answer = client.answer().await;
    (client, answer, question.elapsed())
}

#[tokio::test]
async fn answer_waiting_for_any_reason_is_never_early() {
    let school = School::new().await;
    let browser = school.server.browser();
    let join = |room: &str, password: Option<&str>| json!({"type": "join", "room": room, "name": "Anna", "password": password});
    for (reason, join) in [
        ("unknown", join("mutiger-dachs-lomi", Some("falsch"))),
        ("no name of a room", join("...", Some("falsch"))),
        ("does not run", join(&school.sleeping, Some("falsch"))),
        (
            "does not run, right password",
            join(&school.sleeping, Some("geheim")),
        ),
        ("wrong password", join(&school.running, Some("falsch"))),
        ("no password", join(&school.running, None)),
    ] {
        for _ in 0..TIMES {
            let (_client, answer, time) = asked(&browser, &join).await;
            assert_eq!(answer, ServerMessage::Waiting, "{reason}");
            assert!(time >= MIN_ANSWER_DELAY, "{reason}: after {time:?}");
        }
    }
    // The same holds for further questions on one socket.
    let (mut client, ..) = asked(&browser, &join("unknown", None)).await;
    for room in [&school.sleeping, &school.running, "unknown"] {
        let question = Instant::now();
        client
            .send_text(&join(room, Some("falsch")).to_string())
            .await;
        assert_eq!(client.answer().await, ServerMessage::Waiting);
        let time = question.elapsed();
        assert!(time >= MIN_ANSWER_DELAY, "{room}: after {time:?}");
    }
}

#[tokio::test]
async fn answer_to_a_right_password_after_guessing_is_never_early() {
    let school = School::new().await;
    let browser = school.server.browser();
    let join = |password: &str| json!({"type": "join", "room": school.running, "name": "Mallory", "password": password});
    for number in 0..15 {
        let (.., time) = asked(&browser, &join(&format!("{number:04}"))).await;
        assert!(time >= MIN_ANSWER_DELAY, "{number}: after {time:?}");
    }
    for _ in 0..TIMES {
        let (_client, answer, time) = asked(&browser, &join("geheim")).await;
        assert_eq!(answer, ServerMessage::Waiting);
        assert!(time >= MIN_ANSWER_DELAY, "after {time:?}");
    }
}

#[tokio::test]
async fn refusal_that_depends_on_no_room_is_never_early() {
    let school = School::new().await;
    let browser = school.server.browser();
    for room in [&school.running, &school.sleeping, "unknown"] {
        for (reason, said) in [
            (RefusalReason::BadSeat, json!({"seat": "x", "name": "Anna"})),
            (
                RefusalReason::BadSeat,
                json!({"token": "x", "name": "Anna"}),
            ),
            (RefusalReason::BadName, json!({"name": "..."})),
        ] {
            let mut join = said;
            join["type"] = json!("join");
            join["room"] = json!(room);
            for _ in 0..TIMES {
                let (_, answer, time) = asked(&browser, &join).await;
                assert_eq!(answer, ServerMessage::Refused { reason }, "{join}");
                assert!(time >= MIN_ANSWER_DELAY, "{join}: after {time:?}");
            }
        }
    }
}

#[tokio::test]
async fn refusal_of_a_socket_too_many_is_never_early() {
    let school = School::new().await;
    let browser = super::people::guest(&school.server).await;
    let join = |room: &str| json!({"type": "join", "room": room, "name": "Anna"});
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let (client, answer, _) = asked(&browser, &join("unknown")).await;
        assert_eq!(answer, ServerMessage::Waiting);
        waiting.push(client);
    }
    for room in [&school.running, &school.sleeping, "unknown"] {
        let (_, answer, time) = asked(&browser, &join(room)).await;
        let reason = RefusalReason::TooManyAttempts;
        assert_eq!(answer, ServerMessage::Refused { reason }, "{room}");
        assert!(time >= MIN_ANSWER_DELAY, "{room}: after {time:?}");
    }
}
