//! People in the lobby: what they hear, and what moderators hear of them.

use super::*;

/// Done when 4: what someone in the lobby gets is `lobby` and nothing else.
#[tokio::test]
async fn knocker_before_admission_receives_nothing_of_the_conference() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let change = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    conference
        .say(maier.connection, ClientMessage::SetPolicy { change })
        .await;
    let (entrance, reader) = arrive(&conference, "Carl", guest()).await;
    let Entrance::Lobby(connection) = entrance else {
        panic!("{entrance:?}")
    };
    let mut carl = Client { connection, reader };
    conference
        .say(
            maier.connection,
            ClientMessage::SendChat {
                text: "secret".into(),
            },
        )
        .await;
    conference
        .say(
            maier.connection,
            ClientMessage::SetPassword {
                password: Some("secret".into()),
            },
        )
        .await;
    let offering = Offering::new(2);
    let offer = ClientMessage::Offer {
        sdp: offering.sdp.clone(),
        sections: offering.sections.clone(),
    };
    conference.say(connection, offer).await;
    conference
        .say(
            maier.connection,
            ClientMessage::Admit {
                target: Target::All,
            },
        )
        .await;
    assert_eq!(carl.next().await, Some(ServerMessage::Lobby));
    assert_eq!(
        carl.next().await,
        Some(ServerMessage::Error {
            code: ErrorCode::NotPermitted
        }),
        "the offer"
    );
    assert!(
        matches!(carl.next().await, Some(ServerMessage::Joined { .. })),
        "nothing in between"
    );
}

#[tokio::test]
async fn empty_conference_with_a_knocker_ends_and_tells_them() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let change = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    conference
        .say(maier.connection, ClientMessage::SetPolicy { change })
        .await;
    let (entrance, reader) = arrive(&conference, "Carl", guest()).await;
    let Entrance::Lobby(connection) = entrance else {
        panic!("{entrance:?}")
    };
    let mut carl = Client { connection, reader };
    assert_eq!(carl.next().await, Some(ServerMessage::Lobby));
    conference.gone(maier.connection).await;
    let ended = ServerMessage::Refused {
        reason: RefusalReason::Ended,
    };
    assert_eq!(carl.next().await, Some(ended));
    assert_eq!(carl.next().await, None);
}

/// However slow this machine is: what is heard is held against the time that it took.
#[tokio::test]
async fn lobby_that_changes_without_end_is_told_twice_a_second_at_most() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let change = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    conference
        .say(maier.connection, ClientMessage::SetPolicy { change })
        .await;
    maier
        .until(|message| matches!(message, ServerMessage::RoomChanged { .. }))
        .await;
    // The first is told at once.
    let first = arrive(&conference, "first", guest()).await;
    let began = std::time::Instant::now();
    let names = |message: &ServerMessage| match message {
        ServerMessage::LobbyChanged { knockers } => {
            let names = knockers.iter().map(|knocker| knocker.name.clone());
            Some(names.collect::<Vec<_>>())
        }
        _ => None,
    };
    let is_lobby = |message: &ServerMessage| names(message).is_some();
    let message = maier.until(is_lobby).await;
    assert_eq!(names(&message), Some(vec!["first".to_owned()]));
    // A thousand knock and run, and she reads along: what waits for her would be replaced by what is newer.
    let mut lists: u128 = 0;
    for number in 0..1_000 {
        let (entrance, _reader) = arrive(&conference, &format!("x{number}"), guest()).await;
        let Entrance::Lobby(connection) = entrance else {
            panic!("{entrance:?}")
        };
        conference.gone(connection).await;
        conference.say(maier.connection, ClientMessage::Ping).await;
        loop {
            match maier.next().await.expect("still connected") {
                ServerMessage::Pong => break,
                message => lists += u128::from(is_lobby(&message)),
            }
        }
    }
    let _last = arrive(&conference, "last", guest()).await;
    let last = loop {
        let message = maier.until(is_lobby).await;
        lists += 1;
        let names = names(&message).expect("a lobby");
        if names.contains(&"last".to_owned()) {
            break names;
        }
    };
    assert_eq!(last, ["first", "last"], "what is told last is how it is");
    let permitted = began.elapsed().as_millis() / 500 + 1;
    assert!(lists <= permitted, "{lists} of {permitted}");
    // Who moderates from now on knows at once.
    let mut second = join(&conference, "second", teacher()).await;
    let message = second.until(is_lobby).await;
    assert_eq!(names(&message).map(|names| names.len()), Some(2));
    drop(first);
}

#[tokio::test]
async fn knocker_who_closes_the_page_leaves_the_lobby() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let change = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    conference
        .say(maier.connection, ClientMessage::SetPolicy { change })
        .await;
    let (entrance, mut reader) = arrive(&conference, "Carl", guest()).await;
    let Entrance::Lobby(connection) = entrance else {
        panic!("{entrance:?}")
    };
    conference.say(connection, ClientMessage::Away).await;
    while reader.next().await.is_some() {}
    let target = Target::All;
    conference
        .say(maier.connection, ClientMessage::Admit { target })
        .await;
    assert_eq!(conference.participants().await.len(), 1);
}
