//! Sessions in frames: of the school's own pages, and of others.

use super::server;
use crate::common::client::Client;
use crate::common::{Browser, TestServer};
use kmz_meet_core::signal::{Participant, Role, ServerMessage};
use kmz_meet_server::store::Contract;
use serde_json::json;

const OWN: &str = "https://schule-a.kreis.example";
const FOREIGN: &str = "https://schule-b.kreis.example";

/// School A with a teacher who is signed in and a room of theirs, and school B with a page.
async fn schools() -> (TestServer, Browser, String) {
    let server = server().await;
    server.school("b", Contract::Signed).await;
    for (school, origin) in [("a", OWN), ("b", FOREIGN)] {
        let key = server.key(school, &[]).await;
        let answer = key.patch("/api/v1/school", json!({"embed_origins": [origin]}));
        assert_eq!(answer.await.status, 200);
    }
    server.teacher("a", "berta").await;
    let berta = server.signed_in("berta").await;
    let room = berta.post("/api/v1/rooms", json!({})).await.body;
    (server, berta, room["name"].as_str().unwrap().to_owned())
}

/// Joins in a frame. Returns the messages up to the answer.
async fn visit(
    browser: &Browser,
    around: &[&str],
    join: &serde_json::Value,
) -> (Client, Vec<ServerMessage>) {
    let mut client = Client::framed(browser, around).await;
    client.send_text(&join.to_string()).await;
    let mut heard = Vec::new();
    loop {
        let message = client.next().await.unwrap();
        let is_answer = !matches!(message, ServerMessage::Framed { .. });
        heard.push(message);
        if is_answer {
            return (client, heard);
        }
    }
}

fn me(heard: &[ServerMessage]) -> Participant {
    let Some(ServerMessage::Joined {
        you, participants, ..
    }) = heard.last()
    else {
        panic!("{heard:?}")
    };
    let me = participants.iter().find(|one| one.id == *you);
    me.unwrap().clone()
}

#[tokio::test]
async fn frame_of_the_school_of_the_room_has_the_session() {
    let (_server, berta, room) = schools().await;
    let join = json!({"type": "join", "room": room, "name": "x"});
    let (_client, heard) = visit(&berta, &[OWN], &join).await;
    assert_eq!(heard[0], ServerMessage::Framed { own: true });
    let me = me(&heard);
    assert_eq!(me.role, Role::Moderator);
    assert_ne!(me.name, "x", "the name of who is signed in");
}

#[tokio::test]
async fn frame_of_another_page_has_no_session() {
    let (server, berta, room) = schools().await;
    let join = json!({"type": "join", "room": room, "name": "x"});
    let nested = [OWN, FOREIGN];
    let outer = [FOREIGN, OWN];
    let deep = [OWN; 11];
    let foreign: [&[&str]; 7] = [
        &[FOREIGN],
        &[""],
        &["null"],
        &["https://schule-a.kreis.example:8443"],
        &nested,
        &outer,
        &deep,
    ];
    // The room does not run: only its moderator could start it.
    for around in foreign {
        let (_client, heard) = visit(&berta, around, &join).await;
        assert_eq!(heard, [ServerMessage::Waiting], "{around:?}");
    }
    let (_teacher, answer) = Client::join(&berta, &room, "x").await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
    for around in foreign {
        let (_client, heard) = visit(&berta, around, &join).await;
        assert_eq!(heard[0], ServerMessage::Framed { own: false }, "{around:?}");
        let me = me(&heard);
        assert!(
            me.role == Role::Participant && !me.verified,
            "{around:?} {me:?}"
        );
    }
    drop(server);
}

#[tokio::test]
async fn frame_answers_alike_for_rooms_that_exist_or_not() {
    let (server, berta, room) = schools().await;
    server.teacher("b", "clara").await;
    let clara = server.signed_in("clara").await;
    for (browser, seat) in [(&clara, None), (&clara, Some("x")), (&berta, Some("x"))] {
        let answer = async |room: &str, around: &str| {
            let mut join = json!({"type": "join", "room": room, "name": "x"});
            if let Some(seat) = seat {
                join["seat"] = json!(seat);
            }
            visit(browser, &[around], &join).await.1
        };
        for around in [FOREIGN, OWN, "https://else.example"] {
            if around == OWN && browser.cookie == berta.cookie {
                continue; // her own room, on a page of her own school
            }
            assert_eq!(
                answer(&room, around).await,
                answer("there-is-no-such-room", around).await,
                "{around} {seat:?}"
            );
        }
    }
}

#[tokio::test]
async fn ticket_in_a_frame_needs_no_session() {
    let (server, berta, room) = schools().await;
    let listed = berta.get("/api/v1/rooms").await.body;
    let id = listed["rooms"][0]["id"].as_str().unwrap().to_owned();
    let key = server.key("a", &[]).await;
    let path = format!("/api/v1/rooms/{id}/tickets");
    let body = json!({"user": "t", "name": "Frau Lehmpuhl", "role": "moderator"});
    let ticket = key.post(&path, body).await.body["ticket"].clone();
    let join = json!({"type": "join", "room": room, "name": "x", "token": ticket});
    for (around, own) in [(OWN, true), (FOREIGN, false)] {
        let (_client, heard) = visit(&berta, &[around], &join).await;
        assert_eq!(heard[0], ServerMessage::Framed { own });
        let me = me(&heard);
        assert_eq!(
            (me.role, me.name.as_str()),
            (Role::Moderator, "Frau Lehmpuhl")
        );
    }
}
