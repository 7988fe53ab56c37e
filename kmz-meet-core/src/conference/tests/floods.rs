//! One who sends too much, and what the others hear of it.

use super::*;

async fn raise(conference: &ConferenceHandle, client: &Client, raised: bool) {
    conference
        .say(client.connection, ClientMessage::SetHand { raised })
        .await;
}

/// All that a client has by the time that its own ping is answered.
async fn heard(conference: &ConferenceHandle, client: &mut Client) -> Vec<ServerMessage> {
    conference.say(client.connection, ClientMessage::Ping).await;
    let mut heard = Vec::new();
    loop {
        match client.next().await.expect("still connected") {
            ServerMessage::Pong => return heard,
            message => heard.push(message),
        }
    }
}

fn entry<'a>(message: &'a ServerMessage, name: &str) -> Option<&'a Participant> {
    match message {
        ServerMessage::ParticipantChanged { participant } if participant.id.0 == name => {
            Some(participant)
        }
        _ => None,
    }
}

/// Twenty-five guests, each of whom takes their hand down and up again in the order of the queue, and a class that does
/// not get to read in between.
#[tokio::test]
async fn hands_toggled_by_a_whole_class_disconnect_nobody() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let mut anna = join(&conference, "Anna", guest()).await;
    let mut guests = Vec::new();
    for number in 0..25 {
        let one = join(&conference, &format!("guest {number}"), guest()).await;
        raise(&conference, &one, true).await;
        guests.push(one);
    }
    for _ in 0..20 {
        for one in &guests {
            raise(&conference, one, false).await;
            raise(&conference, one, true).await;
        }
    }
    let people = conference.participants().await;
    assert_eq!(people.len(), 27);
    assert!(people.iter().all(|one| one.connected));
    for client in [&mut maier, &mut anna] {
        let heard = heard(&conference, client).await.len();
        assert!(heard <= 200, "{heard} messages");
    }
}

/// Whoever reads everything at once hears a bounded number of changes, too, and in the end how things are.
#[tokio::test]
async fn source_toggled_without_end_is_told_within_the_budget_and_ends_right() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let ben = join(&conference, "Ben", guest()).await;
    heard(&conference, &mut maier).await;
    let started = Instant::now();
    let mut told = 0;
    for step in 0..400 {
        let message = ClientMessage::SetSource {
            source: Source::Camera,
            on: step % 2 == 0,
        };
        conference.say(ben.connection, message).await;
        let heard = heard(&conference, &mut maier).await;
        told += heard
            .iter()
            .filter(|message| entry(message, "Ben").is_some())
            .count();
    }
    let allowed = 20.0 + 8.0 * (1.0 + started.elapsed().as_secs_f64());
    assert!((10..=allowed as usize).contains(&told), "{told}");
    // The last of all says how it is.
    let camera = ClientMessage::SetSource {
        source: Source::Camera,
        on: true,
    };
    conference.say(ben.connection, camera).await;
    maier
        .until(|message| entry(message, "Ben").is_some_and(|ben| ben.sources == [Source::Camera]))
        .await;
}

/// A moderator's word comes through while a pupil toggles, and what it says is the newest.
#[tokio::test]
async fn moderator_command_during_a_flood_is_told_at_once() {
    let conference = start(room(), &Memory::default());
    let maier = join(&conference, "Frau Maier", teacher()).await;
    let mut anna = join(&conference, "Anna", guest()).await;
    let ben = join(&conference, "Ben", guest()).await;
    for step in 0..100 {
        raise(&conference, &ben, step % 2 == 0).await;
    }
    raise(&conference, &ben, true).await;
    let target = Target::These(vec![ParticipantId("Ben".into())]);
    conference
        .say(maier.connection, ClientMessage::LowerHand { target })
        .await;
    let heard = heard(&conference, &mut anna).await;
    let last = heard
        .iter()
        .rev()
        .find_map(|message| entry(message, "Ben"))
        .expect("told");
    assert_eq!(last.hand, None);
    assert_eq!(
        conference
            .participants()
            .await
            .iter()
            .find(|one| one.name == "Ben")
            .expect("here")
            .hand,
        None
    );
}

#[tokio::test]
async fn chat_beyond_the_budget_is_refused_and_moderators_still_write() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let mut ben = join(&conference, "Ben", guest()).await;
    let say = |text: String| ClientMessage::SendChat { text };
    for _ in 0..60 {
        conference.say(ben.connection, say("x".repeat(2_000))).await;
    }
    let refused = heard(&conference, &mut ben)
        .await
        .iter()
        .filter(|message| {
            **message
                == ServerMessage::Error {
                    code: ErrorCode::TooFast,
                }
        })
        .count();
    assert!((40..60).contains(&refused), "{refused}");
    conference
        .say(maier.connection, say("quiet please".into()))
        .await;
    maier
        .until(|message| {
            matches!(message, ServerMessage::Chat { message } if message.text == "quiet please")
        })
        .await;
}

/// Thirty people who say hello at once are no flood.
#[tokio::test]
async fn class_that_greets_and_raises_hands_at_once_is_within_the_budget() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let mut class = Vec::new();
    for number in 0..60 {
        class.push(join(&conference, &format!("pupil {number}"), guest()).await);
    }
    heard(&conference, &mut maier).await;
    for (number, pupil) in class.iter().enumerate() {
        raise(&conference, pupil, true).await;
        let text = format!("Guten Morgen, hier ist Nummer {number}");
        conference
            .say(pupil.connection, ClientMessage::SendChat { text })
            .await;
    }
    let heard = heard(&conference, &mut maier).await;
    let said = heard
        .iter()
        .filter(|message| matches!(message, ServerMessage::Chat { .. }))
        .count();
    assert_eq!(said, 60);
    let up = heard
        .iter()
        .filter(|message| {
            matches!(message, ServerMessage::ParticipantChanged { participant } if participant.hand.is_some())
        })
        .count();
    assert_eq!(up, 60);
}

#[tokio::test]
async fn offers_of_a_device_that_rejoins_share_one_budget() {
    let conference = start(room(), &Memory::default());
    let device = || Identity::Guest {
        device: Some("a browser".into()),
    };
    let mut too_fast = 0;
    for round in 0..5 {
        let mut ben = join(&conference, &format!("Ben {round}"), device()).await;
        for _ in 0..3 {
            let offer = ClientMessage::Offer {
                sdp: "nonsense".into(),
                sections: crate::signal::Sections::default(),
            };
            conference.say(ben.connection, offer).await;
            let answer = ben
                .until(|message| matches!(message, ServerMessage::Error { .. }))
                .await;
            too_fast += u32::from(
                answer
                    == ServerMessage::Error {
                        code: ErrorCode::TooFast,
                    },
            );
        }
        conference.say(ben.connection, ClientMessage::Leave).await;
        while ben.next().await.is_some() {}
    }
    assert!(too_fast >= 5, "{too_fast} of 15");
}

/// A second probe within the life of the first.
#[tokio::test]
async fn probe_is_not_ended_with_the_one_before_it() {
    let conference = start(room(), &Memory::default());
    let mut maier = join(&conference, "Frau Maier", teacher()).await;
    let probe = async |client: &mut Client| {
        let offering = Offering::new(1);
        let message = ClientMessage::Probe {
            sdp: offering.sdp.clone(),
            sections: offering.sections.clone(),
        };
        conference.say(client.connection, message).await;
        let answer = client
            .until(|message| matches!(message, ServerMessage::ProbeAnswer { .. }))
            .await;
        let ServerMessage::ProbeAnswer { sdp } = answer else {
            panic!("an answer")
        };
        (offering, sdp)
    };
    // The media thread has a clock of its own.
    let pass = async |seconds| {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
    };
    probe(&mut maier).await;
    pass(9).await;
    let (offering, sdp) = probe(&mut maier).await;
    // The first one ends now.
    pass(2).await;
    let connected = tokio::task::spawn_blocking(move || offering.connect(&sdp)).await;
    assert!(connected.is_ok());
}
