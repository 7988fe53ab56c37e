//! A meeting from its beginning to its end.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use kmz_meet_core::signal::{Role, ServerMessage};

use super::platform;
use crate::common::platform::{ID, create, element, enter, failed, fragment, hex, return_url};
use crate::common::receiver::Receiver;

#[tokio::test]
async fn meeting_from_create_to_end_sends_its_callbacks() {
    let (server, platform) = platform().await;
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

    // A teacher joins, and a pupil whose link says so in every parameter.
    let teacher = platform
        .join(&format!("{ID}&fullName=Frau+M%C3%BCller&password=moderator123&role=MODERATOR&userID=3&guest=false\
            &userdata-bbb_override_default_locale=de&logoutURL=https%3A%2F%2Fmoodle.example%2Fmine%3Fa%3D1%26b%3D2"))
        .await;
    let ticket = fragment(&teacher, "ticket").unwrap();
    assert_eq!(
        return_url(&server, &ticket).await.as_deref(),
        Some("https://moodle.example/mine?a=1&b=2")
    );
    // Only the ticket has the return URL, and only with its signature.
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
    assert!(room.knows_members);
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
