//! Checksums, secrets, and the part of a request that counts.

use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use kmz_meet_server::store::Contract;

use super::{FORM, platform, post, sign, succeeded};
use crate::common::TestServer;
use crate::common::platform::{ID, Platform, create, element, failed, hex};

#[tokio::test]
async fn call_with_parameters_outside_the_checksum_is_refused() {
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
    // A parameter with two values is refused even when it is signed.
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
async fn checksum_by_any_algorithm_or_recent_secret_is_accepted() {
    let (server, platform) = platform().await;
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
async fn secrets_beyond_three_of_one_school_replace_its_oldest() {
    let (server, platform) = platform().await;
    server.school("b", Contract::Signed).await;
    let other = Platform::of(&server, "b").await;
    let mut newest = Vec::new();
    for _ in 0..4 {
        newest.push(Platform::of(&server, "a").await);
    }
    assert!(newest.iter().all(|one| one.secret.len() == 64));
    failed(&platform.call("getMeetings", "").await, "checksumError");
    failed(&newest[0].call("getMeetings", "").await, "checksumError");
    for one in newest[1..].iter().chain([&other]) {
        succeeded(&one.call("getMeetings", "").await);
    }
    let key = server.key("a", &[]).await;
    let secrets = key.get("/api/v1/bbb/secrets").await.body;
    let secrets = secrets["secrets"].as_array().unwrap();
    assert_eq!(secrets.len(), 3);
    // A deleted secret is refused at once.
    let path = format!("/api/v1/bbb/secrets/{}", secrets[2]["id"].as_str().unwrap());
    assert_eq!(key.delete(&path).await.status, 204);
    failed(&newest[3].call("getMeetings", "").await, "checksumError");
}

#[tokio::test]
async fn link_rewritten_by_a_browser_holds_and_a_changed_one_does_not() {
    let (_server, platform) = platform().await;
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
async fn parameters_in_a_signed_form_are_accepted() {
    let (_server, platform) = platform().await;
    let url = format!("{}/create", platform.base);
    let kind = "application/x-www-form-urlencoded; charset=UTF-8";

    // The form is signed in the order in which it is sent.
    let form = "name=Bio+%26+Chemie&meetingID=one&moderatorPW=mp";
    let checksum = sign(&platform, "create", form);
    let body = format!("{form}&checksum={checksum}");
    let made = post(&platform, &url, kind, body.clone()).await;
    succeeded(&made);
    // A form that was changed.
    let changed = body.replace("=mp", "=pm");
    failed(&post(&platform, &url, kind, changed).await, "checksumError");
    let more = format!("{body}&attendeePW=ap");
    failed(&post(&platform, &url, kind, more).await, "checksumError");

    // The form is signed in the order of its names, as BigBlueButton does it.
    let sorted = "meetingID=two&moderatorPW=mp&name=Bio+%26+Chemie";
    let checksum = sign(&platform, "create", sorted);
    let body = format!("name=Bio%20%26%20Chemie&checksum={checksum}&moderatorPW=mp&meetingID=two");
    succeeded(&post(&platform, &url, kind, body).await);
    let info = platform.call("getMeetingInfo", "meetingID=two").await;
    assert_eq!(element(&info, "meetingName"), Some("Bio &amp; Chemie"));
    // Parameters cannot hide in the name of another one.
    let hidden =
        format!("meetingID=two&moderatorPW%3Dmp%26name=Bio+%26+Chemie&checksum={checksum}");
    failed(&post(&platform, &url, kind, hidden).await, "checksumError");

    // The checksum is in the URL.
    let form = "meetingID=two&password=mp";
    let url = format!(
        "{}/end?checksum={}",
        platform.base,
        sign(&platform, "end", form)
    );
    failed(
        &post(&platform, &url, FORM, form.replace("two", "one")).await,
        "checksumError",
    );
    succeeded(&post(&platform, &url, FORM, form).await);
    failed(
        &platform.call("getMeetingInfo", "meetingID=two").await,
        "notFound",
    );
    succeeded(&platform.call("getMeetingInfo", "meetingID=one").await);
}

#[tokio::test]
async fn body_beside_a_signed_query_has_no_effect() {
    let (_server, platform) = platform().await;
    let url = platform.url("create", &create());
    let presentation = "<?xml version='1.0' encoding='UTF-8'?><modules><module name='presentation'>\
        <document url='http://127.0.0.1:1/x.pdf' /></module></modules>";
    succeeded(&post(&platform, &url, "application/xml", presentation).await);
    // A document in base64 exceeds what the server reads. The client still gets its answer.
    let large = format!("<modules>{}</modules>", "A".repeat(5 * 1024 * 1024));
    let again = post(&platform, &url, "application/xml", large).await;
    assert_eq!(element(&again, "messageKey"), Some("duplicateWarning"));
    let form = format!("{ID}&moderatorPW=mine&name=mine");
    succeeded(&post(&platform, &url, FORM, form).await);
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "moderatorPW"), Some("moderator123"));
    assert_eq!(element(&info, "meetingName"), Some("Mathe 7b"));
}
