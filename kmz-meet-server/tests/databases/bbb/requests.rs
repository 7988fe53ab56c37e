//! In which forms the API is called, and in which it answers.

use super::{FORM, platform, post, sign, succeeded};
use crate::common::platform::{ID, create, element, failed};

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
async fn recordings_and_unknown_calls_get_honest_answers() {
    let (_server, platform) = platform().await;
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
async fn callback_url_encoded_twice_is_refused() {
    let (_server, platform) = platform().await;
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
    // The page has no link that is not signed.
    assert!(!german.contains("evil.example"));
}

#[tokio::test]
async fn wrong_call_of_a_program_is_answered_in_xml_or_by_redirect() {
    let (_server, platform) = platform().await;
    // A call with `redirect=false` gets XML, whatever the client accepts.
    let url = platform.url(
        "join",
        &format!("{ID}&fullName=A&role=VIEWER&redirect=false"),
    );
    for url in [url.replace("VIEWER", "MODERATOR"), url] {
        let answer = platform.http.get(url).header("accept", "text/html");
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
    }
    // The server redirects to the page of the platform, if the platform signed one.
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
