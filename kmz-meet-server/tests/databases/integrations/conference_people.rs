//! What becomes of people in a running conference, over REST, over the WebSocket, and over a restart.

use std::time::Duration;

use super::{enter, id, server};
use crate::common::TestServer;
use crate::common::client::Client;
use crate::common::key::Key;
use kmz_meet_core::signal::{
    ChatMessage, ClientMessage, Participant, ParticipantId, ServerMessage, Target,
};
use serde_json::{Value, json};

async fn say(client: &mut Client, text: &str) {
    let text = text.to_owned();
    client.say(&ClientMessage::SendChat { text }).await;
}

/// Someone comes with a ticket. Gives their id and seat.
async fn comes(
    server: &TestServer,
    key: &Key,
    path: &str,
    ticket: Value,
    name: &str,
) -> (Client, ParticipantId, String) {
    let ticket = key.post(&format!("{path}/tickets"), ticket).await.body;
    let (client, answer) = enter(server, &ticket, name).await;
    let ServerMessage::Joined { you, seat, .. } = answer else {
        panic!("{answer:?}")
    };
    (client, you, seat)
}

async fn back(
    server: &TestServer,
    room: &str,
    seat: &str,
) -> (Client, Vec<Participant>, Vec<ChatMessage>) {
    let join = json!({"type": "join", "room": room, "name": "", "seat": seat});
    let (client, answer) = Client::arrive(&server.browser(), join).await;
    let ServerMessage::Joined {
        participants, chat, ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    (client, participants, chat)
}

#[tokio::test]
async fn person_is_renamed_marked_and_sent_to_the_lobby_over_rest() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let path = format!("/api/v1/rooms/{}", id(&room));
    let teacher = json!({"user": "3", "name": "Frau M", "role": "moderator"});
    let (mut teacher, owner, _) = comes(&server, &key, &path, teacher, "").await;
    let guest = json!({"user": "8", "role": "guest"});
    let (mut guest, guest_id, _) = comes(&server, &key, &path, guest, "xXx").await;
    let pupil = json!({"user": "17", "name": "Anna", "role": "member"});
    let (_anna, anna, _) = comes(&server, &key, &path, pupil, "").await;

    let people = format!("{path}/conference/participants");
    let change = async |who: &ParticipantId, body: Value| {
        key.patch(&format!("{people}/{}", who.0), body).await
    };
    let renamed = change(&guest_id, json!({"name": "  Ben ", "marked": true})).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    assert_eq!(
        (
            &renamed.body["name"],
            &renamed.body["renamed"],
            &renamed.body["marked"],
            &renamed.body["listed"]
        ),
        (&json!("Ben"), &json!(true), &json!(true), &json!(true))
    );
    teacher
        .until(|message| {
            matches!(message, ServerMessage::ParticipantChanged { participant }
                if participant.id == guest_id && participant.name == "Ben" && participant.marked)
        })
        .await;
    // Names that the platform gave stay.
    for who in [&anna, &owner] {
        change(who, json!({"name": "Somebody"}))
            .await
            .is_problem(409, "name_given");
    }
    change(&guest_id, json!({"name": "!"}))
        .await
        .is_problem(422, "invalid");
    let nobody = ParticipantId("nobody".into());
    change(&nobody, json!({"marked": true}))
        .await
        .is_problem(404, "not_found");

    let lobby = async |who: &ParticipantId| {
        key.post(&format!("{people}/{}/lobby", who.0), Value::Null)
            .await
    };
    lobby(&owner).await.is_problem(409, "owner");
    assert_eq!(lobby(&guest_id).await.status, 204);
    guest
        .until(|message| *message == ServerMessage::SentToLobby)
        .await;
    // Whoever is in the lobby is nobody that the interface tells of.
    lobby(&guest_id).await.is_problem(404, "not_found");
    change(&guest_id, json!({"name": "Otto"}))
        .await
        .is_problem(404, "not_found");
    let target = Target::All;
    teacher.say(&ClientMessage::Admit { target }).await;
    guest
        .until(|message| matches!(message, ServerMessage::Joined { .. }))
        .await;
}

#[tokio::test]
async fn names_marks_deletions_and_the_way_to_the_lobby_outlive_a_restart() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let name = room["name"].as_str().unwrap();
    let path = format!("/api/v1/rooms/{}", id(&room));
    let moderator = json!({"user": "3", "name": "Frau M", "role": "moderator"});
    let (mut teacher, _, moderator_seat) = comes(&server, &key, &path, moderator, "").await;
    let guest = || json!({"user": "8", "role": "guest"});
    let (mut rude, rude_id, rude_seat) = comes(&server, &key, &path, guest(), "Rude Name").await;
    let (_loud, loud_id, loud_seat) = comes(&server, &key, &path, guest(), "Loud").await;
    for text in ["CanaryText", "hallo"] {
        say(&mut rude, text).await;
    }
    let told = |wanted: &'static str| move |message: &ServerMessage| matches!(message, ServerMessage::Chat { message } if message.text == wanted);
    teacher.until(told("hallo")).await;
    for message in [
        ClientMessage::DeleteMessage { id: 1 },
        ClientMessage::Rename {
            participant: rude_id.clone(),
            name: "Rudi".into(),
        },
        ClientMessage::Mark {
            participant: rude_id.clone(),
            marked: true,
        },
        ClientMessage::SendToLobby {
            target: Target::These(vec![loud_id.clone()]),
        },
    ] {
        teacher.say(&message).await;
    }
    teacher
        .until(|message| matches!(message, ServerMessage::LobbyChanged { knockers } if knockers.len() == 1))
        .await;
    let room_id = id(&room).to_owned();
    let stored = async |server: &TestServer| {
        let kept = server.app.store.conference_of_room(&room_id).await.unwrap();
        let kept = kept.expect("it runs");
        kept.chat.join("\n") + &kept.snapshot
    };
    let mut tries = 0;
    loop {
        let kept = stored(&server).await;
        let is_written = kept.contains("Rudi") && kept.contains("\"sent_to_lobby\":true");
        if is_written && !kept.contains("CanaryText") && !kept.contains("\"deleted\":false") {
            break;
        }
        tries += 1;
        assert!(tries < 200, "{kept}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let server = server.restarted().await;
    let (_teacher, people, chat) = back(&server, name, &moderator_seat).await;
    let rudi = people.iter().find(|one| one.id == rude_id).unwrap();
    assert!(rudi.name == "Rudi" && rudi.renamed && rudi.marked && rudi.listed);
    assert!(people.iter().all(|one| one.id != loud_id));
    assert!(chat[0].deleted && chat[0].text.is_empty() && chat[0].name.is_empty());
    assert_eq!((&*chat[1].text, &*chat[1].name), ("hallo", "Rudi"));
    back(&server, name, &rude_seat).await;
    let join = json!({"type": "join", "room": name, "name": "", "seat": loud_seat});
    let (_, answer) = Client::arrive(&server.browser(), join).await;
    assert_eq!(answer, ServerMessage::SentToLobby);
}
