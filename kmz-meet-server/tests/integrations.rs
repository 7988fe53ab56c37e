//! What an integrator does over REST: rooms, tickets, running conferences, webhooks, attendance.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::time::Duration;

use common::client::Client;
use common::platform::way_back;
use common::receiver::Receiver;
use common::{Answer, TestServer};
use kmz_meet_core::signal::{ClientMessage, Door, PolicyChange, Role, ServerMessage};
use kmz_meet_server::store::Contract;
use reqwest::Method;
use serde_json::{Value, json};

async fn server() -> TestServer {
    let server = TestServer::start_with(|config| config.outgoing_loopback = true).await;
    server.school("a", Contract::Signed).await;
    server
}

async fn enter(server: &TestServer, ticket: &Value, name: &str) -> (Client, ServerMessage) {
    let mut client = Client::connect(&server.browser()).await;
    let join = ClientMessage::Join {
        room: "whatever the address says".to_owned(),
        name: name.to_owned(),
        password: None,
        seat: None,
        token: Some(ticket["ticket"].as_str().unwrap().to_owned()),
    };
    client.say(&join).await;
    let answer = client.answer().await;
    (client, answer)
}

fn id(room: &Value) -> &str {
    room["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_teacher_and_a_pupil_come_in_by_tickets_and_the_integrator_moderates() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key
        .post(
            "/api/v1/rooms",
            json!({"title": "Mathe 7b", "external": "course-7", "policy": {"door": "knock"}}),
        )
        .await
        .body;
    assert_eq!(
        (&room["origin"], &room["title"]),
        (&json!("api"), &json!("Mathe 7b"))
    );
    let path = format!("/api/v1/rooms/{}", id(&room));
    let ticket = |user: &str, name: Value, role: &str| json!({"user": user, "name": name, "role": role, "lang": "de", "leave_url": "https://lms.example/"});
    let pupil = key
        .post(
            &format!("{path}/tickets"),
            ticket("17", json!("Anna"), "member"),
        )
        .await
        .body;
    assert!(
        pupil["url"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{}#ticket=", room["url"].as_str().unwrap()))
    );
    // Where 'leave' leads is in the ticket, and nowhere where it could be changed.
    assert!(!pupil["url"].as_str().unwrap().contains("leave"));
    assert_eq!(
        way_back(&server, pupil["ticket"].as_str().unwrap()).await,
        Some("https://lms.example/".to_owned())
    );
    // A member does not start a conference; it waits.
    let (_, answer) = enter(&server, &pupil, "").await;
    assert!(matches!(answer, ServerMessage::Waiting), "{answer:?}");
    key.get(&format!("{path}/conference"))
        .await
        .is_problem(404, "not_found");

    let teacher = key
        .post(
            &format!("{path}/tickets"),
            ticket("3", Value::Null, "moderator"),
        )
        .await
        .body;
    let (_teacher, answer) = enter(&server, &teacher, "Frau M").await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (participants[0].role, participants[0].name.as_str()),
        (Role::Moderator, "Frau M")
    );
    let (mut anna, answer) = enter(&server, &pupil, "Somebody else").await;
    let ServerMessage::Joined {
        participants, you, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    let me = participants.iter().find(|one| one.id == you).unwrap();
    assert_eq!(
        (me.role, me.name.as_str(), me.listed),
        (Role::Participant, "Anna", true)
    );
    // A stranger with the link waits at the door.
    let (_, answer) =
        Client::join(&server.browser(), room["name"].as_str().unwrap(), "Fremd").await;
    assert!(matches!(answer, ServerMessage::Lobby), "{answer:?}");

    let running = key.get("/api/v1/conferences").await.body;
    assert_eq!(running["conferences"][0]["participants"], 2);
    let conference = key.get(&format!("{path}/conference")).await.body;
    assert_eq!(conference["participants"].as_array().unwrap().len(), 2);
    let changed = key
        .patch(
            &format!("{path}/conference"),
            json!({"policy": {"door": "closed", "chat": "moderators"}}),
        )
        .await
        .body;
    assert_eq!(
        (&changed["policy"]["door"], &changed["policy"]["chat"]),
        (&json!("closed"), &json!("moderators"))
    );
    let mute = key
        .post(
            &format!("{path}/conference/mute"),
            json!({"source": "microphone"}),
        )
        .await;
    assert_eq!(mute.status, 204);
    let owner = conference["participants"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["role"] == "moderator")
        .unwrap();
    key.delete(&format!("{path}/conference/participants/{}", id(owner)))
        .await
        .is_problem(409, "owner");
    let removed = key
        .delete(&format!("{path}/conference/participants/{}", you.0))
        .await;
    assert_eq!(removed.status, 204);
    while let Some(text) = anna.next_text().await {
        if text.contains("\"removed\"") {
            break;
        }
    }
    // Who was removed does not come back with the same ticket, nor with a new one.
    let again = key
        .post(
            &format!("{path}/tickets"),
            ticket("17", json!("Anna"), "member"),
        )
        .await
        .body;
    for ticket in [&pupil, &again] {
        let (_, answer) = enter(&server, ticket, "").await;
        assert!(
            matches!(answer, ServerMessage::Refused { .. }),
            "{answer:?}"
        );
    }
    key.delete(&path).await.is_problem(409, "room_running");
    assert_eq!(key.delete(&format!("{path}/conference")).await.status, 204);
    for _ in 0..50 {
        if key.get(&format!("{path}/attendance")).await.body["lessons"][0].is_object() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let lessons = key.get(&format!("{path}/attendance")).await.body;
    let lesson = format!("/api/v1/attendance/{}", id(&lessons["lessons"][0]));
    let shown = key.get(&lesson).await.body;
    assert_eq!(shown["attendance"].as_array().unwrap().len(), 2);
    assert_eq!(shown["can_be_graded"], false);
    let corrected = key
        .patch(
            &lesson,
            json!({"corrections": [{"number": 1, "minutes": 44}]}),
        )
        .await
        .body;
    assert_eq!(corrected["attendance"][1]["minutes"], 44);
    key.patch(
        &lesson,
        json!({"corrections": [{"number": 9, "minutes": 1}]}),
    )
    .await
    .is_problem(422, "invalid");
    let table = key
        .request(Method::GET, &format!("{lesson}/csv"))
        .send()
        .await
        .unwrap();
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8");
    assert!(table.text().await.unwrap().contains(";44;"));
    key.post(
        &format!("{lesson}/grades"),
        json!({"confirm": false, "measure": "minutes"}),
    )
    .await
    .is_problem(409, "not_confirmed");
    key.post(
        &format!("{lesson}/grades"),
        json!({"confirm": true, "measure": "minutes"}),
    )
    .await
    .is_problem(409, "no_gradebook");
    // A moderator's ticket shows the attendance of that room, and nothing else.
    let moderator = server.with_token(teacher["ticket"].as_str().unwrap());
    assert_eq!(moderator.get(&lesson).await.status, 200);
    moderator
        .get("/api/v1/rooms")
        .await
        .is_problem(403, "not_permitted");
    server
        .with_token(pupil["ticket"].as_str().unwrap())
        .get(&lesson)
        .await
        .is_problem(401, "invalid_token");
    // After the school's time it is gone.
    server.clock.advance(Duration::from_hours(31 * 24));
    server
        .app
        .store
        .delete_expired(kmz_meet_server::clock::Clock::now(&*server.clock))
        .await
        .unwrap();
    key.get(&lesson).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn tickets_of_other_rooms_and_old_ones_do_not_open() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let path = format!("/api/v1/rooms/{}/tickets", id(&room));
    let ticket = key
        .post(
            &path,
            json!({"user": "1", "name": "A", "role": "moderator", "valid_seconds": 60}),
        )
        .await
        .body;
    server.clock.advance(Duration::from_mins(2));
    let (_, answer) = enter(&server, &ticket, "").await;
    assert!(
        matches!(answer, ServerMessage::Refused { .. }),
        "{answer:?}"
    );
    for (body, code) in [
        (json!({"user": "", "role": "member"}), "invalid"),
        (
            json!({"user": "1", "role": "member", "valid_seconds": 5}),
            "invalid",
        ),
        (
            json!({"user": "1", "role": "member", "leave_url": "javascript:alert(1)"}),
            "invalid",
        ),
        (
            json!({"user": "1", "role": "member", "name": "   "}),
            "invalid",
        ),
    ] {
        key.post(&path, body).await.is_problem(422, code);
    }
    key.post(&path, json!({"user": "1", "role": "owner"}))
        .await
        .is_problem(400, "bad_request");
}

#[tokio::test]
async fn a_webhook_hears_what_happens_signed_and_again_after_a_failure() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let receiver = Receiver::start().await;
    for url in [
        "http://example.com/x",
        "https://10.0.0.1/",
        "https://user@example.com/",
        "ftp://x",
        "https://[::ffff:10.0.0.1]/",
    ] {
        let wrong = key
            .post(
                "/api/v1/webhooks",
                json!({"url": url, "events": ["conference.started"]}),
            )
            .await;
        wrong.is_problem(422, "invalid");
    }
    let events = json!([
        "conference.started",
        "conference.ended",
        "participant.joined",
        "participant.left"
    ]);
    let made = key
        .post(
            "/api/v1/webhooks",
            json!({"url": format!("{}/hook", receiver.url), "events": events}),
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    receiver.answers(503);
    let room = key
        .post("/api/v1/rooms", json!({"external": "x"}))
        .await
        .body;
    let ticket = key
        .post(
            &format!("/api/v1/rooms/{}/tickets", id(&room)),
            json!({"user": "3", "name": "Frau M", "role": "moderator"}),
        )
        .await
        .body;
    let (_client, _) = enter(&server, &ticket, "").await;
    let first = receiver.next(Duration::from_secs(10)).await;
    receiver.next(Duration::from_secs(10)).await;
    receiver.answers(200);
    let log = format!("/api/v1/webhooks/{}/deliveries", id(&made.body));
    loop {
        let deliveries = key.get(&log).await.body["deliveries"].clone();
        let tried = |one: &Value| one["attempts"] == 1 && one["last_status"] == 503;
        if deliveries
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| tried(one))
            .count()
            == 2
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.clock.advance(Duration::from_secs(6));
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let call = receiver.next(Duration::from_secs(10)).await;
        let header = |name: &str| call.headers[name].to_str().unwrap().to_owned();
        let signature = kmz_meet_server::deliveries::sign(
            &secret,
            &header("webhook-id"),
            header("webhook-timestamp").parse().unwrap(),
            &call.body,
        );
        assert_eq!(Some(header("webhook-signature")), signature);
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body["data"]["room"]["external"], "x");
        if body["type"] == "participant.joined" {
            assert_eq!(
                (
                    &body["data"]["participant"]["user"],
                    &body["data"]["participant"]["role"]
                ),
                (&json!("3"), &json!("moderator"))
            );
        }
        kinds.push(body["type"].as_str().unwrap().to_owned());
    }
    kinds.sort();
    assert_eq!(kinds, ["conference.started", "participant.joined"]);
    assert_eq!(
        key.delete(&format!("/api/v1/rooms/{}/conference", id(&room)))
            .await
            .status,
        204
    );
    let ended = receiver.next(Duration::from_secs(10)).await;
    assert!(ended.body.contains("conference.ended"), "{}", ended.body);
    assert!(!first.headers["webhook-id"].is_empty());
    let path = format!("/api/v1/webhooks/{}", id(&made.body));
    let log = key.get(&format!("{path}/deliveries?limit=2")).await.body;
    assert_eq!(log["deliveries"].as_array().unwrap().len(), 2);
    let rest = key
        .get(&format!(
            "{path}/deliveries?after={}",
            log["next"].as_str().unwrap()
        ))
        .await
        .body;
    assert_eq!(rest["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(rest["deliveries"][0]["attempts"], 2);
    assert!(!log.to_string().contains("Frau M"));
    assert_eq!(
        key.patch(&path, json!({"active": false})).await.body["active"],
        false
    );
    let (_client, _) = enter(&server, &ticket, "").await;
    assert!(receiver.is_quiet(Duration::from_secs(1)).await);
    assert_eq!(key.delete(&path).await.status, 204);
}

#[tokio::test]
async fn a_creation_that_is_asked_for_twice_happens_once() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let ask = |body: Value| {
        let request = key
            .request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "one")
            .json(&body);
        Answer::of(request)
    };
    let first = ask(json!({"title": "A"})).await;
    let second = ask(json!({"title": "A"})).await;
    assert_eq!((second.status, &second.body), (201, &first.body));
    assert_eq!(
        key.get("/api/v1/rooms").await.body["rooms"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    ask(json!({"title": "B"}))
        .await
        .is_problem(422, "key_reused");
    // Another caller's key of the same name is another key.
    let other = server.key("a", &[]).await;
    let theirs = other
        .request(Method::POST, "/api/v1/rooms")
        .header("idempotency-key", "one")
        .json(&json!({"title": "A"}));
    assert_ne!(id(&Answer::of(theirs).await.body), id(&first.body));
    // What failed can be asked for again; a secret is not told twice.
    let bad = key
        .request(Method::POST, "/api/v1/rooms")
        .header("idempotency-key", "two")
        .json(&json!({"name": "abc"}));
    Answer::of(bad).await.is_problem(422, "weak_name");
    let good = key
        .request(Method::POST, "/api/v1/rooms")
        .header("idempotency-key", "two")
        .json(&json!({}));
    assert_eq!(Answer::of(good).await.status, 201);
    let secret = || {
        key.request(Method::POST, "/api/v1/bbb/secrets")
            .header("idempotency-key", "three")
    };
    assert_eq!(Answer::of(secret()).await.status, 201);
    Answer::of(secret()).await.is_problem(409, "already_made");
}

#[tokio::test]
async fn whoever_is_gone_before_the_answer_gets_it_with_the_same_key() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let ask = || {
        key.request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "gone")
            .json(&json!({"title": "A"}))
    };
    // Gone at many moments, some of them while the room is being made.
    for micros in (0..40).map(|step| step * 250) {
        let _ = tokio::time::timeout(Duration::from_micros(micros), ask().send()).await;
    }
    let mut answer = Answer::of(ask()).await;
    for _ in 0..50 {
        if answer.status == 201 {
            break;
        }
        answer.is_problem(409, "in_progress");
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = Answer::of(ask()).await;
    }
    assert_eq!(answer.status, 201, "{answer:?}");
    let rooms = key.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"].as_array().unwrap().len(), 1, "{rooms}");
}

#[tokio::test]
async fn what_a_killed_server_began_may_be_asked_for_again_after_a_minute() {
    use kmz_meet_server::clock::Clock;
    let server = server().await;
    let key = server.key("a", &[]).await;
    let ask = || {
        let request = key
            .request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "killed")
            .json(&json!({}));
        Answer::of(request)
    };
    let first = ask().await;
    // As a killed server leaves it: begun, and nothing more.
    let mut begun = {
        let which = kmz_meet_server::store::Which {
            limit: 10,
            ..Default::default()
        };
        let mut raw = server
            .app
            .store
            .raw_list("idempotency", which)
            .await
            .unwrap();
        raw.pop().unwrap()
    };
    let mut data: Value = serde_json::from_str(&begun.data).unwrap();
    data["answer"] = Value::Null;
    data["done"] = json!(false);
    begun.data = data.to_string();
    begun.expires_at = Some(server.clock.now() + 60_000);
    server
        .app
        .store
        .put_raw("idempotency", begun)
        .await
        .unwrap();
    ask().await.is_problem(409, "in_progress");
    server.clock.advance(Duration::from_secs(61));
    let again = ask().await;
    assert_eq!(again.status, 201, "{again:?}");
    assert_ne!(id(&again.body), id(&first.body));
}

#[tokio::test]
async fn a_key_that_was_taken_back_opens_no_former_answer() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let made = key
        .post(
            "/api/v1/keys",
            json!({"name": "x", "scopes": ["rooms:write"]}),
        )
        .await
        .body;
    let other = server.with_token(made["token"].as_str().unwrap());
    let ask = || {
        let request = other
            .request(Method::POST, "/api/v1/rooms")
            .header("idempotency-key", "one")
            .json(&json!({}));
        Answer::of(request)
    };
    assert_eq!(ask().await.status, 201);
    let path = format!("/api/v1/keys/{}", id(&made));
    assert_eq!(key.delete(&path).await.status, 204);
    ask().await.is_problem(401, "invalid_token");
    // Signing in is no creation: it is never answered from memory, which would have no cookie.
    server.teacher("a", "berta").await;
    for _ in 0..2 {
        let sign_in = server
            .browser()
            .request(Method::POST, "/api/v1/session")
            .header("idempotency-key", "one")
            .json(&json!({"username": "berta", "password": "bertaberta"}));
        let answer = sign_in.send().await.unwrap();
        assert!(common::set_cookie(&answer).is_some());
    }
}

#[tokio::test]
async fn a_room_is_found_by_what_the_integrator_calls_it() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key
        .post("/api/v1/rooms", json!({"external": "course 7"}))
        .await
        .body;
    key.post("/api/v1/rooms", json!({"external": "course 7"}))
        .await
        .is_problem(409, "external_taken");
    let found = async |key: &common::key::Key, external: &str| {
        let path = format!("/api/v1/rooms?external={external}");
        key.get(&path).await.body["rooms"].as_array().unwrap().len()
    };
    assert_eq!(found(&key, "course%207").await, 1);
    assert_eq!(found(&key, "course%208").await, 0);
    assert_eq!(found(&key, "course%00").await, 0);
    server.school("b", Contract::Signed).await;
    assert_eq!(found(&server.key("b", &[]).await, "course%207").await, 0);
    assert_eq!(room["external"], "course 7");
}

#[tokio::test]
async fn what_no_database_can_hold_is_not_there() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    for path in [
        "/api/v1/rooms/%00",
        "/api/v1/rooms/%ff",
        "/api/v1/keys/%00",
        "/api/v1/rooms/a%00b/conference",
        "/api/v1/attendance/%00",
    ] {
        let answer = Answer::of(key.request(Method::GET, path)).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {answer:?}");
    }
    let answer = server.browser().sign_in("a\0b", "x").await;
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn of_two_changes_that_saw_the_same_one_is_made() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let path = format!("/api/v1/rooms/{}", id(&room));
    let seen = key.request(Method::GET, &path).send().await.unwrap();
    let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
    let change = |title: usize| {
        let request = key
            .request(Method::PATCH, &path)
            .header("if-match", &tag)
            .json(&json!({"title": format!("title {title}")}));
        Answer::of(request)
    };
    let answers = futures_util::future::join_all((0..12).map(change)).await;
    let made = answers.iter().filter(|one| one.status == 200).count();
    let refused = answers.iter().filter(|one| one.status == 412).count();
    assert_eq!((made, refused), (1, 11), "{answers:?}");
    // Without a condition nothing of what others do at the same time is lost.
    let title = key.patch(&path, json!({"title": "Mathe"}));
    let password = key.patch(&path, json!({"password": "geheim"}));
    let policy = key.patch(&path, json!({"policy": {"door": "knock"}}));
    futures_util::join!(title, password, policy);
    let room = key.get(&path).await.body;
    assert_eq!(
        (&room["title"], &room["password"], &room["policy"]["door"]),
        (&json!("Mathe"), &json!("geheim"), &json!("knock"))
    );
}

#[tokio::test]
async fn settings_of_a_school_that_are_kept_at_the_same_time_are_kept() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let change = |days: u32| key.patch("/api/v1/school", json!({"attendance_days": days}));
    let answers = futures_util::future::join_all((1..9).map(change)).await;
    assert!(answers.iter().all(|one| one.status == 200), "{answers:?}");
}

#[tokio::test]
async fn pages_conditions_and_limits_are_the_usual_ones() {
    let server = TestServer::start_with(|config| config.api_requests_per_minute = 30).await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    for _ in 0..5 {
        key.post("/api/v1/rooms", json!({})).await;
    }
    let first = key.get("/api/v1/rooms?limit=2").await.body;
    let second = key
        .get(&format!(
            "/api/v1/rooms?limit=3&after={}",
            first["next"].as_str().unwrap()
        ))
        .await
        .body;
    assert_eq!(second["rooms"].as_array().unwrap().len(), 3);
    // Full, and the last one.
    assert_eq!(second["next"], Value::Null);
    for wrong in [
        "limit=0",
        "limit=201",
        "limit=x",
        "after=",
        "after=a%20b",
        "other=1",
    ] {
        key.get(&format!("/api/v1/rooms?{wrong}"))
            .await
            .is_problem(400, "bad_request");
    }
    let path = format!("/api/v1/rooms/{}", id(&first["rooms"][0]));
    let shown = key.request(Method::GET, &path).send().await.unwrap();
    let tag = shown.headers()["etag"].to_str().unwrap().to_owned();
    assert!(
        shown.headers()["ratelimit-limit"] == "30" && shown.headers().contains_key("ratelimit")
    );
    let change = |tag: &str, title: &str| {
        Answer::of(
            key.request(Method::PATCH, &path)
                .header("if-match", tag)
                .json(&json!({"title": title})),
        )
    };
    assert_eq!(change(&tag, "A").await.status, 200);
    change(&tag, "B").await.is_problem(412, "changed_meanwhile");
    assert_eq!(key.get(&path).await.body["title"], "A");
    assert_eq!(change("*", "C").await.status, 200);
    let mut last = key.get("/api/v1/school").await;
    for _ in 0..30 {
        last = key.get("/api/v1/school").await;
    }
    last.is_problem(429, "too_many_requests");
    // Others are not slowed by it.
    assert_eq!(
        server
            .key("a", &[])
            .await
            .get("/api/v1/school")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn only_registered_pages_may_frame_ours() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let policy = || async {
        let page = server
            .browser()
            .request(Method::GET, "/")
            .send()
            .await
            .unwrap();
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert!(policy().await.contains("frame-ancestors 'none';"));
    for wrong in [
        "https://*.example",
        "moodle.example",
        "https://moodle.example/path",
        "javascript:x",
        "https://a.example; script-src *",
    ] {
        key.patch("/api/v1/school", json!({"embed_origins": [wrong]}))
            .await
            .is_problem(422, "invalid");
    }
    let changed = key
        .patch(
            "/api/v1/school",
            json!({"embed_origins": ["https://Moodle.example:443/"], "attendance_days": 7}),
        )
        .await;
    assert_eq!(
        changed.body["embed_origins"],
        json!(["https://moodle.example"])
    );
    assert!(
        policy()
            .await
            .contains("frame-ancestors https://moodle.example;")
    );
}

#[tokio::test]
async fn jitsi_tokens_open_the_rooms_of_their_app() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let secret = "a secret of sixteen and more";
    let app = key
        .post(
            "/api/v1/jitsi/apps",
            json!({"app_id": "moodle", "algorithm": "HS256", "key": secret}),
        )
        .await;
    assert_eq!(app.status, 201, "{app:?}");
    key.post(
        "/api/v1/jitsi/apps",
        json!({"app_id": "moodle", "algorithm": "HS256", "key": secret}),
    )
    .await
    .is_problem(409, "app_taken");
    let now = 1_800_000_000;
    let token = |room: &str, moderator: bool, algorithm, secret: &str| {
        let claims = json!({"iss": "moodle", "aud": "jitsi", "sub": "meet.example", "room": room, "exp": now + 3_600,
            "moderator": moderator, "context": {"user": {"name": "Frau M", "id": "", "affiliation": if moderator { "owner" } else { "member" }}}});
        jsonwebtoken::encode(
            &jsonwebtoken::Header::new(algorithm),
            &claims,
            &jsonwebtoken::EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    };
    let hs256 = jsonwebtoken::Algorithm::HS256;
    let browser = server.browser();
    let enter = |room: &'static str, token: String| {
        let browser = browser.clone();
        async move {
            let join = json!({"type": "join", "room": room, "name": "x", "token": token});
            Client::arrive(&browser, join).await
        }
    };
    let (mut teacher, answer) = enter("Klasse7b", token("klasse7b", true, hs256, secret)).await;
    let ServerMessage::Joined {
        participants, room, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (participants[0].role, participants[0].name.as_str()),
        (Role::Moderator, "Frau M")
    );
    assert_eq!(room.title.as_deref(), Some("klasse7b"));
    let (_pupil, answer) = enter("klasse7b", token("*", false, hs256, secret)).await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(participants[1].role, Role::Participant);
    assert!(!participants[1].listed, "without an id nobody is known");
    let door = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    teacher
        .say(&ClientMessage::SetPolicy { change: door })
        .await;
    teacher
        .until(|message| matches!(message, ServerMessage::RoomChanged { .. }))
        .await;
    let (_, answer) = enter("klasse7b", token("klasse7b", false, hs256, secret)).await;
    assert_eq!(answer, ServerMessage::Lobby);
    let wrong = [
        token("other", true, hs256, secret),
        token("klasse7b", true, jsonwebtoken::Algorithm::HS512, secret),
        token("klasse7b", true, hs256, "a secret that is not that one"),
        token("klasse7b", true, hs256, secret).replace('.', ".."),
    ];
    for token in wrong {
        let (_, answer) = enter("klasse7b", token).await;
        assert!(
            matches!(answer, ServerMessage::Refused { .. }),
            "{answer:?}"
        );
    }
    // A room that no moderator has opened yet is not made by a pupil.
    let (_, answer) = enter("new", token("new", false, hs256, secret)).await;
    assert!(
        matches!(answer, ServerMessage::Refused { .. }),
        "{answer:?}"
    );
}

#[tokio::test]
async fn tokens_for_hosted_jitsi_have_their_app_in_sub() {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use base64::Engine;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};

    let pem = |kind: &str, der: &[u8]| {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {kind} KEY-----\n{text}\n-----END {kind} KEY-----\n")
    };
    let pair = || {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public: aws_lc_rs::encoding::PublicKeyX509Der<'_> =
            aws_lc_rs::signature::KeyPair::public_key(&pair)
                .as_der()
                .unwrap();
        let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let private = pem("PRIVATE", private.as_ref());
        (
            EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(),
            pem("PUBLIC", public.as_ref()),
        )
    };
    let (right, public) = pair();
    let (wrong, _) = pair();
    let secret = "a secret of sixteen and more";
    let server = server().await;
    let key = server.key("a", &[]).await;
    for app in [
        json!({"app_id": "vpaas-magic-cookie-7", "algorithm": "RS256", "key": public}),
        json!({"app_id": "moodle", "algorithm": "HS256", "key": secret}),
    ] {
        assert_eq!(key.post("/api/v1/jitsi/apps", app).await.status, 201);
    }
    let token = |algorithm, signer: &EncodingKey, issuer: &str, app: Value| {
        let now = 1_800_000_000;
        let claims = json!({"iss": issuer, "aud": "jitsi", "sub": app, "room": "*", "exp": now + 3_600, "nbf": now,
            "context": {"user": {"name": "Frau M", "id": "3", "moderator": "true"}, "features": {"recording": true}}});
        jsonwebtoken::encode(&Header::new(algorithm), &claims, signer).unwrap()
    };
    let browser = server.browser();
    let enter = async |token: String| {
        let join = json!({"type": "join", "room": "vpaas-magic-cookie-7/Klasse7b", "name": "x", "token": token});
        Client::arrive(&browser, join).await
    };
    let app = json!("vpaas-magic-cookie-7");
    let (_teacher, answer) = enter(token(Algorithm::RS256, &right, "chat", app.clone())).await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(participants[0].role, Role::Moderator);

    let hs256 = EncodingKey::from_secret(secret.as_bytes());
    let public_as_secret = EncodingKey::from_secret(public.as_bytes());
    for token in [
        token(Algorithm::RS256, &wrong, "chat", app.clone()),
        token(Algorithm::RS256, &right, "chat", json!("moodle")),
        token(Algorithm::RS256, &right, "chat", json!(7)),
        token(Algorithm::RS256, &right, "other", app.clone()),
        token(Algorithm::HS256, &public_as_secret, "chat", app.clone()),
        token(Algorithm::HS256, &hs256, "chat", json!("moodle")),
    ] {
        let (_, answer) = enter(token).await;
        assert!(
            matches!(answer, ServerMessage::Refused { .. }),
            "{answer:?}"
        );
    }
}
