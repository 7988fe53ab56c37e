//! Accounts of a school, as its administrators make and change them.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::key::Key;
use crate::common::{Answer, TestServer};
use kmz_meet_server::store::{Contract, SignInLink, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/schools/a/teachers";
const HOUR: i64 = 60 * 60 * 1_000;

fn names(answer: &Answer) -> Vec<String> {
    let teachers = answer.body["teachers"].as_array().unwrap().iter();
    teachers
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn list_of_accounts_comes_in_pages_and_has_no_operators() {
    let server = TestServer::with_school().await;
    for name in ["berta", "clara", "frida", "otto"] {
        server.teacher("a", name).await;
    }
    let store = &server.app.store;
    store.set_role("id-otto", UserRole::Operator).await.unwrap();
    let key = server.key("a", &[]).await;
    let berta = server.signed_in("berta").await;
    berta.post("/api/v1/rooms", json!({})).await;
    let first = key.get(&format!("{PATH}?limit=2")).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(names(&first).len(), 2);
    let one = &first.body["teachers"][0];
    assert_eq!(
        (&one["id"], &one["rooms"], &one["has_password"]),
        (&json!("id-berta"), &json!(1), &json!(true))
    );
    let next = first.body["next"].as_str().unwrap();
    let second = key.get(&format!("{PATH}?limit=2&after={next}")).await;
    assert_eq!(second.body["teachers"][0]["id"], "id-frida");
    assert_eq!(second.body["teachers"].as_array().unwrap().len(), 1);
    assert_eq!(second.body["next"], Value::Null);
}

#[tokio::test]
async fn new_account_has_no_password_and_a_letter_with_its_link() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let email = "joerg.gross@schule.example";
    let new = json!({"name": "Jörg Groß", "email": email});
    let made = key.post(PATH, new.clone()).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["username"], "joerg.gross");
    assert_eq!(made.body["has_password"], false);
    let again = key.post(PATH, new).await;
    again.is_problem(409, "address_taken");
    let wrong = key.post(PATH, json!({"name": "A B", "email": "x"})).await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
    // Without an address they are told by a letter alone.
    let second = key.post(PATH, json!({"name": "Jörg Groß"})).await;
    assert_eq!(second.body["username"], "joerg.gross2", "{second:?}");
    let of = format!("{PATH}/{}", second.body["id"].as_str().unwrap());
    let letter = key.request(Method::POST, &format!("{of}/letter"));
    let letter = letter.send().await.unwrap();
    assert_eq!(letter.status(), 200);
    assert!(letter.bytes().await.unwrap().starts_with(b"%PDF-"));
    let mailed = key.post(&format!("{of}/mail"), json!({})).await;
    assert_eq!(mailed.status, 409, "{mailed:?}");
}

/// What the newest link to an account is for, and for how long.
async fn newest_link(key: &Key, path: &str) -> (String, i64) {
    let export = key.get(&format!("{path}/export")).await.body;
    let links = export["links"].as_array().unwrap().iter();
    let link = links
        .max_by_key(|link| link["created_at"].as_i64())
        .unwrap();
    let lifetime = link["expires_at"].as_i64().unwrap() - link["created_at"].as_i64().unwrap();
    (link["purpose"].as_str().unwrap().to_owned(), lifetime)
}

#[tokio::test]
async fn letter_to_an_account_in_use_is_for_people_and_its_link_for_an_hour() {
    let server = TestServer::with_school().await;
    server.teacher("a", "berta").await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let key = server.key("a", &[]).await;
    let admin = server.signed_in("frida").await;
    let made = key.post(PATH, json!({"name": "Clara Neu"})).await;
    let clara = format!("{PATH}/{}", made.body["id"].as_str().unwrap());
    let berta = format!("{PATH}/id-berta");
    let letter = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
    let post = |path: &str| (Method::POST, format!("{path}/letter"));
    // A first password is for keys, too: an office prints them from its own program.
    let (method, path) = post(&clara);
    assert_eq!(letter(key.request(method, &path)).await, 200);
    let fortnight = 14 * 24 * HOUR;
    let first = ("first_password".to_owned(), fortnight);
    assert_eq!(newest_link(&key, &clara).await, first);
    let (method, path) = post(&berta);
    let refused = Answer::of(key.request(method.clone(), &path)).await;
    refused.is_problem(403, "not_permitted");
    assert_eq!(letter(admin.request(method, &path)).await, 200);
    let reset = ("password_reset".to_owned(), HOUR);
    assert_eq!(newest_link(&key, &berta).await, reset);
    // Who comes by a provider has no password, and uses the account all the same.
    let link = SignInLink {
        provider: "provider".to_owned(),
        subject: "1".to_owned(),
        user: made.body["id"].as_str().unwrap().to_owned(),
        made: false,
        created_at: 1,
    };
    let store = &server.app.store;
    store.add_sign_in_link(&link).await.unwrap().unwrap();
    let (method, path) = post(&clara);
    let refused = Answer::of(key.request(method, &path)).await;
    refused.is_problem(403, "not_permitted");
}

#[tokio::test]
async fn locked_account_is_out_at_once_until_it_is_unlocked() {
    let server = TestServer::with_school().await;
    server.teacher("a", "berta").await;
    let key = server.key("a", &[]).await;
    let berta = server.signed_in("berta").await;
    let path = format!("{PATH}/id-berta");
    let locked = key.patch(&path, json!({"locked": true})).await;
    assert_eq!(locked.status, 200, "{locked:?}");
    assert!(locked.body["locked_at"].is_i64(), "{locked:?}");
    assert_eq!(berta.get("/api/v1/rooms").await.status, 401);
    let unlocked = key.patch(&path, json!({"locked": false})).await;
    assert_eq!(unlocked.body["locked_at"], Value::Null, "{unlocked:?}");
    server.signed_in("berta").await;
}

#[tokio::test]
async fn administrators_are_made_and_changed_by_people_alone() {
    let server = TestServer::with_school().await;
    for name in ["berta", "frida"] {
        server.teacher("a", name).await;
    }
    let store = &server.app.store;
    store
        .set_role("id-frida", UserRole::SchoolAdmin)
        .await
        .unwrap();
    let (berta, frida) = (format!("{PATH}/id-berta"), format!("{PATH}/id-frida"));
    let key = server.key("a", &[]).await;
    for (path, change) in [
        (&berta, json!({"role": "school_admin"})),
        (&frida, json!({"locked": true})),
    ] {
        let answer = key.patch(path, change).await;
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    let letter = key.post(&format!("{frida}/letter"), json!({})).await;
    assert_eq!(letter.status, 403, "{letter:?}");
    let admin = server.signed_in("frida").await;
    let made = admin.patch(&berta, json!({"role": "school_admin"})).await;
    assert_eq!(made.body["role"], "school_admin", "{made:?}");
    for change in [json!({"role": "moderator"}), json!({"locked": true})] {
        let own = admin.patch(&frida, change).await;
        own.is_problem(409, "not_now");
    }
}

#[tokio::test]
async fn change_that_is_refused_in_part_changes_nothing() {
    let server = TestServer::with_school().await;
    server.teacher("a", "berta").await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("frida").await;
    let berta = format!("{PATH}/id-berta");
    let locked = admin.patch(&berta, json!({"locked": true})).await;
    assert_eq!(locked.status, 200, "{locked:?}");
    server.set_contract("a", Contract::Ended, None).await;
    let both = json!({"role": "school_admin", "locked": false});
    let refused = admin.patch(&berta, both).await;
    refused.is_problem(403, "no_contract");
    let listed = admin.get(PATH).await.body;
    let berta = &listed["teachers"][0];
    assert_eq!(berta["role"], "moderator", "{listed}");
    assert!(berta["locked_at"].is_i64(), "{listed}");
}

#[tokio::test]
async fn letter_to_one_person_takes_a_language_alone_and_is_described_as_a_file() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let made = key.post(PATH, json!({"name": "Clara Neu"})).await;
    let path = format!("{PATH}/{}", made.body["id"].as_str().unwrap());
    for way in ["letter", "mail"] {
        let path = format!("{path}/{way}?after=1");
        let refused = Answer::of(key.request(Method::POST, &path)).await;
        refused.is_problem(400, "bad_request");
    }
    let described = server.browser().get("/api/v1/openapi.json").await.body;
    let letter = &described["paths"]["/api/v1/schools/{school_id}/teachers/{id}/letter"]["post"];
    let queries = letter["parameters"].as_array().unwrap().iter();
    let queries = queries.filter(|parameter| parameter["in"] == "query");
    let names: Vec<&str> = queries
        .map(|query| query["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["language"]);
    let content = &letter["responses"]["200"]["content"]["application/pdf"];
    let schema = content["schema"].to_string();
    assert!(!schema.contains("array"), "{schema}");
}
