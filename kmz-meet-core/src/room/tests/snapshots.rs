//! Snapshots are stored: a conference goes on after an update, so what an older version wrote has to be read, and what is
//! written has to be what an older version reads.

use std::time::Duration;

use serde_json::Value;

use super::fixtures::{
    act, arrive, at, class, door, guest, id, is_in, leaves_the_roster, room, seat, teacher,
};
use crate::room::{Action, Admission, Arrival, By, Command, Identity, PolicyLimits, Room, Setup};
use crate::signal::{
    Alert, ClientMessage, ConferenceId, Door, Policy, RefusalReason, Right, Role, Source, Target,
};

/// The snapshot of [`lesson`], as it was written before the state was split into features; the policy has a field more.
const WRITTEN: &str = include_str!("snapshots/lesson.json");

fn takes_part(room: &mut Room, now: u64, name: &str, identity: Identity, session: Option<&str>) {
    let arrival = Arrival {
        password: Some("Kastanie".to_owned()),
        typed_name: name.starts_with('G'),
        address: Some("192.0.2.0/24".to_owned()),
        session: session.map(str::to_owned),
        known_for: Some(Duration::from_millis(500)),
        ..Arrival::new(id(name), name, identity)
    };
    room.handle(at(now), Command::Arrive(arrival))
        .expect("answered");
}

fn pupil(user: &str, device: &str) -> Identity {
    Identity::Verified {
        user: user.to_owned(),
        device: Some(device.to_owned()),
        listed: true,
        unidentified: false,
    }
}

fn server(room: &mut Room, action: Action) {
    let by = By::Server;
    let command = Command::Act { by, action };
    room.handle(at(2_500), command).expect("done");
}

/// A lesson in which everything happened that a snapshot can tell of.
fn lesson() -> Room {
    let setup = Setup {
        conference: ConferenceId("c-1".into()),
        name: "mutiger-dachs".into(),
        title: Some("Deutsch 7b".into()),
        welcome: Some("Hallo!".into()),
        takes_attendance: true,
        owner_name: Some("Frau Maier".into()),
        policy: Policy::default(),
        password: Some("Kastanie".into()),
        capacity_limit: 60,
        limits: PolicyLimits::default(),
    };
    let mut room = Room::new(setup, at(1_000));
    takes_part(&mut room, 1_000, "Frau Maier", teacher(), Some("s-1"));
    let second = Identity::Owner {
        user: "second".into(),
    };
    takes_part(&mut room, 1_010, "Herr Kurz", second, None);
    for (number, name) in ["Anna", "Ben", "Cem", "Dana"].into_iter().enumerate() {
        let identity = pupil(&format!("lti:{name}"), &format!("d{number}"));
        takes_part(
            &mut room,
            1_100 + number as u64,
            name,
            identity,
            Some("s-2"),
        );
    }
    // One account by more devices than one person has places.
    for number in 0..4 {
        let name = format!("Emil{number}");
        let identity = pupil("lti:Emil", &format!("e{number}"));
        takes_part(&mut room, 1_200 + number, &name, identity, None);
    }
    takes_part(&mut room, 1_300, "Gast", guest("g"), None);
    takes_part(&mut room, 1_310, "Gisela", guest("h"), None);
    let on = |source| ClientMessage::SetSource { source, on: true };
    let screen = ClientMessage::Grant {
        participant: id("Anna"),
        right: Right::Screen,
        granted: true,
    };
    act(&mut room, "Frau Maier", screen).expect("granted");
    for source in [Source::Screen, Source::Microphone] {
        act(&mut room, "Anna", on(source)).expect("on");
    }
    for name in ["Ben", "Gast", "Anna"] {
        act(&mut room, name, ClientMessage::SetHand { raised: true }).expect("raised");
    }
    let floor = ClientMessage::SetFloor {
        participant: Some(id("Ben")),
    };
    act(&mut room, "Frau Maier", floor).expect("given");
    let text = "Seite 12".to_owned();
    act(&mut room, "Frau Maier", ClientMessage::SendChat { text }).expect("said");
    let text = "Welche?".to_owned();
    act(&mut room, "Ben", ClientMessage::SendChat { text }).expect("said");
    let promoted = ClientMessage::SetRole {
        participant: id("Cem"),
        role: Role::Moderator,
    };
    act(&mut room, "Frau Maier", promoted).expect("promoted");
    act(&mut room, "Herr Kurz", ClientMessage::Leave).expect("left");
    act(&mut room, "Dana", ClientMessage::Away).expect("away");
    let participant = id("Cem");
    room.handle(at(2_400), Command::Gone { participant })
        .expect("gone");
    let target = Target::These(vec![id("Gisela")]);
    act(&mut room, "Frau Maier", ClientMessage::Remove { target }).expect("removed");
    act(&mut room, "Frau Maier", door(Door::Knock)).expect("knock");
    let password = Some("Ahorn".to_owned());
    act(
        &mut room,
        "Frau Maier",
        ClientMessage::SetPassword { password },
    )
    .expect("set");
    server(&mut room, Action::Alert(Alert::WrongPasswords));
    let user = "lti:Fritz".to_owned();
    server(&mut room, Action::WithdrawUser { user });
    room
}

/// JSON that does not depend on the order of fields.
fn tree(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn snapshot_is_written_as_older_versions_wrote_it() {
    assert_eq!(tree(&lesson().snapshot()), tree(WRITTEN));
}

#[test]
fn snapshot_of_an_older_version_is_read_and_written_again_unchanged() {
    let room: Room = serde_json::from_str(WRITTEN).expect("a room");
    assert_eq!(tree(&room.snapshot()), tree(WRITTEN));
    // All of it was read: nobody is left out of what the room says.
    assert_eq!(room.present(), lesson().present());
    assert_eq!(room.roster(), lesson().roster());
    assert_eq!(room.info(), lesson().info());
    assert_eq!(room.attended(at(9_000)), lesson().attended(at(9_000)));
    assert_eq!(room.password_changes(), lesson().password_changes());
}

#[test]
fn snapshot_without_the_simple_view_is_read_as_of_a_room_without_it() {
    let older = WRITTEN.replace("\"simple_view\": false,", "");
    assert_ne!(older, WRITTEN);
    let room: Room = serde_json::from_str(&older).expect("a room");
    assert!(!room.policy().simple_view);
    assert_eq!(room.info(), lesson().info());
}

#[test]
fn empty_room_has_every_field_in_its_snapshot() {
    let fields = |text: &str| -> Vec<String> {
        let Value::Object(fields) = tree(text) else {
            panic!("an object");
        };
        fields.keys().cloned().collect()
    };
    let empty = room(Policy::default(), None).snapshot();
    assert_eq!(fields(&empty), fields(WRITTEN));
}

#[test]
fn restored_room_keeps_door_hands_seats_and_removals() {
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
    let mut restored = Room::restore(&room.snapshot(), at(9_000), room.chat().to_vec(), at(9_000))
        .expect("readable");
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
fn snapshot_without_newer_fields_is_read() {
    let mut room = class();
    leaves_the_roster(&mut room, "Anna");
    let mut snapshot: serde_json::Value = serde_json::from_str(&room.snapshot()).expect("JSON");
    let fields = snapshot.as_object_mut().expect("an object");
    for field in ["owner_name", "alerts", "shared_accounts"] {
        fields.remove(field).expect("a field");
    }
    fields["blocked"]
        .as_object_mut()
        .expect("an object")
        .remove("withdrawn");
    let people = fields["people"].as_object_mut().expect("people");
    for person in people.values_mut() {
        let person = person.as_object_mut().expect("a person");
        for field in [
            "typed_name",
            "anonymous",
            "asked_name",
            "away",
            "session",
            "known_since",
            "came_at",
        ] {
            person.remove(field).expect("a field");
        }
    }
    let mut restored =
        Room::restore(&snapshot.to_string(), at(9_000), Vec::new(), at(9_000)).expect("readable");
    assert!(is_in(&arrive(&mut restored, "", seat(id("Anna")), None).0));
    assert!(is_in(&arrive(&mut restored, "", teacher(), None).0));
}
