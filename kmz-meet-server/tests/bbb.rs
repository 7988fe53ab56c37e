//! The BigBlueButton-compatible API, as a platform uses it.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use common::TestServer;
use common::platform::{ID, Platform, create, element, enter, failed, fragment, hex, return_url};
use common::receiver::Receiver;
use kmz_meet_core::signal::{ClientMessage, Role, ServerMessage, Target};
use kmz_meet_server::store::Contract;

#[tokio::test]
async fn a_meeting_goes_its_way_from_create_to_the_callbacks() {
    let server = TestServer::start_with(|config| config.outgoing_loopback = true).await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    let receiver = Receiver::start().await;

    let version = platform
        .get(&format!(
            "{}/?&checksum={}",
            platform.base,
            hex(digest(&SHA256, platform.secret.as_bytes()).as_ref())
        ))
        .await;
    assert_eq!(element(&version, "version"), Some("2.0"));
    failed(&platform.call("getMeetingInfo", ID).await, "notFound");

    let analytics: String =
        url::form_urlencoded::byte_serialize(format!("{}/analytics", receiver.url).as_bytes())
            .collect();
    let ended: String =
        url::form_urlencoded::byte_serialize(format!("{}/ended?x=1", receiver.url).as_bytes())
            .collect();
    let query = format!(
        "{}&meta_analytics-callback-url={analytics}&meta_endCallbackUrl={ended}",
        create()
    );
    let made = platform.call("create", &query).await;
    assert_eq!(element(&made, "returncode"), Some("SUCCESS"), "{made}");
    let created = element(&made, "createTime").unwrap().to_owned();
    let internal = element(&made, "internalMeetingID").unwrap().to_owned();
    let again = platform.call("create", &query).await;
    assert_eq!(element(&again, "messageKey"), Some("duplicateWarning"));
    assert_eq!(element(&again, "createTime"), Some(created.as_str()));
    assert_eq!(
        element(&again, "internalMeetingID"),
        Some(internal.as_str())
    );
    let other = query.replace("moderator123", "moderator999");
    failed(&platform.call("create", &other).await, "idNotUnique");

    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "running"), Some("false"));
    assert_eq!(element(&info, "participantCount"), Some("0"));
    assert_eq!(
        element(&info, "bbb-context"),
        Some("&lt;span&gt;Kurs&lt;/span&gt;")
    );

    // The teacher, and a pupil whose link says so in every way.
    let teacher = platform
        .join(&format!("{ID}&fullName=Frau+M%C3%BCller&password=moderator123&role=MODERATOR&userID=3&guest=false\
            &userdata-bbb_override_default_locale=de&logoutURL=https%3A%2F%2Fmoodle.example%2Fmine%3Fa%3D1%26b%3D2"))
        .await;
    let ticket = fragment(&teacher, "ticket").unwrap();
    assert_eq!(
        return_url(&server, &ticket).await.as_deref(),
        Some("https://moodle.example/mine?a=1&b=2")
    );
    // Only the ticket says so, and only as it was signed.
    assert_eq!(fragment(&teacher, "leave"), None);
    let (head, signature) = ticket.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", "A".repeat(signature.len()));
    assert_eq!(return_url(&server, &forged).await, None);
    assert_eq!(fragment(&teacher, "lang").unwrap(), "de");
    assert_eq!(fragment(&teacher, "name").unwrap(), "Frau Müller");
    assert_eq!(fragment(&teacher, "title").unwrap(), "Mathe 7b");
    let (mut first, joined) = enter(&server, &teacher).await;
    let ServerMessage::Joined {
        room,
        participants,
        you,
        ..
    } = joined
    else {
        panic!("{joined:?}")
    };
    assert_eq!(
        participants.iter().find(|one| one.id == you).unwrap().role,
        Role::Moderator
    );
    assert_eq!(room.title.as_deref(), Some("Mathe 7b"));
    assert_eq!(room.welcome.as_deref(), Some("Hallo Mathe 7b"));
    assert!(room.takes_attendance);
    let policy = serde_json::to_value(&room.policy).unwrap();
    assert_eq!(
        (&policy["camera"], &policy["microphone"], &policy["chat"]),
        (
            &"moderators".into(),
            &"everyone".into(),
            &"moderators".into()
        )
    );
    let pupil = platform
        .join(&format!("{ID}&fullName=Anna&password=attendee1234&role=VIEWER&userID=4&guest=false&createTime={created}"))
        .await;
    let (_second, joined) = enter(&server, &pupil).await;
    let ServerMessage::Joined {
        participants, you, ..
    } = joined
    else {
        panic!("{joined:?}")
    };
    let me = participants.iter().find(|one| one.id == you).unwrap();
    assert_eq!(
        (me.role, me.listed, me.name.as_str()),
        (Role::Participant, true, "Anna")
    );

    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "running"), Some("true"));
    assert_eq!(element(&info, "participantCount"), Some("2"));
    assert_eq!(element(&info, "moderatorCount"), Some("1"));
    assert!(
        info.contains("<userID>4</userID><fullName>Anna</fullName><role>VIEWER</role>"),
        "{info}"
    );
    assert_eq!(
        element(&platform.call("isMeetingRunning", ID).await, "running"),
        Some("true")
    );
    assert!(platform.call("getMeetings", "").await.contains(&internal));

    failed(
        &platform
            .call("end", &format!("{ID}&password=attendee1234"))
            .await,
        "invalidPassword",
    );
    let ended = platform
        .call("end", &format!("{ID}&password=moderator123"))
        .await;
    assert_eq!(element(&ended, "returncode"), Some("SUCCESS"));
    loop {
        let text = first.next_text().await.expect("told of the end");
        if text.contains("\"ended\"") {
            break;
        }
    }
    let mut calls = Vec::new();
    for _ in 0..2 {
        calls.push(receiver.next(Duration::from_secs(10)).await);
    }
    failed(&platform.call("getMeetingInfo", ID).await, "notFound");
    let analytics = calls
        .iter()
        .find(|call| call.path.starts_with("/analytics"))
        .unwrap();
    assert_eq!(analytics.method, "POST");
    let token = analytics.headers["authorization"]
        .to_str()
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS512);
    validation.validate_exp = false;
    let key = jsonwebtoken::DecodingKey::from_secret(platform.secret.as_bytes());
    let claims = jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation).unwrap();
    assert!(claims.claims["exp"].is_i64());
    let body: serde_json::Value = serde_json::from_str(&analytics.body).unwrap();
    assert_eq!(body["internal_meeting_id"], internal);
    let mut ids: Vec<&str> = body["data"]["attendees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["ext_user_id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["3", "4"]);
    let end = calls
        .iter()
        .find(|call| call.path.starts_with("/ended"))
        .unwrap();
    assert_eq!(end.method, "GET");
    assert!(
        end.path.contains("x=1&meetingID=") && end.path.ends_with("recordingmarks=false"),
        "{}",
        end.path
    );
}

#[tokio::test]
async fn nothing_outside_the_checksum_has_any_effect() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.school("b", Contract::Signed).await;
    let (one, two) = (
        Platform::of(&server, "a").await,
        Platform::of(&server, "b").await,
    );
    one.call("create", &create()).await;
    let calls = [
        "create",
        "join",
        "isMeetingRunning",
        "getMeetingInfo",
        "getMeetings",
        "end",
        "getRecordings",
        "publishRecordings",
        "deleteRecordings",
        "updateRecordings",
        "insertDocument",
        "getRecordingTextTracks",
        "anything",
    ];
    for call in calls {
        let right = one.url(call, ID);
        let wrong = [
            format!("{}/{call}?{ID}", one.base),
            format!("{}/{call}?{ID}&checksum=", one.base),
            format!("{right}&role=MODERATOR"),
            format!("{right}&checksum=0"),
            right.replace('?', "?role=MODERATOR&"),
            right.replace(call, if call == "end" { "join" } else { "end" }),
        ];
        for url in wrong {
            failed(&one.get(&url).await, "checksumError");
        }
    }
    // The same meetingID of another school is another meeting.
    failed(&two.call("getMeetingInfo", ID).await, "notFound");
    failed(&two.call("end", ID).await, "notFound");
    assert_eq!(
        element(&two.call("getMeetings", "").await, "messageKey"),
        Some("noMeetings")
    );
    // What would be a second value of the same parameter is refused even when it is signed.
    failed(
        &one.call(
            "join",
            &format!("{ID}&fullName=A&role=VIEWER&role=MODERATOR"),
        )
        .await,
        "invalidQuery",
    );
}

#[tokio::test]
async fn a_join_link_is_for_one_meeting() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=Anna&role=VIEWER"))
            .await,
        "invalidMeetingIdentifier",
    );
    platform.call("create", &create()).await;
    failed(
        &platform
            .call(
                "join",
                &format!("{ID}&fullName=Anna&role=VIEWER&createTime=1"),
            )
            .await,
        "mismatchCreateTimeParam",
    );
    failed(
        &platform
            .call("join", &format!("{ID}&fullName=Anna&password=guessed"))
            .await,
        "invalidPassword",
    );
    failed(
        &platform.call("join", &format!("{ID}&fullName=Anna")).await,
        "invalidPassword",
    );
    failed(
        &platform.call("join", &format!("{ID}&role=VIEWER")).await,
        "missingParamFullName",
    );
    // In a browser it is a page that says what to do.
    let url = platform.url("join", &format!("{ID}&fullName=Anna&role=VIEWER&createTime=1&logoutURL=https%3A%2F%2Fmoodle.example%2F%22%3E%3Cscript%3E"));
    let page = platform
        .http
        .get(url)
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 400);
    let page = page.text().await.unwrap();
    assert!(
        page.contains("Die Konferenz läuft nicht") && !page.contains("<script>"),
        "{page}"
    );
}

#[tokio::test]
async fn guests_wait_where_the_platform_says_so() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    platform
        .call("create", &format!("{}&guestPolicy=ASK_MODERATOR", create()))
        .await;
    let teacher = platform
        .join(&format!("{ID}&fullName=Frau+M&role=MODERATOR&userID=3"))
        .await;
    let (_teacher, _) = enter(&server, &teacher).await;
    let guest = platform
        .join(&format!("{ID}&fullName=Oma&role=VIEWER&guest=true"))
        .await;
    let (_guest, answer) = enter(&server, &guest).await;
    assert!(matches!(answer, ServerMessage::Lobby), "{answer:?}");
}

/// Clients that give no id come in as their platform wants it; but the removed person could be any of them.
#[tokio::test]
async fn people_without_an_id_knock_after_one_was_removed() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    platform.call("create", &create()).await;
    let link = |name: &str| format!("{ID}&fullName={name}&role=VIEWER");
    let teacher = format!("{ID}&fullName=Frau+M&role=MODERATOR&userID=3");
    let (mut teacher, _) = enter(&server, &platform.join(&teacher).await).await;
    let xxx = platform.join(&link("xXx")).await;
    let (_xxx, answer) = enter(&server, &xxx).await;
    let ServerMessage::Joined { you, .. } = answer else {
        panic!("{answer:?}")
    };
    let target = Target::These(vec![you]);
    teacher.say(&ClientMessage::Remove { target }).await;
    teacher
        .until(|message| matches!(message, ServerMessage::ParticipantLeft { .. }))
        .await;
    let (_, answer) = enter(&server, &xxx).await;
    assert!(
        matches!(answer, ServerMessage::Refused { .. }),
        "the same ticket: {answer:?}"
    );
    for name in ["xXx", "Anna"] {
        let (_, answer) = enter(&server, &platform.join(&link(name)).await).await;
        assert_eq!(answer, ServerMessage::Lobby, "{name}");
    }
    let pupil = format!("{}&userID=4", link("Ben"));
    let (_, answer) = enter(&server, &platform.join(&pupil).await).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}

#[tokio::test]
async fn guests_who_are_let_in_are_not_taken_for_the_class() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    platform
        .call("create", &format!("{}&guestPolicy=ALWAYS_ACCEPT", create()))
        .await;
    let link = async |query: &str| platform.join(&format!("{ID}&{query}")).await;
    let teacher = link("fullName=Frau+M&role=MODERATOR&userID=3").await;
    let (mut teacher, _) = enter(&server, &teacher).await;
    let pupil = link("fullName=Anna&role=VIEWER&userID=4").await;
    let (_pupil, _) = enter(&server, &pupil).await;
    let guest = link("fullName=Frau+Schulleiterin&role=VIEWER&guest=true&userID=5").await;
    let (mut guest, answer) = enter(&server, &guest).await;
    let ServerMessage::Joined {
        participants, you, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    let shown: Vec<(bool, bool)> = participants
        .iter()
        .map(|one| (one.verified, one.listed))
        .collect();
    assert_eq!(shown, [(true, true), (true, true), (false, false)]);
    teacher
        .say(&ClientMessage::Remove {
            target: Target::Unlisted,
        })
        .await;
    guest
        .until(|message| *message == ServerMessage::Removed)
        .await;
    let left = |message: &ServerMessage| matches!(message, ServerMessage::ParticipantLeft { participant, .. } if *participant == you);
    teacher.until(left).await;
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "participantCount"), Some("2"));
}

#[tokio::test]
async fn every_algorithm_and_a_new_secret_work_without_a_break() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    for algorithm in [&SHA1_FOR_LEGACY_USE_ONLY, &SHA256, &SHA384, &SHA512] {
        let text = format!("getMeetings{}", platform.secret);
        let checksum = hex(digest(algorithm, text.as_bytes()).as_ref());
        let xml = platform
            .get(&format!(
                "{}/getMeetings?checksum={checksum}",
                platform.base
            ))
            .await;
        assert_eq!(element(&xml, "returncode"), Some("SUCCESS"));
    }
    let newer = Platform::of(&server, "a").await;
    for one in [&platform, &newer] {
        assert_eq!(
            element(&one.call("getMeetings", "").await, "returncode"),
            Some("SUCCESS")
        );
    }
    server.clock.advance(Duration::from_hours(8 * 24));
    failed(&platform.call("getMeetings", "").await, "checksumError");
    assert_eq!(
        element(&newer.call("getMeetings", "").await, "returncode"),
        Some("SUCCESS")
    );
}

#[tokio::test]
async fn what_is_not_recorded_is_honestly_empty() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    let xml = platform.call("getRecordings", "recordID=x&state=any").await;
    assert_eq!(element(&xml, "returncode"), Some("SUCCESS"));
    assert_eq!(element(&xml, "messageKey"), Some("noRecordings"));
    assert!(xml.contains("<recordings></recordings>"), "{xml}");
    failed(&platform.call("insertDocument", ID).await, "notSupported");
    failed(&platform.call("fly", "").await, "unsupportedRequest");
    for (call, query, key) in [
        ("create", "name=x", "missingParamMeetingID"),
        ("getMeetingInfo", "", "missingParamMeetingID"),
        ("publishRecordings", "publish=true", "missingParamRecordID"),
        ("publishRecordings", "recordID=x", "missingParamPublish"),
        ("deleteRecordings", "", "missingParamRecordID"),
    ] {
        failed(&platform.call(call, query).await, key);
    }
}

#[tokio::test]
async fn a_name_that_will_not_do_is_asked_for_and_a_long_one_is_cut() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    platform.call("create", &create()).await;
    for (number, name) in ["%F0%9F%99%82", "%E2%A0%80", "-+-"].into_iter().enumerate() {
        let link = platform
            .join(&format!("{ID}&fullName={name}&role=VIEWER&userID={number}"))
            .await;
        assert_eq!(fragment(&link, "name"), None, "{name}");
        let (_, answer) = enter(&server, &link).await;
        assert!(
            matches!(
                answer,
                ServerMessage::Refused {
                    reason: kmz_meet_core::signal::RefusalReason::BadName
                }
            ),
            "{answer:?}"
        );
    }
    let link = platform
        .join(&format!(
            "{ID}&fullName={}&role=VIEWER&userID=9",
            "x".repeat(61)
        ))
        .await;
    assert_eq!(fragment(&link, "name"), Some("x".repeat(60)));
}

#[tokio::test]
async fn ids_that_differ_at_their_ends_are_different_people() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    platform.call("create", &create()).await;
    for length in [255, 256, 1_000, 4_000] {
        let mut users = Vec::new();
        for end in ["a", "b", "a"] {
            let id = format!("{}{end}", "u".repeat(length));
            let link = platform
                .join(&format!("{ID}&fullName=Anna&role=VIEWER&userID={id}"))
                .await;
            let ticket = fragment(&link, "ticket").unwrap();
            let now = kmz_meet_server::clock::Clock::now(&*server.clock);
            users.push(
                server
                    .app
                    .tickets
                    .verify(&ticket, now)
                    .unwrap()
                    .identity
                    .user,
            );
        }
        assert_ne!(users[0], users[1], "{length}");
        assert_eq!(users[0], users[2], "{length}");
    }
    for length in [4_097, 5_000, 7_000] {
        let id = "u".repeat(length);
        let query = format!("{ID}&fullName=Anna&role=VIEWER&redirect=false&userID={id}");
        failed(&platform.call("join", &query).await, "validationError");
    }
}

#[tokio::test]
async fn a_link_that_a_browser_wrote_anew_holds_and_a_changed_one_does_not() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    platform.call("create", &create()).await;
    let arrives = async |signed: &str, sent: &str| {
        let text = format!("join{ID}&{signed}{}", platform.secret);
        let checksum = hex(digest(&SHA256, text.as_bytes()).as_ref());
        let url = format!("{}/join?{ID}&{sent}&checksum={checksum}", platform.base);
        platform.http.get(url).send().await.unwrap().status()
    };
    for (signed, sent) in [
        (
            "fullName=Sinead+O'Brien&role=VIEWER",
            "fullName=Sinead+O%27Brien&role=VIEWER",
        ),
        (
            "fullName=Jörg+Müller&role=VIEWER",
            "fullName=J%C3%B6rg+M%C3%BCller&role=VIEWER",
        ),
        (
            "fullName=\"Anna\" <7b>&role=VIEWER",
            "fullName=%22Anna%22%20%3C7b%3E&role=VIEWER",
        ),
        (
            "fullName=Anna+Lena&role=VIEWER",
            "fullName=Anna%20Lena&role=VIEWER",
        ),
    ] {
        assert_eq!(arrives(signed, sent).await, 302, "{signed}");
    }
    for (signed, sent) in [
        (
            "fullName=O'Brien&role=VIEWER",
            "fullName=O%27Brien&role=MODERATOR",
        ),
        (
            "fullName=O'Brien&role=VIEWER",
            "fullName=O%27Brian&role=VIEWER",
        ),
        (
            "fullName=a&role=VIEWER",
            "fullName=a%26role=MODERATOR&role=VIEWER",
        ),
        ("fullName=a%26role=MODERATOR", "fullName=a&role=MODERATOR"),
    ] {
        assert_eq!(arrives(signed, sent).await, 200, "{sent}");
    }
}

#[tokio::test]
async fn an_address_that_is_encoded_once_too_often_is_refused_at_once() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    for name in [
        "meta_endCallbackUrl",
        "meetingEndedURL",
        "meta_analytics-callback-url",
        "logoutURL",
    ] {
        let query = format!("meetingID=x&name=x&{name}=https%253A%252F%252Fmoodle.example%252Fx");
        failed(&platform.call("create", &query).await, "validationError");
    }
    let once = "meetingID=x&name=x&meta_endCallbackUrl=https%3A%2F%2Fmoodle.example%2Fx";
    let made = platform.call("create", once).await;
    assert_eq!(element(&made, "returncode"), Some("SUCCESS"), "{made}");
}
