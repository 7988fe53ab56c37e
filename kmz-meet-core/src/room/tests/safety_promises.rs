//! What a closed lesson and an emergency stop promise, held against the room after every command.

use super::fixtures::{id, seat};
use super::model::Model;
use crate::room::{Admission, Arrival, Effect, Forwarding, Identity, Room};
use crate::signal::{Door, ParticipantId, Role, ServerMessage};
use crate::timestamp::Timestamp;

fn is_let_in(room: &Room, now: Timestamp, identity: Identity) -> bool {
    let arrival = Arrival {
        password: room.password().map(str::to_owned),
        ..Arrival::new(id("another"), "Another One", identity)
    };
    matches!(room.admission(now, &arrival), Admission::Admitted { .. })
}

/// While the lesson is closed nobody inside is shut out, moderators come in, and nobody else does.
pub(super) fn look_at_closed_lesson(room: &Room, before: &Room, now: Timestamp) {
    let safety = room.info().safety;
    if !safety.lesson_closed {
        assert!(!safety.cameras_locked, "nothing locks cameras");
        return;
    }
    assert_eq!(room.policy().door, Door::Closed, "a closed lesson");
    assert!(is_let_in(room, now, Identity::Owner { user: "o7".into() }));
    assert!(!is_let_in(room, now, Identity::Guest { device: None }));
    for one in room.roster() {
        assert!(is_let_in(room, now, seat(one.id.clone())), "{:?}", one.id);
    }
    // Whoever was on the roster before this command, and was neither removed nor gave way or left, comes back.
    for one in before.roster() {
        // Somebody else at the same browser may have been turned away. Whom a moderator sent to the lobby waits there.
        let is_kept = room.people.get(&one.id).is_some_and(|person| {
            let (user, device) = (person.user.as_deref(), person.device.as_deref());
            !room.blocked.has(user, device) && !person.sent_to_lobby
        });
        let was_closed = before.info().safety.lesson_closed;
        if is_kept && was_closed {
            assert!(is_let_in(room, now, seat(one.id.clone())), "{:?}", one.id);
        }
    }
}

/// While the emergency stop holds somebody nothing of them is forwarded, they see no chat, and they come back into it.
pub(super) fn look_at_emergency_stop(room: &Room, effects: &[Effect]) {
    let safety = room.info().safety;
    for one in room.roster() {
        let is_held = safety.holds(&one.id, one.role);
        assert_eq!(is_held, room.is_held(&one.id));
        if is_held {
            let first = room.features.floor.is_held_by(&one.id);
            let nothing = Forwarding {
                first,
                ..Forwarding::default()
            };
            assert_eq!(room.forwarding(&one.id), nothing);
            assert!(room.chat_for(&one.id).is_empty());
        }
    }
    let shown = effects.iter().filter_map(|effect| match effect {
        Effect::To {
            participant,
            message: ServerMessage::ChatShown { .. },
        } => Some(participant),
        _ => None,
    });
    for id in shown {
        assert!(!room.is_held(id), "the chat is shown to {id:?}");
    }
}

/// The room and the model agree on what is closed, for whom.
pub(super) fn compare_safety(room: &Room, model: &Model) {
    let safety = room.info().safety;
    assert_eq!(safety.emergency_stop.is_some(), model.stop.is_some());
    assert_eq!(safety.lesson_closed, model.lesson.is_some());
    let locks = model.lesson.as_ref().is_some_and(|(_, one)| one.is_some());
    assert_eq!(safety.cameras_locked, locks);
    assert_eq!(room.features.insiders.ids(), model.insiders.as_ref());
    let held = |id: &ParticipantId| room.role(id) == Some(Role::Participant) && room.is_held(id);
    for id in model.seats.keys().filter(|id| room.role(id).is_some()) {
        assert_eq!(held(id), model.is_held(id), "{id:?}");
    }
}
