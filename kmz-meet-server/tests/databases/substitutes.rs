//! Substitute passes: who makes one, what it opens, and when it opens nothing any more.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::client::Client;
use crate::common::{Answer, Browser, TestServer};
use kmz_meet_core::signal::{RefusalReason, Role, ServerMessage};
use kmz_meet_server::clock::Clock;
use kmz_meet_server::store::{Contract, Record, StoreError, UserRole};
use kmz_meet_server::substitutes::{self, MAX_OF_ROOM, SubstitutePass};
use serde_json::{Value, json};

struct World {
    server: TestServer,
    teacher: Browser,
    room: Value,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        for school in ["a", "b"] {
            server.school(school, Contract::Signed).await;
        }
        server.teacher("a", "berta").await;
        server.teacher("a", "clara").await;
        server.person("a", "frida", UserRole::SchoolAdmin).await;
        server.person("b", "erna", UserRole::SchoolAdmin).await;
        let teacher = server.signed_in("berta").await;
        let room = teacher.post("/api/v1/rooms", json!({})).await.body;
        Self {
            server,
            teacher,
            room,
        }
    }

    fn path(&self) -> String {
        format!(
            "/api/v1/rooms/{}/substitute-passes",
            self.room["id"].as_str().unwrap()
        )
    }

    /// A pass for two hours: its id, and what is behind the `#` of its link.
    async fn pass(&self) -> (String, String) {
        let new = json!({"label": "Frau Vertretung", "valid_minutes": 120});
        let made = self.teacher.post(&self.path(), new).await;
        assert_eq!(made.status, 201, "{made:?}");
        let url = made.body["url"].as_str().unwrap();
        let (page, token) = url.split_once('#').unwrap();
        assert_eq!(page, format!("{}/substitute", self.server.origin));
        assert!(made.body["qr"]["path"].as_str().unwrap().starts_with('M'));
        let id = made.body["pass"]["id"].as_str().unwrap().to_owned();
        (id, token.to_owned())
    }

    async fn exchange(&self, token: &str) -> Answer {
        let path = "/api/v1/substitute-passes/entry";
        let stranger = self.server.browser();
        stranger.post(path, json!({"token": token})).await
    }

    /// The ticket for which a pass is exchanged.
    async fn ticket(&self, token: &str) -> String {
        let entry = self.exchange(token).await;
        assert_eq!(entry.status, 200, "{entry:?}");
        let url = entry.body["url"].as_str().unwrap();
        let (page, fragment) = url.split_once('#').unwrap();
        assert_eq!(page, self.room["url"].as_str().unwrap());
        fragment.strip_prefix("ticket=").unwrap().to_owned()
    }

    /// Somebody without an account comes to the room with a ticket.
    async fn comes(&self, ticket: &str, name: &str) -> (Client, ServerMessage) {
        let room = self.room["name"].as_str().unwrap();
        let join = json!({"type": "join", "room": room, "name": name, "token": ticket});
        Client::arrive(&self.server.browser(), join).await
    }

    /// Locks who made the pass. Nobody is led out by that.
    async fn lock_teacher(&self) {
        let store = &self.server.app.store;
        let berta = store.user_by_username("berta").await.unwrap().unwrap();
        store.set_locked(&berta.id, Some(1)).await.unwrap();
    }

    /// Whether somebody who comes with a ticket is told that their pass is over. They would wait without end if not.
    async fn is_over(&self, ticket: &str) -> bool {
        let (_client, answer) = self.comes(ticket, "Herr Neu").await;
        let reason = RefusalReason::PassEnded;
        matches!(answer, ServerMessage::Refused { reason: told } if told == reason)
    }

    async fn leads_in(&self, ticket: &str) -> bool {
        let (_client, answer) = self.comes(ticket, "Herr Neu").await;
        matches!(answer, ServerMessage::Joined { .. })
    }
}

#[tokio::test]
async fn substitute_moderates_the_one_room_under_a_typed_name() {
    let world = World::new().await;
    let (_, token) = world.pass().await;
    let ticket = world.ticket(&token).await;
    let (_client, answer) = world.comes(&ticket, "Frau Vertretung").await;
    let ServerMessage::Joined {
        you, participants, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    let own = participants.iter().find(|one| one.id == you).unwrap();
    assert_eq!(own.role, Role::Moderator);
    assert_eq!(own.name, "Frau Vertretung");
    // Without a name nobody comes in.
    let (_client, answer) = world.comes(&ticket, "").await;
    assert!(
        !matches!(answer, ServerMessage::Joined { .. }),
        "{answer:?}"
    );
    // It is no way to what the school keeps of its lessons.
    let attendance = format!(
        "/api/v1/rooms/{}/attendance",
        world.room["id"].as_str().unwrap()
    );
    let key = world.server.with_token(&ticket);
    assert_eq!(key.get(&attendance).await.status, 401);
    let listed = world.teacher.get(&world.path()).await.body;
    let pass = &listed["passes"][0];
    assert_eq!(
        (&pass["label"], &pass["uses"]),
        (&json!("Frau Vertretung"), &json!(1))
    );
    // The hash is kept, and what opens it is told once.
    assert!(!listed.to_string().contains(&token));
}

#[tokio::test]
async fn pass_that_was_taken_back_leads_its_holder_out_and_opens_nothing() {
    let world = World::new().await;
    let (id, token) = world.pass().await;
    let ticket = world.ticket(&token).await;
    let (mut client, answer) = world.comes(&ticket, "Frau Vertretung").await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
    let revoked = world
        .teacher
        .delete(&format!("{}/{id}", world.path()))
        .await;
    assert_eq!(revoked.status, 204);
    assert_eq!(world.exchange(&token).await.status, 404);
    assert!(world.is_over(&ticket).await);
    assert!(is_led_out(&mut client).await, "the substitute is still in");
    let again = world
        .teacher
        .delete(&format!("{}/{id}", world.path()))
        .await;
    assert_eq!(again.status, 404);
    let admin = world.server.signed_in("frida").await;
    let log = admin.get("/api/v1/audit").await.body;
    let actions: Vec<&str> = log["entries"]
        .as_array()
        .unwrap_or_else(|| panic!("{log}"))
        .iter()
        .filter(|entry| entry["target"] == id.as_str())
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["substitute_pass.revoked", "substitute_pass.made"]);
}

#[tokio::test]
async fn pass_whose_time_is_up_opens_nothing() {
    let world = World::new().await;
    let (_, token) = world.pass().await;
    let ticket = world.ticket(&token).await;
    world.server.clock.advance(Duration::from_mins(119));
    assert!(world.leads_in(&ticket).await);
    world.server.clock.advance(Duration::from_mins(2));
    assert_eq!(world.exchange(&token).await.status, 404);
    assert!(!world.leads_in(&ticket).await);
    assert_eq!(
        world.teacher.get(&world.path()).await.body["passes"],
        json!([])
    );
    let (store, now) = (&world.server.app.store, world.server.clock.now());
    assert_eq!(substitutes::end_due(store, now).await.unwrap(), 1);
    assert_eq!(substitutes::end_due(store, now).await.unwrap(), 0);
}

#[tokio::test]
async fn pass_of_a_school_whose_contract_ended_opens_nothing_until_it_holds_again() {
    let world = World::new().await;
    let (_, token) = world.pass().await;
    let ticket = world.ticket(&token).await;
    world.server.set_contract("a", Contract::Ended, None).await;
    world.exchange(&token).await.is_problem(403, "no_contract");
    assert!(!world.leads_in(&ticket).await);
    let new = json!({"valid_minutes": 60});
    let refused = world.teacher.post(&world.path(), new).await;
    refused.is_problem(403, "no_contract");
    world.server.set_contract("a", Contract::Signed, None).await;
    assert!(world.leads_in(&ticket).await);
}

#[tokio::test]
async fn pass_is_made_by_the_owner_and_administrators_of_the_school_alone() {
    let world = World::new().await;
    let (id, _) = world.pass().await;
    for (name, status) in [("frida", 201), ("clara", 404), ("erna", 404)] {
        let caller = world.server.signed_in(name).await;
        let made = caller
            .post(&world.path(), json!({"valid_minutes": 60}))
            .await;
        assert_eq!(made.status, status, "{name}: {made:?}");
        if status == 404 {
            assert_eq!(caller.get(&world.path()).await.status, 404, "{name}");
            let deleted = caller.delete(&format!("{}/{id}", world.path())).await;
            assert_eq!(deleted.status, 404, "{name}");
        }
    }
    // Of another room of the same school.
    let other = world.teacher.post("/api/v1/rooms", json!({})).await.body;
    let path = format!(
        "/api/v1/rooms/{}/substitute-passes/{id}",
        other["id"].as_str().unwrap()
    );
    assert_eq!(world.teacher.delete(&path).await.status, 404);
}

#[tokio::test]
async fn passes_of_a_room_are_bounded_in_number_and_time() {
    let world = World::new().await;
    for minutes in [0, 9, 14 * 24 * 60 + 1, -1] {
        let new = json!({"valid_minutes": minutes});
        let refused = world.teacher.post(&world.path(), new).await;
        refused.is_problem(422, "invalid");
    }
    for _ in 0..MAX_OF_ROOM {
        world.pass().await;
    }
    let more = world
        .teacher
        .post(&world.path(), json!({"valid_minutes": 10}))
        .await;
    more.is_problem(409, "too_many");
    world.server.clock.advance(Duration::from_hours(3));
    world.pass().await;
}

#[tokio::test]
async fn pass_made_by_an_account_that_is_locked_opens_nothing() {
    let world = World::new().await;
    let (_, token) = world.pass().await;
    let ticket = world.ticket(&token).await;
    world.lock_teacher().await;
    assert_eq!(world.exchange(&token).await.status, 404);
    assert!(world.is_over(&ticket).await);
}

#[tokio::test]
async fn holder_of_a_pass_whose_room_was_deleted_is_told_that_it_is_over() {
    let world = World::new().await;
    let (_, token) = world.pass().await;
    let ticket = world.ticket(&token).await;
    let room = format!("/api/v1/rooms/{}", world.room["id"].as_str().unwrap());
    assert_eq!(world.teacher.delete(&room).await.status, 204);
    assert!(world.is_over(&ticket).await);
}

#[tokio::test]
async fn seat_of_a_substitute_ends_with_their_pass() {
    let world = World::new().await;
    let (_, token) = world.pass().await;
    let ticket = world.ticket(&token).await;
    let (_client, answer) = world.comes(&ticket, "Frau Vertretung").await;
    let ServerMessage::Joined { seat, .. } = answer else {
        panic!("{answer:?}")
    };
    world.lock_teacher().await;
    let room = world.room["name"].as_str().unwrap();
    let join = json!({
        "type": "join", "room": room, "name": "Frau Vertretung", "token": ticket, "seat": seat,
    });
    let (_again, answer) = Client::arrive(&world.server.browser(), join).await;
    let reason = RefusalReason::PassEnded;
    assert!(
        matches!(answer, ServerMessage::Refused { reason: told } if told == reason),
        "{answer:?}"
    );
}

#[tokio::test]
async fn token_of_a_pass_that_somebody_invents_opens_nothing() {
    let world = World::new().await;
    let (_, token) = world.pass().await;
    for wrong in ["", "x", &"A".repeat(43), &token[..42], &format!("{token}A")] {
        assert_eq!(world.exchange(wrong).await.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn passes_that_are_made_at_the_same_time_are_bounded_in_number() {
    let world = World::new().await;
    let path = world.path();
    let made = (0..MAX_OF_ROOM + 10).map(|_| {
        let new = json!({"valid_minutes": 60});
        world.teacher.post(&path, new)
    });
    let made = futures_util::future::join_all(made).await;
    let of = |status: u16| made.iter().filter(|one| one.status == status).count();
    assert_eq!((of(201), of(409)), (MAX_OF_ROOM, 10), "{made:?}");
}

#[tokio::test]
async fn pass_that_is_taken_back_by_many_at_the_same_time_is_told_once() {
    let world = World::new().await;
    let (id, _) = world.pass().await;
    let path = format!("{}/{id}", world.path());
    let revoked = (0..6).map(|_| world.teacher.delete(&path));
    let revoked = futures_util::future::join_all(revoked).await;
    let done = revoked.iter().filter(|one| one.status == 204).count();
    assert_eq!(done, 1, "{revoked:?}");
    assert!(
        revoked.iter().all(|one| matches!(one.status, 204 | 404)),
        "{revoked:?}"
    );
}

/// Until the server has put them out.
async fn is_led_out(client: &mut Client) -> bool {
    let left = async { while client.next().await.is_some() {} };
    let left = tokio::time::timeout(Duration::from_secs(20), left).await;
    left.is_ok()
}

#[tokio::test]
async fn passes_of_an_owner_who_leaves_are_over_for_holders_and_for_the_heir() {
    let world = World::new().await;
    let (id, token) = world.pass().await;
    // What she made for a room of another owner goes with her, too.
    let clara = world.server.signed_in("clara").await;
    let other = clara.post("/api/v1/rooms", json!({})).await.body;
    let of_other = format!(
        "/api/v1/rooms/{}/substitute-passes",
        other["id"].as_str().unwrap()
    );
    let as_admin = "UPDATE users SET role = 'school_admin' WHERE id = 'id-berta'";
    world.server.execute(as_admin).await;
    let new = json!({"valid_minutes": 60});
    assert_eq!(world.teacher.post(&of_other, new).await.status, 201);
    let ticket = world.ticket(&token).await;
    let (mut client, answer) = world.comes(&ticket, "Frau Vertretung").await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");

    let admin = world.server.signed_in("frida").await;
    // A removal that is refused takes nothing back.
    let path = "/api/v1/schools/a/teachers/id-berta";
    assert_eq!(admin.delete(path).await.status, 409);
    assert!(world.leads_in(&ticket).await);
    let left = admin.delete(&format!("{path}?rooms_to=id-clara")).await;
    assert_eq!(left.status, 204, "{left:?}");
    assert!(is_led_out(&mut client).await, "the substitute is still in");
    assert_eq!(world.exchange(&token).await.status, 404);
    assert!(world.is_over(&ticket).await);
    for path in [world.path(), of_other] {
        assert_eq!(clara.get(&path).await.body["passes"], json!([]), "{path}");
    }
    let gone = clara.delete(&format!("{}/{id}", world.path())).await;
    assert_eq!(gone.status, 404);
    for _ in 0..MAX_OF_ROOM {
        let new = json!({"valid_minutes": 60});
        assert_eq!(clara.post(&world.path(), new).await.status, 201);
    }
}

#[tokio::test]
async fn pass_of_a_former_owner_is_neither_listed_nor_counted() {
    let world = World::new().await;
    for _ in 0..MAX_OF_ROOM {
        world.pass().await;
    }
    let given = "UPDATE rooms SET owner_id = 'id-clara'";
    world.server.execute(given).await;
    let clara = world.server.signed_in("clara").await;
    assert_eq!(clara.get(&world.path()).await.body["passes"], json!([]));
    let new = json!({"valid_minutes": 60});
    assert_eq!(clara.post(&world.path(), new).await.status, 201);
}

#[tokio::test]
async fn pass_made_by_a_key_opens_nothing_when_the_key_is_gone() {
    let world = World::new().await;
    let store = &world.server.app.store;
    let new = json!({"valid_minutes": 120});
    let key = world.server.key("a", &["tickets:write"]).await;
    let mut opened = Vec::new();
    for _ in 0..2 {
        let made = key.post(&world.path(), new.clone()).await;
        assert_eq!(made.status, 201, "{made:?}");
        let url = made.body["url"].as_str().unwrap();
        let token = url.split_once('#').unwrap().1.to_owned();
        let ticket = world.ticket(&token).await;
        assert!(world.leads_in(&ticket).await);
        opened.push((token, ticket));
    }
    let over = format!(
        "UPDATE api_keys SET expires_at = {}",
        world.server.clock.now()
    );
    world.server.execute(&over).await;
    for (token, ticket) in &opened {
        assert_eq!(world.exchange(token).await.status, 404);
        assert!(world.is_over(ticket).await);
    }
    world
        .server
        .execute("UPDATE api_keys SET expires_at = NULL")
        .await;
    assert!(world.leads_in(&opened[0].1).await);
    world.server.execute("DELETE FROM api_keys").await;
    for (token, ticket) in &opened {
        assert_eq!(world.exchange(token).await.status, 404);
        assert!(world.is_over(ticket).await);
    }
    // One of an earlier version, which does not say whose it is.
    let (id, token) = world.pass().await;
    let earlier = |pass: &mut Record<SubstitutePass>| -> Result<(), StoreError> {
        pass.data.made_by = None;
        Ok(())
    };
    let changed = Record::<SubstitutePass>::change(store, &id, earlier).await;
    assert!(changed.unwrap().is_some());
    assert_eq!(world.exchange(&token).await.status, 200);
}
