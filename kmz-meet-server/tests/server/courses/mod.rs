//! Courses of learning platforms: which room a launch leads to, and for whom it opens.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod people;
mod platforms;
mod registration;
mod rooms;

use crate::common::TestServer;
use crate::common::course::{CLAIM, Course};
use crate::common::key::Key;
use crate::common::platform::fragment;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::credentials::Ticket;
use serde_json::{Value, json};

async fn server() -> (TestServer, Key) {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    (server, key)
}

fn ticket(server: &TestServer, url: &reqwest::Url) -> Ticket {
    let ticket = fragment(url, "ticket").unwrap();
    server
        .app
        .tickets
        .verify(&ticket, server.clock.now())
        .unwrap()
}

fn link(id: &str) -> impl FnOnce(&mut Value) {
    let id = id.to_owned();
    move |claims| claims[format!("{CLAIM}/resource_link")]["id"] = json!(id)
}

/// A link that Deep Linking made for a room.
fn linked(room: &str, course: &str) -> impl FnOnce(&mut Value) {
    let (room, course) = (room.to_owned(), course.to_owned());
    move |claims| {
        claims[format!("{CLAIM}/resource_link")]["id"] =
            json!(format!("chosen in {course} for {room}"));
        claims[format!("{CLAIM}/context")]["id"] = json!(course);
        claims[format!("{CLAIM}/custom")] = json!({"room": room});
    }
}

async fn register_itself(server: &TestServer, course: &Course, school: &Key) -> (u16, String) {
    let invitation = school.post("/api/v1/lti/invitations", json!({})).await.body;
    let url = invitation["registration_url"].as_str().unwrap();
    let answer = server
        .browser()
        .http
        .get(url)
        .query(&[(
            "openid_configuration",
            format!("{}/openid-configuration", course.url),
        )])
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
