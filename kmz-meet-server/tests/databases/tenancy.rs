//! Nobody sees or touches what belongs to someone else.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::TestServer;
use kmz_meet_server::store::Contract;
use serde_json::json;

#[tokio::test]
async fn room_of_another_answers_like_no_room() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.school("b", Contract::Signed).await;
    server.teacher("a", "berta").await;
    server.teacher("a", "clara").await;
    server.teacher("b", "doris").await;
    let berta = server.signed_in("berta").await;
    let room = berta
        .post("/api/v1/rooms", json!({"password": "geheim"}))
        .await
        .body;
    let path = format!("/api/v1/rooms/{}", room["id"].as_str().unwrap());
    let nothing = "/api/v1/rooms/00000000-0000-4000-8000-000000000000";
    for other in ["clara", "doris"] {
        let other = server.signed_in(other).await;
        assert_eq!(other.get("/api/v1/rooms").await.body, json!({"rooms": []}));
        for path in [path.as_str(), nothing] {
            let answers = [
                other.get(path).await,
                other.patch(path, json!({"password": null})).await,
                other.delete(path).await,
            ];
            for answer in answers {
                answer.is_problem(404, "not_found");
                assert_eq!(answer.body, other.get(nothing).await.body);
            }
        }
    }
    assert_eq!(berta.get(&path).await.body, room);
}

/// Texts of an administrator that would change the header for other schools.
const HOSTILE: [&str; 5] = [
    "https://a;sandbox",
    "https://a,default-src",
    "https://a.example;script-src",
    "https://'none'",
    "https://*.example",
];

async fn policy(server: &TestServer) -> String {
    let page = server.browser().request(reqwest::Method::GET, "/room");
    let page = page.send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    policy.to_owned()
}

/// The names of the directives of all policies, as browsers read them.
fn directives(policy: &str) -> Vec<&str> {
    let directives = policy.split([';', ',']);
    directives
        .filter_map(|one| one.split_ascii_whitespace().next())
        .collect()
}

#[tokio::test]
async fn origin_with_header_syntax_is_refused_everywhere() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    let before = policy(&server).await;
    let platform = |field: &str, value: serde_json::Value| {
        let mut platform = json!({"issuer": "https://m.example", "client_id": "c", "deployment_ids": ["1"],
            "authorization_endpoint": "https://m.example/auth", "token_endpoint": "https://m.example/token",
            "jwks_uri": "https://m.example/certs"});
        platform[field] = value;
        platform
    };
    for text in HOSTILE {
        let answer = key.patch(
            "/api/v1/school",
            json!({"embed_origins": ["https://b.example", text]}),
        );
        answer.await.is_problem(422, "invalid");
        let address = json!(format!("{text}/auth"));
        for body in [
            platform("issuer", json!(text)),
            platform("issuer", address.clone()),
            platform("authorization_endpoint", address.clone()),
            platform("token_endpoint", address.clone()),
            platform("jwks_uri", address.clone()),
            platform("page_origins", json!([text])),
        ] {
            let answer = key.post("/api/v1/lti/platforms", body).await;
            answer.is_problem(422, "invalid");
        }
    }
    assert_eq!(policy(&server).await, before);
}

#[tokio::test]
async fn hostile_rows_of_an_earlier_version_change_no_header() {
    use kmz_meet_server::store::RecordRow;

    let server = TestServer::start().await;
    for school in ["a", "b"] {
        server.school(school, Contract::Signed).await;
    }
    let key = server.key("b", &[]).await;
    key.patch(
        "/api/v1/school",
        json!({"embed_origins": ["https://b.example"]}),
    )
    .await;
    let right = policy(&server).await;
    let row = |kind: &str, data: serde_json::Value| RecordRow {
        id: format!("old-{kind}"),
        school: Some("a".to_owned()),
        parent: None,
        key: Some(format!("a-{kind}")),
        due_at: None,
        expires_at: None,
        created_at: 0,
        data: data.to_string(),
    };
    let settings = json!({"attendance_days": 30, "embed_origins": HOSTILE});
    let store = &server.app.store;
    let settings = row("school_settings", settings);
    store
        .add_raw("school_settings", settings)
        .await
        .unwrap()
        .unwrap();
    let origins = json!(HOSTILE).to_string().replace('\'', "''");
    server
        .execute(&format!(
            "INSERT INTO lti_platforms (id, school_id, created_at, name, issuer, issuer_hash, client_id, deployment_ids, \
             authorization_endpoint, token_endpoint, jwks_uri, state, page_origins, proven, named_only) \
             VALUES ('old', 'a', 0, 'M', 'https://i;sandbox', 'x', 'c', '[\"1\"]', 'https://e,sandbox/auth', \
             'https://t.example/', 'https://t.example/', 'active', '{origins}', FALSE, FALSE)"
        ))
        .await;
    kmz_meet_server::integrations::lti::refresh_frame_ancestors(
        &server.app.frame_ancestors,
        &server.app.store,
    )
    .await
    .unwrap();
    let now = policy(&server).await;
    assert_eq!(now, right);
    assert_eq!(directives(&now).len(), 14);
    assert!(now.contains("frame-ancestors https://b.example;"), "{now}");
}

#[tokio::test]
async fn header_stays_short_for_a_school_with_many_origins() {
    let server = TestServer::start().await;
    for school in ["a", "b"] {
        server.school(school, Contract::Signed).await;
    }
    let greedy = server.key("a", &[]).await;
    let host = "x".repeat(60);
    let long = |number| format!("https://a{number}.{host}.{host}.{host}.example");
    let many: Vec<String> = (0..20).map(long).collect();
    greedy
        .patch("/api/v1/school", json!({"embed_origins": many}))
        .await
        .is_problem(422, "invalid");
    for number in 0..50 {
        let url = format!("https://p{number}.{host}.{host}.{host}.example");
        let platform = json!({"issuer": url, "client_id": "c", "deployment_ids": ["1"],
            "authorization_endpoint": format!("{url}/auth"), "token_endpoint": url, "jwks_uri": url});
        let answer = greedy.post("/api/v1/lti/platforms", platform).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let key = server.key("b", &[]).await;
    key.patch(
        "/api/v1/school",
        json!({"embed_origins": ["https://zzz.example"]}),
    )
    .await;
    let policy = policy(&server).await;
    assert!(policy.len() < 3_000, "{}", policy.len());
    assert!(policy.contains(" https://zzz.example;"), "{policy}");
}
