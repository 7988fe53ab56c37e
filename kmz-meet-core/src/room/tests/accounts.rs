//! Accounts that are withdrawn, and sessions that end, while a conference runs.

use super::fixtures::{
    act, arrive, at, class, door, id, is_in, leaves_the_roster, seat, teacher, verified,
};
use crate::room::{
    Action, Admission, Arrival, By, Command, Effect, Ended, Identity, LeaveNotice, Room,
};
use crate::signal::{ClientMessage, Door, RefusalReason, Role, ServerMessage};

#[test]
fn withdrawn_account_loses_places_and_role_until_readmitted() {
    let mut room = class();
    arrive(&mut room, "phone", teacher(), None);
    leaves_the_roster(&mut room, "phone");
    let user = || "teacher".to_owned();
    let by_server = |room: &mut Room, action| {
        let by = By::Server;
        room.handle(at(90_000), Command::Act { by, action })
            .expect("done")
    };
    let effects = by_server(&mut room, Action::WithdrawUser { user: user() });
    let participant = id("Frau Maier");
    assert!(effects.contains(&Effect::Out {
        participant,
        notice: LeaveNotice::Removed
    }));
    let removed = Admission::Refused(RefusalReason::Removed);
    for identity in [
        teacher(),
        verified("teacher", None),
        seat(id("Frau Maier")),
        seat(id("phone")),
    ] {
        assert_eq!(arrive(&mut room, "again", identity, None).0, removed);
    }
    assert_eq!(room.present(), 2);
    by_server(&mut room, Action::ReadmitUser { user: user() });
    assert!(is_in(&arrive(&mut room, "again", teacher(), None).0));
}

#[test]
fn sign_out_removes_places_of_the_ended_sessions_alone() {
    let by_session = |room: &mut Room, name: &str, identity, session: &str| {
        let arrival = Arrival {
            typed_name: false,
            session: Some(session.to_owned()),
            ..Arrival::new(id(name), name, identity)
        };
        let effects = room.handle(at(1_000), Command::Arrive(arrival));
        effects.expect("answered").swap_remove(0)
    };
    let sign_out = |room: &mut Room, ended| {
        let user = "teacher".to_owned();
        let action = Action::SignOut { user, ended };
        let by = By::Server;
        room.handle(at(2_000), Command::Act { by, action })
            .expect("done")
    };
    let is_out = |effects: &[Effect], name: &str| {
        effects.contains(&Effect::Out {
            participant: id(name),
            notice: LeaveNotice::Refused(RefusalReason::SignedOut),
        })
    };
    let mut room = class();
    act(&mut room, "Frau Maier", ClientMessage::Leave).expect("left");
    for (name, session) in [("desk", "a"), ("phone", "b"), ("home", "c")] {
        by_session(&mut room, name, teacher(), session);
    }
    let effects = sign_out(&mut room, Ended::One("b".to_owned()));
    assert!(is_out(&effects, "phone"));
    assert_eq!(room.role(&id("phone")), None);
    for name in ["desk", "home"] {
        assert_eq!(room.role(&id(name)), Some(Role::Moderator), "{name}");
    }
    // It says no more than that they left.
    assert!(effects.iter().any(|effect| matches!(effect,
        Effect::ToAll(ServerMessage::ParticipantLeft { participant, reason })
            if *participant == id("phone") && *reason == crate::signal::LeaveReason::Left)));
    // The seat is none any more, and nothing stands in the way of another session.
    let bad_seat = Admission::Refused(RefusalReason::BadSeat);
    assert_eq!(arrive(&mut room, "", seat(id("phone")), None).0, bad_seat);
    by_session(&mut room, "phone again", teacher(), "d");
    assert_eq!(room.role(&id("phone again")), Some(Role::Moderator));

    let effects = sign_out(&mut room, Ended::AllBut(Some("a".to_owned())));
    assert!(is_out(&effects, "home") && is_out(&effects, "phone again"));
    assert_eq!(room.role(&id("desk")), Some(Role::Moderator));
    // Who came back by a newer session is there by that one.
    let participant = id("desk");
    room.handle(at(3_000), Command::Gone { participant })
        .expect("gone");
    by_session(&mut room, "", teacher(), "e");
    sign_out(&mut room, Ended::One("a".to_owned()));
    assert_eq!(room.role(&id("desk")), Some(Role::Moderator));
    assert!(is_out(&sign_out(&mut room, Ended::AllBut(None)), "desk"));
    // Guests, and other accounts, have nothing to do with it.
    assert_eq!(room.role(&id("Anna")), Some(Role::Participant));
}

#[test]
fn sign_out_removes_a_knock_of_the_ended_session() {
    let mut room = class();
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    let arrival = Arrival {
        typed_name: false,
        session: Some("a".to_owned()),
        ..Arrival::new(
            id("colleague"),
            "Frau Schulz",
            Identity::Verified {
                user: "schulz".into(),
                device: None,
                listed: false,
                unidentified: false,
            },
        )
    };
    room.handle(at(1_000), Command::Arrive(arrival))
        .expect("knocks");
    assert_eq!(room.knockers().len(), 1);
    let action = Action::SignOut {
        user: "schulz".to_owned(),
        ended: Ended::One("a".to_owned()),
    };
    let by = By::Server;
    let effects = room.handle(at(2_000), Command::Act { by, action });
    assert!(effects.expect("done").contains(&Effect::Out {
        participant: id("colleague"),
        notice: LeaveNotice::Refused(RefusalReason::SignedOut),
    }));
    assert!(room.knockers().is_empty());
}
