//! The nine promises of the design, held against random sequences of commands: what the room says and keeps is
//! compared with a model of its own (`model`), and what it tells with who may hear it.

use proptest::prelude::*;

use super::fixtures::{at, id, room};
use super::model::Model;
use super::promises::{
    compare, count_up, listen, look_at_places_and_names, look_at_who_gave_way, watch,
};
use super::safety_promises::{look_at_closed_lesson, look_at_emergency_stop};
use super::steps::{PEOPLE, Step, comings, guest, lesson, person, session, since, step, verified};
use crate::room::{Action, Arrival, By, Command, Effect, Identity, Refusal, Room, SeatOwner};
use crate::signal::{ClientMessage, ParticipantId, Policy, ServerMessage, SpeakersOnly};
use crate::timestamp::Timestamp;

/// As after a restart: nobody is connected, nobody is at the door, all else is as it was.
fn restarted(room: &Room, now: Timestamp) -> Room {
    let mut expected = room.clone();
    for person in expected.people.values_mut().filter(|one| one.present) {
        person.lost_at.get_or_insert(now);
    }
    expected.features.attendance.all_lost(now);
    expected.features.speakers_only = room.features.speakers_only.restarted();
    expected.features.line_trouble = room.features.line_trouble.restarted();
    expected.lobby.clear();
    for person in expected.people.values_mut() {
        person.address = None;
        person.left_at = None;
    }
    let restored =
        Room::restore(&room.snapshot(), now, room.chat().to_vec(), now).expect("readable");
    assert_eq!(restored, expected);
    restored
}

/// What everyone was told last of who the speaker is.
fn told_speaker(effects: &[Effect]) -> Option<SpeakersOnly> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::ToAll(ServerMessage::SpeakersOnlyChanged { speakers_only }) => {
            Some(speakers_only.clone())
        }
        _ => None,
    })
}

fn hold(capacity: u32, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let policy = Policy {
        capacity,
        ..Policy::default()
    };
    let mut room = room(policy.clone(), None);
    room.takes_attendance = true;
    room.owner_name = Some("name 5".into());
    let mut model = Model::of(&policy);
    let mut now = at(1_000);
    for (number, step) in steps.into_iter().enumerate() {
        let before = room.clone();
        let arrival = |who: usize, identity, password: Option<&str>, unproven| {
            let taken = |id: &ParticipantId| {
                model.seats.contains_key(id)
                    || model.knocks.contains_key(id)
                    || model.removed.contains(id)
            };
            // A person who comes anew is a new participant, as the server has it.
            let free = [person(who), person(who + PEOPLE)]
                .into_iter()
                .find(|id| !taken(id));
            // Who is known comes by one of few sessions.
            let by_session = match &identity {
                Identity::Owner { .. } | Identity::Verified { .. } => true,
                Identity::Seat { owner, .. } => matches!(owner, SeatOwner::User(_)),
                Identity::Card { .. } | Identity::Guest { .. } | Identity::Invited { .. } => false,
            };
            let device = match &identity {
                Identity::Guest { device }
                | Identity::Invited { device }
                | Identity::Card { device, .. }
                | Identity::Verified { device, .. } => device.as_ref(),
                Identity::Owner { .. } | Identity::Seat { .. } => None,
            };
            Command::Arrive(Arrival {
                known_for: since(device, now).map(|since| now.saturating_duration_since(since)),
                id: free.unwrap_or_else(|| id(&format!("n{number}"))),
                name: format!("name {who}"),
                identity,
                password: password.map(str::to_owned),
                unproven,
                typed_name: false,
                resembles_pupil: false,
                session: (by_session && number % 4 > 0).then(|| session(number)),
                address: Some(format!("a{}", who % 2)),
            })
        };
        let act = |by: By, action| Command::Act { by, action };
        let command = match step {
            Step::Guest(who, password, unproven) => arrival(who, guest(who), password, unproven),
            Step::Nobody(who) => arrival(who, Identity::Guest { device: None }, Some("pw"), false),
            Step::Verified(who, password, unproven) => {
                arrival(who, verified(who), password, unproven)
            }
            Step::Owner(who) => arrival(
                who,
                Identity::Owner {
                    user: format!("o{who}"),
                },
                None,
                true,
            ),
            Step::Seat(who, owner) => arrival(
                who,
                Identity::Seat {
                    participant: person(who),
                    owner,
                },
                None,
                true,
            ),
            Step::Gone(who) => Command::Gone {
                participant: person(who),
            },
            Step::Wait(time) => {
                now = now + time;
                Command::Tick
            }
            Step::Act(who, action) => act(By::Person(person(who)), action),
            Step::ActOfServer(action) => act(By::Server, action),
            Step::Speaking(who) => Command::Speaking {
                participants: who.into_iter().map(person).collect(),
            },
            Step::Restart => {
                room = restarted(&room, now);
                model.knocks.clear();
                model.speaker = None;
                for one in model.seats.values_mut() {
                    one.address = None;
                    one.left_at = None;
                }
                for one in model.seats.values_mut().filter(|one| one.present) {
                    one.lost_at.get_or_insert(now);
                }
                compare(&room, &model);
                continue;
            }
        };
        model.now = now;
        let outcome = room.handle(now, command.clone());
        let effects = match outcome {
            Ok(effects) => effects,
            Err(refusal) => {
                prop_assert_eq!(&before, &room, "a refused command changes nothing");
                if let Command::Act {
                    by: by @ By::Person(_),
                    action,
                } = &command
                {
                    // Owners cannot be removed, demoted or sent away, and whoever has an account is not renamed; all else is refused to those who may not.
                    let of_owners = matches!(
                        action,
                        Action::Message(
                            ClientMessage::Remove { .. }
                                | ClientMessage::SetRole { .. }
                                | ClientMessage::Rename { .. }
                                | ClientMessage::SendToLobby { .. }
                        )
                    );
                    let refused = refusal == Refusal::NotPermitted && !of_owners;
                    prop_assert!(
                        !refused || model.permits(by, action) == Some(false),
                        "{:?}",
                        action
                    );
                }
                continue;
            }
        };
        match &command {
            Command::Arrive(arrival) => {
                let answer = model.answer(arrival);
                // 1 and 5 too: owners come in whatever there is against them, all others as far as there is room.
                prop_assert_eq!(
                    &effects[0],
                    &Effect::Answered(answer.clone()),
                    "1, 2, 3, 5: {:?}",
                    arrival
                );
                model.came(arrival, &answer);
            }
            Command::Gone { participant } => model.lost(participant, now),
            Command::Tick => model.later(now),
            Command::Speaking { .. } | Command::Lines { .. } => {}
            Command::Act { by, action } => {
                prop_assert_eq!(
                    model.permits(by, action),
                    Some(true),
                    "4, 6: {:?} by {:?}",
                    action,
                    by
                );
                let entered: Vec<ParticipantId> = effects
                    .iter()
                    .filter_map(|effect| match effect {
                        Effect::Entered { participant } => Some(participant.clone()),
                        _ => None,
                    })
                    .collect();
                model.acted(now, by, action, &entered);
            }
        }
        if let Some(told) = told_speaker(&effects) {
            prop_assert_eq!(told.on, model.speakers_only);
            model.speaker = told.speaker;
        }
        prop_assert_eq!(room.info().speakers_only.on, model.speakers_only);
        compare(&room, &model);
        look_at_places_and_names(&room);
        listen(&before, &command, &effects);
        watch(&room, &before, &model, &effects);
        look_at_who_gave_way(&room, &before, &command, &effects);
        count_up(&room, &before, &effects);
        look_at_closed_lesson(&room, &before, now);
        look_at_emergency_stop(&room, &effects);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]
    #[test]
    fn room_under_random_commands_keeps_the_nine_promises(
        capacity in prop_oneof![3 => Just(4), 1 => Just(8)],
        steps in prop::collection::vec(step(), 1..80),
    ) {
        hold(capacity, steps)?;
    }

    #[test]
    fn command_without_its_right_is_refused(steps in lesson()) {
        hold(4, steps)?;
    }

    #[test]
    fn room_under_random_arrivals_keeps_the_nine_promises(
        capacity in prop_oneof![Just(4), Just(8)],
        steps in comings(),
    ) {
        hold(capacity, steps)?;
    }
}
