//! Incident records: what is kept of an emergency stop and of a report, who reads it, and when it is gone.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use kmz_meet_core::Timestamp;
use kmz_meet_core::room::{Incident, IncidentKind, IncidentSeat, SeatKind, Sent};
use kmz_meet_core::signal::{ClientMessage, ConferenceId, ServerMessage, Source};
use kmz_meet_server::housekeeping::{self, Housekeeping};
use kmz_meet_server::incidents;
use kmz_meet_server::store::{Contract, UserRole};
use serde_json::{Value, json};

use crate::common::client::Client;
use crate::common::{Answer, Browser, TestServer};

/// A record of a room, as a conference leaves it. Gives its id.
pub async fn kept(server: &TestServer, school: &str, room: &str, id: &str) -> String {
    use kmz_meet_server::clock::Clock;
    let seat = |number| IncidentSeat {
        number,
        kind: SeatKind::Guest,
        came_at: Timestamp::from_millis(1_800_000_000_000),
        sent: BTreeSet::from([Sent::Camera]),
    };
    let incident = Incident {
        id: id.to_owned(),
        kind: IncidentKind::EmergencyStop,
        at: Timestamp::from_millis(1_800_000_000_000),
        by: Some(seat(1)),
        seats: vec![seat(2)],
    };
    let store = &server.app.store;
    let room = store.room(room).await.unwrap().unwrap();
    let (now, conference) = (server.clock.now(), ConferenceId("c".to_owned()));
    let keep = incidents::keep(store, now, &room, &conference, &incident);
    keep.await.unwrap();
    // Said twice, it is kept once.
    let again = incidents::keep(store, now, &room, &conference, &incident);
    again.await.unwrap();
    let record = incidents::of_school(store, school, id).await.unwrap();
    record.unwrap().id
}

struct World {
    server: TestServer,
    teacher: Browser,
    room: Value,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        server.school("a", Contract::Signed).await;
        server.teacher("a", "berta").await;
        server.teacher("a", "clara").await;
        server.person("a", "frida", UserRole::SchoolAdmin).await;
        let teacher = server.signed_in("berta").await;
        let room = teacher.post("/api/v1/rooms", json!({})).await.body;
        Self {
            server,
            teacher,
            room,
        }
    }

    fn text(&self, field: &str) -> &str {
        self.room[field].as_str().unwrap()
    }

    /// The records of the room, when there are so many.
    async fn incidents(&self, wanted: usize) -> Vec<Value> {
        let path = format!("/api/v1/rooms/{}/incidents", self.text("id"));
        for _ in 0..100 {
            let list = self.teacher.get(&path).await;
            assert_eq!(list.status, 200, "{list:?}");
            let list = list.body["incidents"].as_array().unwrap().clone();
            assert!(list.len() <= wanted, "{list:?}");
            if list.len() == wanted {
                return list;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("there are not {wanted} records");
    }
}

#[tokio::test]
async fn stop_and_report_leave_records_without_names_or_texts() {
    let world = World::new().await;
    let name = world.text("name");
    let (mut teacher, _) = Client::join(&world.teacher, name, "x").await;
    let (mut pupil, _) =
        Client::joined(&world.server.browser(), name, "Canary Kanarienvogel").await;
    let camera = ClientMessage::SetSource {
        source: Source::Camera,
        on: true,
    };
    pupil.say(&camera).await;
    let text = "canary chat".to_owned();
    pupil.say(&ClientMessage::SendChat { text }).await;
    pupil.say(&ClientMessage::Report).await;
    pupil
        .until(|message| matches!(message, ServerMessage::ReportNoted))
        .await;
    let told = teacher.until(|message| matches!(message, ServerMessage::Reported { .. }));
    let ServerMessage::Reported { name: reporter, .. } = told.await else {
        unreachable!()
    };
    assert_eq!(reporter, "Canary Kanarienvogel");
    // Once more is thanked for, and told to nobody.
    pupil.say(&ClientMessage::Report).await;
    pupil
        .until(|message| matches!(message, ServerMessage::ReportNoted))
        .await;
    teacher.say(&ClientMessage::LockAll).await;
    let stopped = teacher.until(|message| match message {
        ServerMessage::RoomChanged { room } => room.safety.emergency_stop.is_some(),
        ServerMessage::Reported { .. } => panic!("told twice"),
        _ => false,
    });
    let ServerMessage::RoomChanged { room } = stopped.await else {
        unreachable!()
    };
    let incident = room.safety.emergency_stop.unwrap().incident.unwrap();

    let list = world.incidents(2).await;
    // The newest first.
    assert_eq!(
        [&list[0]["kind"], &list[1]["kind"]],
        ["emergency_stop", "report"]
    );
    let seat = |one: &Value| {
        (
            one["number"].clone(),
            one["kind"].clone(),
            one["sent"].clone(),
        )
    };
    for one in &list {
        let sent = json!(["camera", "chat"]);
        assert_eq!(
            seat(&one["seats"][0]),
            (json!(2), json!("guest"), sent.clone())
        );
        assert_eq!(one["seats"].as_array().unwrap().len(), 1);
        assert_eq!(one["room_name"], name);
    }
    assert_eq!(list[0]["by"]["kind"], "moderator");
    assert_eq!(list[1]["by"]["number"], 2);
    let whole = Value::from(list.clone()).to_string();
    for canary in ["Canary", "canary", "Kanarienvogel"] {
        assert!(!whole.contains(canary), "{whole}");
    }

    // The document, by the id that moderators are told; in the language that is accepted.
    for (language, file) in [("de", "protokoll.pdf"), ("en", "incident.pdf")] {
        let path = format!("/api/v1/incidents/{incident}/document");
        let request = world.teacher.request(reqwest::Method::GET, &path);
        let answer = request
            .header("accept-language", language)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let named = answer.headers()["content-disposition"].to_str().unwrap();
        assert!(named.contains(file), "{named}");
        let pdf = answer.bytes().await.unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
    }
}

#[tokio::test]
async fn records_of_a_school_are_paged_and_read_by_its_administration() {
    let world = World::new().await;
    let room = world.text("id");
    let mut ids = Vec::new();
    for number in 1..=3 {
        ids.push(kept(&world.server, "a", room, &format!("c-{number}")).await);
    }
    ids.reverse();
    let admin = world.server.signed_in("frida").await;
    let first = admin.get("/api/v1/incidents?limit=2").await.body;
    let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
    let of = |page: &Value| -> Vec<String> {
        page["incidents"]
            .as_array()
            .unwrap()
            .iter()
            .map(id)
            .collect()
    };
    assert_eq!(of(&first), ids[..2]);
    let next = first["next"].as_str().unwrap();
    let second = admin
        .get(&format!("/api/v1/incidents?limit=2&after={next}"))
        .await
        .body;
    assert_eq!(of(&second), ids[2..]);
    assert_eq!(second["next"], Value::Null);
    // A teacher reads those of their own rooms, and no list of the school.
    let list = world.teacher.get("/api/v1/incidents").await;
    list.is_problem(403, "not_permitted");
    let other = world.server.signed_in("clara").await;
    for path in [
        format!("/api/v1/incidents/{}", ids[0]),
        format!("/api/v1/incidents/{}/document", ids[0]),
        format!("/api/v1/rooms/{room}/incidents"),
        "/api/v1/incidents/c-1".to_owned(),
    ] {
        other.get(&path).await.is_problem(404, "not_found");
    }
    let own: Answer = world.teacher.get("/api/v1/incidents/c-1").await;
    assert_eq!((own.status, &own.body["id"]), (200, &json!(ids[2])));
}

#[tokio::test]
async fn record_is_gone_after_thirty_days_and_with_its_room() {
    let world = World::new().await;
    let room = world.text("id");
    let id = kept(&world.server, "a", room, "c-1").await;
    let path = format!("/api/v1/incidents/{id}");
    world
        .server
        .clock
        .advance(Duration::from_hours(30 * 24 - 1));
    // Sessions do not last so long.
    let admin = world.server.key("a", &["attendance:read"]).await;
    housekeeping::run_once(&Housekeeping::from(&*world.server.app)).await;
    assert_eq!(admin.get(&path).await.status, 200);
    world.server.clock.advance(Duration::from_hours(2));
    admin.get(&path).await.is_problem(404, "not_found");
    housekeeping::run_once(&Housekeeping::from(&*world.server.app)).await;
    let store = &world.server.app.store;
    assert_eq!(incidents::of_school(store, "a", "c-1").await.unwrap(), None);

    let id = kept(&world.server, "a", room, "c-2").await;
    let berta = world.server.signed_in("berta").await;
    let deleted = berta.delete(&format!("/api/v1/rooms/{room}")).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    let gone = incidents::of_school(store, "a", &id).await.unwrap();
    assert_eq!(gone, None);
}
