//! The seven promises of the design, held against random sequences of commands.

use std::collections::HashSet;

use proptest::prelude::*;

use super::stories::{id, room};
use super::*;
use crate::signal::{Door, Policy, PolicyChange, RefusalReason, Right, Target, Who};

const PEOPLE: usize = 6;
const CAPACITY: u32 = 3;

#[derive(Clone, Debug)]
enum Step {
    Guest(usize, Option<&'static str>, bool),
    Verified(usize),
    Owner(usize),
    Seat(usize),
    Gone(usize),
    Wait(u64),
    Act(usize, Action),
}

fn one() -> impl Strategy<Value = usize> {
    0..PEOPLE
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::All),
        Just(Target::Unlisted),
        prop::collection::vec(one(), 1..3)
            .prop_map(|people| Target::These(people.into_iter().map(person).collect())),
    ]
}

fn person(number: usize) -> ParticipantId {
    id(&format!("p{number}"))
}

fn who() -> impl Strategy<Value = Option<Who>> {
    prop_oneof![
        Just(None),
        Just(Some(Who::Everyone)),
        Just(Some(Who::Moderators))
    ]
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        Just(Source::Microphone),
        Just(Source::Camera),
        Just(Source::Screen)
    ]
}

fn right() -> impl Strategy<Value = Right> {
    prop_oneof![
        Just(Right::Microphone),
        Just(Right::Camera),
        Just(Right::Screen),
        Just(Right::Chat)
    ]
}

fn change() -> impl Strategy<Value = PolicyChange> {
    let door = prop_oneof![
        Just(None),
        Just(Some(Door::Open)),
        Just(Some(Door::Knock)),
        Just(Some(Door::Closed))
    ];
    (who(), who(), who(), who(), door).prop_map(|(microphone, camera, screen, chat, door)| {
        PolicyChange {
            microphone,
            camera,
            screen,
            chat,
            door,
            ..PolicyChange::default()
        }
    })
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Leave),
        (source(), any::<bool>()).prop_map(|(source, on)| Action::SetSource { source, on }),
        Just(Action::SendChat { text: "x".into() }),
        any::<bool>().prop_map(|raised| Action::SetHand { raised }),
        (target(), source()).prop_map(|(target, source)| Action::Mute { target, source }),
        (one(), source()).prop_map(|(who, source)| Action::Ask {
            participant: person(who),
            source
        }),
        change().prop_map(|change| Action::SetPolicy { change }),
        any::<bool>().prop_map(|set| Action::SetPassword {
            password: set.then(|| "pw".to_owned())
        }),
        (one(), right(), any::<bool>()).prop_map(|(who, right, granted)| Action::Grant {
            participant: person(who),
            right,
            granted
        }),
        prop::option::of(one()).prop_map(|who| Action::SetFloor {
            participant: who.map(person)
        }),
        target().prop_map(|target| Action::Admit { target }),
        target().prop_map(|target| Action::Refuse { target }),
        target().prop_map(|target| Action::Remove { target }),
        (one(), any::<bool>()).prop_map(|(who, up)| Action::SetRole {
            participant: person(who),
            role: if up {
                Role::Moderator
            } else {
                Role::Participant
            },
        }),
        Just(Action::StopEverything),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (one(), prop::option::of(Just("pw")), prop::bool::weighted(0.1)).prop_map(|(who, password, suspicious)| Step::Guest(who, password, suspicious)),
        1 => one().prop_map(Step::Verified),
        2 => (0..2usize).prop_map(Step::Owner),
        2 => one().prop_map(Step::Seat),
        2 => one().prop_map(Step::Gone),
        1 => (0u64..90_000).prop_map(Step::Wait),
        12 => (one(), action()).prop_map(|(who, action)| Step::Act(who, action)),
    ]
}

/// What an observer outside the room has seen, to hold its promises against.
#[derive(Default)]
struct Witness {
    removed: HashSet<ParticipantId>,
    seated: HashSet<ParticipantId>,
    inside: HashSet<ParticipantId>,
    moderators: HashSet<ParticipantId>,
}

impl Witness {
    fn watch(
        &mut self,
        room: &Room,
        before: &Room,
        by: Option<&ParticipantId>,
        effects: &[Effect],
    ) {
        for effect in effects {
            match effect {
                Effect::Entered { participant } => {
                    self.inside.insert(participant.clone());
                    self.seated.insert(participant.clone());
                }
                Effect::Out {
                    participant,
                    goodbye,
                } => {
                    self.inside.remove(participant);
                    match goodbye {
                        Goodbye::Removed | Goodbye::Refused(_) => {
                            self.removed.insert(participant.clone());
                            self.seated.remove(participant);
                        }
                        Goodbye::Left => {
                            self.seated.remove(participant);
                        }
                        Goodbye::Lost => {}
                    }
                }
                // 3: nothing of the conference goes to anyone who is not in it.
                Effect::To { participant, .. } | Effect::Forward { participant, .. } => {
                    assert!(
                        self.inside.contains(participant)
                            || matches!(effect, Effect::Forward { forwarding, .. } if *forwarding == Forwarding::default()),
                        "3: {effect:?} to someone outside"
                    );
                }
                // 7: no message turns anything on for anyone.
                Effect::ToAll(message)
                | Effect::ToOthers { message, .. }
                | Effect::ToModerators(message) => {
                    assert!(
                        !matches!(message, ServerMessage::Asked { .. }),
                        "7: asked of everyone"
                    );
                }
                _ => {}
            }
        }
        for entry in room.roster() {
            assert!(
                self.inside.contains(&entry.id),
                "3: {:?} in the roster was never admitted",
                entry.id
            );
            assert!(!self.removed.contains(&entry.id), "2: removed and back");
            // 4: a role comes from a claim or from a moderator.
            if entry.role == Role::Moderator && !self.moderators.contains(&entry.id) {
                let by_moderator = by.is_some_and(|by| before.role(by) == Some(Role::Moderator));
                assert!(
                    by_moderator,
                    "4: {:?} became a moderator by nobody",
                    entry.id
                );
                self.moderators.insert(entry.id.clone());
            }
            // 6: what is forwarded is permitted.
            let forwarding = room.forwarding(&entry.id);
            for (on, right) in [
                (forwarding.microphone, Right::Microphone),
                (forwarding.camera, Right::Camera),
                (forwarding.screen, Right::Screen),
            ] {
                assert!(
                    !on || room.has(&entry.id, right),
                    "6: {right:?} of {:?}",
                    entry.id
                );
            }
            // … and everyone is told so: a source that is shown as on is on.
            for source in &entry.sources {
                assert!(
                    room.has(&entry.id, right_of(*source)),
                    "6: {source:?} shown as on"
                );
            }
            // 7: sources turn on only by oneself.
            if let Some(earlier) = before.participant(&entry.id) {
                let more = entry
                    .sources
                    .iter()
                    .any(|source| !earlier.sources.contains(source));
                assert!(
                    !more || by == Some(&entry.id),
                    "7: turned on by someone else"
                );
            } else {
                assert!(entry.sources.is_empty(), "7: something is on at joining");
            }
        }
        // Everything that changed in what is forwarded was said to the media.
        for entry in before.roster() {
            if room.forwarding(&entry.id) != before.forwarding(&entry.id)
                && room.role(&entry.id).is_some()
            {
                assert!(
                    effects.iter().any(
                        |effect| matches!(effect, Effect::Forward { participant, forwarding }
                        if *participant == entry.id && *forwarding == room.forwarding(&entry.id))
                    ),
                    "6: the media was not told about {:?}",
                    entry.id
                );
            }
        }
        // 5: nobody new beyond the capacity but moderators and those with a seat.
        let newcomers = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Entered { participant } if !before.people.contains_key(participant)
                && !room.people.get(participant).is_some_and(|person| person.owner)))
            .count();
        assert!(
            newcomers == 0 || room.present() <= CAPACITY as usize,
            "5: {} inside",
            room.present()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]
    #[test]
    fn the_seven_promises_hold(steps in prop::collection::vec(step(), 1..80)) {
        let mut room = room(Policy { capacity: CAPACITY, ..Policy::default() }, None);
        let mut witness = Witness::default();
        let mut now = 1_000;
        for (number, step) in steps.into_iter().enumerate() {
            let before = room.clone();
            let arrival = |who: usize, identity, password: Option<&str>, suspicious| Command::Arrive(Arrival {
                // A person who comes anew is a new participant, as the server has it.
                id: if before.people.contains_key(&person(who)) || before.blocked.seats.contains(&person(who)) || before.lobby.iter().any(|w| w.id == person(who)) { id(&format!("n{number}")) } else { person(who) },
                name: format!("name {who}"),
                identity,
                password: password.map(str::to_owned),
                suspicious,
            });
            let device = |who: usize| Some(format!("d{who}"));
            let (command, by) = match step {
                Step::Guest(who, password, suspicious) => (arrival(who, Identity::Guest { device: device(who) }, password, suspicious), None),
                Step::Verified(who) => (arrival(who, Identity::Verified { user: format!("v{who}"), device: device(who), listed: who % 2 == 0, anonymous: false }, Some("pw"), false), None),
                Step::Owner(who) => (arrival(who, Identity::Owner { user: format!("o{who}") }, None, true), None),
                Step::Seat(who) => (arrival(who, Identity::Seat { participant: person(who), whose: Whose::Holders }, None, true), None),
                Step::Gone(who) => (Command::Gone { participant: person(who) }, None),
                Step::Wait(time) => { now += time; (Command::Tick, None) }
                Step::Act(who, action) => (Command::Act { by: By::Person(person(who)), action }, Some(person(who))),
            };
            let outcome = room.handle(now, command.clone());
            match (&command, &outcome) {
                (Command::Arrive(arrival), Ok(effects)) => {
                    let Some(Effect::Answered(admission)) = effects.first() else { panic!("unanswered") };
                    match &arrival.identity {
                        Identity::Owner { .. } => {
                            // 1: a moderator of the room always gets in.
                            let Admission::Admitted { participant, .. } = admission else { panic!("1: {admission:?}") };
                            witness.moderators.insert(participant.clone());
                        }
                        Identity::Seat { participant, .. } => {
                            // 2: who holds a seat can come back, unless removed.
                            if witness.seated.contains(participant) {
                                prop_assert!(matches!(admission, Admission::Admitted { returned: true, .. }), "2: {admission:?}");
                            } else {
                                prop_assert!(matches!(admission, Admission::Refused(RefusalReason::Removed | RefusalReason::BadSeat)), "2: {admission:?}");
                            }
                        }
                        _ => {}
                    }
                }
                (_, Err(_)) => prop_assert_eq!(&before, &room, "a refused command changes nothing"),
                _ => {}
            }
            if let Ok(effects) = outcome {
                witness.watch(&room, &before, by.as_ref(), &effects);
            }
            // A restart at any time loses nothing that matters.
            let restored = Room::restore(&room.snapshot(), room.chat().to_vec(), now).expect("readable");
            prop_assert_eq!(restored.policy(), room.policy());
            prop_assert_eq!(restored.roster().len(), room.roster().len());
        }
    }
}
