//! The BigBlueButton-compatible API, as a platform uses it.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod capacity;
mod checksums;
mod guests;
mod lesson;
mod links;
mod meetings;
mod presentations;
mod requests;

use crate::common::TestServer;
use crate::common::platform::{Platform, element, hex};
use aws_lc_rs::digest::{SHA256, digest};
use kmz_meet_core::signal::{Participant, ServerMessage};

async fn platform() -> (TestServer, Platform) {
    let server = TestServer::with_school().await;
    let platform = Platform::of(&server, "a").await;
    (server, platform)
}

fn me(answer: ServerMessage) -> Participant {
    let ServerMessage::Joined {
        participants, you, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    participants.into_iter().find(|one| one.id == you).unwrap()
}

const PUPIL: &str = "fullName=Anna&password=attendee1234&role=VIEWER&userID=4";
const TEACHER: &str = "fullName=Frau+M&password=moderator123&role=MODERATOR&userID=3";

const FORM: &str = "application/x-www-form-urlencoded";

async fn post(platform: &Platform, url: &str, kind: &str, body: impl Into<String>) -> String {
    let request = platform.http.post(url).header("content-type", kind);
    let answer = request.body(body.into()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

fn sign(platform: &Platform, call: &str, text: &str) -> String {
    let text = format!("{call}{text}{}", platform.secret);
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn succeeded(xml: &str) {
    assert_eq!(element(xml, "returncode"), Some("SUCCESS"), "{xml}");
}
