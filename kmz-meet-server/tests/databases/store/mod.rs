//! The store returns what it was given; on SQLite, and on PostgreSQL (`make test-postgres`).
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod attendance;
mod conferences;
mod deliveries;
mod platforms;
mod records;
mod rooms;

use crate::common::TestServer;
use kmz_meet_core::signal::{Door, Policy};
use kmz_meet_server::store::{Attendance, Contract, Kind, Present, Record, Room, RoomSource};
use serde::{Deserialize, Serialize};

fn room(name: &str) -> Room {
    Room {
        id: format!("id-{name}"),
        school: "a".to_owned(),
        owner: Some("id-berta".to_owned()),
        title: None,
        welcome: None,
        origin: RoomSource::Own,
        external: None,
        name: name.to_owned(),
        policy: Policy {
            door: Door::Knock,
            ..Policy::default()
        },
        password: Some("Igel".to_owned()),
        created_at: 7,
    }
}

async fn with_rooms(names: &[&str]) -> TestServer {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    for name in names {
        server.add_room(&room(name)).await.unwrap();
    }
    server
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Note(u32);

impl Kind for Note {
    const KIND: &'static str = "note";
}

/// A lesson in the room `igel`: what belongs to no room is deleted while the test runs.
fn lesson(people: usize) -> Record<Attendance> {
    let person = |number: usize| Present {
        user: None,
        name: number.to_string(),
        moderator: false,
        listed: true,
        first_at: 0,
        last_at: 0,
        measured_minutes: 0,
        corrected_minutes: None,
    };
    let data = Attendance {
        conference: "c".to_owned(),
        started_at: 0,
        ended_at: 1,
        people: (0..people).map(person).collect(),
        graded_at: None,
    };
    let mut lesson = Record::new("a".to_owned(), 0, data);
    lesson.parent = Some("id-igel".to_owned());
    lesson
}
