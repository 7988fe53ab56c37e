//! The API answers what it answered before.

use super::upgraded;

#[tokio::test]
async fn answers_after_the_upgrade_are_as_before() {
    let upgraded = upgraded().await;
    let key = upgraded.key();
    let get = async |path: &str| {
        let answer = key.get(&format!("/api/v1{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    };
    let is_json = |path: &str| !path.ends_with("/csv");
    let mut found = upgraded.compared("answers", is_json, get).await;
    // Nobody is back yet: the server keeps their seats.
    found.retain(|one| !one.ends_with("/connected: true -> false"));
    assert!(found.is_empty(), "{}", found.join("\n"));
    let teacher = upgraded.teacher();
    let get = async |path: &str| {
        let answer = teacher.get(&format!("/api/v1{path}")).await;
        assert_eq!(answer.status, 200, "the session holds: {path}: {answer:?}");
        answer.body
    };
    let found = upgraded.compared("answers_of_teacher", |_| true, get).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn keys_and_passwords_after_the_upgrade_work_as_before() {
    let upgraded = upgraded().await;
    let reader = upgraded.server.with_token(upgraded.text("/key_of_reader"));
    assert_eq!(reader.get("/api/v1/rooms").await.status, 200);
    let webhooks = reader.get("/api/v1/webhooks").await;
    webhooks.is_problem(403, "not_permitted");
    let mut browser = upgraded.server.browser();
    let password = upgraded.text("/teacher/password");
    let wrong = browser.sign_in("maier", "wrong-pass-word-here").await;
    assert_eq!(wrong.status(), 401);
    let right = browser.sign_in("maier", password).await;
    assert_eq!(right.status(), 200);
    let cookie = crate::common::set_cookie(&right).unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    let rooms = browser.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"][0]["id"], upgraded.text("/rooms/own"));
}
