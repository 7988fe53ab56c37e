//! Rooms, and tickets into them.

use std::time::Duration;

use super::{enter, id, server};
use crate::common::client::Client;
use crate::common::platform::return_url;
use kmz_meet_core::signal::{Role, ServerMessage};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn lesson_by_tickets_from_knock_to_attendance_works_over_rest() {
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
    // The return URL is only in the ticket, where nobody can change it.
    assert!(!pupil["url"].as_str().unwrap().contains("leave"));
    assert_eq!(
        return_url(&server, pupil["ticket"].as_str().unwrap()).await,
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
    // A stranger with the link knocks.
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
    // A removed person does not come back with the same ticket, nor with a new one.
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
    // The server deletes the attendance after the time that the school set.
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
async fn ticket_that_is_too_old_or_invalid_is_refused() {
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
async fn account_shared_by_a_class_is_reported_to_the_teacher_once() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key
        .post("/api/v1/rooms", json!({"title": "Mathe"}))
        .await
        .body;
    let path = format!("/api/v1/rooms/{}/tickets", id(&room));
    let ticket = async |user: &str, name: &str, role: &str| {
        let person = json!({"user": user, "name": name, "role": role});
        key.post(&path, person).await.body
    };
    let (mut teacher, _) = enter(&server, &ticket("3", "Frau M", "moderator").await, "").await;
    let class = ticket("klasse5b", "Klasse 5b", "member").await;
    let mut devices = Vec::new();
    for _ in 0..6 {
        let (device, answer) = enter(&server, &class, "").await;
        assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
        devices.push(device);
    }
    let mut told = 0;
    let mut left = 0;
    while left < 3 {
        match teacher.next().await.expect("still connected") {
            ServerMessage::SharedAccount { name } => {
                assert_eq!(name, "Klasse 5b");
                told += 1;
            }
            ServerMessage::ParticipantLeft { .. } => left += 1,
            _ => {}
        }
    }
    assert_eq!(told, 1);
}
