//! How meetings are created and listed, and how long they go on.

use std::collections::BTreeSet;
use std::time::Duration;

use kmz_meet_core::signal::ServerMessage;
use kmz_meet_server::attendance::Attendance;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::deliveries::Delivery;
use kmz_meet_server::integrations::bbb::{Meetings, delete_idle_rooms, end_overdue};
use kmz_meet_server::store::{Contract, Record, RecordFilter, RoomSource};
use serde_json::json;

use super::{PUPIL, TEACHER, me, platform, succeeded};
use crate::common::TestServer;
use crate::common::client::Client;
use crate::common::platform::{ID, Platform, create, element, enter, failed, fragment};
use crate::common::receiver::Receiver;

#[tokio::test]
async fn create_without_a_contract_is_refused() {
    let server = TestServer::start().await;
    server.school("a", Contract::Requested).await;
    let platform = Platform::of(&server, "a").await;
    failed(&platform.call("create", &create()).await, "noContract");
}

#[tokio::test]
async fn concurrent_creates_get_the_same_meeting() {
    let (_server, platform) = platform().await;
    let url = platform.url("create", &create());
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let request = platform.http.get(&url);
        calls.spawn(async move { request.send().await.unwrap().text().await.unwrap() });
    }
    let answers = calls.join_all().await;
    let first = element(&answers[0], "internalMeetingID").unwrap();
    for answer in &answers {
        succeeded(answer);
        assert_eq!(element(answer, "internalMeetingID"), Some(first));
    }
    let warned = answers
        .iter()
        .filter(|answer| element(answer, "messageKey") == Some("duplicateWarning"));
    assert_eq!(warned.count(), 19);
}

#[tokio::test]
async fn meeting_list_of_two_hundred_and_one_is_complete() {
    let (_server, platform) = platform().await;
    for number in 0..201 {
        succeeded(
            &platform
                .call("create", &format!("meetingID=m{number}"))
                .await,
        );
    }
    let all = platform.call("getMeetings", "").await;
    assert_eq!(all.matches("<meeting>").count(), 201);
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

    // Nobody is back when the platform ends the meeting, and the platform has another secret by now.
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

    // Wait until the failures are stored. The first server still runs here and delivers, too: some calls come twice.
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
            // The token is signed with the secret that created the meeting.
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
    // The attendance of one is still shown, and the meeting of the other goes on.
    assert!(is_there("used").await && is_there("waiting").await);
    days(20);
    let store = &server.app.store;
    store.delete_expired(server.clock.now()).await.unwrap();
    delete_idle_rooms(&Meetings::from(&*server.app))
        .await
        .unwrap();
    assert!(!is_there("used").await && is_there("waiting").await);
}
