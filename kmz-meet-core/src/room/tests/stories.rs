//! The room seen as people live through it.

use crate::room::limits::MAX_GUESTS_KEPT;
use crate::room::*;
use crate::signal::{
    ClientMessage, ConferenceId, Door, ParticipantId, Policy, PolicyChange, RefusalReason, Right,
    Role, ServerMessage, Source, Target, Who,
};

pub(in crate::room) fn id(name: &str) -> ParticipantId {
    ParticipantId(name.to_owned())
}

pub(in crate::room) fn room(policy: Policy, password: Option<&str>) -> Room {
    let setup = Setup {
        policy,
        password: password.map(str::to_owned),
        ..Setup::new(ConferenceId("c".into()), "mutiger-dachs")
    };
    Room::new(setup, 1_000)
}

/// This much later.
pub(in crate::room) fn after(at: Millis, time: std::time::Duration) -> Millis {
    at + Millis::try_from(time.as_millis()).expect("a lesson's time")
}

pub(in crate::room) fn teacher() -> Identity {
    Identity::Owner {
        user: "teacher".into(),
    }
}

pub(in crate::room) fn guest(device: &str) -> Identity {
    Identity::Guest {
        device: Some(device.to_owned()),
    }
}

pub(in crate::room) fn seat(participant: ParticipantId) -> Identity {
    Identity::Seat {
        participant,
        owner: SeatOwner::Bearer,
    }
}

/// The answer to someone who comes, and all that follows from it.
pub(in crate::room) fn comes(
    room: &mut Room,
    now: Millis,
    arrival: Arrival,
) -> (Admission, Vec<Effect>) {
    let effects = room
        .handle(now, Command::Arrive(arrival))
        .expect("arrivals are always answered");
    let Effect::Answered(admission) = effects[0].clone() else {
        panic!("the first effect is the answer")
    };
    (admission, effects)
}

pub(in crate::room) fn arrive(
    room: &mut Room,
    name: &str,
    identity: Identity,
    password: Option<&str>,
) -> (Admission, Vec<Effect>) {
    let arrival = Arrival {
        password: password.map(str::to_owned),
        typed_name: false,
        ..Arrival::new(id(name), name, identity)
    };
    comes(room, 1_000, arrival)
}

pub(in crate::room) fn act(
    room: &mut Room,
    by: &str,
    action: impl Into<Action>,
) -> Result<Vec<Effect>, Refusal> {
    room.handle(
        2_000,
        Command::Act {
            by: By::Person(id(by)),
            action: action.into(),
        },
    )
}

pub(in crate::room) fn class() -> Room {
    let mut room = room(Policy::default(), None);
    arrive(&mut room, "Frau Maier", teacher(), None);
    for name in ["Anna", "Ben"] {
        assert_eq!(
            arrive(&mut room, name, guest(name), None).0,
            Admission::Admitted {
                participant: id(name),
                returned: false
            }
        );
    }
    room
}

fn policy(change: PolicyChange) -> ClientMessage {
    ClientMessage::SetPolicy { change }
}

pub(in crate::room) fn door(door: Door) -> ClientMessage {
    policy(PolicyChange {
        door: Some(door),
        ..PolicyChange::default()
    })
}

fn forwarded(effects: &[Effect], who: &str) -> Option<Forwarding> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Forward {
            participant,
            forwarding,
        } if *participant == id(who) => Some(*forwarding),
        _ => None,
    })
}

/// The source page's story: a stranger comes in, the door is closed, cameras are released, the stranger is removed.
#[test]
fn the_intruder_story() {
    let mut room = class();
    act(
        &mut room,
        "Frau Maier",
        policy(PolicyChange {
            camera: Some(Who::Moderators),
            ..PolicyChange::default()
        }),
    )
    .expect("locked");
    arrive(&mut room, "xXx", guest("stranger"), None);
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    assert_eq!(
        arrive(&mut room, "more", guest("more"), None).0,
        Admission::Refused(RefusalReason::Closed)
    );
    let camera = ClientMessage::SetSource {
        source: Source::Camera,
        on: true,
    };
    assert_eq!(
        act(&mut room, "xXx", camera.clone()),
        Err(Refusal::NotPermitted)
    );

    act(
        &mut room,
        "Frau Maier",
        ClientMessage::Remove {
            target: Target::These(vec![id("xXx")]),
        },
    )
    .expect("removed");
    assert_eq!(room.role(&id("xXx")), None);
    for identity in [guest("stranger"), seat(id("xXx"))] {
        assert_eq!(
            arrive(&mut room, "new name", identity, None).0,
            Admission::Refused(RefusalReason::Removed)
        );
    }
    act(
        &mut room,
        "Frau Maier",
        policy(PolicyChange {
            camera: Some(Who::Everyone),
            ..PolicyChange::default()
        }),
    )
    .expect("released");
    let effects = act(&mut room, "Anna", camera).expect("permitted");
    assert!(forwarded(&effects, "Anna").is_some_and(|forwarding| forwarding.camera));

    // The teacher drops and returns from another machine; a pupil drops and returns by the seat.
    room.handle(
        3_000,
        Command::Gone {
            participant: id("Frau Maier"),
        },
    )
    .expect("gone");
    assert_eq!(
        arrive(&mut room, "other browser", teacher(), None).0,
        Admission::Admitted {
            participant: id("Frau Maier"),
            returned: true
        }
    );
    room.handle(
        4_000,
        Command::Gone {
            participant: id("Ben"),
        },
    )
    .expect("gone");
    room.handle(after(4_000, SEAT_SHOWN), Command::Tick)
        .expect("expired");
    assert_eq!(room.role(&id("Ben")), None);
    // He is off the roster by now, so the closed door is for him too; where it is knocked at, he is still himself.
    assert_eq!(
        arrive(&mut room, "Ben", seat(id("Ben")), None).0,
        Admission::Refused(RefusalReason::Closed)
    );
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    assert_eq!(
        arrive(&mut room, "", seat(id("Ben")), None).0,
        Admission::Lobby {
            participant: id("Ben")
        }
    );
    let target = Target::These(vec![id("Ben")]);
    act(&mut room, "Frau Maier", ClientMessage::Admit { target }).expect("admitted");
    assert_eq!(
        room.participant(&id("Ben")).map(|ben| ben.name),
        Some("Ben".into())
    );
}

#[test]
fn after_a_removal_newcomers_knock() {
    let mut room = class();
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::Remove {
            target: Target::These(vec![id("Ben")]),
        },
    )
    .expect("removed");
    assert_eq!(
        arrive(&mut room, "Benny", guest("clean browser"), None).0,
        Admission::Lobby {
            participant: id("Benny")
        }
    );
}

/// Invariant: a moderator always gets in.
#[test]
fn the_teacher_gets_in_whatever_holds() {
    let shut = Policy {
        door: Door::Closed,
        capacity: 2,
        ..Policy::default()
    };
    let mut room = room(shut, Some("forgotten"));
    for name in ["one", "two", "three"] {
        let identity = Identity::Owner {
            user: name.to_owned(),
        };
        assert!(matches!(
            arrive(&mut room, name, identity, None).0,
            Admission::Admitted { .. }
        ));
    }
}

#[test]
fn a_wrong_password_is_hidden_and_a_right_one_opens() {
    let mut room = room(Policy::default(), Some("geheim"));
    assert_eq!(
        arrive(&mut room, "Anna", guest("a"), None).0,
        Admission::Hidden
    );
    assert_eq!(
        arrive(&mut room, "Anna", guest("a"), Some("falsch")).0,
        Admission::Hidden
    );
    assert!(matches!(
        arrive(&mut room, "Anna", guest("a"), Some("geheim")).0,
        Admission::Admitted { .. }
    ));
}

#[test]
fn a_password_set_later_does_not_touch_those_inside() {
    let mut room = class();
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetPassword {
            password: Some("neu".into()),
        },
    )
    .expect("set");
    assert_eq!(room.present(), 3);
    assert_eq!(
        arrive(&mut room, "Carl", guest("c"), None).0,
        Admission::Hidden
    );
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetPassword { password: None },
    )
    .expect("cleared");
    assert!(matches!(
        arrive(&mut room, "Carl", guest("c"), None).0,
        Admission::Admitted { .. }
    ));
}

#[test]
fn the_lobby_is_told_nothing_until_admission() {
    let mut room = class();
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    let (admission, effects) = arrive(&mut room, "Carl", guest("c"), None);
    assert_eq!(
        admission,
        Admission::Lobby {
            participant: id("Carl")
        }
    );
    let mut all = effects;
    all.extend(
        act(
            &mut room,
            "Anna",
            ClientMessage::SendChat {
                text: "secret".into(),
            },
        )
        .expect("said"),
    );
    all.extend(
        act(
            &mut room,
            "Frau Maier",
            ClientMessage::SetPassword {
                password: Some("pw".into()),
            },
        )
        .expect("set"),
    );
    for effect in &all {
        let to_lobby = matches!(effect,
            Effect::To { participant, .. } | Effect::Entered { participant } | Effect::Forward { participant, .. }
            if *participant == id("Carl"));
        assert!(!to_lobby, "{effect:?}");
    }
    let effects = act(
        &mut room,
        "Frau Maier",
        ClientMessage::Admit {
            target: Target::All,
        },
    )
    .expect("admitted");
    assert!(effects.contains(&Effect::Entered {
        participant: id("Carl")
    }));
}

#[test]
fn the_seventy_first_is_refused_and_the_lobby_waits_for_room() {
    let mut room = room(
        Policy {
            capacity: 2,
            ..Policy::default()
        },
        None,
    );
    for name in ["a", "b"] {
        arrive(&mut room, name, guest(name), None);
    }
    assert_eq!(
        arrive(&mut room, "c", guest("c"), None).0,
        Admission::Refused(RefusalReason::Full)
    );
    arrive(&mut room, "Frau Maier", teacher(), None);
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    arrive(&mut room, "d", guest("d"), None);
    assert_eq!(
        act(
            &mut room,
            "Frau Maier",
            ClientMessage::Admit {
                target: Target::All
            }
        ),
        Err(Refusal::Full)
    );
    assert_eq!(room.knockers().len(), 1, "nobody is lost");
}

#[test]
fn muting_turns_off_and_people_can_turn_on_again_unless_locked() {
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
fn the_floor_is_given_and_taken_back() {
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
fn a_screen_is_the_moderators_unless_granted() {
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
fn hands_are_a_queue() {
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
fn stopping_everything_stops_everything_but_moderators() {
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
    act(&mut room, "Frau Maier", ClientMessage::StopEverything).expect("stopped");
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
fn pupils_cannot_moderate_and_strangers_cannot_act() {
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
        ClientMessage::StopEverything,
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
fn a_restart_keeps_roles_door_hands_seats_and_blocks() {
    let mut room = class();
    act(&mut room, "Anna", ClientMessage::SetHand { raised: true }).expect("raised");
    act(
        &mut room,
        "Anna",
        ClientMessage::SendChat {
            text: "hallo".into(),
        },
    )
    .expect("said");
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::Remove {
            target: Target::These(vec![id("Ben")]),
        },
    )
    .expect("removed");
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    let mut restored =
        Room::restore(&room.snapshot(), room.chat().to_vec(), 9_000).expect("readable");
    assert_eq!(restored.policy().door, Door::Closed);
    assert_eq!(restored.connected(), 0);
    let (admission, _) = arrive(&mut restored, "Anna", seat(id("Anna")), None);
    assert_eq!(
        admission,
        Admission::Admitted {
            participant: id("Anna"),
            returned: true
        }
    );
    assert_eq!(
        restored.participant(&id("Anna")).and_then(|one| one.hand),
        Some(1)
    );
    assert_eq!(restored.chat()[0].text, "hallo");
    assert_eq!(
        arrive(&mut restored, "Ben", guest("Ben"), None).0,
        Admission::Refused(RefusalReason::Removed)
    );
    act(
        &mut restored,
        "Anna",
        ClientMessage::SendChat {
            text: "wieder da".into(),
        },
    )
    .expect("said");
    assert_eq!(restored.chat()[1].id, 2, "message numbers go on");
}

#[test]
fn a_crowd_at_the_door_does_not_fill_the_lobby_without_end() {
    let mut room = room(
        Policy {
            door: Door::Knock,
            ..Policy::default()
        },
        None,
    );
    for number in 0..400 {
        arrive(
            &mut room,
            &format!("g{number}"),
            guest(&format!("d{number}")),
            None,
        );
    }
    assert_eq!(room.knockers().len(), 150);
    assert!(matches!(
        arrive(&mut room, "Frau Maier", teacher(), None).0,
        Admission::Admitted { .. }
    ));
}

#[test]
fn who_is_invited_passes_the_door_and_is_on_no_list() {
    let mut room = room(
        Policy {
            door: Door::Knock,
            capacity: 3,
            ..Policy::default()
        },
        Some("geheim"),
    );
    arrive(&mut room, "teacher", teacher(), None);
    let invited = |device: &str| Identity::Invited {
        device: Some(device.to_owned()),
    };
    let (admission, _) = arrive(&mut room, "oma", invited("phone"), None);
    assert!(matches!(admission, Admission::Admitted { .. }));
    let oma = room.participant(&id("oma")).unwrap();
    assert!(!oma.verified && !oma.listed);
    let pupil = Identity::Verified {
        user: "4".into(),
        device: None,
        listed: true,
        anonymous: false,
    };
    arrive(&mut room, "anna", pupil, None);
    let (admission, _) = arrive(&mut room, "opa", invited("other"), None);
    assert_eq!(admission, Admission::Refused(RefusalReason::Full));

    let target = Target::Unlisted;
    act(&mut room, "teacher", ClientMessage::Remove { target }).unwrap();
    let names: Vec<String> = room.roster().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["teacher", "anna"]);
    let (admission, _) = arrive(&mut room, "oma again", invited("phone"), None);
    assert_eq!(admission, Admission::Refused(RefusalReason::Removed));
}

#[test]
fn the_chat_that_newcomers_get_is_bounded_in_bytes_too() {
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
    let restored = Room::restore(&room.snapshot(), all, 9_000).expect("readable");
    assert!(bytes(&restored) <= MAX_CHAT_BYTES_KEPT);
    for number in 0..MAX_CHAT_KEPT + 5 {
        let text = format!("{number}");
        act(&mut room, "Anna", ClientMessage::SendChat { text }).expect("said");
    }
    assert_eq!(room.chat().len(), MAX_CHAT_KEPT);
}

/// The same browser, or the same account, in a second tab or on a second machine.
#[test]
fn who_is_removed_is_removed_with_every_seat_and_every_knock() {
    let pupil = |device: &str| Identity::Verified {
        user: "ben".into(),
        device: Some(device.to_owned()),
        listed: true,
        anonymous: false,
    };
    let mut room = class();
    arrive(&mut room, "laptop", pupil("laptop"), None);
    arrive(&mut room, "phone", pupil("phone"), None);
    arrive(&mut room, "xXx", guest("laptop"), None);
    arrive(&mut room, "away", guest("laptop"), None);
    let gone = Command::Gone {
        participant: id("away"),
    };
    room.handle(2_000, gone).expect("gone");
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    arrive(&mut room, "once more", guest("laptop"), None);
    assert_eq!(room.knockers().len(), 1);
    let target = Target::These(vec![id("laptop")]);
    let effects = act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    for name in ["laptop", "phone", "xXx", "away"] {
        assert_eq!(room.role(&id(name)), None, "{name}");
        assert!(effects.contains(&Effect::Out {
            participant: id(name),
            goodbye: Goodbye::Removed
        }));
        assert_eq!(
            arrive(&mut room, "back", seat(id(name)), None).0,
            Admission::Refused(RefusalReason::Removed),
            "{name}"
        );
    }
    assert!(room.knockers().is_empty());
    assert_eq!(room.present(), 3, "the others stay");

    // Who is refused at the door is refused in all tabs, too.
    for name in ["one", "two"] {
        arrive(&mut room, name, guest("other"), None);
    }
    let target = Target::These(vec![id("one")]);
    act(&mut room, "Frau Maier", ClientMessage::Refuse { target }).expect("refused");
    assert!(room.knockers().is_empty());
}

#[test]
fn guests_who_come_again_and_again_do_not_fill_the_memory() {
    let mut room = class();
    room.takes_attendance = true;
    for number in 0..MAX_GUESTS_KEPT + 50 {
        let name = format!("g{number}");
        arrive(&mut room, &name, guest(&name), None);
        let participant = id(&name);
        room.handle(3_000, Command::Gone { participant })
            .expect("gone");
        room.handle(after(3_000, SEAT_SHOWN), Command::Tick)
            .expect("expired");
    }
    let mut back = |name: &str| arrive(&mut room, name, seat(id(name)), None).0;
    assert_eq!(back("g0"), Admission::Refused(RefusalReason::BadSeat));
    for name in ["g60", "g549", "Anna"] {
        assert!(matches!(back(name), Admission::Admitted { .. }), "{name}");
    }
    assert!(room.people.len() <= MAX_GUESTS_KEPT + 10);
    assert!(room.attended(9_000).len() <= MAX_GUESTS_KEPT + 10);
}

#[test]
fn a_seat_is_its_own_persons_where_more_is_known_of_who_comes() {
    let pupil = Identity::Verified {
        user: "ben".into(),
        device: None,
        listed: true,
        anonymous: false,
    };
    let mut room = class();
    arrive(&mut room, "pupil", pupil, None);
    let users = |user: &str| SeatOwner::User(user.to_owned());
    for (seat, owner, fits) in [
        ("Frau Maier", users("teacher"), true),
        ("Frau Maier", users("ben"), false),
        ("Frau Maier", SeatOwner::Guest, false),
        ("pupil", users("ben"), true),
        ("pupil", SeatOwner::Bearer, true),
        ("Anna", SeatOwner::Guest, true),
        ("Anna", users("teacher"), false),
    ] {
        let identity = Identity::Seat {
            participant: id(seat),
            owner: owner.clone(),
        };
        let admission = arrive(&mut room, "back", identity, None).0;
        let expected = if fits {
            Admission::Admitted {
                participant: id(seat),
                returned: true,
            }
        } else {
            Admission::Refused(RefusalReason::BadSeat)
        };
        assert_eq!(admission, expected, "{seat} by {owner:?}");
    }
}

#[test]
fn members_whom_nobody_can_tell_apart_knock_after_a_removal() {
    let member = |user: &str, anonymous| Identity::Verified {
        user: user.to_owned(),
        device: None,
        listed: true,
        anonymous,
    };
    let mut room = room(
        Policy {
            door: Door::Knock,
            ..Policy::default()
        },
        None,
    );
    arrive(&mut room, "Frau Maier", teacher(), None);
    let is_in = |admission| matches!(admission, Admission::Admitted { .. });
    assert!(is_in(arrive(&mut room, "xXx", member("1", true), None).0));
    // Turning a stranger away at the door changes nothing for those who belong here.
    arrive(&mut room, "stranger", guest("s"), None);
    let target = Target::All;
    act(&mut room, "Frau Maier", ClientMessage::Refuse { target }).expect("refused");
    assert!(is_in(arrive(&mut room, "Anna", member("2", true), None).0));
    let target = Target::These(vec![id("xXx")]);
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    let admission = arrive(&mut room, "again", member("3", true), None).0;
    let participant = id("again");
    assert_eq!(admission, Admission::Lobby { participant });
    assert!(is_in(
        arrive(&mut room, "Ben", member("ben", false), None).0
    ));
    act(&mut room, "Frau Maier", door(Door::Open)).expect("opened");
    assert!(is_in(arrive(&mut room, "Carl", member("4", true), None).0));
}

#[test]
fn who_may_be_guessing_does_not_learn_what_was_right() {
    let mut room = room(
        Policy {
            capacity: 2,
            ..Policy::default()
        },
        Some("geheim"),
    );
    arrive(&mut room, "Frau Maier", teacher(), None);
    let guess = |room: &mut Room, name: &str, password: &str| {
        let arrival = Arrival {
            password: Some(password.to_owned()),
            suspicious: true,
            ..Arrival::new(id(name), name, Identity::Guest { device: None })
        };
        let effects = room.handle(1_000, Command::Arrive(arrival));
        effects.expect("answered").swap_remove(0)
    };
    let hidden = Effect::Answered(Admission::Hidden);
    assert_eq!(guess(&mut room, "one", "falsch"), hidden);
    let participant = id("two");
    assert_eq!(
        guess(&mut room, "two", "geheim"),
        Effect::Answered(Admission::Lobby { participant })
    );
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("closed");
    assert_eq!(guess(&mut room, "three", "geheim"), hidden);
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    for number in 0..200 {
        let name = format!("g{number}");
        arrive(&mut room, &name, guest(&name), Some("geheim"));
    }
    assert_eq!(guess(&mut room, "four", "geheim"), hidden, "no more places");
}
