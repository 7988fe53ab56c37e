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
async fn parameters_in_a_signed_form_are_accepted() {
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
async fn body_beside_a_signed_query_has_no_effect() {
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
async fn query_of_16_kb_is_accepted_and_form_of_70_kb_refused() {
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
async fn text_tracks_are_answered_in_json() {
    let (_server, platform) = platform().await;
    let url = platform.url("getRecordingTextTracks", "recordID=x");
    let answer = platform.http.get(url).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(answer["response"]["returncode"], "FAILED");
    assert_eq!(answer["response"]["messageKey"], "noRecordings");
}

#[tokio::test]
async fn broken_link_in_a_browser_shows_a_page() {
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
async fn wrong_call_of_a_program_is_answered_in_xml_or_by_redirect() {
    let (_server, platform) = platform().await;
    // For a program it is XML, whatever the browser that asks for it accepts.
    let url = platform.url(
        "join",
        &format!("{ID}&fullName=A&role=VIEWER&redirect=false"),
    );
    for url in [url.replace("VIEWER", "MODERATOR"), url] {
        let answer = platform.http.get(url).header("accept", "text/html");
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
    }
    // The platform's own page, if it signed one.
    let query = format!(
        "{ID}&fullName=A&role=VIEWER&errorRedirectUrl=https%3A%2F%2Flms.example%2Fe%3Fa%3Db"
    );
    let signed = platform.url("join", &query);
    let answer = platform.http.get(&signed).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let place: reqwest::Url = answer.headers()["location"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(place.host_str(), Some("lms.example"));
    let pairs: Vec<(String, String)> = place.query_pairs().into_owned().collect();
    assert_eq!(pairs[0], ("a".to_owned(), "b".to_owned()));
    let errors: serde_json::Value = serde_json::from_str(&pairs[1].1).unwrap();
    assert_eq!(errors[0]["key"], "invalidMeetingIdentifier");
    let changed = signed.replace("lms.example", "evil.example");
    failed(&platform.get(&changed).await, "checksumError");
}

#[tokio::test]
async fn path_with_extra_slashes_is_the_same_call() {
    let (server, platform) = platform().await;
    let signed = platform.url("create", &create());
    let query = signed.split_once('?').unwrap().1;
    for path in [
        "/bigbluebutton/api//create",
        "/bigbluebutton/api/create/",
        "/bigbluebutton//api/create",
        "/bigbluebutton/api/create",
    ] {
        succeeded(
            &platform
                .get(&format!("{}{path}?{query}", server.origin))
                .await,
        );
    }
    for path in [
        "/bigbluebutton/api",
        "/bigbluebutton/api/",
        "/bigbluebutton//api//",
    ] {
        let xml = platform.get(&format!("{}{path}", server.origin)).await;
        assert_eq!(element(&xml, "version"), Some("2.0"), "{path}");
    }
    let xml = platform
        .get(&format!(
            "{}/bigbluebutton/apix/create?{query}",
            server.origin
        ))
        .await;
    failed(&xml, "unsupportedRequest");
}

#[tokio::test]
async fn password_is_stored_whole_or_refused() {
    let (_server, platform) = platform().await;
    let long = "p".repeat(256);
    let query = format!("meetingID=long&moderatorPW={long}");
    succeeded(&platform.call("create", &query).await);
    let again = platform.call("create", &query).await;
    assert_eq!(element(&again, "messageKey"), Some("duplicateWarning"));
    let query = format!("meetingID=long&fullName=A&password={long}");
    platform.join(&query).await;
    let query = format!("meetingID=longer&moderatorPW={long}p");
    failed(&platform.call("create", &query).await, "validationError");
}

#[tokio::test]
async fn control_characters_in_parameters_are_dropped() {
    let (_server, platform) = platform().await;
    let query = "meetingID=a%00b&name=Bio%00%0Alogie&moderatorPW=m%00p&meta_x=%00&welcome=A%0AB";
    succeeded(&platform.call("create", query).await);
    let info = platform.call("getMeetingInfo", "meetingID=ab").await;
    assert_eq!(element(&info, "meetingName"), Some("Biologie"));
    assert_eq!(element(&info, "moderatorPW"), Some("mp"));
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
    // Taken back, it is over at once.
    let path = format!("/api/v1/bbb/secrets/{}", secrets[2]["id"].as_str().unwrap());
    assert_eq!(key.delete(&path).await.status, 204);
    failed(&newest[3].call("getMeetings", "").await, "checksumError");
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
async fn create_without_a_contract_is_refused() {
    let server = TestServer::start().await;
    server.school("a", Contract::Draft).await;
    let platform = Platform::of(&server, "a").await;
    failed(&platform.call("create", &create()).await, "noContract");
}
