//! Accounts of a school, as its administrators make and change them.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::{Answer, TestServer};
use kmz_meet_server::store::UserRole;
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/schools/a/teachers";

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
