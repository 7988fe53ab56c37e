//! Finding and changing resources; pages, conditions, limits.

use super::{id, server};
use crate::common::{Answer, TestServer};
use kmz_meet_server::store::{Contract, PasskeyRemoved, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn room_is_found_by_the_external_name() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key
        .post("/api/v1/rooms", json!({"external": "course 7"}))
        .await
        .body;
    key.post("/api/v1/rooms", json!({"external": "course 7"}))
        .await
        .is_problem(409, "external_taken");
    let found = async |key: &crate::common::key::Key, external: &str| {
        let path = format!("/api/v1/rooms?external={external}");
        key.get(&path).await.body["rooms"].as_array().unwrap().len()
    };
    assert_eq!(found(&key, "course%207").await, 1);
    assert_eq!(found(&key, "course%208").await, 0);
    assert_eq!(found(&key, "course%00").await, 0);
    server.school("b", Contract::Signed).await;
    assert_eq!(found(&server.key("b", &[]).await, "course%207").await, 0);
    assert_eq!(room["external"], "course 7");
}

#[tokio::test]
async fn id_with_bytes_that_no_database_stores_is_not_found() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    for path in [
        "/api/v1/rooms/%00",
        "/api/v1/rooms/%ff",
        "/api/v1/keys/%00",
        "/api/v1/rooms/a%00b/conference",
        "/api/v1/attendance/%00",
        "/api/v1/schools/a/teachers/%00/export",
    ] {
        let answer = Answer::of(key.request(Method::GET, path)).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {answer:?}");
    }
    server.person("a", "anton", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("anton").await;
    let factor = admin.delete("/api/v1/schools/a/users/%00/second-factor");
    factor.await.is_problem(404, "not_found");
    let proof = json!({"current_password": "antonanton", "code": "1"});
    let passkey = admin.post("/api/v1/account/passkeys/%00/removal", proof);
    passkey.await.is_problem(404, "not_found");
    let removed = server.app.store.remove_passkey("id-anton", "\0", false);
    assert_eq!(removed.await.unwrap(), PasskeyRemoved::NotFound);
    let answer = server.browser().sign_in("a\0b", "x").await;
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn concurrent_changes_with_one_entity_tag_succeed_once() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let path = format!("/api/v1/rooms/{}", id(&room));
    let seen = key.request(Method::GET, &path).send().await.unwrap();
    let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
    let change = |title: usize| {
        let request = key
            .request(Method::PATCH, &path)
            .header("if-match", &tag)
            .json(&json!({"title": format!("title {title}")}));
        Answer::of(request)
    };
    let answers = futures_util::future::join_all((0..12).map(change)).await;
    let made = answers.iter().filter(|one| one.status == 200).count();
    let refused = answers.iter().filter(|one| one.status == 412).count();
    assert_eq!((made, refused), (1, 11), "{answers:?}");
    // Without a condition the server makes every change, one after the other.
    let change = |title: usize| key.patch(&path, json!({"title": format!("title {title}")}));
    let answers = futures_util::future::join_all((0..24).map(change)).await;
    assert!(answers.iter().all(|one| one.status == 200), "{answers:?}");
    // Concurrent changes of other fields are not lost.
    let title = key.patch(&path, json!({"title": "Mathe"}));
    let password = key.patch(&path, json!({"password": "geheim"}));
    let policy = key.patch(&path, json!({"policy": {"door": "knock"}}));
    futures_util::join!(title, password, policy);
    let room = key.get(&path).await.body;
    assert_eq!(
        (&room["title"], &room["password"], &room["policy"]["door"]),
        (&json!("Mathe"), &json!("geheim"), &json!("knock"))
    );
}

#[tokio::test]
async fn concurrent_changes_of_one_school_setting_succeed() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let change = |days: u32| key.patch("/api/v1/school", json!({"attendance_days": days}));
    let answers = futures_util::future::join_all((1..9).map(change)).await;
    assert!(answers.iter().all(|one| one.status == 200), "{answers:?}");
}

#[tokio::test]
async fn lists_are_paged_and_changes_conditional_and_limited() {
    let server = TestServer::start_with(|config| config.api_requests_per_minute = 30).await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    for _ in 0..5 {
        key.post("/api/v1/rooms", json!({})).await;
    }
    let first = key.get("/api/v1/rooms?limit=2").await.body;
    let second = key
        .get(&format!(
            "/api/v1/rooms?limit=3&after={}",
            first["next"].as_str().unwrap()
        ))
        .await
        .body;
    assert_eq!(second["rooms"].as_array().unwrap().len(), 3);
    // This page is full and the last one.
    assert_eq!(second["next"], Value::Null);
    for wrong in [
        "limit=0",
        "limit=201",
        "limit=x",
        "after=",
        "after=a%20b",
        "other=1",
    ] {
        key.get(&format!("/api/v1/rooms?{wrong}"))
            .await
            .is_problem(400, "bad_request");
    }
    let path = format!("/api/v1/rooms/{}", id(&first["rooms"][0]));
    let shown = key.request(Method::GET, &path).send().await.unwrap();
    let tag = shown.headers()["etag"].to_str().unwrap().to_owned();
    assert!(
        shown.headers()["ratelimit-limit"] == "30" && shown.headers().contains_key("ratelimit")
    );
    let change = |tag: &str, title: &str| {
        Answer::of(
            key.request(Method::PATCH, &path)
                .header("if-match", tag)
                .json(&json!({"title": title})),
        )
    };
    assert_eq!(change(&tag, "A").await.status, 200);
    change(&tag, "B").await.is_problem(412, "changed_meanwhile");
    assert_eq!(key.get(&path).await.body["title"], "A");
    assert_eq!(change("*", "C").await.status, 200);
    let mut last = key.get("/api/v1/school").await;
    for _ in 0..30 {
        last = key.get("/api/v1/school").await;
    }
    last.is_problem(429, "too_many_requests");
    // Other keys are not limited by it.
    assert_eq!(
        server
            .key("a", &[])
            .await
            .get("/api/v1/school")
            .await
            .status,
        200
    );
}

/// A header that someone invents for the request of this number.
type Invention = fn(u32) -> (&'static str, String);

#[tokio::test]
async fn invented_credentials_get_no_more_requests() {
    let inventions: [Invention; 5] = [
        |n| ("authorization", format!("Bearer invented-{n}")),
        |n| ("authorization", format!("Basic {n}")),
        |n| ("authorization", format!("{n}")),
        |n| ("cookie", format!("kmz_session={n}; __Host-kmz_session={n}")),
        |n| ("authorization", format!("Bearer a.{n}.c")),
    ];
    for invention in inventions {
        let server = TestServer::start_with(|config| config.api_requests_per_minute = 20).await;
        server.school("a", Contract::Signed).await;
        server.teacher("a", "muster").await;
        let teacher = server.signed_in("muster").await;
        let key = server.key("a", &[]).await;
        let mut last = 0;
        for number in 0..40 {
            let (name, value) = invention(number);
            let request = server.browser().request(Method::GET, "/api/v1/school");
            last = request
                .header(name, value)
                .send()
                .await
                .unwrap()
                .status()
                .as_u16();
        }
        assert_eq!(last, 429, "{:?}", invention(0));
        // Valid credentials are not limited by it.
        assert_eq!(key.get("/api/v1/school").await.status, 200);
        assert_eq!(teacher.get("/api/v1/rooms").await.status, 200);
    }
}
