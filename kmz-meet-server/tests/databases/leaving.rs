//! A teacher leaves: what is kept of them can be told, and then nothing of it stays.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::key::Key;
use crate::common::teacher_request::with_proof;
use crate::common::{Answer, TestServer};
use kmz_meet_server::attendance::{Attendance, Present};
use kmz_meet_server::store::{AuditFilter, Record};
use reqwest::Method;
use serde_json::json;

const CANARY: &str = "Zitronenfalter";

/// A teacher of whom everything is kept that can be.
async fn with_traces() -> (TestServer, Key, String) {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let store = &server.app.store;
    // They asked, they came by a list, and they were in a lesson.
    let email = "zitronenfalter@schule.example";
    with_proof(&server, CANARY, email).await;
    let path = "/api/v1/schools/a/teacher-imports";
    let list = format!("Vorname;Nachname;E-Mail\r\nAnna;{CANARY};{email}\r\n");
    let import = Answer::of(key.request(Method::POST, path).body(list)).await;
    let path = format!("{path}/{}", import.body["id"].as_str().unwrap());
    key.post(&format!("{path}/confirm"), json!({})).await;
    while key.get(&path).await.body["state"] != "done" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let user = store.user_by_username("anna.zitronenfalter").await.unwrap();
    let id = user.unwrap().id;
    let present = Present {
        user: Some(id.clone()),
        name: CANARY.to_owned(),
        moderator: true,
        listed: true,
        first_at: 1,
        last_at: 2,
        measured_minutes: 45,
        corrected_minutes: None,
    };
    let data = Attendance {
        conference: "c".into(),
        started_at: 1,
        ended_at: 2,
        people: vec![present],
        graded_at: None,
    };
    let record = Record::new("a".to_owned(), 1, data);
    record.add(store).await.unwrap().unwrap();
    (server, key, id)
}

#[tokio::test]
async fn export_of_a_person_has_all_that_is_kept() {
    let (_server, key, id) = with_traces().await;
    let path = format!("/api/v1/schools/a/teachers/{id}/export");
    let all = key.get(&path).await;
    assert_eq!(all.status, 200, "{all:?}");
    let all = all.body;
    assert_eq!(all["account"]["email"], "zitronenfalter@schule.example");
    assert_eq!(all["account"]["has_password"], false);
    assert_eq!(all["lessons"][0]["minutes"], 45);
    assert_eq!(all["lists"][0]["username"], "anna.zitronenfalter");
    assert_eq!(all["requests"][0]["proof"], "application/pdf");
}

#[tokio::test]
async fn person_who_is_erased_leaves_nothing_in_database_or_files() {
    let (server, key, id) = with_traces().await;
    let path = format!("/api/v1/schools/a/teachers/{id}");
    assert_eq!(key.delete(&path).await.status, 204);
    assert_eq!(key.get(&format!("{path}/export")).await.status, 404);
    if server.app.config.database_url.is_some() {
        return;
    }
    let folder = server.app.config.data_dir.clone();
    let mut looked = 0;
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        if !entry.file_type().unwrap().is_file() {
            continue;
        }
        looked += 1;
        let bytes = std::fs::read(entry.path()).unwrap();
        for canary in [CANARY, "zitronenfalter"] {
            let found = bytes
                .windows(canary.len())
                .any(|part| part == canary.as_bytes());
            assert!(!found, "{canary} in {}", entry.path().display());
        }
    }
    assert!(looked > 1);
    assert_eq!(std::fs::read_dir(folder.join("proofs")).unwrap().count(), 0);
}

#[tokio::test]
async fn person_whose_proof_stays_for_now_is_erased_and_in_the_log() {
    let (server, key, id) = with_traces().await;
    let proofs = server.app.config.data_dir.join("proofs");
    let mut files = std::fs::read_dir(&proofs).unwrap().flatten();
    let proof = files.next().unwrap().path();
    // What is no file cannot be deleted as one.
    std::fs::remove_file(&proof).unwrap();
    std::fs::create_dir(&proof).unwrap();
    let path = format!("/api/v1/schools/a/teachers/{id}");
    let erased = key.delete(&path).await;
    assert_eq!(erased.status, 204, "{erased:?}");
    let filter = AuditFilter {
        action: Some("teacher.removed"),
        limit: 10,
        ..Default::default()
    };
    let log = server.app.store.audit_entries(filter).await.unwrap();
    let targets: Vec<&str> = log.iter().map(|entry| entry.target.as_str()).collect();
    assert_eq!(targets, [id.as_str()]);
}

#[tokio::test]
async fn rooms_of_who_leaves_go_to_somebody_or_are_deleted() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    for name in ["berta", "clara"] {
        server.teacher("a", name).await;
    }
    server
        .school("b", kmz_meet_server::store::Contract::Signed)
        .await;
    server.teacher("b", "doris").await;
    let berta = server.signed_in("berta").await;
    let room = berta.post("/api/v1/rooms", json!({})).await.body;
    let path = "/api/v1/schools/a/teachers/id-berta";
    assert_eq!(key.delete(path).await.status, 409);
    let foreign = key.delete(&format!("{path}?rooms_to=id-doris")).await;
    assert_eq!(foreign.status, 422, "{foreign:?}");
    let given = key.delete(&format!("{path}?rooms_to=id-clara")).await;
    assert_eq!(given.status, 204, "{given:?}");
    let clara = server.signed_in("clara").await;
    let rooms = clara.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"][0]["id"], room["id"]);
    let gone = "/api/v1/schools/a/teachers/id-clara?delete_rooms=true";
    assert_eq!(key.delete(gone).await.status, 204);
    let id = room["id"].as_str().unwrap();
    assert!(server.app.store.room(id).await.unwrap().is_none());
}
