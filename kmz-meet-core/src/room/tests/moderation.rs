//! What moderators and participants do inside, and what the others are told of it.

use super::fixtures::{act, arrive, at, class, forwarded, guest, id, policy, teacher, to_all};
use crate::room::{
    Action, By, Command, Effect, Forwarding, MAX_CHAT_BYTES_KEPT, MAX_CHAT_KEPT, Refusal, Room,
    SEAT_SHOWN,
};
use crate::signal::{
    Alert, ClientMessage, Door, ParticipantId, PolicyChange, Right, Role, ServerMessage, Source,
    Target, Who,
};

#[test]
fn muted_participant_may_turn_on_again_unless_the_policy_forbids_it() {
    let mut room = class();
    let on = ClientMessage::SetSource {
        source: Source::Microphone,
        on: true,
    };
    act(&mut room, "Anna", on.clone()).expect("on");
    let effects = act(
        &mut room,
        "Frau Maier",
        ClientMessage::Mute {
            target: Target::All,
            source: Source::Microphone,
        },
    )
    .expect("muted");
    assert_eq!(forwarded(&effects, "Anna"), Some(Forwarding::default()));
    assert!(effects.contains(&Effect::To {
        participant: id("Anna"),
        message: ServerMessage::TurnedOff {
            source: Source::Microphone,
            by: Some(id("Frau Maier"))
        },
    }));
    act(&mut room, "Anna", on.clone()).expect("on again");
    act(
        &mut room,
        "Frau Maier",
        policy(PolicyChange {
            microphone: Some(Who::Moderators),
            ..PolicyChange::default()
        }),
    )
    .expect("locked");
    assert_eq!(room.forwarding(&id("Anna")), Forwarding::default());
    assert_eq!(act(&mut room, "Anna", on), Err(Refusal::NotPermitted));
}

#[test]
fn floor_given_to_one_silences_others_until_it_is_taken_back() {
    let mut room = class();
    let on = ClientMessage::SetSource {
        source: Source::Microphone,
        on: true,
    };
    for name in ["Anna", "Ben"] {
        act(&mut room, name, on.clone()).expect("on");
    }
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetFloor {
            participant: Some(id("Anna")),
        },
    )
    .expect("given");
    assert!(room.forwarding(&id("Anna")).microphone && room.forwarding(&id("Anna")).first);
    assert!(!room.forwarding(&id("Ben")).microphone);
    assert_eq!(
        act(&mut room, "Ben", on.clone()),
        Err(Refusal::NotPermitted)
    );
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetFloor { participant: None },
    )
    .expect("taken back");
    act(&mut room, "Ben", on).expect("as before");
}

#[test]
fn screen_of_a_participant_needs_a_grant() {
    let mut room = class();
    let share = ClientMessage::SetSource {
        source: Source::Screen,
        on: true,
    };
    assert_eq!(
        act(&mut room, "Anna", share.clone()),
        Err(Refusal::NotPermitted)
    );
    let grant = |granted| ClientMessage::Grant {
        participant: id("Anna"),
        right: Right::Screen,
        granted,
    };
    act(&mut room, "Frau Maier", grant(true)).expect("granted");
    act(&mut room, "Anna", share).expect("shared");
    let effects = act(&mut room, "Frau Maier", grant(false)).expect("taken back");
    assert_eq!(forwarded(&effects, "Anna"), Some(Forwarding::default()));
}

#[test]
fn hands_raised_are_a_queue() {
    let mut room = class();
    for name in ["Ben", "Anna"] {
        act(&mut room, name, ClientMessage::SetHand { raised: true }).expect("raised");
    }
    let hand = |room: &Room, name: &str| room.participant(&id(name)).and_then(|one| one.hand);
    assert_eq!(
        (hand(&room, "Ben"), hand(&room, "Anna")),
        (Some(1), Some(2))
    );
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::LowerHand {
            target: Target::These(vec![id("Ben")]),
        },
    )
    .expect("lowered");
    assert_eq!((hand(&room, "Ben"), hand(&room, "Anna")), (None, Some(1)));
}

#[test]
fn hand_of_a_whole_class_costs_two_messages_for_each_change() {
    let mut room = class();
    for number in 0..60 {
        let name = format!("g{number}");
        arrive(&mut room, &name, guest(&name), None);
        let effects =
            act(&mut room, &name, ClientMessage::SetHand { raised: true }).expect("raised");
        assert_eq!(to_all(&effects).len(), 2);
    }
    let effects = act(&mut room, "g0", ClientMessage::SetHand { raised: false }).expect("lowered");
    let told = to_all(&effects);
    let is_own = |message: &&ServerMessage| {
        matches!(message, ServerMessage::ParticipantChanged { participant }
            if participant.id == id("g0") && participant.hand.is_none())
    };
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(is_own), "old clients see it");
    let hands: Vec<ParticipantId> = (1..60).map(|number| id(&format!("g{number}"))).collect();
    assert!(told.contains(&&ServerMessage::HandsChanged { hands }));
    // Who goes moves those behind them, too.
    let effects = act(&mut room, "g1", ClientMessage::Leave).expect("left");
    assert_eq!(to_all(&effects).len(), 2);
    let participant = id("g2");
    room.handle(at(3_000), Command::Gone { participant })
        .expect("gone");
    let effects = room.handle(at(3_000) + SEAT_SHOWN, Command::Tick);
    assert_eq!(to_all(&effects.expect("expired")).len(), 2);
}

#[test]
fn lock_all_stops_everyone_but_moderators() {
    let mut room = class();
    for source in [Source::Microphone, Source::Camera] {
        for name in ["Anna", "Frau Maier"] {
            act(
                &mut room,
                name,
                ClientMessage::SetSource { source, on: true },
            )
            .expect("on");
        }
    }
    act(&mut room, "Frau Maier", ClientMessage::LockAll).expect("stopped");
    assert_eq!(room.forwarding(&id("Anna")), Forwarding::default());
    assert!(room.forwarding(&id("Frau Maier")).camera);
    assert_eq!(
        act(
            &mut room,
            "Anna",
            ClientMessage::SendChat { text: "!".into() }
        ),
        Err(Refusal::NotPermitted)
    );
    assert_eq!(room.policy().door, Door::Closed);
}

#[test]
fn moderator_command_that_changes_many_tells_of_each_once() {
    let mut room = class();
    for name in ["Anna", "Ben"] {
        for source in [Source::Microphone, Source::Camera] {
            act(
                &mut room,
                name,
                ClientMessage::SetSource { source, on: true },
            )
            .expect("on");
        }
        act(&mut room, name, ClientMessage::SetHand { raised: true }).expect("raised");
        let right = crate::signal::Right::Screen;
        let participant = id(name);
        let grant = ClientMessage::Grant {
            participant,
            right,
            granted: true,
        };
        act(&mut room, "Frau Maier", grant).expect("granted");
    }
    let effects = act(&mut room, "Frau Maier", ClientMessage::LockAll).expect("stopped");
    let changed = to_all(&effects).into_iter().filter_map(|one| match one {
        ServerMessage::ParticipantChanged { participant } => Some(participant),
        _ => None,
    });
    let changed: Vec<_> = changed.collect();
    assert_eq!(changed.len(), 2);
    for one in changed {
        assert!(
            one.sources.is_empty() && one.grants.is_empty(),
            "the last state"
        );
    }
    let target = Target::All;
    let effects =
        act(&mut room, "Frau Maier", ClientMessage::LowerHand { target }).expect("lowered");
    assert_eq!(to_all(&effects).len(), 3);
}

#[test]
fn moderator_command_of_a_pupil_or_a_stranger_is_refused() {
    let mut room = class();
    for action in [
        ClientMessage::EndForAll,
        ClientMessage::Remove {
            target: Target::All,
        },
        ClientMessage::SetRole {
            participant: id("Anna"),
            role: Role::Moderator,
        },
        ClientMessage::SetPassword { password: None },
        ClientMessage::Admit {
            target: Target::All,
        },
        ClientMessage::LockAll,
    ] {
        assert_eq!(
            act(&mut room, "Anna", action.clone()),
            Err(Refusal::NotPermitted)
        );
        assert_eq!(
            act(&mut room, "nobody", action),
            Err(Refusal::UnknownParticipant)
        );
    }
    assert_eq!(
        act(
            &mut room,
            "Frau Maier",
            ClientMessage::Remove {
                target: Target::These(vec![id("Frau Maier")])
            }
        ),
        Err(Refusal::NotPermitted),
        "not even a moderator removes the owner"
    );
}

#[test]
fn message_about_connection_or_media_is_refused_and_changes_nothing() {
    let mut room = class();
    let before = room.clone();
    let view = ClientMessage::View {
        tiles: Vec::new(),
        pinned: None,
    };
    for message in [ClientMessage::Ping, view] {
        for by in ["Anna", "Frau Maier"] {
            let refused = act(&mut room, by, message.clone());
            assert_eq!(refused, Err(Refusal::BadMessage));
        }
    }
    assert_eq!(room, before);
}

#[test]
fn chat_for_newcomers_is_bounded_in_messages_and_bytes() {
    let mut room = class();
    let text = "\u{1f600}".repeat(crate::signal::MAX_CHAT_CHARS);
    for _ in 0..MAX_CHAT_KEPT {
        act(
            &mut room,
            "Anna",
            ClientMessage::SendChat { text: text.clone() },
        )
        .expect("said");
    }
    let bytes = |room: &Room| {
        let texts = room.chat().iter().map(|message| message.text.len());
        texts.sum::<usize>()
    };
    assert!((MAX_CHAT_BYTES_KEPT - 10_000..=MAX_CHAT_BYTES_KEPT).contains(&bytes(&room)));
    assert_eq!(room.chat().last().map(|message| message.id), Some(300));
    // What an older version left in the store is bounded as well.
    let all = vec![room.chat()[0].clone(); MAX_CHAT_KEPT];
    let restored = Room::restore(&room.snapshot(), at(9_000), all, at(9_000)).expect("readable");
    assert!(bytes(&restored) <= MAX_CHAT_BYTES_KEPT);
    for number in 0..MAX_CHAT_KEPT + 5 {
        let text = format!("{number}");
        act(&mut room, "Anna", ClientMessage::SendChat { text }).expect("said");
    }
    assert_eq!(room.chat().len(), MAX_CHAT_KEPT);
}

#[test]
fn contract_that_holds_again_is_told_where_its_end_was_and_to_nobody_later() {
    let mut room = class();
    let mut tell = |now, alert| {
        let by = By::Server;
        let action = Action::Alert(alert);
        room.handle(at(now), Command::Act { by, action })
            .expect("told")
    };
    assert_eq!(tell(5_000, Alert::ContractHolds), []);
    tell(6_000, Alert::ContractEnded);
    let effects = tell(7_000, Alert::ContractHolds);
    let alert = Alert::ContractHolds;
    assert!(effects.contains(&Effect::ToModerators(ServerMessage::Alert { alert })));
    assert_eq!(tell(8_000, Alert::ContractHolds), []);
    let (_, effects) = arrive(&mut room, "second", teacher(), None);
    let is_alert = |effect: &Effect| {
        matches!(
            effect,
            Effect::To {
                message: ServerMessage::Alert { .. },
                ..
            }
        )
    };
    assert!(!effects.iter().any(is_alert), "{effects:?}");
    // Another end is told at once.
    let by = By::Server;
    let action = Action::Alert(Alert::ContractEnded);
    let effects = room.handle(at(9_000), Command::Act { by, action });
    assert_ne!(effects.expect("told"), []);
}

#[test]
fn alert_is_told_to_present_and_later_moderators() {
    let mut room = class();
    let alert = Alert::WrongPasswords;
    let by_server = |room: &mut Room, now, action| {
        let by = By::Server;
        room.handle(at(now), Command::Act { by, action })
    };
    let effects = by_server(&mut room, 5_000, Action::Alert(alert)).expect("told");
    let message = ServerMessage::Alert { alert };
    assert!(effects.contains(&Effect::ToModerators(message.clone())));
    let effects = by_server(&mut room, 6_000, Action::Alert(alert)).expect("known");
    assert_eq!(effects, []);
    let mut restored =
        Room::restore(&room.snapshot(), at(9_000), Vec::new(), at(9_000)).expect("readable");
    let (_, effects) = arrive(&mut restored, "second", teacher(), None);
    let participant = id("Frau Maier");
    assert!(effects.contains(&Effect::To {
        participant,
        message
    }));
    let refused = act(&mut room, "Frau Maier", Action::Alert(alert));
    assert_eq!(refused, Err(Refusal::NotPermitted));
}
