//! 'Speakers only': whose picture is forwarded at which time, and when it is proposed.

use std::time::Duration;

use proptest::prelude::*;

use super::fixtures::{act, arrive, at, class, forwarded, guest, id, leaves_the_roster, teacher};
use crate::room::{Action, By, Command, Effect, Identity, Refusal, Room};
use crate::signal::{
    ClientMessage, ParticipantId, PolicyChange, PoorLines, Role, ServerMessage, Source, Target, Who,
};
use crate::timestamp::Timestamp;

const PEOPLE: [&str; 3] = ["Frau Maier", "Anna", "Ben"];
const ON: ClientMessage = ClientMessage::SetSpeakersOnly { on: true };
const OFF: ClientMessage = ClientMessage::SetSpeakersOnly { on: false };

/// A class in which everyone is seen and heard.
fn seen_class() -> Room {
    let mut room = class();
    for name in PEOPLE {
        for source in [Source::Camera, Source::Microphone] {
            act(
                &mut room,
                name,
                ClientMessage::SetSource { source, on: true },
            )
            .expect("on");
        }
    }
    room
}

fn does(room: &mut Room, now: u64, by: &str, message: ClientMessage) -> Vec<Effect> {
    let command = Command::Act {
        by: By::Person(id(by)),
        action: message.into(),
    };
    room.handle(at(now), command).expect("done")
}

fn speak(room: &mut Room, now: u64, speaking: &[&str]) -> Vec<Effect> {
    let participants = speaking.iter().map(|name| id(name)).collect();
    room.handle(at(now), Command::Speaking { participants })
        .expect("heard")
}

fn tick(room: &mut Room, now: u64) -> Vec<Effect> {
    room.handle(at(now), Command::Tick).expect("later")
}

fn seen(room: &Room) -> Vec<&'static str> {
    let is_seen = |name: &&str| room.forwarding(&id(name)).camera;
    PEOPLE.into_iter().filter(is_seen).collect()
}

fn speaker(room: &Room) -> Option<ParticipantId> {
    room.info().speakers_only.speaker
}

/// The class in the mode since the time 10,000, with this first speaker.
fn quiet_class(first: &str) -> Room {
    let mut room = seen_class();
    speak(&mut room, 9_000, &[first]);
    does(&mut room, 10_000, "Frau Maier", ON);
    assert_eq!(seen(&room), [first]);
    room
}

#[test]
fn speakers_only_turned_on_forwards_the_camera_of_who_speaks_and_keeps_the_others_on() {
    let mut room = seen_class();
    speak(&mut room, 1_900, &["Ben", "Anna"]);
    let effects = act(&mut room, "Frau Maier", ON).expect("on");
    assert_eq!(seen(&room), ["Ben"]);
    for name in ["Frau Maier", "Anna"] {
        let forwarding = forwarded(&effects, name).expect("told to the media");
        assert!(!forwarding.camera && forwarding.microphone);
        let entry = room.participant(&id(name)).expect("here");
        assert!(entry.sources.contains(&Source::Camera), "it waits");
    }
    let turned_off = |effect: &Effect| {
        matches!(
            effect,
            Effect::To {
                message: ServerMessage::TurnedOff { .. },
                ..
            }
        )
    };
    assert!(!effects.iter().any(turned_off));
    let effects = act(&mut room, "Frau Maier", OFF).expect("off");
    assert_eq!(seen(&room), PEOPLE);
    assert!(
        forwarded(&effects, "Anna")
            .expect("told to the media")
            .camera
    );
}

#[test]
fn speakers_only_turned_on_in_silence_shows_who_turned_it_on_until_the_silence_is_long() {
    let mut room = seen_class();
    does(&mut room, 10_000, "Frau Maier", ON);
    assert_eq!(seen(&room), ["Frau Maier"]);
    tick(&mut room, 19_999);
    assert_eq!(seen(&room), ["Frau Maier"]);
    tick(&mut room, 20_000);
    assert!(seen(&room).is_empty());
}

#[test]
fn pupil_turns_speakers_only_neither_on_nor_off() {
    let mut room = seen_class();
    assert_eq!(act(&mut room, "Anna", ON), Err(Refusal::NotPermitted));
    act(&mut room, "Frau Maier", ON).expect("on");
    assert_eq!(act(&mut room, "Anna", OFF), Err(Refusal::NotPermitted));
    assert!(room.info().speakers_only.on);
}

#[test]
fn pupil_who_turns_a_camera_on_again_is_not_seen() {
    let mut room = quiet_class("Frau Maier");
    for on in [false, true] {
        let source = Source::Camera;
        does(
            &mut room,
            10_100,
            "Anna",
            ClientMessage::SetSource { source, on },
        );
    }
    assert_eq!(seen(&room), ["Frau Maier"]);
    // Nor by coming anew, nor by coming back.
    arrive(&mut room, "Cem", guest("Cem"), None);
    let on = ClientMessage::SetSource {
        source: Source::Camera,
        on: true,
    };
    does(&mut room, 10_200, "Cem", on);
    assert!(!room.forwarding(&id("Cem")).camera);
    room.handle(
        at(10_300),
        Command::Gone {
            participant: id("Anna"),
        },
    )
    .expect("gone");
    let back = Identity::Seat {
        participant: id("Anna"),
        owner: crate::room::SeatOwner::Bearer,
    };
    arrive(&mut room, "Anna", back, None);
    assert!(!room.forwarding(&id("Anna")).camera);
}

#[test]
fn speech_of_another_takes_the_picture_after_a_while_and_a_cough_does_not() {
    let mut room = quiet_class("Frau Maier");
    speak(&mut room, 20_000, &[]);
    speak(&mut room, 22_000, &["Anna"]);
    speak(&mut room, 22_900, &[]);
    tick(&mut room, 23_600);
    assert_eq!(seen(&room), ["Frau Maier"], "a cough");
    speak(&mut room, 24_000, &["Anna"]);
    tick(&mut room, 25_499);
    assert_eq!(seen(&room), ["Frau Maier"]);
    assert_eq!(room.next_handover(at(25_499)), Some(at(25_500)));
    let effects = tick(&mut room, 25_500);
    assert_eq!(seen(&room), ["Anna"]);
    assert!(!forwarded(&effects, "Frau Maier").expect("told").camera);
    assert!(forwarded(&effects, "Anna").expect("told").camera);
    let told = |effect: &Effect| {
        matches!(effect, Effect::ToAll(ServerMessage::SpeakersOnlyChanged { speakers_only })
            if speakers_only.speaker == Some(id("Anna")))
    };
    assert!(effects.iter().any(told));
}

#[test]
fn pupil_speaking_into_the_speech_of_another_does_not_take_the_picture() {
    let mut room = quiet_class("Ben");
    speak(&mut room, 20_000, &["Anna", "Ben"]);
    tick(&mut room, 60_000);
    assert_eq!(seen(&room), ["Ben"], "however loud and long");
    speak(&mut room, 60_000, &["Anna"]);
    tick(&mut room, 61_499);
    assert_eq!(seen(&room), ["Ben"], "a pause for breath");
    tick(&mut room, 61_500);
    assert_eq!(seen(&room), ["Anna"]);
}

#[test]
fn moderator_takes_the_picture_from_a_pupil_who_never_pauses() {
    let mut room = quiet_class("Ben");
    speak(&mut room, 20_000, &["Ben", "Anna", "Frau Maier"]);
    tick(&mut room, 21_500);
    assert_eq!(seen(&room), ["Frau Maier"]);
}

#[test]
fn handovers_by_speech_are_some_seconds_apart() {
    let mut room = quiet_class("Ben");
    speak(&mut room, 20_000, &["Anna"]);
    tick(&mut room, 21_500);
    assert_eq!(seen(&room), ["Anna"]);
    speak(&mut room, 21_600, &["Frau Maier"]);
    for now in (21_600..25_500).step_by(100) {
        tick(&mut room, now);
        assert_eq!(seen(&room), ["Anna"], "{now}");
    }
    tick(&mut room, 25_500);
    assert_eq!(seen(&room), ["Frau Maier"]);
}

#[test]
fn speech_after_a_silence_in_which_the_turn_ended_takes_the_picture_after_a_while() {
    let mut room = quiet_class("Ben");
    speak(&mut room, 20_000, &[]);
    tick(&mut room, 30_000);
    assert_eq!(speaker(&room), None, "ten seconds of silence");
    speak(&mut room, 30_100, &["Anna"]);
    tick(&mut room, 31_599);
    assert_eq!(speaker(&room), None);
    assert_eq!(room.next_handover(at(31_599)), Some(at(31_600)));
    tick(&mut room, 31_600);
    assert_eq!(seen(&room), ["Anna"]);
}

#[test]
fn speech_after_the_speaker_left_takes_the_picture_after_a_while() {
    let mut room = quiet_class("Ben");
    speak(&mut room, 20_000, &["Anna"]);
    tick(&mut room, 21_500);
    assert_eq!(seen(&room), ["Anna"]);
    speak(&mut room, 21_600, &["Anna", "Ben"]);
    tick(&mut room, 22_000);
    room.handle(
        at(22_000),
        Command::Act {
            by: By::Person(id("Anna")),
            action: ClientMessage::Leave.into(),
        },
    )
    .expect("left");
    tick(&mut room, 23_099);
    assert_eq!(speaker(&room), None);
    tick(&mut room, 23_100);
    assert_eq!(seen(&room), ["Ben"], "nobody is taken the picture from");
}

#[test]
fn floor_gives_the_picture_at_once_and_keeps_it_from_other_voices() {
    let mut room = quiet_class("Frau Maier");
    let floor = |participant| ClientMessage::SetFloor { participant };
    let effects = does(&mut room, 10_001, "Frau Maier", floor(Some(id("Anna"))));
    assert_eq!(seen(&room), ["Anna"]);
    assert!(forwarded(&effects, "Anna").expect("told").camera);
    assert!(!forwarded(&effects, "Frau Maier").expect("told").camera);
    speak(&mut room, 20_000, &["Frau Maier"]);
    tick(&mut room, 40_000);
    assert_eq!(seen(&room), ["Anna"]);
    assert_eq!(room.next_handover(at(40_000)), None);
    does(&mut room, 40_001, "Frau Maier", floor(None));
    assert_eq!(seen(&room), ["Frau Maier"], "who speaks meanwhile");
}

#[test]
fn voice_that_may_not_be_heard_takes_no_picture() {
    let mut room = quiet_class("Frau Maier");
    let locked = PolicyChange {
        microphone: Some(Who::Moderators),
        ..PolicyChange::default()
    };
    does(
        &mut room,
        10_100,
        "Frau Maier",
        ClientMessage::SetPolicy { change: locked },
    );
    speak(&mut room, 20_000, &["Anna", "nobody"]);
    tick(&mut room, 25_000);
    assert_ne!(speaker(&room), Some(id("Anna")));
    assert!(!room.forwarding(&id("Anna")).camera);
}

#[test]
fn speaker_without_a_camera_leaves_the_screen_to_nobody_else() {
    let mut room = quiet_class("Ben");
    let target = Target::These(vec![id("Anna")]);
    let mute = ClientMessage::Mute {
        target,
        source: Source::Camera,
    };
    does(&mut room, 10_100, "Frau Maier", mute);
    speak(&mut room, 20_000, &["Anna"]);
    tick(&mut room, 22_000);
    assert_eq!(speaker(&room), Some(id("Anna")));
    assert!(seen(&room).is_empty(), "Ben's turn is over");
}

#[test]
fn speaker_who_leaves_is_the_speaker_no_more() {
    let mut room = quiet_class("Anna");
    leaves_the_roster(&mut room, "Anna");
    assert_eq!(speaker(&room), None);
    assert!(seen(&room).is_empty());
}

#[test]
fn shared_screen_stays_while_speakers_only_is_on() {
    let mut room = quiet_class("Anna");
    let on = ClientMessage::SetSource {
        source: Source::Screen,
        on: true,
    };
    does(&mut room, 10_100, "Frau Maier", on);
    let forwarding = room.forwarding(&id("Frau Maier"));
    assert!(forwarding.screen && !forwarding.camera);
}

#[test]
fn restored_room_is_in_the_mode_and_shows_nobody_until_somebody_speaks() {
    let room = quiet_class("Anna");
    let mut restored =
        Room::restore(&room.snapshot(), at(30_000), Vec::new(), at(30_000)).expect("readable");
    assert!(restored.info().speakers_only.on);
    assert!(seen(&restored).is_empty());
    speak(&mut restored, 31_000, &["Ben"]);
    tick(&mut restored, 32_500);
    assert_eq!(seen(&restored), ["Ben"]);
}

fn lines(room: &mut Room, now: u64, poor: u32, of: u32) -> Vec<Effect> {
    let poor = (0..poor)
        .map(|number| id(&format!("poor {number}")))
        .collect();
    room.handle(at(now), Command::Lines { poor, of })
        .expect("noted")
}

fn proposals(effects: &[Effect]) -> Vec<Option<PoorLines>> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::ToModerators(ServerMessage::SpeakersOnlyProposed { lines }) => Some(*lines),
        Effect::ToAll(ServerMessage::SpeakersOnlyProposed { .. }) => panic!("to all"),
        _ => None,
    });
    told.collect()
}

const BAD: Option<PoorLines> = Some(PoorLines {
    poor: 2,
    of: 8,
    together: 0,
});

#[test]
fn proposal_says_how_many_poor_lines_are_in_one_network() {
    let mut room = seen_class();
    let networks = [
        ("Anna", "school"),
        ("Ben", "school"),
        ("Frau Maier", "home"),
    ];
    for (name, network) in networks {
        room.people.get_mut(&id(name)).expect("there").address = Some(network.to_owned());
    }
    let told = |room: &mut Room, now: u64, poor: &[&str]| {
        let poor = poor.iter().copied().map(id).collect();
        let effects = room.handle(at(now), Command::Lines { poor, of: 8 });
        proposals(&effects.expect("noted"))
    };
    let poor = ["Anna", "Ben", "Frau Maier", "gone"];
    assert!(told(&mut room, 10_000, &poor).is_empty());
    let lines = PoorLines {
        poor: 4,
        of: 8,
        together: 2,
    };
    assert_eq!(told(&mut room, 20_000, &poor), [Some(lines)]);
}

#[test]
fn proposal_comes_once_the_lines_of_a_quarter_are_bad_for_long() {
    let mut room = seen_class();
    for now in (10_000..20_000).step_by(1_000) {
        assert!(proposals(&lines(&mut room, now, 2, 8)).is_empty(), "{now}");
    }
    assert_eq!(proposals(&lines(&mut room, 20_000, 2, 8)), [BAD]);
    assert!(
        proposals(&lines(&mut room, 21_000, 5, 8)).is_empty(),
        "once"
    );
    assert!(!room.info().speakers_only.on, "never by itself");
    // Who comes in as a moderator sees it, a pupil does not.
    let second = Identity::Owner {
        user: "second".into(),
    };
    let told = |effects: &[Effect]| {
        effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::To {
                    message: ServerMessage::SpeakersOnlyProposed { lines: BAD },
                    ..
                }
            )
        })
    };
    assert!(told(&arrive(&mut room, "Herr Kurz", second, None).1));
    assert!(!told(&arrive(&mut room, "Cem", guest("Cem"), None).1));
}

#[test]
fn proposal_comes_neither_of_few_bad_lines_nor_of_a_short_trouble_nor_without_cameras() {
    let mut room = seen_class();
    for now in (10_000..100_000).step_by(1_000) {
        assert!(
            proposals(&lines(&mut room, now, 1, 2)).is_empty(),
            "one person"
        );
    }
    for now in (100_000..200_000).step_by(1_000) {
        assert!(
            proposals(&lines(&mut room, now, 2, 9)).is_empty(),
            "a few of many"
        );
    }
    for now in (200_000..300_000).step_by(1_000) {
        let poor = if now % 9_000 == 0 { 0 } else { 8 };
        assert!(
            proposals(&lines(&mut room, now, poor, 8)).is_empty(),
            "short"
        );
    }
    let mut room = class();
    for now in (10_000..100_000).step_by(1_000) {
        assert!(
            proposals(&lines(&mut room, now, 8, 8)).is_empty(),
            "no cameras"
        );
    }
}

#[test]
fn proposal_that_was_refused_comes_again_after_ten_minutes() {
    let mut room = seen_class();
    for now in [10_000, 20_000] {
        lines(&mut room, now, 2, 8);
    }
    assert_eq!(
        proposals(&does(&mut room, 21_000, "Frau Maier", OFF)),
        [None]
    );
    assert!(!room.info().speakers_only.on);
    for now in (22_000..621_000).step_by(1_000) {
        assert!(proposals(&lines(&mut room, now, 2, 8)).is_empty(), "{now}");
    }
    assert_eq!(proposals(&lines(&mut room, 621_000, 2, 8)), [BAD]);
}

#[test]
fn proposal_that_was_taken_up_ends_and_the_mode_is_on() {
    let mut room = seen_class();
    for now in [10_000, 20_000] {
        lines(&mut room, now, 2, 8);
    }
    assert_eq!(
        proposals(&does(&mut room, 21_000, "Frau Maier", ON)),
        [None]
    );
    assert!(room.info().speakers_only.on);
    for now in (22_000..700_000).step_by(1_000) {
        assert!(proposals(&lines(&mut room, now, 8, 8)).is_empty(), "{now}");
    }
}

#[test]
fn proposal_is_withdrawn_when_the_lines_are_good_again() {
    let mut room = seen_class();
    for now in [10_000, 20_000] {
        lines(&mut room, now, 2, 8);
    }
    assert!(proposals(&lines(&mut room, 30_000, 0, 8)).is_empty());
    assert!(proposals(&lines(&mut room, 59_999, 0, 8)).is_empty());
    assert_eq!(proposals(&lines(&mut room, 60_000, 0, 8)), [None]);
}

/// What happens in a lesson in the mode.
#[derive(Clone, Debug)]
enum Step {
    Speak(Vec<usize>),
    Camera(usize, bool),
    Floor(Option<usize>),
    Role(usize, bool),
    Mode(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..PEOPLE.len();
    prop_oneof![
        8 => prop::collection::vec(who(), 0..3).prop_map(Step::Speak),
        2 => (who(), any::<bool>()).prop_map(|(who, on)| Step::Camera(who, on)),
        1 => prop::option::of(who()).prop_map(Step::Floor),
        1 => (1..PEOPLE.len(), any::<bool>()).prop_map(|(who, up)| Step::Role(who, up)),
        1 => prop::bool::weighted(0.8).prop_map(Step::Mode),
    ]
}

fn command(step: Step) -> Command {
    let name = |who: usize| id(PEOPLE[who]);
    let (by, message) = match step {
        Step::Speak(mut who) => {
            who.dedup();
            let participants = who.into_iter().map(name).collect();
            return Command::Speaking { participants };
        }
        Step::Camera(who, on) => {
            let source = Source::Camera;
            (who, ClientMessage::SetSource { source, on })
        }
        Step::Floor(who) => {
            let participant = who.map(name);
            (0, ClientMessage::SetFloor { participant })
        }
        Step::Role(who, up) => {
            let role = if up {
                Role::Moderator
            } else {
                Role::Participant
            };
            let participant = name(who);
            (0, ClientMessage::SetRole { participant, role })
        }
        Step::Mode(on) => (0, ClientMessage::SetSpeakersOnly { on }),
    };
    let action = Action::from(message);
    let by = By::Person(name(by));
    Command::Act { by, action }
}

/// Lets time pass to this point: each handover at its time, as the conference does it.
fn pass(room: &mut Room, mut now: Timestamp, until: Timestamp) {
    while let Some(next) = room.next_handover(now).filter(|next| *next <= until) {
        assert!(next > now, "time stands still at {now:?}");
        now = next;
        room.handle(now, Command::Tick).expect("later");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// At each time at most one picture, that of the speaker; nobody becomes the speaker by speech without having spoken
    /// for long, or takes over soon after the one before; and where nobody is the speaker, speech is all that it takes.
    #[test]
    fn lesson_in_speakers_only_shows_one_picture_at_the_most(
        steps in prop::collection::vec((step(), 0u64..300), 1..60),
    ) {
        let mut room = quiet_class("Frau Maier");
        let mut watched = room.clone();
        let mut now = at(10_000);
        // Who speaks since when; the first speaker has been speaking for a while.
        let mut since: Vec<(ParticipantId, Timestamp)> = vec![(id(PEOPLE[0]), at(9_000))];
        let mut handed_over_at = now;
        for (step, wait) in steps {
            let end = now + Duration::from_millis(10 * wait);
            pass(&mut room, now, end);
            // The same lesson, looked at all the time.
            while now < end {
                now = end.min(now + Duration::from_millis(10));
                let before = watched.info();
                watched.handle(now, Command::Tick).expect("later");
                let after = watched.info().speakers_only.speaker;
                if let Some(next) = after.filter(|_| before.floor.is_none())
                    && before.speakers_only.speaker.as_ref() != Some(&next)
                {
                    let began = since.iter().find(|(id, _)| *id == next).map(|(_, at)| *at);
                    let began = began.expect("who takes over speaks");
                    prop_assert!(now.saturating_duration_since(began) >= Duration::from_millis(1_500));
                    let rest = now.saturating_duration_since(handed_over_at);
                    let is_free = before.speakers_only.speaker.is_none();
                    prop_assert!(is_free || rest >= Duration::from_secs(4), "{rest:?} after the one before");
                    handed_over_at = now;
                }
                let info = watched.info();
                if info.speakers_only.on && info.speakers_only.speaker.is_none() && info.floor.is_none() {
                    let longest = since.iter().map(|(_, at)| now.saturating_duration_since(*at)).max();
                    prop_assert!(longest < Some(Duration::from_millis(1_500)), "{longest:?} for nobody");
                }
            }
            prop_assert_eq!(room.info().speakers_only.on, watched.info().speakers_only.on);
            prop_assert_eq!(speaker(&room), speaker(&watched), "no handover was missed");
            let command = command(step);
            let before = speaker(&watched);
            // What is refused changes nothing.
            let _ = room.handle(now, command.clone());
            let _ = watched.handle(now, command.clone());
            if let Command::Speaking { participants } = command {
                since = participants
                    .into_iter()
                    // Whoever may not be heard does not count.
                    .filter(|id| watched.forwarding(id).microphone)
                    .map(|id| {
                        let at = since.iter().find(|(one, _)| *one == id).map_or(now, |(_, at)| *at);
                        (id, at)
                    })
                    .collect();
            }
            if speaker(&watched) != before {
                handed_over_at = now;
            }
            let info = watched.info().speakers_only;
            let seen = seen(&watched);
            if info.on {
                prop_assert!(seen.len() <= 1, "{:?} are seen", seen);
                prop_assert!(seen.iter().all(|name| info.speaker == Some(id(name))));
            } else {
                prop_assert_eq!(info.speaker, None);
            }
        }
    }
}

#[test]
fn integrator_and_moderator_by_promotion_may_turn_speakers_only_on() {
    let mut room = seen_class();
    let promote = ClientMessage::SetRole {
        participant: id("Anna"),
        role: Role::Moderator,
    };
    act(&mut room, "Frau Maier", promote).expect("promoted");
    act(&mut room, "Anna", ON).expect("on");
    let by = By::Server;
    let action = Action::from(OFF);
    room.handle(at(3_000), Command::Act { by, action })
        .expect("off");
    assert_eq!(seen(&room), PEOPLE);
    arrive(&mut room, "Frau Maier", teacher(), None);
}
