//! The room seen as people live through it.

use super::fixtures::{
    act, arrive, at, class, door, forwarded, guest, id, policy, room, seat, teacher,
};
use crate::room::{
    Admission, Arrival, Command, Effect, Identity, LeaveNotice, Refusal, Room, SEAT_SHOWN,
};
use crate::signal::{
    ClientMessage, Door, Policy, PolicyChange, RefusalReason, ServerMessage, Source, Target, Who,
};

/// The source page's story: a stranger comes in, the door is closed, cameras are released, the stranger is removed.
#[test]
fn intruder_who_is_removed_stays_out_and_the_lesson_goes_on() {
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
        at(3_000),
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
        at(4_000),
        Command::Gone {
            participant: id("Ben"),
        },
    )
    .expect("gone");
    room.handle(at(4_000) + SEAT_SHOWN, Command::Tick)
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
fn newcomer_after_a_removal_knocks() {
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
fn owner_at_a_closed_and_full_room_is_admitted() {
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
fn arrival_with_a_wrong_password_is_hidden() {
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
fn password_set_later_leaves_those_inside_alone() {
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
fn knocker_until_admission_has_no_effect_addressed_to_them() {
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
fn full_room_refuses_newcomers_and_keeps_the_lobby_waiting() {
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
fn invited_guest_skips_the_lobby_and_is_not_listed() {
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
        unidentified: false,
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

/// The same browser, or the same account, in a second tab or on a second machine.
#[test]
fn removed_person_loses_every_seat_and_every_knock() {
    let pupil = |device: &str| Identity::Verified {
        user: "ben".into(),
        device: Some(device.to_owned()),
        listed: true,
        unidentified: false,
    };
    let mut room = class();
    arrive(&mut room, "laptop", pupil("laptop"), None);
    arrive(&mut room, "phone", pupil("phone"), None);
    arrive(&mut room, "xXx", guest("laptop"), None);
    arrive(&mut room, "away", guest("laptop"), None);
    let gone = Command::Gone {
        participant: id("away"),
    };
    room.handle(at(2_000), gone).expect("gone");
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    arrive(&mut room, "once more", guest("laptop"), None);
    assert_eq!(room.knockers().len(), 1);
    let target = Target::These(vec![id("laptop")]);
    let effects = act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    for name in ["laptop", "phone", "xXx", "away"] {
        assert_eq!(room.role(&id(name)), None, "{name}");
        assert!(effects.contains(&Effect::Out {
            participant: id(name),
            notice: LeaveNotice::Removed
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
fn unidentified_member_knocks_after_a_removal() {
    let member = |user: &str, unidentified| Identity::Verified {
        user: user.to_owned(),
        device: None,
        listed: true,
        unidentified,
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
fn unproven_arrival_never_learns_that_the_password_was_right() {
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
            unproven: true,
            ..Arrival::new(id(name), name, Identity::Guest { device: None })
        };
        let effects = room.handle(at(1_000), Command::Arrive(arrival));
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

#[test]
fn simple_view_that_a_moderator_sets_is_told_to_all_and_no_participant_sets_it() {
    let simple = || {
        policy(PolicyChange {
            simple_view: Some(true),
            ..PolicyChange::default()
        })
    };
    let mut room = class();
    assert!(act(&mut room, "Anna", simple()).is_err());
    assert!(!room.policy().simple_view);
    let effects = act(&mut room, "Frau Maier", simple()).expect("permitted");
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::ToAll(ServerMessage::RoomChanged { room }) if room.policy.simple_view
    )));
    // A change of something else leaves it.
    act(&mut room, "Frau Maier", door(Door::Closed)).expect("permitted");
    assert!(room.policy().simple_view);
}
