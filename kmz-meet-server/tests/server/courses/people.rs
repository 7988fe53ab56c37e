//! What a launch says of a person, and what of it is stored.

use kmz_meet_core::signal::{ClientMessage, RefusalReason, ServerMessage};
use kmz_meet_server::credentials::TicketRole;
use kmz_meet_server::integrations::lti::Course as KeptCourse;
use kmz_meet_server::store::{Record, RecordFilter};
use serde_json::{Value, json};

use super::ticket;
use crate::common::course::{GRADES, NAMES, led_to};
use crate::common::lesson::World;
use crate::common::platform::{enter, fragment};

#[tokio::test]
async fn launch_without_a_subject_is_a_guest() {
    let World { server, course, .. } = World::new().await;
    let unidentified = |claims: &mut Value| {
        course.teacher(claims);
        claims.as_object_mut().unwrap().remove("sub");
    };
    let one = ticket(
        &server,
        &led_to(&course.launch(&server, "c", unidentified).await),
    );
    let unidentified = |claims: &mut Value| claims["sub"] = json!("");
    let other = ticket(
        &server,
        &led_to(&course.launch(&server, "c", unidentified).await),
    );
    assert_eq!(
        (one.identity.role, other.identity.role),
        (TicketRole::Guest, TicketRole::Guest)
    );
    assert!(
        !one.may_start
            && one.identity.user != other.identity.user
            && !one.identity.user.as_str().starts_with("lti:")
    );
    let known = ticket(&server, &led_to(&course.launch(&server, "c", |_| {}).await));
    assert_eq!(
        (known.identity.role, known.may_start),
        (TicketRole::Member, false)
    );
}

#[tokio::test]
async fn stored_course_has_the_services_and_no_people() {
    let World { server, course, .. } = World::new().await;
    let kept = async || {
        let filter = RecordFilter {
            limit: 10,
            ..RecordFilter::default()
        };
        let mut courses = Record::<KeptCourse>::list(&server.app.store, filter)
            .await
            .unwrap();
        assert_eq!(courses.len(), 1);
        courses.remove(0).data.launch
    };
    led_to(&course.launch(&server, "c", |_| {}).await);
    assert!(kept().await.names.is_none());
    led_to(
        &course
            .launch(&server, "c", |claims| course.teacher(claims))
            .await,
    );
    led_to(&course.launch(&server, "c", |_| {}).await);
    let launch = kept().await;
    assert!(launch.names.is_some() && launch.grades.is_some());
    let text = serde_json::to_string(&launch).unwrap();
    for person in ["anna.m", "Anna", "Frau M"] {
        assert!(!text.contains(person), "{text}");
    }
    assert!(launch.locale.is_none() && launch.subject.is_none() && launch.custom.is_empty());
    // The server forgets services that a launch of a teacher no longer names.
    let less = |claims: &mut Value| {
        course.teacher(claims);
        for claim in [NAMES, GRADES] {
            claims.as_object_mut().unwrap().remove(claim);
        }
    };
    led_to(&course.launch(&server, "c", less).await);
    assert!(kept().await.names.is_none() && kept().await.grades.is_none());
}

#[tokio::test]
async fn name_in_a_launch_is_cut_or_asked_for() {
    let World { server, course, .. } = World::new().await;
    for (name, shown) in [
        (json!("x".repeat(61)), Some("x".repeat(60))),
        (json!("Anna\u{2800}\u{202e}"), Some("Anna".to_owned())),
        (json!("🙂"), None),
        (json!("..."), None),
        (Value::Null, None),
    ] {
        let answer = course
            .launch(&server, "c", |claims| claims["name"] = name.clone())
            .await;
        let url = led_to(&answer);
        assert_eq!(fragment(&url, "name"), shown, "{name}");
        let ticket = ticket(&server, &url);
        assert_eq!(ticket.name, shown, "{name}");
        assert_eq!(ticket.identity.role, TicketRole::Member);
    }
}

#[tokio::test]
async fn launched_person_who_lost_the_connection_gets_the_seat_back() {
    let World {
        server,
        key,
        course: moodle,
        ..
    } = World::new().await;
    let pupil = async |id: &str| {
        let claims = |claims: &mut Value| claims["sub"] = json!(id);
        led_to(&moodle.launch(&server, "c", claims).await)
    };
    let teacher = async || {
        led_to(
            &moodle
                .launch(&server, "c", |claims| moodle.teacher(claims))
                .await,
        )
    };
    let joined = |answer: ServerMessage| match answer {
        ServerMessage::Joined { you, .. } => you,
        answer => panic!("{answer:?}"),
    };
    let lost = |message: &ServerMessage| matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected);
    let (mut teacher_window, answer) = enter(&server, &teacher().await).await;
    let maier = joined(answer);
    let rooms = key.get("/api/v1/rooms").await.body;
    let room = rooms["rooms"][0]["id"].as_str().unwrap().to_owned();
    let limit = json!({"policy": {"capacity": 2}});
    let conference = format!("/api/v1/rooms/{room}/conference");
    assert!(key.patch(&conference, limit).await.status < 300);
    // Learners with three kinds of ids lose their connections, one after the other.
    for id in ["4", "pupil-2", "\u{e4}nna@school.example"] {
        let (window, answer) = enter(&server, &pupil(id).await).await;
        let first = joined(answer);
        drop(window);
        teacher_window.until(lost).await;
        let full = enter(&server, &pupil("98").await).await.1;
        let reason = RefusalReason::Full;
        assert_eq!(full, ServerMessage::Refused { reason }, "{id}");
        let (mut back, answer) = enter(&server, &pupil(id).await).await;
        assert_eq!(joined(answer), first, "{id}");
        // The teacher loses the connection as well, and both come back.
        drop(teacher_window);
        back.until(lost).await;
        let (again, answer) = enter(&server, &teacher().await).await;
        assert_eq!(joined(answer), maier, "{id}");
        teacher_window = again;
        back.say(&ClientMessage::Leave).await;
        teacher_window
            .until(|message| matches!(message, ServerMessage::ParticipantLeft { .. }))
            .await;
    }
}
