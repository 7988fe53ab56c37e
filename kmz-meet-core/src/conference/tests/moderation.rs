//! What moderators do with people and messages, as clients and the store see it.

use super::*;
use crate::signal::LookAlike;

fn id(name: &str) -> ParticipantId {
    ParticipantId(name.into())
}

async fn send_to_lobby(conference: &ConferenceHandle, by: &Client, name: &str) {
    let target = Target::These(vec![id(name)]);
    let message = ClientMessage::SendToLobby { target };
    conference.say(by.connection, message).await;
}

async fn say(conference: &ConferenceHandle, by: &Client, text: &str) {
    let text = text.to_owned();
    let message = ClientMessage::SendChat { text };
    conference.say(by.connection, message).await;
}

/// On the same connection: nothing of the conference until they are let in again, and then all of it anew.
#[tokio::test]
async fn person_sent_to_the_lobby_hears_nothing_until_they_are_let_in_again() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let mut anna = join(&conference, "Anna", guest()).await;
    send_to_lobby(&conference, &maier, "Anna").await;
    anna.until(|message| *message == ServerMessage::SentToLobby)
        .await;
    say(&conference, &maier, "secret").await;
    say(&conference, &anna, "let me in").await;
    let target = Target::All;
    conference
        .say(maier.connection, ClientMessage::Admit { target })
        .await;
    let code = ErrorCode::NotPermitted;
    assert_eq!(anna.next().await, Some(ServerMessage::Error { code }));
    let Some(ServerMessage::Joined {
        you,
        chat,
        media_kept,
        ..
    }) = anna.next().await
    else {
        panic!("joined next")
    };
    assert_eq!((you, chat.len(), media_kept), (id("Anna"), 1, false));
    say(&conference, &anna, "danke").await;
    anna.until(
        |message| matches!(message, ServerMessage::Chat { message } if message.text == "danke"),
    )
    .await;
}

#[tokio::test]
async fn person_sent_to_the_lobby_who_reloads_reads_the_same_again() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let mut anna = join(&conference, "Anna", guest()).await;
    send_to_lobby(&conference, &maier, "Anna").await;
    anna.until(|message| *message == ServerMessage::SentToLobby)
        .await;
    conference.say(anna.connection, ClientMessage::Away).await;
    let seat = Identity::Seat {
        participant: id("Anna"),
        owner: SeatOwner::Bearer,
    };
    let (entrance, reader) = arrive(&conference, "Anna", seat).await;
    let Entrance::Lobby(connection) = entrance else {
        panic!("{entrance:?}")
    };
    let mut anna = Client { connection, reader };
    assert_eq!(anna.next().await, Some(ServerMessage::SentToLobby));
}

#[tokio::test]
async fn deleted_and_renamed_messages_are_in_the_store_as_they_are_now() {
    let memory = Memory::default();
    let conference = start(room(), &memory);
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let anna = join(&conference, "Boeser Name", guest()).await;
    for text in ["etwas Gemeines", "hallo"] {
        say(&conference, &anna, text).await;
    }
    conference
        .say(maier.connection, ClientMessage::DeleteMessage { id: 1 })
        .await;
    let rename = ClientMessage::Rename {
        participant: id("Boeser Name"),
        name: "Anna".into(),
    };
    conference.say(maier.connection, rename).await;
    maier
        .until(|message| *message == ServerMessage::ChatDeleted { ids: vec![1] })
        .await;
    maier
        .until(
            |message| matches!(message, ServerMessage::ChatRenamed { name, .. } if name == "Anna"),
        )
        .await;
    // Whoever comes later reads neither.
    let mut ben = join(&conference, "Ben", guest()).await;
    let Some(ServerMessage::Joined { chat, .. }) = ben.next().await else {
        panic!("joined first")
    };
    assert!(chat[0].deleted && chat[0].text.is_empty() && chat[0].name.is_empty());
    assert_eq!((&*chat[1].name, &*chat[1].text), ("Anna", "hallo"));
    // The store replaces a message by one of the same number: the last one counts.
    let since = Instant::now();
    loop {
        let kept = memory.with(|kept| kept.chat.clone()).expect("kept");
        let last = |number: u64| kept.iter().rfind(|one| one.id == number);
        if last(1).is_some_and(|one| one.deleted) && last(2).is_some_and(|one| one.name == "Anna") {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "{kept:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn names_given_without_end_are_refused_as_too_fast() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let _anna = join(&conference, "Anna", guest()).await;
    for number in 0..100 {
        let message = ClientMessage::Rename {
            participant: id("Anna"),
            name: format!("Anna {number}"),
        };
        conference.say(maier.connection, message).await;
    }
    let code = ErrorCode::TooFast;
    maier
        .until(|message| *message == ServerMessage::Error { code })
        .await;
}

/// And nobody else is.
#[tokio::test]
async fn moderators_are_told_of_look_alikes_before_the_lobby_names_them() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let mut paula = join(&conference, "Paula", guest()).await;
    let change = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    conference
        .say(maier.connection, ClientMessage::SetPolicy { change })
        .await;
    let (_, _reader) = arrive(&conference, "P4ULA", guest()).await;
    let told = maier
        .until(|message| {
            matches!(
                message,
                ServerMessage::LookAlikesChanged { .. } | ServerMessage::LobbyChanged { .. }
                    if *message != ServerMessage::LobbyChanged { knockers: Vec::new() }
            )
        })
        .await;
    let alike = LookAlike {
        participant: id("P4ULA"),
        name: "Paula".into(),
        here: true,
    };
    assert_eq!(
        told,
        ServerMessage::LookAlikesChanged {
            people: vec![alike]
        }
    );
    say(&conference, &maier, "end").await;
    paula
        .until(|message| {
            let told = matches!(message, ServerMessage::LookAlikesChanged { .. });
            assert!(!told, "a pupil was told");
            matches!(message, ServerMessage::Chat { .. })
        })
        .await;
}
