//! Teachers who ask for an account: their address is proved first, strangers learn nothing, and somebody decides.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::{Answer, TestServer, teacher_request};
use kmz_meet_server::audit::Actor;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::store::{Contract, UserRole};
use kmz_meet_server::teacher_requests::{
    self, KeptRequest, MAX_OF_ADDRESS, MAX_OF_SCHOOL, Mail, RequestState,
};
use reqwest::Method;
use serde_json::json;

const PATH: &str = "/api/v1/schools/a/teacher-requests";

/// Asks as the open operation does, and gives what is mailed.
async fn ask(server: &TestServer, email: &str) -> Option<Mail> {
    teacher_request::ask(server, "a", "Anna Müller", email).await
}

/// The newest mail to an address: its subject, and what is behind the `#` of its link.
async fn mailed(server: &TestServer, email: &str) -> (String, String) {
    let mails = server.browser().get("/demo/mail.json").await.body;
    let mails = mails["mails"].as_array().unwrap();
    let mail = mails.iter().find(|mail| mail["to"] == email);
    let mail = mail.unwrap_or_else(|| panic!("no mail to {email}: {mails:?}"));
    let text = mail["text"].as_str().unwrap();
    let token = text.lines().find_map(|line| line.split_once('#'));
    let token = token.map(|(_, token)| token.to_owned()).unwrap_or_default();
    (mail["subject"].as_str().unwrap().to_owned(), token)
}

async fn token(server: &TestServer, email: &str) -> String {
    teacher_request::asked(server, "Anna Müller", email).await
}

/// A request whose address is proved.
async fn confirmed(server: &TestServer, email: &str) -> KeptRequest {
    teacher_request::confirmed(server, "Anna Müller", email).await
}

async fn with_admin() -> TestServer {
    let server = TestServer::with_shown_mails().await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server
}

#[tokio::test]
async fn request_is_in_the_queue_once_its_address_is_proved() {
    let server = with_admin().await;
    let admin = server.signed_in("frida").await;
    let stranger = server.browser();
    let asked = json!({"school_id": "a", "name": "Anna Müller", "email": "anna@schule.example"});
    let taken = stranger.post("/api/v1/teacher-requests", asked).await;
    assert_eq!((taken.status, &taken.body), (202, &json!({"taken": true})));
    assert_eq!(admin.get(PATH).await.body["requests"], json!([]));

    let (_, token) = mailed(&server, "anna@schule.example").await;
    let path = "/api/v1/teacher-requests/confirm";
    let wrong = stranger.post(path, json!({"token": "x"})).await;
    assert_eq!(wrong.status, 404);
    let own = stranger.post(path, json!({"token": token})).await;
    assert_eq!(own.body["state"], "waiting", "{own:?}");
    assert_eq!(own.body["proof_wanted"], true);
    let proof = |file: &'static [u8]| {
        let request = stranger.request(Method::PUT, "/api/v1/teacher-requests/proof");
        Answer::of(request.header("request-token", &token).body(file))
    };
    assert_eq!(proof(b"MZ\x90 a program").await.status, 422);
    assert_eq!(proof(b"\x89PNG\r\n\x1a\n a photograph").await.status, 204);
    // Another file can take its place, and the page offers that.
    let own = stranger.post(path, json!({"token": token})).await;
    assert_eq!(own.body["proof_wanted"], true, "{own:?}");
    assert_eq!(proof(b"%PDF-1.7 Bescheinigung").await.status, 204);
    // Nothing was asked yet.
    let early = stranger.request(Method::PUT, "/api/v1/teacher-requests/answer");
    let early = Answer::of(early.json(&json!({"token": token, "text": "7b"}))).await;
    early.is_problem(409, "not_now");

    let queue = admin.get(PATH).await.body;
    assert_eq!(queue["requests"].as_array().unwrap().len(), 1);
    let request = &queue["requests"][0];
    assert_eq!(request["proof"], "application/pdf");
    let of = |action: &str| format!("{PATH}/{}/{action}", request["id"].as_str().unwrap());
    let of_request = format!("{PATH}/{}", request["id"].as_str().unwrap());
    let file = admin
        .request(Method::GET, &of("proof"))
        .send()
        .await
        .unwrap();
    assert_eq!(file.headers()["x-content-type-options"], "nosniff");
    assert_eq!(file.bytes().await.unwrap(), &b"%PDF-1.7 Bescheinigung"[..]);

    let asked = admin
        .post(&of("ask"), json!({"text": "Welche Klasse?"}))
        .await;
    assert_eq!(asked.body["state"], "asked_back");
    // The mail that asks brings a link of its own; the former one is over.
    assert_eq!(
        stranger.post(path, json!({"token": token})).await.status,
        404
    );
    let (subject, token) = mailed(&server, "anna@schule.example").await;
    assert!(subject.contains("Rückfrage"), "{subject}");
    let own = stranger.post(path, json!({"token": token})).await;
    assert_eq!(own.body["question"], "Welche Klasse?");
    assert_eq!(own.body["school"], "School a", "{own:?}");
    let answers = |text: &str| {
        let request = stranger.request(Method::PUT, "/api/v1/teacher-requests/answer");
        Answer::of(request.json(&json!({"token": token, "text": text})))
    };
    for wrong in [" ".to_owned(), "x".repeat(1_001)] {
        assert_eq!(answers(&wrong).await.status, 422);
    }
    assert_eq!(answers("7b").await.status, 204);
    let shown = admin.get(&of_request).await.body;
    assert_eq!(
        (&shown["answer"], &shown["state"]),
        (&json!("7b"), &json!("waiting"))
    );
    let own = stranger.post(path, json!({"token": token})).await;
    assert_eq!(own.body["question"], json!(null));

    let accepted = admin.post(&of("accept"), json!({})).await;
    assert_eq!(accepted.body["state"], "accepted", "{accepted:?}");
    let store = &server.app.store;
    let account = store.user_by_username("anna.mueller").await.unwrap();
    assert_eq!(account.unwrap().password_hash, "");
    let (subject, first) = mailed(&server, "anna@schule.example").await;
    assert!(subject.contains("Zugang"), "{subject}");
    let opened = stranger.post("/api/v1/password/link", json!({"token": first}));
    assert_eq!(opened.await.body["username"], "anna.mueller");
    // What proved it is gone with the decision.
    assert_eq!(admin.get(&of("proof")).await.status, 404);
    let folder = server.app.config.data_dir.join("proofs");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    assert_eq!(admin.post(&of("accept"), json!({})).await.status, 409);
    assert_eq!(
        stranger.post(path, json!({"token": token})).await.status,
        404
    );
}

#[tokio::test]
async fn request_that_is_refused_says_why_and_keeps_no_proof() {
    let server = with_admin().await;
    let admin = server.signed_in("frida").await;
    let token = token(&server, "anna@schule.example").await;
    let (store, now) = (&server.app.store, server.clock.now());
    let proofs = &server.app.teacher_requests.proofs;
    let request = teacher_requests::by_token(store, now, &token)
        .await
        .unwrap();
    let request = request.unwrap();
    // Nothing can be added before the address is proved.
    let early = teacher_requests::add_proof(store, proofs, &request, b"%PDF-1.7".to_vec()).await;
    assert!(early.is_err());
    let request = teacher_requests::confirm(store, now, &request)
        .await
        .unwrap();
    teacher_requests::add_proof(store, proofs, &request, b"%PDF-1.7".to_vec())
        .await
        .unwrap();
    let path = format!("{PATH}/{}/refuse", request.id);
    assert_eq!(admin.post(&path, json!({"text": " "})).await.status, 422);
    let refused = admin.post(&path, json!({"text": "Unbekannt"})).await;
    assert_eq!(refused.body["state"], "refused");
    assert_eq!(refused.body["note"], "Unbekannt");
    assert!(proofs.read(&request.id).await.is_err());
    let (subject, _) = mailed(&server, "anna@schule.example").await;
    assert!(subject.contains("abgelehnt"), "{subject}");
}

#[tokio::test]
async fn decision_that_the_log_does_not_take_is_not_made() {
    let server = with_admin().await;
    let admin = server.signed_in("frida").await;
    for (email, action, made) in [
        ("a@schule.example", "accept", "accepted"),
        ("b@schule.example", "ask", "asked_back"),
        ("c@schule.example", "refuse", "refused"),
    ] {
        let request = confirmed(&server, email).await;
        let path = format!("{PATH}/{}", request.id);
        let decide = format!("{path}/{action}");
        let words = json!({"text": "Welche Klasse?"});
        server.execute("ALTER TABLE audit RENAME TO away").await;
        let failed = admin.post(&decide, words.clone()).await;
        assert_eq!(failed.status, 500, "{failed:?}");
        server.execute("ALTER TABLE away RENAME TO audit").await;
        assert_eq!(admin.get(&path).await.body["state"], "waiting");
        let decided = admin.post(&decide, words).await;
        assert_eq!(decided.body["state"], made, "{decided:?}");
        mailed(&server, email).await;
    }
}

#[tokio::test]
async fn request_whose_address_got_an_account_meanwhile_is_not_accepted() {
    let server = with_admin().await;
    let admin = server.signed_in("frida").await;
    let request = confirmed(&server, "anna@schule.example").await;
    let made = json!({"name": "Anna Müller", "email": "anna@schule.example"});
    let made = admin.post("/api/v1/schools/a/teachers", made).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("{PATH}/{}/accept", request.id);
    let refused = admin.post(&path, json!({})).await;
    refused.is_problem(409, "address_taken");
}

#[tokio::test]
async fn request_on_a_server_without_mail_is_refused() {
    let server = TestServer::with_school().await;
    let asked = json!({"school_id": "a", "name": "Anna Müller", "email": "anna@schule.example"});
    let path = "/api/v1/teacher-requests";
    let taken = server.browser().post(path, asked).await;
    taken.is_problem(409, "no_mail");
}

#[tokio::test]
async fn stranger_learns_nothing_by_asking() {
    let server = with_admin().await;
    let stranger = server.browser();
    let ask_for = |email: &str| {
        let asked = json!({"school_id": "a", "name": "Anna Müller", "email": email});
        let stranger = stranger.clone();
        async move { stranger.post("/api/v1/teacher-requests", asked).await }
    };
    // One has an account.
    let request = confirmed(&server, "anna@schule.example").await;
    let (store, now) = (&server.app.store, server.clock.now());
    let proofs = &server.app.teacher_requests.proofs;
    teacher_requests::accept(store, now, proofs, &request, &Actor::CommandLine)
        .await
        .unwrap();
    assert_eq!(
        ask(&server, "anna@schule.example").await,
        Some(Mail::HasAccount)
    );
    let known = ask_for("anna@schule.example").await;
    let unknown = ask_for("bert@schule.example").await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    // Who asks too often is not told either.
    for _ in 0..MAX_OF_ADDRESS {
        ask(&server, "bert@schule.example").await;
    }
    assert_eq!(ask(&server, "bert@schule.example").await, None);
    assert_eq!(ask_for("bert@schule.example").await.status, 202);
    server.clock.advance(Duration::from_hours(24));
    assert!(ask(&server, "bert@schule.example").await.is_some());
}

#[tokio::test]
async fn network_that_asks_too_often_has_to_wait() {
    let server = with_admin().await;
    let stranger = server.browser();
    let mut last = 0;
    for number in 0..21 {
        let email = format!("a{number}@schule.example");
        let asked = json!({"school_id": "a", "name": "Anna Müller", "email": email});
        last = stranger
            .post("/api/v1/teacher-requests", asked)
            .await
            .status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn school_without_a_contract_takes_no_requests() {
    let server = TestServer::with_school().await;
    server.school("c", Contract::Ended).await;
    let schools = server
        .browser()
        .get("/api/v1/teacher-requests/schools")
        .await;
    assert_eq!(
        schools.body["schools"],
        json!([{"id": "a", "name": "School a"}])
    );
    let mail = teacher_request::ask(&server, "c", "Anna", "a@schule.example").await;
    assert_eq!(mail, None);
}

#[tokio::test]
async fn request_whose_time_is_up_is_deleted_with_its_proof() {
    let server = with_admin().await;
    let request = confirmed(&server, "anna@schule.example").await;
    let (store, now) = (&server.app.store, server.clock.now());
    let proofs = &server.app.teacher_requests.proofs;
    teacher_requests::add_proof(store, proofs, &request, b"\x89PNG\r\n\x1A\n".to_vec())
        .await
        .unwrap();
    let later = now + 30 * 24 * 3_600_000;
    teacher_requests::delete_old_proofs(store, later - 1, proofs)
        .await
        .unwrap();
    assert!(proofs.read(&request.id).await.is_ok());
    teacher_requests::delete_old_proofs(store, later, proofs)
        .await
        .unwrap();
    store.delete_expired(later).await.unwrap();
    assert!(proofs.read(&request.id).await.is_err());
    assert!(store.teacher_request(&request.id).await.unwrap().is_none());
}

#[tokio::test]
async fn proof_for_which_nobody_waits_is_deleted_whatever_left_it() {
    let server = with_admin().await;
    let (store, now) = (&server.app.store, server.clock.now());
    let proofs = &server.app.teacher_requests.proofs;
    let waits = teacher_request::with_proof(&server, "Anna Müller", "a@schule.example").await;
    let refused = confirmed(&server, "b@schule.example").await;
    teacher_requests::refuse(store, now, proofs, &refused, "x", &Actor::CommandLine)
        .await
        .unwrap();
    // As after a crash between the decision and the file, and after the deletion of the request.
    proofs
        .keep(&refused.id, b"%PDF-1.7".to_vec())
        .await
        .unwrap();
    let gone = uuid::Uuid::new_v4().to_string();
    proofs.keep(&gone, b"%PDF-1.7".to_vec()).await.unwrap();
    teacher_requests::delete_old_proofs(store, now, proofs)
        .await
        .unwrap();
    assert_eq!(proofs.list().await.unwrap(), [waits]);
}

#[tokio::test]
async fn proof_that_comes_while_somebody_asks_back_stays_known() {
    let server = with_admin().await;
    let (store, now) = (&server.app.store, server.clock.now());
    let proofs = &server.app.teacher_requests.proofs;
    let read_before = confirmed(&server, "a@schule.example").await;
    teacher_requests::add_proof(store, proofs, &read_before, b"%PDF-1.7".to_vec())
        .await
        .unwrap();
    teacher_requests::ask_back(
        store,
        now,
        &read_before,
        "Welche Klasse?",
        &Actor::CommandLine,
    )
    .await
    .unwrap();
    let kept = store.teacher_request(&read_before.id).await.unwrap();
    let kept = kept.unwrap();
    assert_eq!(kept.proof.as_deref(), Some("application/pdf"));
    // And the other way round: who adds a file answers the question, and takes nothing of it back.
    teacher_requests::add_proof(store, proofs, &read_before, b"%PDF-1.7 b".to_vec())
        .await
        .unwrap();
    let answered = store.teacher_request(&read_before.id).await.unwrap();
    let answered = answered.unwrap();
    assert_eq!(answered.state, RequestState::Waiting);
    assert_eq!(answered.token_hash, kept.token_hash);
    assert_eq!(answered.note.as_deref(), Some("Welche Klasse?"));
}

#[tokio::test]
async fn strangers_who_prove_no_address_take_no_teachers_place() {
    let server = with_admin().await;
    let last = MAX_OF_SCHOOL + 5;
    for number in 0..last {
        let email = format!("invented{number}@schule.example");
        assert!(ask(&server, &email).await.is_some(), "{number}");
    }
    assert!(ask(&server, "anna@schule.example").await.is_some());
    server
        .execute("UPDATE teacher_requests SET confirmed_at = created_at")
        .await;
    assert!(ask(&server, "bert@schule.example").await.is_none());
}

#[tokio::test]
async fn requests_at_the_same_moment_are_counted_one_after_the_other() {
    let server = with_admin().await;
    let asked = (0..12).map(|_| ask(&server, "anna@schule.example"));
    let mails = futures_util::future::join_all(asked).await;
    let taken = mails.iter().filter(|mail| mail.is_some()).count() as u64;
    assert_eq!(taken, MAX_OF_ADDRESS);
}

#[tokio::test]
async fn file_is_not_read_before_it_is_known_who_sends_it() {
    let server = with_admin().await;
    let large = vec![b'x'; 12 * 1024 * 1024];
    let path = "/api/v1/teacher-requests/proof";
    let proof = server.browser().request(Method::PUT, path);
    let proof = proof.header("request-token", "invented");
    let proof = Answer::of(proof.body(large.clone())).await;
    proof.is_problem(404, "not_found");
    let key = server.key("a", &["rooms:read"]).await;
    let path = "/api/v1/schools/a/teacher-imports";
    let list = Answer::of(key.request(Method::POST, path).body(large.clone())).await;
    list.is_problem(403, "not_permitted");
    let key = server.key("a", &[]).await;
    let list = Answer::of(key.request(Method::POST, path).body(large)).await;
    list.is_problem(413, "too_large");
}

#[tokio::test]
async fn register_of_the_office_marks_who_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("register.csv");
    std::fs::write(
        &file,
        "Vorname;Nachname;E-Mail\r\nAnna;Au;anna@schule.example\r\n",
    )
    .unwrap();
    let server = TestServer::with_school().await;
    let register = &server.app.teacher_requests.register;
    let reader = &server.app.teacher_imports.reader;
    let source = file.display().to_string();
    let count = register
        .refresh(&source, &server.app.outgoing, reader)
        .await;
    assert_eq!(count.unwrap(), 1);
    for (email, known) in [("anna@schule.example", true), ("b@schule.example", false)] {
        let token = token(&server, email).await;
        let now = server.clock.now();
        let request = teacher_requests::by_token(&server.app.store, now, &token).await;
        assert_eq!(request.unwrap().unwrap().known, known);
    }
    // One at an address may be as long as a list.
    let row = |number: usize| format!("Eva;Eis;eva{number}@schule.example;{}\r\n", "x".repeat(900));
    let rows: String = (0..400).map(row).collect();
    let list = format!("Vorname;Nachname;E-Mail;Bemerkung\r\n{rows}");
    assert!(list.len() > 300 * 1024);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/register.csv", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(async move || list);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let count = register
        .refresh(&address, &server.app.outgoing, reader)
        .await;
    assert_eq!(count.unwrap(), 400);
    assert!(register.knows(&"eva7@schule.example".parse().unwrap()));
    let count = register
        .refresh(&source, &server.app.outgoing, reader)
        .await;
    assert_eq!(count.unwrap(), 1);
    // A register that cannot be read leaves the former one as it was.
    std::fs::write(&file, "").unwrap();
    let refused = register
        .refresh(&source, &server.app.outgoing, reader)
        .await;
    assert!(refused.is_err());
    assert!(register.knows(&"anna@schule.example".parse().unwrap()));
}
