//! A closed lesson, the emergency stop, and reports, as people live through them.

use super::fixtures::{
    act, arrive, at, class, door, guest, id, is_in, leaves_the_roster, policy, seat, teacher,
    to_all,
};
use crate::room::{
    Admission, By, Command, Effect, Forwarding, Incident, IncidentKind, Refusal, Room, SeatKind,
    Sent,
};
use crate::signal::{
    ClientMessage, Door, PolicyChange, RefusalReason, Right, Role, ServerMessage, Source, Target,
    Who,
};

const TEACHER: &str = "Frau Maier";

fn on(source: Source) -> ClientMessage {
    ClientMessage::SetSource { source, on: true }
}

fn say(text: &str) -> ClientMessage {
    ClientMessage::SendChat { text: text.into() }
}

fn release(names: &[&str]) -> ClientMessage {
    ClientMessage::Release {
        target: Target::These(names.iter().map(|name| id(name)).collect()),
    }
}

const RELEASE_ALL: ClientMessage = ClientMessage::Release {
    target: Target::All,
};

fn closed(closed: bool) -> ClientMessage {
    ClientMessage::SetLessonClosed { closed }
}

fn grant(name: &str, right: Right, granted: bool) -> ClientMessage {
    ClientMessage::Grant {
        participant: id(name),
        right,
        granted,
    }
}

fn incident(effects: &[Effect]) -> Option<&Incident> {
    effects.iter().find_map(|effect| match effect {
        Effect::Incident(incident) => Some(incident),
        _ => None,
    })
}

fn shown_chat(effects: &[Effect], name: &str) -> Option<usize> {
    effects.iter().find_map(|effect| match effect {
        Effect::To {
            participant,
            message: ServerMessage::ChatShown { messages },
        } if *participant == id(name) => Some(messages.len()),
        _ => None,
    })
}

fn restarted(room: &Room) -> Room {
    Room::restore(&room.snapshot(), at(4_000), room.chat().to_vec(), at(4_000)).expect("readable")
}

fn stopped() -> Room {
    let mut room = class();
    act(&mut room, "Anna", say("vorher")).expect("said");
    act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    room
}

#[test]
fn emergency_stop_tells_media_first_and_then_covers_the_picture() {
    let mut room = class();
    for name in ["Anna", "Ben"] {
        act(&mut room, name, on(Source::Microphone)).expect("on");
        act(&mut room, name, on(Source::Camera)).expect("on");
    }
    let effects = act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    let is_forward = |effect: &Effect| matches!(effect, Effect::Forward { .. });
    let media = effects.iter().take_while(|effect| is_forward(effect));
    assert_eq!(media.count(), 4, "{effects:?}");
    assert!(!effects[4..].iter().any(is_forward));
    assert!(matches!(
        &effects[4],
        Effect::ToAll(ServerMessage::RoomChanged { room })
            if room.safety.emergency_stop.is_some()
    ));
}

#[test]
fn emergency_stop_leaves_the_policy_and_closes_the_door() {
    let mut room = class();
    let before = room.policy().clone();
    act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    act(&mut room, TEACHER, RELEASE_ALL).expect("released");
    assert_eq!(room.info().safety.emergency_stop, None);
    assert_eq!(room.policy().door, Door::Closed, "until it is opened");
    act(&mut room, TEACHER, door(before.door)).expect("opened");
    assert_eq!(*room.policy(), before);
    act(&mut room, "Anna", on(Source::Camera)).expect("as before");
}

#[test]
fn released_person_has_what_the_policy_gives_and_no_grants() {
    let mut room = class();
    act(&mut room, TEACHER, grant("Anna", Right::Screen, true)).expect("granted");
    act(&mut room, "Anna", on(Source::Microphone)).expect("on");
    act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    let refused = Err(Refusal::NotPermitted);
    assert_eq!(act(&mut room, "Anna", on(Source::Microphone)), refused);
    act(&mut room, TEACHER, release(&["Anna"])).expect("released");
    assert_eq!(room.forwarding(&id("Anna")), Forwarding::default());
    act(&mut room, "Anna", on(Source::Microphone)).expect("permitted");
    act(&mut room, "Anna", say("wieder da")).expect("permitted");
    assert!(room.forwarding(&id("Anna")).microphone);
    assert_eq!(act(&mut room, "Anna", on(Source::Screen)), refused);
    assert_eq!(act(&mut room, "Ben", say("!")), refused, "still held");
    // Pressed once more, it holds all of them again.
    act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    assert_eq!(room.forwarding(&id("Anna")), Forwarding::default());
    assert_eq!(act(&mut room, "Anna", say("!")), refused);
}

#[test]
fn held_person_comes_back_into_the_stop_also_after_a_restart() {
    let mut room = stopped();
    leaves_the_roster(&mut room, "Ben");
    for mut room in [restarted(&room), room] {
        let (admission, effects) = arrive(&mut room, "Ben", seat(id("Ben")), None);
        assert!(is_in(&admission), "{admission:?}");
        assert!(room.is_held(&id("Ben")) && room.chat_for(&id("Ben")).is_empty());
        assert_eq!(shown_chat(&effects, "Ben"), None);
        let effects = act(&mut room, TEACHER, release(&["Ben"])).expect("released");
        assert_eq!(shown_chat(&effects, "Ben"), Some(1));
        // Anna has all of it since before, and Ben has it now.
        let effects = act(&mut room, TEACHER, RELEASE_ALL).expect("released");
        assert_eq!(shown_chat(&effects, "Ben"), None);
        assert_eq!(shown_chat(&effects, "Anna"), None);
    }
}

#[test]
fn released_person_stays_released_when_they_come_back() {
    let mut room = stopped();
    act(&mut room, TEACHER, release(&["Ben"])).expect("released");
    leaves_the_roster(&mut room, "Ben");
    let mut room = restarted(&room);
    assert!(is_in(&arrive(&mut room, "Ben", seat(id("Ben")), None).0));
    assert!(!room.is_held(&id("Ben")));
    assert_eq!(room.chat_for(&id("Ben")).len(), 1);
}

#[test]
fn newcomer_admitted_during_the_stop_is_held() {
    let mut room = class();
    act(&mut room, TEACHER, door(Door::Knock)).expect("knock");
    arrive(&mut room, "Cem", guest("c"), None);
    act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    let target = Target::All;
    act(&mut room, TEACHER, ClientMessage::Admit { target }).expect("admitted");
    assert!(room.is_held(&id("Cem")));
    assert_eq!(
        arrive(&mut room, "Dana", guest("d"), None).0,
        Admission::Refused(RefusalReason::Closed)
    );
}

#[test]
fn promoted_person_is_not_held_and_is_shown_the_chat() {
    let mut room = stopped();
    leaves_the_roster(&mut room, "Ben");
    arrive(&mut room, "Ben", seat(id("Ben")), None);
    let role = |role| ClientMessage::SetRole {
        participant: id("Ben"),
        role,
    };
    let effects = act(&mut room, TEACHER, role(Role::Moderator)).expect("promoted");
    assert_eq!(shown_chat(&effects, "Ben"), Some(1));
    act(&mut room, "Ben", on(Source::Camera)).expect("permitted");
    act(&mut room, TEACHER, role(Role::Participant)).expect("demoted");
    assert!(room.is_held(&id("Ben")));
    assert_eq!(room.forwarding(&id("Ben")), Forwarding::default());
}

#[test]
fn removal_works_while_everything_is_stopped() {
    let mut room = stopped();
    let target = Target::These(vec![id("Ben")]);
    act(&mut room, TEACHER, ClientMessage::Remove { target }).expect("removed");
    assert_eq!(
        arrive(&mut room, "Ben", seat(id("Ben")), None).0,
        Admission::Refused(RefusalReason::Removed)
    );
}

#[test]
fn stop_records_who_sent_what_and_no_name() {
    let mut room = class();
    act(&mut room, "Anna", on(Source::Camera)).expect("on");
    act(&mut room, "Ben", say("etwas Böses")).expect("said");
    let effects = act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    let record = incident(&effects).expect("a record").clone();
    assert_eq!(record.kind, IncidentKind::EmergencyStop);
    assert_eq!((record.id.as_str(), record.at), ("c-1", at(2_000)));
    let by = record.by.as_ref().expect("a moderator");
    assert_eq!((by.number, by.kind), (1, SeatKind::Moderator));
    let seats = record.seats.iter().map(|one| {
        let sent: Vec<Sent> = one.sent.iter().copied().collect();
        (one.number, one.kind, sent)
    });
    assert_eq!(
        seats.collect::<Vec<_>>(),
        [
            (2, SeatKind::Guest, vec![Sent::Camera]),
            (3, SeatKind::Guest, vec![Sent::Chat]),
        ]
    );
    let text = serde_json::to_string(&record).expect("JSON");
    for private in ["Anna", "Ben", "Böses", "Maier"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
    // Pressed twice, it is one incident.
    let effects = act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    assert_eq!(incident(&effects), None);
    let stop = room.info().safety.emergency_stop.expect("a stop");
    assert_eq!(stop.incident.as_deref(), Some("c-1"));
    // Somebody was released: what they sent meanwhile is another one.
    act(&mut room, TEACHER, release(&["Ben"])).expect("released");
    let effects = act(&mut room, TEACHER, ClientMessage::LockAll).expect("stopped");
    assert_eq!(incident(&effects).map(|one| one.id.as_str()), Some("c-2"));
}

#[test]
fn report_tells_moderators_once_and_thanks_each_time() {
    let mut room = stopped();
    let thanks = Effect::To {
        participant: id("Anna"),
        message: ServerMessage::ReportNoted,
    };
    let effects = act(&mut room, "Anna", ClientMessage::Report).expect("noted");
    let told = Effect::ToModerators(ServerMessage::Reported {
        by: id("Anna"),
        name: "Anna".into(),
    });
    assert!(effects.contains(&told) && effects.contains(&thanks));
    let record = incident(&effects).expect("a record");
    assert_eq!(record.kind, IncidentKind::Report);
    assert_eq!(record.by.as_ref().map(|one| one.number), Some(2));
    let effects = act(&mut room, "Anna", ClientMessage::Report).expect("noted");
    assert_eq!(effects, [thanks], "no flood");
    // Neither a new seat nor a restart makes it somebody else.
    act(&mut room, TEACHER, door(Door::Open)).expect("opened");
    let mut room = restarted(&room);
    arrive(&mut room, "Anna again", guest("Anna"), None);
    let effects = act(&mut room, "Anna again", ClientMessage::Report).expect("noted");
    assert_eq!(incident(&effects), None);
}

#[test]
fn report_of_the_server_is_refused() {
    let mut room = class();
    let (by, action) = (By::Server, ClientMessage::Report.into());
    let refused = room.handle(at(2_000), Command::Act { by, action });
    assert_eq!(refused, Err(Refusal::NotPermitted));
}

#[test]
fn closed_lesson_locks_cameras_and_opened_gives_all_of_it_back() {
    let mut room = class();
    let wanted = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    act(&mut room, TEACHER, policy(wanted)).expect("set");
    act(&mut room, TEACHER, grant("Ben", Right::Camera, true)).expect("granted");
    act(&mut room, "Anna", on(Source::Camera)).expect("on");
    let before = (room.policy().clone(), room.roster());
    act(&mut room, TEACHER, closed(true)).expect("closed");
    let safety = room.info().safety;
    assert!(safety.lesson_closed && safety.cameras_locked);
    assert_eq!(room.policy().door, Door::Closed);
    for name in ["Anna", "Ben"] {
        let refused = act(&mut room, name, on(Source::Camera));
        assert_eq!(refused, Err(Refusal::NotPermitted));
        act(&mut room, name, on(Source::Microphone)).expect("permitted");
    }
    act(&mut room, TEACHER, on(Source::Camera)).expect("a moderator's");
    act(&mut room, TEACHER, closed(false)).expect("opened");
    assert_eq!(room.policy(), &before.0);
    let grants = |name: &str| room.participant(&id(name)).expect("here").grants;
    assert_eq!(grants("Ben"), [Right::Camera]);
    assert_eq!(room.info().safety, crate::signal::Safety::default());
}

#[test]
fn released_cameras_leave_the_door_closed() {
    let mut room = class();
    act(&mut room, TEACHER, closed(true)).expect("closed");
    act(&mut room, TEACHER, ClientMessage::ReleaseCameras).expect("released");
    let safety = room.info().safety;
    assert!(safety.lesson_closed && !safety.cameras_locked);
    assert_eq!(room.policy().door, Door::Closed);
    act(&mut room, "Anna", on(Source::Camera)).expect("permitted");
    assert_eq!(
        act(&mut room, TEACHER, ClientMessage::ReleaseCameras),
        Ok(Vec::new())
    );
}

#[test]
fn closed_lesson_takes_nothing_back_that_was_changed_by_hand() {
    let mut room = class();
    act(&mut room, TEACHER, grant("Ben", Right::Camera, true)).expect("granted");
    act(&mut room, TEACHER, closed(true)).expect("closed");
    act(&mut room, TEACHER, grant("Ben", Right::Camera, false)).expect("taken back");
    let moderators = PolicyChange {
        camera: Some(Who::Moderators),
        ..PolicyChange::default()
    };
    let effects = act(&mut room, TEACHER, policy(moderators)).expect("set");
    assert_eq!(to_all(&effects).len(), 1, "{effects:?}");
    assert!(!room.info().safety.cameras_locked, "by hand");
    act(&mut room, TEACHER, door(Door::Knock)).expect("by hand");
    assert!(!room.info().safety.lesson_closed);
    act(&mut room, TEACHER, closed(false)).expect("nothing to do");
    let now = room.policy();
    assert_eq!((now.door, now.camera), (Door::Knock, Who::Moderators));
    assert_eq!(room.participant(&id("Ben")).expect("here").grants, []);
}

#[test]
fn closed_lesson_lets_back_who_was_inside_and_nobody_else() {
    let mut room = class();
    // Ben reloads the page at this very moment; somebody else left long ago.
    arrive(&mut room, "Gast", guest("g"), None);
    leaves_the_roster(&mut room, "Gast");
    let later = at(3_000_000);
    let mut by = |name: &str, message: ClientMessage| {
        let command = Command::Act {
            by: By::Person(id(name)),
            action: message.into(),
        };
        room.handle(later, command).expect("done")
    };
    by("Ben", ClientMessage::Away);
    by(TEACHER, closed(true));
    leaves_the_roster(&mut room, "Anna");
    for mut room in [restarted(&room), room] {
        let turned_away = Admission::Refused(RefusalReason::Closed);
        let gast = arrive(&mut room, "Gast", seat(id("Gast")), None).0;
        assert_eq!(gast, turned_away);
        let stranger = arrive(&mut room, "Dana", guest("d"), None).0;
        assert_eq!(stranger, turned_away);
        for name in ["Anna", "Ben"] {
            assert!(is_in(&arrive(&mut room, name, seat(id(name)), None).0));
        }
        assert!(is_in(&arrive(&mut room, "second", teacher(), None).0));
    }
}

#[test]
fn closed_lesson_lets_back_who_was_inside_also_where_the_conference_is_full() {
    let mut room = class();
    act(&mut room, TEACHER, closed(true)).expect("closed");
    leaves_the_roster(&mut room, "Anna");
    let small = PolicyChange {
        capacity: Some(2),
        ..PolicyChange::default()
    };
    act(&mut room, TEACHER, policy(small)).expect("set");
    let (admission, effects) = arrive(&mut room, "Anna", seat(id("Anna")), None);
    assert!(is_in(&admission), "{admission:?}");
    let gave_way = |effect: &Effect| matches!(effect, Effect::Out { .. });
    assert!(!effects.iter().any(gave_way), "{effects:?}");
}

#[test]
fn closed_lesson_without_a_camera_to_lock_says_so() {
    let mut room = class();
    let moderators = PolicyChange {
        camera: Some(Who::Moderators),
        ..PolicyChange::default()
    };
    act(&mut room, TEACHER, policy(moderators)).expect("set");
    act(&mut room, TEACHER, closed(true)).expect("closed");
    assert!(!room.info().safety.cameras_locked);
}
