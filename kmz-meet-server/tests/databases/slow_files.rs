//! Files that one sender sends slowly, and as many as they can, keep nobody else waiting.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use kmz_meet_server::store::Contract;
use reqwest::Method;

use crate::common::slow_body::SlowUploads;
use crate::common::teacher_request::{asked, confirm};
use crate::common::{Answer, TestServer};

/// The link of a request whose address is proved.
async fn link(server: &TestServer, email: &str) -> String {
    let token = asked(server, "Anna Au", email).await;
    confirm(server, &token).await;
    token
}

#[tokio::test]
async fn proofs_of_one_person_keep_nobody_else_waiting() {
    let server = TestServer::with_school().await;
    let mut heads = Vec::new();
    for _ in 0..2 {
        let token = link(&server, "anna@schule.example").await;
        let path = "/api/v1/teacher-requests/proof";
        heads.push(format!("PUT {path} HTTP/1.1\r\nrequest-token: {token}"));
    }
    let _slow = SlowUploads::begin(&server, &heads).await;
    let token = link(&server, "bert@schule.example").await;
    let browser = server.browser();
    let proof = browser.request(Method::PUT, "/api/v1/teacher-requests/proof");
    let proof = proof.header("request-token", token).body("%PDF-1.7");
    let proof = Answer::of(proof).await;
    assert_eq!(proof.status, 204, "{proof:?}");
}

#[tokio::test]
async fn lists_of_one_school_keep_no_other_school_waiting() {
    let server = TestServer::with_school().await;
    server.school("b", Contract::Signed).await;
    let path = |school: &str| format!("/api/v1/schools/{school}/teacher-imports");
    let mut heads = Vec::new();
    for _ in 0..2 {
        let token = server.key("a", &[]).await.token;
        let path = path("a");
        heads.push(format!(
            "POST {path} HTTP/1.1\r\nauthorization: Bearer {token}"
        ));
    }
    let _slow = SlowUploads::begin(&server, &heads).await;
    let key = server.key("b", &[]).await;
    let list = "Vorname;Nachname;E-Mail\r\nAnna;Au;anna@schule.example\r\n";
    let list = key.request(Method::POST, &path("b")).body(list);
    let list = Answer::of(list).await;
    assert_eq!(list.status, 201, "{list:?}");
}
