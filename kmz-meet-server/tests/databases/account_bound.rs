//! A school has as many accounts as it may, whichever way they come.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use kmz_meet_server::admin::Admin;
use kmz_meet_server::store::{AddError, ImportState, MAX_ACCOUNTS, SignInLink, User, UserRole};
use kmz_meet_server::teacher_imports;
use reqwest::Method;
use serde_json::json;

use crate::common::{Answer, TestServer, teacher_request};

const SCHOOL: &str = "/api/v1/schools/a";

/// Starts a server whose school may have so many accounts more.
async fn with_places(places: u64) -> TestServer {
    let server = TestServer::with_shown_mails().await;
    let present = MAX_ACCOUNTS - places;
    server
        .execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {present}) \
             INSERT INTO users (id, school_id, username, name, role, password_hash, created_at) \
             SELECT 'n' || i, 'a', 'n' || i, 'N', 'moderator', '', 0 FROM n"
        ))
        .await;
    server
}

/// A request that waits for a decision; gives its path.
async fn request(server: &TestServer) -> String {
    let request = teacher_request::confirmed(server, "Anna Au", "anna@schule.example").await;
    format!("{SCHOOL}/teacher-requests/{}", request.id)
}

#[tokio::test]
async fn school_with_as_many_accounts_as_it_may_have_gets_none_by_any_way() {
    let server = with_places(0).await;
    let (store, key) = (&server.app.store, server.key("a", &[]).await);
    let teachers = format!("{SCHOOL}/teachers");
    let made = key.post(&teachers, json!({"name": "Anna Au"})).await;
    made.is_problem(409, "too_many");

    let admin = Admin::open(&server.app.config).await.unwrap();
    let added = admin.add_teacher("School a", ("anna", "Anna Au"), UserRole::Moderator);
    let refused = added.await.unwrap_err().to_string();
    assert!(refused.contains("as many accounts"), "{refused}");

    let user = User {
        id: "new".to_owned(),
        school: "a".to_owned(),
        username: "new".to_owned(),
        name: "Anna Au".to_owned(),
        role: UserRole::Moderator,
        password_hash: String::new(),
        email: None,
        created_at: 0,
    };
    let link = SignInLink {
        provider: "provider".to_owned(),
        subject: "anna".to_owned(),
        user: "new".to_owned(),
        made: true,
        created_at: 0,
    };
    let school = server.open_school("a").await;
    let linked = store.add_linked_user(&school, &user, &link).await.unwrap();
    assert_eq!(linked, Err(AddError::TooMany));

    let request = request(&server).await;
    let accepted = key.post(&format!("{request}/accept"), json!({})).await;
    accepted.is_problem(409, "too_many");
    assert_eq!(key.get(&request).await.body["state"], "waiting");

    let imports = format!("{SCHOOL}/teacher-imports");
    let list = "Vorname;Nachname;E-Mail\r\nAnna;Au;anna@schule.example\r\n";
    let import = Answer::of(key.request(Method::POST, &imports).body(list)).await;
    let id = import.body["id"].as_str().unwrap();
    let path = format!("{imports}/{id}");
    let confirmed = key.post(&format!("{path}/confirm"), json!({})).await;
    confirmed.is_problem(409, "too_many");
    assert_eq!(key.get(&path).await.body["state"], "checked");
    // The last place went while it ran.
    let to = (&[ImportState::Checked][..], ImportState::Running);
    store.set_teacher_import_state(id, to, None).await.unwrap();
    let running = store.teacher_import(id).await.unwrap().unwrap();
    let work = teacher_imports::work(store, &*server.app.clock, &running);
    work.await.unwrap();
    assert_eq!(key.get(&path).await.body["state"], "stopped");
    assert_eq!(store.count_accounts("a").await.unwrap(), MAX_ACCOUNTS);

    server.execute("DELETE FROM users WHERE id = 'n1'").await;
    let confirmed = key.post(&format!("{path}/confirm"), json!({})).await;
    assert_eq!(confirmed.status, 202, "{confirmed:?}");
}

#[tokio::test]
async fn last_account_of_a_school_goes_to_one_of_those_who_come_at_once() {
    let server = with_places(1).await;
    let key = server.key("a", &[]).await;
    let teachers = format!("{SCHOOL}/teachers");
    let made = (0..8).map(|_| key.post(&teachers, json!({"name": "Anna Au"})));
    let made = futures_util::future::join_all(made).await;
    let (made, refused): (Vec<_>, Vec<_>) = made.iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1, "{made:?}");
    for answer in refused {
        answer.is_problem(409, "too_many");
    }
    let count = server.app.store.count_accounts("a").await.unwrap();
    assert_eq!(count, MAX_ACCOUNTS);
}
