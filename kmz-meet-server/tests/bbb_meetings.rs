//! How long a meeting of the BigBlueButton-compatible API goes on, and for whom its links are.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::TestServer;
use common::client::Client;
use common::platform::{ID, Platform, create, element, enter, failed, fragment};
use common::receiver::Receiver;
use kmz_meet_core::signal::{
    Alert, ClientMessage, Participant, RefusalReason, Role, ServerMessage,
};
use kmz_meet_server::attendance::Attendance;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::deliveries::Delivery;
use kmz_meet_server::integrations::bbb::{Meetings, delete_idle_rooms, end_overdue};
use kmz_meet_server::store::{Contract, Record, RecordFilter, RoomSource};
use serde_json::json;

async fn platform() -> (TestServer, Platform) {
    let server = TestServer::start_with(|config| config.outgoing_loopback = true).await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    (server, platform)
}

fn me(answer: ServerMessage) -> Participant {
    let ServerMessage::Joined {
        participants, you, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    participants.into_iter().find(|one| one.id == you).unwrap()
}

const PUPIL: &str = "fullName=Anna&password=attendee1234&role=VIEWER&userID=4";
const TEACHER: &str = "fullName=Frau+M&password=moderator123&role=MODERATOR&userID=3";

#[tokio::test]
async fn join_link_gives_the_role_it_says() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    let pupil = platform.join(&format!("{ID}&{PUPIL}")).await;
    let (_first, answer) = enter(&server, &pupil).await;
    let anna = me(answer);
    assert_eq!((anna.role, anna.name.as_str()), (Role::Participant, "Anna"));

    // The same link again, with another name and in the address of another room.
    let join = ClientMessage::Join {
        room: "another-room".into(),
        name: "Frau Müller".into(),
        password: None,
        seat: None,
        token: fragment(&pupil, "ticket"),
    };
    let mut again = Client::connect(&server.browser()).await;
    again.say(&join).await;
    let again = me(again.answer().await);
    assert_eq!(again.role, Role::Participant);
    assert!(again.name.starts_with("Anna"), "{}", again.name);

    // The role overrides the password, also a wrong one; what is no role says nothing.
    for (link, role) in [
        (
            "fullName=B&password=moderator123&role=VIEWER",
            Role::Participant,
        ),
        (
            "fullName=C&password=attendee1234&role=MODERATOR",
            Role::Moderator,
        ),
        ("fullName=D&password=moderator123", Role::Moderator),
        ("fullName=E&password=other&role=viewer", Role::Participant),
        (
            "fullName=F&password=moderator123&role=admin",
            Role::Moderator,
        ),
        (
            "fullName=G&password=attendee1234&role=admin",
            Role::Participant,
        ),
    ] {
        let link = platform.join(&format!("{ID}&{link}")).await;
        let (_client, answer) = enter(&server, &link).await;
        assert_eq!(me(answer).role, role, "{link}");
    }
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=H&role=admin"))
            .await,
        "invalidPassword",
    );
}

#[tokio::test]
async fn join_link_after_the_end_of_its_meeting_waits() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    let (pupil, teacher) = (
        platform.join(&format!("{ID}&{PUPIL}")).await,
        platform.join(&format!("{ID}&{TEACHER}")).await,
    );
    let (_anna, answer) = enter(&server, &pupil).await;
    me(answer);
    platform.call("end", ID).await;
    for link in [&pupil, &teacher] {
        let (_client, answer) = enter(&server, link).await;
        assert!(matches!(answer, ServerMessage::Waiting), "{answer:?}");
    }
    assert_eq!(server.app.conferences.load(), (0, 0));

    // The next meeting of the same name is another one.
    server.clock.advance(Duration::from_secs(1));
    platform.call("create", &create()).await;
    let newer = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (_teacher, answer) = enter(&server, &newer).await;
    assert_eq!(me(answer).role, Role::Moderator);
    for link in [&pupil, &teacher] {
        let (_client, answer) = enter(&server, link).await;
        assert!(matches!(answer, ServerMessage::Waiting), "{answer:?}");
    }
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "participantCount"), Some("1"));
}

#[tokio::test]
async fn meeting_created_right_after_an_end_stays() {
    let (server, platform) = platform().await;
    for _ in 0..5 {
        let made = platform.call("create", &create()).await;
        assert_eq!(element(&made, "messageKey"), Some(""), "{made}");
        let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
        let (_teacher, answer) = enter(&server, &teacher).await;
        me(answer);
        let ended = platform.call("end", ID).await;
        assert_eq!(element(&ended, "returncode"), Some("SUCCESS"));
        server.clock.advance(Duration::from_millis(1));
    }
    platform.call("create", &create()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "running"), Some("false"), "{info}");
}

#[tokio::test]
async fn meeting_ends_by_its_duration_or_when_nobody_joins() {
    let (server, platform) = platform().await;
    platform
        .call("create", &format!("{}&duration=90", create()))
        .await;
    platform.call("create", "meetingID=empty").await;
    platform.call("create", "meetingID=long").await;
    let mut inside = Vec::new();
    for id in [ID, "meetingID=long"] {
        let link = platform
            .join(&format!("{id}&fullName=A&role=MODERATOR"))
            .await;
        inside.push(enter(&server, &link).await.0);
    }
    server.clock.advance(Duration::from_mins(59));
    end_overdue(&Meetings::from(&*server.app)).await.unwrap();
    for id in [ID, "meetingID=empty", "meetingID=long"] {
        let info = platform.call("getMeetingInfo", id).await;
        assert_eq!(element(&info, "returncode"), Some("SUCCESS"), "{info}");
    }
    server.clock.advance(Duration::from_mins(2));
    end_overdue(&Meetings::from(&*server.app)).await.unwrap();
    failed(
        &platform.call("getMeetingInfo", "meetingID=empty").await,
        "notFound",
    );
    server.clock.advance(Duration::from_mins(30));
    end_overdue(&Meetings::from(&*server.app)).await.unwrap();
    failed(&platform.call("getMeetingInfo", ID).await, "notFound");
    loop {
        let text = inside[0].next_text().await.expect("told of the end");
        if text.contains("\"ended\"") {
            break;
        }
    }
    let info = platform.call("getMeetingInfo", "meetingID=long").await;
    assert_eq!(element(&info, "running"), Some("true"), "{info}");
}

#[tokio::test]
async fn meeting_ended_after_a_restart_stays_ended_and_calls_back() {
    let (server, mut platform) = platform().await;
    let receiver = Receiver::start().await;
    receiver.answers(503);
    let url = |path: &str| -> String {
        let url = format!("{}/{path}", receiver.url);
        url::form_urlencoded::byte_serialize(url.as_bytes()).collect()
    };
    let query = format!(
        "{}&meta_endCallbackUrl={}&meetingEndedURL={}&meta_analytics-callback-url={}",
        create(),
        url("meta"),
        url("plain"),
        url("analytics")
    );
    platform.call("create", &query).await;
    let former = platform.secret.clone();
    let pupil = platform.join(&format!("{ID}&{PUPIL}")).await;
    let (_anna, answer) = enter(&server, &pupil).await;
    let ServerMessage::Joined { seat, .. } = &answer else {
        panic!("{answer:?}")
    };
    tokio::time::sleep(Duration::from_millis(100)).await;

    // Nobody came back yet when the meeting is ended; the platform has another secret by now.
    let server = server.restarted().await;
    platform.base = format!("{}/bigbluebutton/api", server.origin);
    platform.secret = server
        .app
        .bbb_secrets
        .new_secret("a")
        .await
        .unwrap()
        .data
        .secret;
    let ended = platform.call("end", ID).await;
    assert_eq!(element(&ended, "returncode"), Some("SUCCESS"), "{ended}");
    let back = json!({"type": "join", "room": pupil.path().trim_start_matches('/'), "name": "", "seat": seat,
        "token": fragment(&pupil, "ticket")});
    let (_anna, answer) = Client::arrive(&server.browser(), back).await;
    assert!(
        !matches!(answer, ServerMessage::Joined { .. } | ServerMessage::Lobby),
        "{answer:?}"
    );
    assert_eq!(server.app.conferences.load(), (0, 0));

    // Until it is noted that they failed. The first process still runs here and delivers too: some come twice.
    let failed_once = async || {
        let filter = RecordFilter {
            limit: 10,
            ..RecordFilter::default()
        };
        let list = Record::<Delivery>::list(&server.app.store, filter).await;
        list.unwrap().iter().all(|one| one.data.attempts > 0)
    };
    while !failed_once().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while !receiver.is_quiet(Duration::from_millis(1)).await {}
    receiver.answers(204);
    let mut paths = BTreeSet::new();
    while paths.len() < 3 {
        let Some(call) = receiver.try_next(Duration::from_millis(500)).await else {
            server.clock.advance(Duration::from_mins(2));
            server.app.deliveries.wake();
            continue;
        };
        paths.insert(call.path.split('?').next().unwrap().to_owned());
        if call.path == "/analytics" {
            // With the secret that the platform used when it made the meeting.
            let token = call.headers["authorization"].to_str().unwrap();
            let token = token.strip_prefix("Bearer ").unwrap();
            let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS512);
            validation.validate_exp = false;
            let key = jsonwebtoken::DecodingKey::from_secret(former.as_bytes());
            jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation).unwrap();
            let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
            assert_eq!(body["data"]["attendees"][0]["ext_user_id"], "4");
        }
    }
    let paths: Vec<String> = paths.into_iter().collect();
    assert_eq!(paths, ["/analytics", "/meta", "/plain"]);
}

#[tokio::test]
async fn meeting_at_its_limit_refuses_all_but_known_and_teachers() {
    let (server, platform) = platform().await;
    let query = format!("{}&maxParticipants=2&guestPolicy=ALWAYS_DENY", create());
    platform.call("create", &query).await;
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "maxUsers"), Some("2"));
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=Oma&role=VIEWER&guest=true"))
            .await,
        "guestDeniedAccess",
    );
    let third = platform.join(&format!("{ID}&{PUPIL}")).await;
    let mut inside = Vec::new();
    for id in ["10", "11"] {
        let link = platform
            .join(&format!("{ID}&fullName=A&role=VIEWER&userID={id}"))
            .await;
        let (client, answer) = enter(&server, &link).await;
        me(answer);
        inside.push(client);
    }
    // Whom the platform asks for now is told at once; who has a link already, at the door.
    failed(
        &platform.call("join", &format!("{ID}&{PUPIL}")).await,
        "maxParticipantsReached",
    );
    let page = platform
        .http
        .get(platform.url("join", &format!("{ID}&{PUPIL}")))
        .header("accept", "text/html")
        .header("accept-language", "de");
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Die Konferenz ist voll"), "{page}");
    let (_third, answer) = enter(&server, &third).await;
    assert!(
        matches!(
            answer,
            ServerMessage::Refused {
                reason: RefusalReason::Full,
                ..
            }
        ),
        "{answer:?}"
    );
    // Who is inside comes in again, by another device.
    platform
        .join(&format!("{ID}&fullName=A&role=VIEWER&userID=10"))
        .await;
    // A teacher is never locked out.
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (_teacher, answer) = enter(&server, &teacher).await;
    assert_eq!(me(answer).role, Role::Moderator);
}

/// A link of the platform's for this person.
async fn link(platform: &Platform, person: &str) -> reqwest::Url {
    platform.join(&format!("{ID}&{person}")).await
}

#[tokio::test]
async fn teacher_who_lost_the_window_joins_beyond_the_limit() {
    // By the seat's own person, by another teacher, and by the same teacher while the first window is still there.
    for (other, is_lost, returns) in [
        (TEACHER, true, true),
        ("fullName=Herr+K&role=MODERATOR&userID=30", true, false),
        (TEACHER, false, false),
        (
            "fullName=Herr+K&password=moderator123&userID=31",
            false,
            false,
        ),
    ] {
        let (server, platform) = platform().await;
        let query = format!("{}&maxParticipants=2", create());
        platform.call("create", &query).await;
        let (mut window, answer) = enter(&server, &link(&platform, TEACHER).await).await;
        let first = me(answer);
        let (mut anna, answer) = enter(&server, &link(&platform, PUPIL).await).await;
        me(answer);
        if is_lost {
            // Closed without a word: the seat is kept.
            drop(window.socket);
            anna.until(|message| {
                matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected)
            })
            .await;
        } else {
            window.say(&ClientMessage::Ping).await;
        }
        let (_second, answer) = enter(&server, &link(&platform, other).await).await;
        let second = me(answer);
        assert_eq!(second.role, Role::Moderator, "{other}");
        assert_eq!(second.id == first.id, returns, "{other}");
    }
}

#[tokio::test]
async fn pupil_who_lost_the_connection_returns_at_the_limit() {
    for person in [
        PUPIL,
        "fullName=Ben&role=VIEWER&userID=55",
        // Another name, from another device: the id says who it is.
        "fullName=Mia+L&role=VIEWER&userID=77",
    ] {
        let (server, platform) = platform().await;
        let query = format!("{}&maxParticipants=2", create());
        platform.call("create", &query).await;
        let (mut teacher, answer) = enter(&server, &link(&platform, TEACHER).await).await;
        me(answer);
        let (window, answer) = enter(&server, &link(&platform, person).await).await;
        let first = me(answer);
        let stranger = format!("{ID}&fullName=X&role=VIEWER&userID=99");
        failed(
            &platform.call("join", &stranger).await,
            "maxParticipantsReached",
        );
        drop(window);
        teacher
            .until(|message| {
                matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected)
            })
            .await;
        // Nobody else takes it meanwhile, and they have it back by a link that is made now.
        failed(
            &platform.call("join", &stranger).await,
            "maxParticipantsReached",
        );
        let (_back, answer) = enter(&server, &link(&platform, person).await).await;
        assert_eq!(me(answer).id, first.id, "{person}");
    }
}

#[tokio::test]
async fn answers_report_the_capacity_that_holds() {
    let (_server, platform) = platform().await;
    for (wanted, real) in [("1", "2"), ("5", "5"), ("5000", "70"), ("0", "0")] {
        let query = format!("meetingID=of{wanted}&maxParticipants={wanted}");
        let made = platform.call("create", &query).await;
        assert_eq!(element(&made, "maxParticipants"), Some(real), "{made}");
        let info = platform
            .call("getMeetingInfo", &format!("meetingID=of{wanted}"))
            .await;
        assert_eq!(element(&info, "maxUsers"), Some(real), "{info}");
    }
}

#[tokio::test]
async fn meeting_whose_room_was_deleted_is_not_found() {
    let (server, platform) = platform().await;
    platform.call("create", &create()).await;
    let link = platform.join(&format!("{ID}&{PUPIL}")).await;
    let delete = async |link: &reqwest::Url| {
        let name = link.path().trim_start_matches('/').to_owned();
        let room = server.app.store.room_by_name(&name).await.unwrap().unwrap();
        let path = format!("/api/v1/rooms/{}", room.id);
        let key = server.key("a", &[]).await;
        assert_eq!(key.delete(&path).await.status, 204);
    };
    delete(&link).await;
    // Moodle creates a meeting only when it hears that there is none.
    failed(&platform.call("getMeetingInfo", ID).await, "notFound");
    server.clock.advance(Duration::from_secs(1));
    platform.call("create", &create()).await;
    let link = platform.join(&format!("{ID}&{PUPIL}")).await;
    delete(&link).await;
    server.clock.advance(Duration::from_secs(1));
    let made = platform.call("create", &create()).await;
    assert_eq!(element(&made, "messageKey"), Some(""), "{made}");
    let link = platform.join(&format!("{ID}&{PUPIL}")).await;
    let (_anna, answer) = enter(&server, &link).await;
    me(answer);
    let again = platform.call("create", &create()).await;
    assert_eq!(element(&again, "messageKey"), Some("duplicateWarning"));
    assert_eq!(element(&again, "hasUserJoined"), Some("true"));
}

#[tokio::test]
async fn person_without_an_id_has_the_same_id_in_every_answer() {
    let (server, platform) = platform().await;
    platform
        .call("create", &format!("{}&guestPolicy=ASK_MODERATOR", create()))
        .await;
    let join = async |query: &str| {
        let query = format!("{ID}&{query}&redirect=false");
        platform.call("join", &query).await
    };
    let answer = join("fullName=Anna&role=VIEWER").await;
    let link = element(&answer, "url").unwrap().replace("&amp;", "&");
    let (_anna, joined) = enter(&server, &link.parse().unwrap()).await;
    me(joined);
    let user = element(&answer, "user_id").unwrap();
    let info = platform.call("getMeetingInfo", ID).await;
    assert!(info.contains(&format!("<userID>{user}</userID>")), "{info}");
    assert!(info.contains("<customdata></customdata>"), "{info}");
    assert_eq!(element(&answer, "guestStatus"), Some("ALLOW"));

    let answer = join("fullName=Oma&role=VIEWER&guest=true").await;
    assert_eq!(element(&answer, "guestStatus"), Some("WAIT"), "{answer}");
    assert_eq!(element(&answer, "messageKey"), Some("guestWait"));
}

#[tokio::test]
async fn rooms_without_meeting_and_attendance_are_deleted() {
    let (server, platform) = platform().await;
    let is_there = async |id: &str| {
        let store = &server.app.store;
        let room = store.room_by_external("a", RoomSource::Meeting, id).await;
        room.unwrap().is_some()
    };
    let lesson = async |id: &str| {
        let link = platform
            .join(&format!("meetingID={id}&fullName=A&role=MODERATOR"))
            .await;
        let (_client, answer) = enter(&server, &link).await;
        me(answer);
        platform.call("end", &format!("meetingID={id}")).await;
        let filter = RecordFilter {
            limit: 1,
            ..RecordFilter::default()
        };
        while Record::<Attendance>::list(&server.app.store, filter)
            .await
            .unwrap()
            .is_empty()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let days = |days: u64| server.clock.advance(Duration::from_hours(24 * days));
    for id in ["unused", "used", "waiting"] {
        platform.call("create", &format!("meetingID={id}")).await;
    }
    platform.call("end", "meetingID=unused").await;
    days(20);
    lesson("used").await;
    delete_idle_rooms(&Meetings::from(&*server.app))
        .await
        .unwrap();
    assert!(is_there("unused").await);
    days(11);
    delete_idle_rooms(&Meetings::from(&*server.app))
        .await
        .unwrap();
    assert!(!is_there("unused").await);
    // Its attendance is still shown, and the other one's meeting goes on.
    assert!(is_there("used").await && is_there("waiting").await);
    days(20);
    let store = &server.app.store;
    store.delete_expired(server.clock.now()).await.unwrap();
    delete_idle_rooms(&Meetings::from(&*server.app))
        .await
        .unwrap();
    assert!(!is_there("used").await && is_there("waiting").await);
}

#[tokio::test]
async fn participant_count_stays_below_the_limit_of_the_platform() {
    let (server, platform) = platform().await;
    let query = format!("{}&maxParticipants=2", create());
    platform.call("create", &query).await;
    let count = async || {
        let info = platform.call("getMeetingInfo", ID).await;
        element(&info, "participantCount").unwrap().to_owned()
    };
    assert_eq!(count().await, "0");
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (teacher_client, answer) = enter(&server, &teacher).await;
    me(answer);
    assert_eq!(count().await, "1");
    let pupil = platform.join(&format!("{ID}&{PUPIL}")).await;
    let (_pupil, answer) = enter(&server, &pupil).await;
    me(answer);
    // Moodle turns everyone away at the limit, also whose window was closed without a word.
    assert_eq!(count().await, "1");
    drop(teacher_client);
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (_teacher, answer) = enter(&server, &teacher).await;
    me(answer);
    assert_eq!(count().await, "1");
}

/// Whether the teacher is told of a presentation, of a meeting that was created with this body and these parameters.
async fn is_told_of_presentation(parameters: &str, body: Option<(&str, &str)>) -> bool {
    let (server, platform) = platform().await;
    let url = platform.url("create", &format!("{}{parameters}", create()));
    let request = match body {
        Some((kind, body)) => platform
            .http
            .post(url)
            .header("content-type", kind)
            .body(body.to_owned()),
        None => platform.http.get(url),
    };
    let answer = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(element(&answer, "returncode"), Some("SUCCESS"), "{answer}");
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (mut teacher, _) = enter(&server, &teacher).await;
    teacher.say(&ClientMessage::Ping).await;
    loop {
        match teacher.next().await {
            Some(ServerMessage::Alert {
                alert: Alert::PresentationNotShown,
            }) => return true,
            Some(ServerMessage::Pong) => return false,
            Some(_) => {}
            None => panic!("the teacher is out"),
        }
    }
}

#[tokio::test]
async fn create_with_a_presentation_alerts_the_teacher() {
    // As Moodle sends it, with its content inside, and by a parameter.
    let by_url = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><modules><module name=\"presentation\"><document url=\"https://moodle.example/f/a.pdf\" filename=\"a.pdf\" /></module></modules>";
    let inside = "<modules><module name='presentation'><document name='a.txt'>SGFsbG8=</document></module></modules>";
    assert!(is_told_of_presentation("", Some(("application/xml", by_url))).await);
    assert!(is_told_of_presentation("", Some(("text/xml; charset=utf-8", inside))).await);
    let parameter = "&preUploadedPresentation=https%3A%2F%2Fmoodle.example%2Fa.pdf";
    assert!(is_told_of_presentation(parameter, None).await);
    // Without one nobody is told.
    let empty = "<modules><module name=\"presentation\"></module></modules>";
    assert!(!is_told_of_presentation("", Some(("application/xml", empty))).await);
    assert!(!is_told_of_presentation("", None).await);
}
