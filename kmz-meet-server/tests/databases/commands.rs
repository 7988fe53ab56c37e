//! What an operator does at the command line of a server without the demo: accounts of each role, sessions, keys.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use kmz_meet_server::clock;
use kmz_meet_server::config::Config;
use kmz_meet_server::store::{Database, KeptSession, UserRole};

use crate::common::machine::Machine;

const SCHOOL: &str = "Kreismedienzentrum";

/// A machine with a school whose contract holds.
fn with_school() -> Machine {
    let machine = Machine::new();
    machine.said(&["school", "add", SCHOOL, "--contract-signed"]);
    machine
}

fn adds(username: &'static str, role: &'static str) -> [&'static str; 9] {
    [
        "teacher",
        "add",
        username,
        "--name",
        "Frau Muster",
        "--school",
        SCHOOL,
        "--role",
        role,
    ]
}

async fn store(machine: &Machine) -> Database {
    let data_dir = machine.0.path().join("data");
    Database::open(Config::default().database_url.as_deref(), &data_dir)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn account_that_is_made_has_the_role_that_was_said() {
    let machine = with_school();
    for (username, role, stored) in [
        ("frida", "school-admin", UserRole::SchoolAdmin),
        ("otto", "operator", UserRole::Operator),
        ("berta", "teacher", UserRole::Moderator),
    ] {
        let password = machine.said(&adds(username, role));
        assert!(password.trim().len() >= 16, "{password}");
        let user = store(&machine).await.user_by_username(username).await;
        assert_eq!(user.unwrap().unwrap().role, stored);
    }
    assert!(
        machine
            .refused(&adds("x", "admin"))
            .contains("school-admin")
    );
    assert!(machine.refused(&adds("otto", "operator")).contains("taken"));
    machine.said(&["contract", "end", SCHOOL]);
    let refused = machine.refused(&adds("paula", "operator"));
    assert!(refused.contains("contract show"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_printed_and_end_one_by_one_or_all() {
    let machine = with_school();
    machine.said(&adds("berta", "teacher"));
    let store = store(&machine).await;
    let user = store.user_by_username("berta").await.unwrap().unwrap();
    let none = machine.said(&["session", "list", "berta"]);
    assert!(none.contains("nowhere"), "{none}");
    let now = clock::system().now();
    for name in ["one", "two", "three"] {
        let session = KeptSession {
            token_hash: format!("hash-of-{name}"),
            user: user.id.clone(),
            created_at: now,
            used_at: now,
            expires_at: now + 3_600_000,
            browser: Some(format!("Browser {name}")),
            limited: false,
        };
        store.add_session(&session).await.unwrap();
    }
    let list = machine.said(&["session", "list", "Berta"]);
    assert_eq!(list.lines().count(), 4, "{list}");
    // Not what is in the database.
    assert!(!list.contains("hash-of-"), "{list}");
    let line = list
        .lines()
        .find(|line| line.ends_with("Browser two"))
        .unwrap();
    let id = line.split_whitespace().next().unwrap();
    let end = ["session", "end", "berta", "--session", id];
    machine.said(&end);
    assert!(machine.refused(&end).contains("session list"));
    let list = machine.said(&["session", "list", "berta"]);
    assert!(
        list.lines().count() == 3 && !list.contains("Browser two"),
        "{list}"
    );
    assert!(
        machine
            .said(&["session", "end", "berta"])
            .contains("2 sessions")
    );
    assert!(
        machine
            .refused(&["session", "list", "nobody"])
            .contains("no account")
    );
}

#[test]
fn keys_are_made_printed_and_taken_back() {
    let machine = with_school();
    let key = machine.said(&[
        "key",
        "make",
        SCHOOL,
        "--name",
        "Moodle",
        "--scope",
        "rooms:read",
        "--scope",
        "lti:write",
        "--days",
        "30",
    ]);
    assert_eq!(key.trim().split('.').count(), 3, "{key}");
    for (wrong, said) in [
        (["--scope", "rooms:all"], "/api/docs"),
        (["--days", "0"], "1 to 730"),
        (["--name", " "], "the name"),
    ] {
        let mut arguments = vec!["key", "make", SCHOOL];
        arguments.extend(wrong);
        let refused = machine.refused(&arguments);
        assert!(refused.contains(said), "{refused}");
    }
    let list = machine.said(&["key", "list", SCHOOL]);
    // That of the school's making has every scope.
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(list.contains("(every scope)"), "{list}");
    assert!(!list.contains(key.trim()), "{list}");
    let line = list.lines().find(|line| line.contains("Moodle")).unwrap();
    assert!(line.ends_with("Moodle (rooms:read lti:write)"), "{line}");
    let id = line.split_whitespace().next().unwrap();
    machine.said(&["key", "revoke", SCHOOL, id]);
    let refused = machine.refused(&["key", "revoke", SCHOOL, id]);
    assert!(refused.contains("key list"), "{refused}");
    let list = machine.said(&["key", "list", SCHOOL]);
    assert!(!list.contains("Moodle"), "{list}");
}
