//! Whose a platform is, where it is, and when it opens nothing.

use kmz_meet_server::integrations::lti::KeptPlatform;
use kmz_meet_server::store::{Contract, Record, RecordFilter};
use lti_bridge::PlatformState;
use serde_json::json;

use super::{register_itself, server};
use crate::common::course::{Course, led_to};
use crate::common::key::Key;

#[tokio::test]
async fn platform_of_one_school_is_refused_to_another() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other = server.key("b", &[]).await;
    let course = Course::start().await;
    course.register(&key, "by-hand").await;
    let taken = |client: &str| other.post("/api/v1/lti/platforms", course.registration(client));
    taken("by-hand").await.is_problem(409, "platform_taken");
    // It stays taken after its own registration, and after a second one.
    for _ in 0..2 {
        let (status, page) = register_itself(&server, &course, &key).await;
        assert_eq!(status, 200, "{page}");
        taken("by-itself").await.is_problem(409, "platform_taken");
    }
    let (status, page) = register_itself(&server, &course, &other).await;
    assert!(
        status == 409 && page.contains("lti_platform_taken"),
        "{page}"
    );
    // A platform that an earlier version stored without a key.
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let platforms = Record::<KeptPlatform>::list(&server.app.store, filter)
        .await
        .unwrap();
    assert_eq!(platforms.len(), 2);
    for mut platform in platforms {
        platform.key = None;
        assert!(platform.update(&server.app.store).await.unwrap());
    }
    taken("by-hand").await.is_problem(409, "platform_taken");
    // Names of the greatest length.
    let mut long = course.registration(&"\u{1F4DA}".repeat(500));
    long["issuer"] = json!("\u{1F4DA}".repeat(500));
    assert_eq!(
        key.post("/api/v1/lti/platforms", long.clone()).await.status,
        201
    );
    other
        .post("/api/v1/lti/platforms", long)
        .await
        .is_problem(409, "platform_taken");
}

#[tokio::test]
async fn registration_beyond_fifty_platforms_is_refused() {
    let (server, key) = server().await;
    let course = Course::start().await;
    for number in 0..50 {
        course.register(&key, &number.to_string()).await;
    }
    key.post("/api/v1/lti/platforms", course.registration("one more"))
        .await
        .is_problem(409, "too_many");
    let (status, page) = register_itself(&server, &course, &key).await;
    assert!(
        status == 409 && page.contains("lti_too_many_platforms"),
        "{page}"
    );
}

#[tokio::test]
async fn platform_at_a_new_address_keeps_its_rooms() {
    let (server, key) = server().await;
    let (before, after) = (Course::start().await, Course::start().await);
    let made = before.register(&key, "c").await;
    let path = format!("/api/v1/lti/platforms/{}", made["id"].as_str().unwrap());
    let room = led_to(&before.launch(&server, "c", |_| {}).await);
    let mut moved = after.registration("c");
    moved.as_object_mut().unwrap().remove("client_id");
    moved["page_origins"] = json!(["https://School.platform.example:443/"]);
    moved["authorization_server"] = json!("https://auth.example");
    let changed = key.patch(&path, moved).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(
        (
            &changed.body["page_origins"],
            &changed.body["authorization_server"]
        ),
        (
            &json!(["https://school.platform.example"]),
            &json!("https://auth.example")
        )
    );
    assert_eq!(
        led_to(&after.launch(&server, "c", |_| {}).await).path(),
        room.path()
    );
    let page = server
        .browser()
        .request(reqwest::Method::GET, "/")
        .send()
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("https://school.platform.example") && policy.contains(&after.url),
        "{policy}"
    );
    // Another platform may register at the old address now. It cannot move to the new one.
    let other = before.register(&key, "c").await;
    let path = format!("/api/v1/lti/platforms/{}", other["id"].as_str().unwrap());
    key.patch(&path, json!({"issuer": after.url}))
        .await
        .is_problem(409, "platform_taken");
    for wrong in [
        json!({"page_origins": ["https://a.example/path"]}),
        json!({"page_origins": vec!["https://a.example"; 11]}),
        json!({"token_endpoint": "http://a.example/"}),
        json!({"jwks_uri": "https://10.0.0.1/"}),
        json!({"issuer": " "}),
        json!({"authorization_server": ""}),
    ] {
        key.patch(&path, wrong).await.is_problem(422, "invalid");
    }
    assert_eq!(key.get(&path).await.body["issuer"], before.url);
}

#[tokio::test]
async fn login_of_a_disabled_platform_is_refused() {
    let (server, key) = server().await;
    let course = Course::start().await;
    let made = course.register(&key, "c").await;
    let path = format!("/api/v1/lti/platforms/{}", made["id"].as_str().unwrap());
    key.patch(&path, json!({"state": "disabled"})).await;
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let platforms = Record::<KeptPlatform>::list(&server.app.store, filter)
        .await
        .unwrap();
    assert_eq!(platforms[0].data.0.state, PlatformState::Disabled);
    let answer = course.initiate(&server, None).await;
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("lti_client_unknown"));
}

#[tokio::test]
async fn login_of_an_issuer_entered_by_two_schools_is_unambiguous() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other = server.key("b", &[]).await;
    let login = async |course: &Course| {
        let answer = course.initiate(&server, None).await;
        let onward = answer.headers().get("location").cloned();
        onward.map(|url| url.to_str().unwrap().to_owned())
    };
    // Both schools register it by hand.
    let course = Course::start().await;
    course.register(&key, "first").await;
    course.register(&other, "second").await;
    let onward = login(&course).await.unwrap();
    assert!(onward.contains("client_id=first"), "{onward}");
    // Another school enters it by hand first; then the platform registers itself.
    let course = Course::start().await;
    course.register(&other, "squatter").await;
    let (status, page) = register_itself(&server, &course, &key).await;
    assert_eq!(status, 200, "{page}");
    let platforms = key.get("/api/v1/lti/platforms").await.body;
    let own = platforms["platforms"].as_array().unwrap();
    let own = own
        .iter()
        .find(|one| one["client_id"] == "by-itself")
        .unwrap();
    let path = format!("/api/v1/lti/platforms/{}", own["id"].as_str().unwrap());
    key.patch(&path, json!({"state": "active"})).await;
    let onward = login(&course).await.unwrap();
    assert!(onward.contains("client_id=by-itself"), "{onward}");
}

#[tokio::test]
async fn platform_entered_by_another_school_belongs_to_who_proves_it() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other = server.key("b", &[]).await;
    let course = Course::start().await;
    course.register(&other, "by-itself").await;
    let squatted = course.launch(&server, "by-itself", |_| {}).await;
    assert_eq!(squatted.status(), 303, "nobody has proved anything yet");
    let rooms = async |key: &Key| {
        let rooms = key.get("/api/v1/rooms").await.body;
        rooms["rooms"].as_array().unwrap().len()
    };
    assert_eq!((rooms(&key).await, rooms(&other).await), (0, 1));
    let (status, page) = register_itself(&server, &course, &key).await;
    assert_eq!(status, 200, "{page}");
    // Before the approval no launch goes to the other school either.
    let answer = course.initiate(&server, Some("by-itself")).await;
    assert!(answer.headers().get("location").is_none(), "{answer:?}");
    assert!(answer.status().is_client_error(), "{answer:?}");
    let platforms = key.get("/api/v1/lti/platforms").await.body;
    let path = format!(
        "/api/v1/lti/platforms/{}",
        platforms["platforms"][0]["id"].as_str().unwrap()
    );
    key.patch(&path, json!({"state": "active"})).await;
    let launched = course.launch(&server, "by-itself", |_| {}).await;
    assert_eq!(launched.status(), 303);
    assert_eq!((rooms(&key).await, rooms(&other).await), (1, 1));
    // A school that only enters the platform is told how to prove it.
    let refused = other
        .post("/api/v1/lti/platforms", course.registration("by-itself"))
        .await;
    refused.is_problem(409, "platform_taken");
}
