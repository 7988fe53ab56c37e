//! In which forms the BigBlueButton-compatible API is called, and what of a request counts.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use aws_lc_rs::digest::{SHA256, digest};
use common::TestServer;
use common::platform::{ID, Platform, create, element, failed, hex};
use kmz_meet_server::store::Contract;

const FORM: &str = "application/x-www-form-urlencoded";

async fn platform() -> (TestServer, Platform) {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    (server, platform)
}

async fn post(platform: &Platform, url: &str, kind: &str, body: impl Into<String>) -> String {
    let request = platform.http.post(url).header("content-type", kind);
    let answer = request.body(body.into()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

fn sign(platform: &Platform, call: &str, text: &str) -> String {
    let text = format!("{call}{text}{}", platform.secret);
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn succeeded(xml: &str) {
    assert_eq!(element(xml, "returncode"), Some("SUCCESS"), "{xml}");
}

#[tokio::test]
async fn parameters_may_come_as_a_form() {
    let (_server, platform) = platform().await;
    let url = format!("{}/create", platform.base);
    let kind = "application/x-www-form-urlencoded; charset=UTF-8";

    // Signed as it is sent.
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

    // Signed in the order of names, as BigBlueButton does it.
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

    // The checksum in the address.
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
async fn a_body_beside_a_signed_query_has_no_effect() {
    let (_server, platform) = platform().await;
    let url = platform.url("create", &create());
    let presentation = "<?xml version='1.0' encoding='UTF-8'?><modules><module name='presentation'>\
        <document url='http://127.0.0.1:1/x.pdf' /></module></modules>";
    succeeded(&post(&platform, &url, "application/xml", presentation).await);
    // A document in base64 is larger than what we would keep; the client still gets its answer.
    let large = format!("<modules>{}</modules>", "A".repeat(5 * 1024 * 1024));
    let again = post(&platform, &url, "application/xml", large).await;
    assert_eq!(element(&again, "messageKey"), Some("duplicateWarning"));
    let form = format!("{ID}&moderatorPW=mine&name=mine");
    succeeded(&post(&platform, &url, FORM, form).await);
    let info = platform.call("getMeetingInfo", ID).await;
    assert_eq!(element(&info, "moderatorPW"), Some("moderator123"));
    assert_eq!(element(&info, "meetingName"), Some("Mathe 7b"));
}

#[tokio::test]
async fn long_lines_are_taken_and_longer_ones_refused() {
    let (_server, platform) = platform().await;
    // Moodle sends everything it knows of a recording after each change of it.
    let pages: Vec<String> = (0..200)
        .map(|page| {
            format!("&playbacks%5Bpresentation%5D%5Bpreview%5D%5B{page}%5D%5Burl%5D=https%3A%2F%2Fbbb.example%2F{page}")
        })
        .collect();
    let pages = pages.concat();
    let query = format!("recordID=x&meta_bbb-recording-name=Neu{pages}");
    assert!(query.len() > 16 * 1024);
    failed(&platform.call("updateRecordings", &query).await, "notFound");
    let query = format!("recordID=x&meta_a={}", "a".repeat(70 * 1024));
    let checksum = sign(&platform, "updateRecordings", &query);
    let url = format!("{}/updateRecordings", platform.base);
    let answer = post(
        &platform,
        &url,
        FORM,
        format!("{query}&checksum={checksum}"),
    )
    .await;
    failed(&answer, "invalidQuery");
}

#[tokio::test]
async fn captions_are_answered_in_json() {
    let (_server, platform) = platform().await;
    let url = platform.url("getRecordingTextTracks", "recordID=x");
    let answer = platform.http.get(url).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(answer["response"]["returncode"], "FAILED");
    assert_eq!(answer["response"]["messageKey"], "noRecordings");
}

#[tokio::test]
async fn a_person_with_a_broken_link_sees_a_page() {
    let (_server, platform) = platform().await;
    let url = format!(
        "{}&logoutURL=https%3A%2F%2Fevil.example",
        platform.url("join", &format!("{ID}&fullName=Anna&role=VIEWER"))
    );
    let browser = |language: &'static str| {
        let request = platform.http.get(&url).header("accept", "text/html,*/*");
        async move {
            let answer = request.header("accept-language", language).send().await;
            let answer = answer.unwrap();
            assert_eq!(answer.status(), 400);
            answer.text().await.unwrap()
        }
    };
    let german = browser("de-DE,de;q=0.9").await;
    assert!(german.contains("checksumError") && german.contains("Zugang"));
    assert!(browser("en-GB").await.contains("The access is not right"));
    // Nothing that is not signed leads anywhere.
    assert!(!german.contains("evil.example"));
}

#[tokio::test]
async fn many_who_create_at_once_get_the_same_meeting() {
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
async fn a_school_without_a_contract_has_no_meetings() {
    let server = TestServer::start().await;
    server.school("a", Contract::Draft).await;
    let platform = Platform::of(&server, "a").await;
    failed(&platform.call("create", &create()).await, "noContract");
}
