//! This version finds everything that version 98f9a8f stored, and the lessons that ran when that one was killed go on.
//! See `fixtures/before/README.md`.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod answers;
mod attendance;
mod conferences;
mod deliveries;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::common::client::Client;
use crate::common::key::Key;
use crate::common::{TestServer, postgres};
use kmz_meet_core::signal::{Door, Participant, ServerMessage, Who};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// The names of members that answers have today and did not have then.
const ADDED: &[&str] = &[
    "incomplete",
    "room_limits",
    "second_factor",
    "simple_view",
    "step",
    "time_zone",
];

struct Upgraded {
    server: TestServer,
    facts: Value,
}

impl Upgraded {
    fn text(&self, pointer: &str) -> &str {
        let value = self.facts.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("{pointer} is missing in the facts"))
    }

    fn key(&self) -> Key {
        self.server.with_token(self.text("/key"))
    }

    /// The browser in which the teacher was signed in.
    fn teacher(&self) -> crate::common::Browser {
        let cookies = self.facts["teacher"]["cookies"].as_object().unwrap();
        let cookies: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
            .collect();
        crate::common::Browser {
            cookie: Some(cookies.join("; ")),
            ..self.server.browser()
        }
    }

    /// Joins with the seat of this person.
    async fn back(&self, who: &str) -> (Client, Came) {
        let room = self.text(&format!("/inside/{who}/room"));
        let seat = self.text(&format!("/inside/{who}/seat"));
        let join = json!({"type": "join", "room": room, "name": "", "seat": seat});
        let (client, answer) = Client::arrive(&self.server.browser(), join).await;
        let ServerMessage::Joined {
            conference,
            you,
            room,
            participants,
            chat,
            ..
        } = answer
        else {
            panic!("{who}: {answer:?}")
        };
        assert_eq!(
            conference.0,
            self.text(&format!("/inside/{who}/conference"))
        );
        assert_eq!(you.0, self.text(&format!("/inside/{who}/you")), "{who}");
        let own = participants.iter().find(|one| one.id == you).unwrap();
        let came = Came {
            own: own.clone(),
            door: room.policy.door,
            camera: room.policy.camera,
            chat: chat.into_iter().map(|one| (one.name, one.text)).collect(),
            participants: participants.len(),
        };
        (client, came)
    }
}

impl Upgraded {
    /// What differs in the answers to these paths, where `wanted` holds for the path.
    async fn compared(
        &self,
        answers: &str,
        wanted: impl Fn(&str) -> bool,
        get: impl AsyncFn(&str) -> Value,
    ) -> Vec<String> {
        let mut found = Vec::new();
        let before = self.facts[answers].as_object().unwrap();
        let paths = before.iter().filter(|(path, _)| wanted(path));
        let mut count = 0;
        for (path, before) in paths {
            count += 1;
            let text = before.to_string();
            let text = text.replace(self.text("/origin"), &self.server.origin);
            let before = serde_json::from_str(&text).unwrap();
            differences(path, &before, &get(path).await, &mut found);
        }
        assert!(count > 0, "nothing was compared");
        found
    }
}

fn fixture() -> PathBuf {
    let database = if postgres::is_wanted() {
        "postgres"
    } else {
        "sqlite"
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/before")
        .join(database)
}

async fn run_sql(url: &str, sql: &str) {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// Opens today's server on a copy of the old installation, one second after its answers were recorded.
async fn upgraded() -> Upgraded {
    let fixture = fixture();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for entry in std::fs::read_dir(&fixture).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "key") {
            std::fs::copy(&path, data.join(path.file_name().unwrap())).unwrap();
        }
    }
    let read = |name: &str| std::fs::read_to_string(fixture.join(name)).unwrap();
    let facts: Value = serde_json::from_str(&read("facts.json")).unwrap();
    let database = if postgres::is_wanted() {
        let url = postgres::database().await;
        run_sql(&url, &read("database.sql")).await;
        Some(url)
    } else {
        let file = data.join("kmz-meet.sqlite");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        run_sql(&url, &read("database.sql")).await;
        None
    };
    // The time at which the old server stopped: at any other everybody's seat has expired.
    let recorded_at = facts["recorded_at"].as_i64().unwrap();
    let server = TestServer::open(directory, recorded_at + 1_000, |config| {
        config.database_url = database;
        config.outgoing_loopback = true;
    })
    .await;
    Upgraded { server, facts }
}

/// What a person finds after coming back.
struct Came {
    own: Participant,
    door: Door,
    camera: Who,
    chat: Vec<(String, String)>,
    participants: usize,
}

/// Every member that is not as before, as `path: before -> now`.
fn differences(path: &str, before: &Value, now: &Value, found: &mut Vec<String>) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
            for name in names {
                let path = format!("{path}/{name}");
                match (before.get(name), now.get(name)) {
                    (Some(before), Some(now)) => differences(&path, before, now, found),
                    (None, Some(_)) if ADDED.contains(&name.as_str()) => {}
                    (before, now) => found.push(format!("{path}: {before:?} -> {now:?}")),
                }
            }
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            for (number, (before, now)) in before.iter().zip(now).enumerate() {
                differences(&format!("{path}/{number}"), before, now, found);
            }
        }
        (before, now) if before == now => {}
        (before, now) => found.push(format!("{path}: {before} -> {now}")),
    }
}
