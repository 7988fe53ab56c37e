//! The log of administrators' actions has what administrators do, by whichever way.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod lines;

use std::time::Duration;

use kmz_meet_server::admin::Admin;
use kmz_meet_server::contracts::Step;
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::client::Client;
use crate::common::teacher_request::with_proof;
use crate::common::{Answer, Browser, TestServer};

/// What was done, in order, with who did it.
async fn log(operator: &Browser) -> Vec<(String, String)> {
    let entries = operator.get("/api/v1/audit?limit=200").await.body;
    let entries = entries["entries"].as_array().unwrap().clone();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap().to_owned();
    let entries = entries.iter().rev();
    entries
        .map(|entry| (text(entry, "action"), text(entry, "actor_kind")))
        .collect()
}

fn actions(log: &[(String, String)]) -> Vec<&str> {
    log.iter().map(|(action, _)| action.as_str()).collect()
}

/// Just this was done, all of it at the command line.
fn assert_at_the_command_line(log: &[(String, String)], done: &[&str]) {
    assert_eq!(actions(log), done);
    let at_the_command_line = |(_, kind): &(String, String)| kind == "command_line";
    assert!(log.iter().all(at_the_command_line), "{log:?}");
}

#[tokio::test]
async fn log_has_schools_contracts_imports_drops_and_keys_of_operators() {
    let server = TestServer::start().await;
    server.school("home", Contract::Signed).await;
    server.person("home", "otto", UserRole::Operator).await;
    let otto = server.signed_in("otto").await;
    let made = otto
        .post("/api/v1/schools", json!({"name": "Neue Schule"}))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let school = format!("/api/v1/schools/{}", made.body["id"].as_str().unwrap());
    let step = json!({"step": "send_form"});
    let sent = otto.post(&format!("{school}/contract/changes"), step).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    let imports = "/api/v1/schools/home/teacher-imports";
    let list = "Vorname;Nachname;E-Mail\r\nAnna;Au;anna@schule.example\r\n";
    let import = Answer::of(otto.request(Method::POST, imports).body(list)).await;
    let import = format!("{imports}/{}", import.body["id"].as_str().unwrap());
    otto.post(&format!("{import}/confirm"), json!({})).await;
    while otto.get(&import).await.body["state"] == "running" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let letters = otto.request(Method::POST, &format!("{import}/letters"));
    assert_eq!(letters.send().await.unwrap().status(), 200);
    assert_eq!(
        otto.post(&format!("{import}/undo"), json!({})).await.status,
        200
    );
    assert_eq!(otto.delete(&import).await.status, 204);
    let log = log(&otto).await;
    assert_eq!(
        actions(&log),
        [
            "school.made",
            "contract.form_sent",
            "import.made",
            "import.confirmed",
            "import.letters",
            "import.undone",
            "import.deleted",
        ]
    );
    assert!(log.iter().all(|(_, kind)| kind == "account"), "{log:?}");
}

#[tokio::test]
async fn log_has_what_is_done_at_the_command_line() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.person("a", "otto", UserRole::Operator).await;
    let otto = server.signed_in("otto").await;
    let admin = Admin::open(&server.app.config).await.unwrap();
    let school = "School a";
    admin.add_key(school).await.unwrap();
    admin.set_time_zone(school, "Europe/Vienna").await.unwrap();
    server.teacher("a", "berta").await;
    admin.reset_password("berta").await.unwrap();
    admin.set_locked("berta", true).await.unwrap();
    admin.set_locked("berta", false).await.unwrap();
    admin.remove_teacher("berta", false).await.unwrap();
    let ended = admin.step_contract(school, Step::End, None).await;
    ended.unwrap();
    let log = log(&otto).await;
    assert_at_the_command_line(
        &log,
        &[
            "key.made",
            "school.changed",
            "password.reset",
            "sessions.ended",
            "teacher.locked",
            "teacher.unlocked",
            "teacher.removed",
            "contract.ended",
        ],
    );
}

#[tokio::test]
async fn log_has_sessions_and_imports_of_the_command_line() {
    use kmz_meet_server::teacher_imports::command::{Wanted, import};
    let server = TestServer::with_school().await;
    server.person("a", "otto", UserRole::Operator).await;
    server.teacher("a", "berta").await;
    let otto = server.signed_in("otto").await;
    server.signed_in("berta").await;
    let admin = Admin::open(&server.app.config).await.unwrap();
    let sessions = admin.list_sessions("berta").await.unwrap();
    let session = sessions.lines().last().unwrap();
    let session = session.split_whitespace().next().unwrap();
    admin.end_session("berta", session).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("list.csv");
    let list = "Vorname;Nachname;E-Mail\r\nAnna;Au;anna@schule.example\r\n";
    std::fs::write(&file, list).unwrap();
    let letters = directory.path().join("letters.pdf");
    for dry_run in [true, false] {
        let wanted = Wanted {
            file: &file,
            password_file: None,
            school: "School a",
            dry_run,
            letters: Some(&letters),
        };
        let app = &server.app;
        let done = import(&app.store, &*app.clock, &app.public_url, &wanted);
        done.await.unwrap();
    }
    let log = log(&otto).await;
    assert_at_the_command_line(
        &log,
        &[
            "sessions.ended",
            "import.made",
            "import.deleted",
            "import.made",
            "import.confirmed",
            "import.letters",
        ],
    );
}

#[tokio::test]
async fn log_has_who_read_what_is_kept_of_a_person() {
    let server = TestServer::with_school().await;
    server.person("a", "otto", UserRole::Operator).await;
    server.teacher("a", "berta").await;
    let otto = server.signed_in("otto").await;
    let request = with_proof(&server, "Anna Au", "anna@schule.example").await;
    let school = "/api/v1/schools/a";
    let proof = format!("{school}/teacher-requests/{request}/proof");
    let proof = otto.request(Method::GET, &proof).send().await.unwrap();
    assert_eq!(proof.status(), 200);
    let export = format!("{school}/teachers/id-berta/export");
    assert_eq!(otto.get(&export).await.status, 200);
    let log = log(&otto).await;
    assert_eq!(actions(&log), ["request.proof_read", "teacher.exported"]);
}

#[tokio::test]
async fn person_whose_sessions_end_is_out_although_the_log_fails() {
    let server = TestServer::with_school().await;
    let admin = Admin::open(&server.app.config).await.unwrap();
    for (number, username) in ["berta", "clara", "doris"].into_iter().enumerate() {
        server.teacher("a", username).await;
        let own = server.signed_in(username).await;
        let room = own.post("/api/v1/rooms", json!({})).await.body;
        let (mut client, _) = Client::joined(&own, room["name"].as_str().unwrap(), "").await;
        server.execute("ALTER TABLE audit RENAME TO away").await;
        let failed = match number {
            0 => admin.end_sessions(username).await.map(drop),
            1 => admin.reset_password(username).await.map(drop),
            _ => admin.set_locked(username, true).await,
        };
        server.execute("ALTER TABLE away RENAME TO audit").await;
        assert!(failed.is_err(), "{username}");
        let out = async { while client.next().await.is_some() {} };
        let out = tokio::time::timeout(Duration::from_secs(20), out).await;
        assert!(out.is_ok(), "{username} is still there");
    }
}
