//! Each of the promises, held against one command: what the room kept, and what it told whom.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::model::Model;
use super::safety_promises::compare_safety;
use crate::room::person::{Person, Waiting};
use crate::room::{Admission, By, Command, Effect, Forwarding, Identity, LeaveNotice, Room};
use crate::signal::{Door, ParticipantId, RefusalReason, Role, ServerMessage, Source};

/// What all others hear of what one of them does, whatever it is: so many messages, and no more.
const HEARD_OF_ONE: usize = 4;

/// Of a single arrival: someone comes, and up to two places give way.
const HEARD_OF_ARRIVAL: usize = 8;

/// Holds the room against the model, in all that the promises are about.
pub(super) fn compare(room: &Room, model: &Model) {
    let seats: BTreeSet<_> = room.people.keys().cloned().collect();
    assert_eq!(seats, model.seats.keys().cloned().collect(), "2: seats");
    for (id, one) in &model.seats {
        let person = &room.people[id];
        assert_eq!(
            (person.present, person.lost_at),
            (one.present, one.lost_at),
            "3: {id:?}"
        );
        assert_eq!(
            (person.role == Role::Moderator, person.owner),
            (one.moderator, one.owner),
            "4: {id:?}"
        );
        assert_eq!(person.grants, one.grants, "6: {id:?}");
        assert_eq!(person.sources, one.on, "6, 7: {id:?}");
        assert_eq!(
            (&person.user, &person.device, &person.session, person.listed),
            (&one.user, &one.device, &one.session, one.listed),
            "{id:?}"
        );
        assert_eq!(
            (person.marked, person.sent_to_lobby),
            (one.marked, one.sent),
            "{id:?}"
        );
        let Forwarding {
            microphone,
            camera,
            screen,
            ..
        } = room.forwarding(id);
        let sent = [
            (Source::Microphone, microphone),
            (Source::Camera, camera),
            (Source::Screen, screen),
        ];
        let sent = sent.into_iter().filter(|(_, on)| *on);
        let sent: BTreeSet<Source> = sent.map(|(source, _)| source).collect();
        assert_eq!(sent, model.sends(id), "6: {id:?}");
    }
    let lobby: BTreeSet<_> = room.lobby.iter().map(|one| one.id.clone()).collect();
    assert_eq!(lobby, model.knocks.keys().cloned().collect(), "3: lobby");
    for waiting in &room.lobby {
        let knock = &model.knocks[&waiting.id];
        assert_eq!(
            (waiting.sent, waiting.marked),
            (knock.sent, knock.marked),
            "{:?}",
            waiting.id
        );
    }
    assert_eq!(room.blocked.seats, model.removed, "2: seats");
    assert_eq!(room.blocked.devices, model.bad_devices, "2: devices");
    assert_eq!(room.blocked.users, model.bad_users, "2: users");
    assert_eq!(room.blocked.withdrawn, model.withdrawn, "2: accounts");
    let shared: Vec<_> = room.shared_accounts.iter().map(|one| &one.user).collect();
    assert_eq!(shared.len(), model.shared.len(), "each is told once");
    assert_eq!(
        shared.into_iter().collect::<BTreeSet<_>>(),
        model.shared.iter().collect()
    );
    compare_safety(room, model);
    let hands: BTreeSet<_> = room.features.hands.iter().cloned().collect();
    assert_eq!(hands, model.hands);
    assert_eq!(
        (
            Some(room.policy.door),
            &room.password,
            room.features.floor.holder()
        ),
        (model.door, &model.password, model.floor.as_ref())
    );
}

/// 5: three places for one person. 9: all are told apart, and nobody is called like a moderator who is not one.
pub(super) fn look_at_places_and_names(room: &Room) {
    let present = || room.people.values().filter(|one| one.present);
    for one in present() {
        let of_user = present().filter(|other| one.user.is_some() && other.user == one.user);
        let of_device =
            present().filter(|other| one.device.is_some() && other.device == one.device);
        assert!(of_user.count() <= 3, "5: places of {:?}", one.user);
        assert!(of_device.count() <= 3, "5: places of {:?}", one.device);
    }
    for one in &room.lobby {
        let of_user = |other: &&Waiting| one.user.is_some() && other.user == one.user;
        let of_device = |other: &&Waiting| one.device.is_some() && other.device == one.device;
        assert!(room.lobby.iter().filter(of_user).count() <= 3, "5: knocks");
        assert!(
            room.lobby.iter().filter(of_device).count() <= 3,
            "5: knocks"
        );
    }
    let mut names = BTreeSet::new();
    for one in present() {
        assert!(names.insert(seen(&one.name)), "9: two {:?}", one.name);
    }
    let moderators = room
        .people
        .values()
        .filter(|one| one.role == Role::Moderator);
    let moderators = moderators.map(|one| one.name.as_str());
    let reserved: BTreeSet<String> = moderators
        .chain(room.owner_name.as_deref())
        .map(seen)
        .collect();
    let pupils = present().filter(|one| one.role != Role::Moderator);
    let names = pupils
        .map(|one| &one.name)
        .chain(room.lobby.iter().map(|one| &one.name));
    for name in names {
        assert!(
            !reserved.contains(&seen(name)),
            "9: {name:?} is called like a moderator"
        );
    }
}

/// 5: who gives way in a full conference, and who is never kept out of it.
pub(super) fn look_at_who_gave_way(
    room: &Room,
    before: &Room,
    command: &Command,
    effects: &[Effect],
) {
    let Command::Arrive(arrival) = command else {
        return;
    };
    let comes = effects.iter().find_map(|effect| match effect {
        Effect::Entered { participant } => room.people.get(participant),
        _ => None,
    });
    let full = LeaveNotice::Refused(RefusalReason::Full);
    for effect in effects {
        if let Effect::Out {
            participant,
            notice,
        } = effect
            && *notice == full
            && let Some(gone) = before.people.get(participant).filter(|one| one.present)
        {
            let comes = comes.expect("someone comes in their place");
            assert!(
                gone.user.is_none() && gone.role == Role::Participant,
                "5: {gone:?} is no guest"
            );
            let is_named = comes.user.is_some() && !comes.unidentified;
            assert!(
                is_named || gone.device.is_none(),
                "5: {gone:?} for {comes:?}"
            );
            let is_known = comes.user.is_some() || comes.device.is_some();
            assert!(is_known, "5: {gone:?} for {comes:?}");
        }
    }
    let refused = Effect::Answered(Admission::Refused(RefusalReason::Full));
    if effects[0] == refused
        && let Identity::Verified {
            user,
            unidentified: false,
            ..
        } = &arrival.identity
    {
        let mut present = before.people.values().filter(|one| one.present);
        let is_unidentified = |one: &Person| one.user.as_ref() == Some(user) && one.unidentified;
        let was_unidentified = before.people.values().any(is_unidentified);
        let in_the_way = |one: &Person| {
            let is_guest = one.user.is_none() && one.role == Role::Participant;
            let is_own = one.user.as_ref() == Some(user);
            is_guest && !is_own
        };
        let is_in = present.clone().any(|one| one.user.as_ref() == Some(user));
        assert!(
            is_in || was_unidentified || !present.any(in_the_way),
            "5: {user} is kept out by guests"
        );
    }
}

/// What a reader takes a name for. There are few names here, and each is looked at very often.
fn seen(name: &str) -> String {
    thread_local! {
        static SEEN: RefCell<HashMap<String, String>> = RefCell::default();
    }
    SEEN.with_borrow_mut(|all| {
        let skeleton = all
            .entry(name.to_owned())
            .or_insert_with(|| crate::room::names::skeleton(name));
        skeleton.clone()
    })
}

/// 8: what all others hear of one command of someone who does not moderate is bounded, however many there are.
pub(super) fn listen(before: &Room, command: &Command, effects: &[Effect]) {
    let to_many = |effect: &&Effect| {
        matches!(
            effect,
            Effect::ToAll(_)
                | Effect::ToOthers { .. }
                | Effect::ToModerators(_)
                | Effect::LobbyChanged
        )
    };
    let heard = effects.iter().filter(to_many).count();
    match command {
        Command::Arrive(_) => assert!(heard <= HEARD_OF_ARRIVAL, "8: {effects:?}"),
        Command::Gone { .. } => assert!(heard <= HEARD_OF_ONE, "8: {effects:?}"),
        Command::Act {
            by: By::Person(id), ..
        } if before.role(id) != Some(Role::Moderator) => {
            assert!(heard <= HEARD_OF_ONE, "8: {effects:?}");
        }
        _ => {}
    }
    // Whoever does it, of each person it is said once.
    let mut told = BTreeSet::new();
    for effect in effects {
        if let Effect::ToAll(ServerMessage::ParticipantChanged { participant }) = effect {
            assert!(told.insert(&participant.id), "8: twice: {participant:?}");
        }
    }
}

/// Who hears what.
pub(super) fn watch(room: &Room, before: &Room, model: &Model, effects: &[Effect]) {
    let is_in = |id: &ParticipantId| model.seats.get(id).is_some_and(|one| one.present);
    for effect in effects {
        match effect {
            Effect::Entered { participant } => {
                // Who is let in with too many places is in, and out again.
                let is_out = |effect: &Effect| matches!(effect, Effect::Out { participant: out, .. } if out == participant);
                assert!(
                    is_in(participant) || effects.iter().any(is_out),
                    "3: {participant:?} was not let in"
                );
            }
            // 3: nothing of the conference goes to anyone who is not in it.
            Effect::To { participant, .. } | Effect::Forward { participant, .. } => {
                let nothing = Effect::Forward {
                    participant: participant.clone(),
                    forwarding: Forwarding::default(),
                };
                // 6: what was on when someone went is off before they are gone.
                let left = before.role(participant).is_some()
                    || effects.contains(&Effect::Entered {
                        participant: participant.clone(),
                    });
                assert!(
                    is_in(participant) || (left && *effect == nothing),
                    "3: {effect:?} to someone outside"
                );
            }
            // 7: no message turns anything on for anyone.
            Effect::ToAll(message)
            | Effect::ToOthers { message, .. }
            | Effect::ToModerators(message) => {
                let asked = matches!(message, ServerMessage::Asked { .. });
                assert!(!asked, "7: asked of everyone");
            }
            _ => {}
        }
    }
    // … and so do those who were inside when the lesson was closed.
    let comes_in = |effect: &Effect| match effect {
        Effect::Entered { participant } => {
            let inside = before.features.insiders.contains(participant);
            !(inside && before.policy.door == Door::Closed)
                && before.role(participant).is_none()
                && room.role(participant) == Some(Role::Participant)
        }
        _ => false,
    };
    // Moderators come in beyond it, and then one place is taken for another.
    let most = before.present().max(room.policy.capacity as usize);
    assert!(
        !effects.iter().any(comes_in) || room.present() <= most,
        "5: beyond the capacity"
    );
    // Nobody watches unnoticed, whoever they are: all others are told of everyone who comes in.
    for effect in effects
        .iter()
        .filter(|effect| comes_in_anew(effect, before))
    {
        let Effect::Entered { participant } = effect else {
            continue;
        };
        let is_told = |effect: &Effect| {
            matches!(effect, Effect::ToOthers { but, message: ServerMessage::ParticipantJoined { participant: who } }
                if but == participant && who.id == *participant)
        };
        assert!(effects.iter().any(is_told), "unnoticed: {participant:?}");
    }
    for (id, one) in &model.seats {
        // Whoever comes is given the state of the conference; whoever was in is not given it twice.
        let was_in = before.people.get(id).is_some_and(|one| one.present);
        let entered = Effect::Entered {
            participant: id.clone(),
        };
        assert!(
            !one.present || was_in || effects.contains(&entered),
            "3: {id:?} was not told"
        );
        // 6: everything that changed in what is sent on was said to the media.
        if one.present && room.forwarding(id) != before.forwarding(id) {
            let forward = Effect::Forward {
                participant: id.clone(),
                forwarding: room.forwarding(id),
            };
            assert!(effects.contains(&forward), "6: the media, of {id:?}");
        }
    }
}

/// Whether someone comes in who was not in the roster before.
fn comes_in_anew(effect: &Effect, before: &Room) -> bool {
    matches!(effect, Effect::Entered { participant } if before.role(participant).is_none())
}

/// Joins and leaves, counted up, are the roster: that is all that integrators hear of it.
pub(super) fn count_up(room: &Room, before: &Room, effects: &[Effect]) {
    let here = |room: &Room| -> BTreeSet<ParticipantId> {
        room.roster().into_iter().map(|one| one.id).collect()
    };
    let mut counted = here(before);
    for effect in effects {
        match effect {
            Effect::Joined(visitor) => {
                assert!(
                    counted.insert(visitor.participant.clone()),
                    "counted: twice in"
                );
            }
            Effect::Left { participant } => {
                assert!(counted.remove(participant), "counted: was not in");
            }
            _ => {}
        }
    }
    assert_eq!(counted, here(room), "counted: who is here");
}
