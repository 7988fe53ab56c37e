//! The table of permissions as data, for the tests of the browser client, which decides the same (`rights.ts`).

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;
use std::path::PathBuf;

use serde::Serialize;
use ts_rs::TS;

use crate::room::permission::{Needs, Standing, needs, permits};
use crate::room::{Action, right_of};
use crate::signal::{
    ClientMessage, ParticipantId, Policy, PolicyChange, Right, Role, Source, Target, Who,
};

/// One row of the table. `permissions.json` is an array of these objects:
///
/// ```json
/// {"role": "participant", "policy": "everyone", "grants": ["screen"], "floor": "other",
///  "held": false, "action": {"type": "set_source", "source": "screen", "on": true}, "right": "screen", "allowed": true}
/// ```
/// * `role`: the [`Role`] of the person who wants to do it.
/// * `policy`: to [`Who`] the policy gives each of the four rights.
/// * `grants`: the [`Right`]s that the person was given personally.
/// * `floor`: who has the floor: `nobody`, the person themselves (`own`) or somebody else (`other`).
/// * `held`: whether the emergency stop holds the person.
/// * `action`: the [`ClientMessage`] that the person sends.
/// * `right`: the right that the message needs, or `null` where it needs none: then it is everyone's or moderators'.
/// * `allowed`: whether the server does it.
#[derive(Serialize)]
struct Row {
    role: Role,
    policy: Who,
    grants: BTreeSet<Right>,
    floor: Floor,
    held: bool,
    action: ClientMessage,
    right: Option<Right>,
    allowed: bool,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Floor {
    Nobody,
    Own,
    Other,
}

const SOURCES: [Source; 3] = [Source::Microphone, Source::Camera, Source::Screen];

/// One of each message that the room decides on.
fn actions() -> Vec<ClientMessage> {
    let participant = || ParticipantId("other".into());
    let target = || Target::These(vec![participant()]);
    let source = Source::Microphone;
    let mut actions = Vec::new();
    for source in SOURCES {
        for on in [true, false] {
            actions.push(ClientMessage::SetSource { source, on });
        }
    }
    actions.extend([
        ClientMessage::SendChat { text: "x".into() },
        ClientMessage::SetHand { raised: true },
        ClientMessage::Leave,
        ClientMessage::Away,
        ClientMessage::Mute {
            target: target(),
            source,
        },
        ClientMessage::Ask {
            participant: participant(),
            source,
        },
        ClientMessage::SetPolicy {
            change: PolicyChange::default(),
        },
        ClientMessage::SetPassword { password: None },
        ClientMessage::Grant {
            participant: participant(),
            right: Right::Screen,
            granted: true,
        },
        ClientMessage::SetFloor { participant: None },
        ClientMessage::SetSpeakersOnly { on: true },
        ClientMessage::Admit { target: target() },
        ClientMessage::Refuse { target: target() },
        ClientMessage::Remove { target: target() },
        ClientMessage::SetRole {
            participant: participant(),
            role: Role::Moderator,
        },
        ClientMessage::LowerHand { target: target() },
        ClientMessage::Rename {
            participant: participant(),
            name: "Anna".into(),
        },
        ClientMessage::Mark {
            participant: participant(),
            marked: true,
        },
        ClientMessage::SendToLobby { target: target() },
        ClientMessage::DeleteMessage { id: 1 },
        ClientMessage::DeleteMessagesOf {
            participant: participant(),
        },
        ClientMessage::LockAll,
        ClientMessage::Release { target: target() },
        ClientMessage::SetLessonClosed { closed: true },
        ClientMessage::ReleaseCameras,
        ClientMessage::Report,
        ClientMessage::EndForAll,
    ]);
    actions
}

fn row(
    role: Role,
    who: Who,
    grants: &[Right],
    floor: Floor,
    held: bool,
    message: &ClientMessage,
) -> Row {
    let policy = Policy {
        microphone: who,
        camera: who,
        screen: who,
        chat: who,
        ..Policy::default()
    };
    let (own, other) = (ParticipantId("own".into()), ParticipantId("other".into()));
    let grants: BTreeSet<Right> = grants.iter().copied().collect();
    let person = Standing {
        id: &own,
        role,
        grants: &grants,
        held,
    };
    let holder = match floor {
        Floor::Nobody => None,
        Floor::Own => Some(&own),
        Floor::Other => Some(&other),
    };
    let action = Action::from(message.clone());
    let allowed = permits(person, &action, &policy, holder);
    let right = match needs(&action) {
        Needs::Holding(right) => Some(right),
        _ => None,
    };
    Row {
        role,
        policy: who,
        grants,
        floor,
        held,
        action: message.clone(),
        right,
        allowed,
    }
}

/// Every combination where a right decides, and the two ends where it does not.
fn table() -> Vec<Row> {
    const ALL: [Right; 4] = [Right::Microphone, Right::Camera, Right::Screen, Right::Chat];
    let mut rows = Vec::new();
    for message in actions() {
        for role in [Role::Participant, Role::Moderator] {
            let Needs::Holding(right) = needs(&message.clone().into()) else {
                rows.push(row(role, Who::Everyone, &ALL, Floor::Own, false, &message));
                rows.push(row(
                    role,
                    Who::Moderators,
                    &[],
                    Floor::Other,
                    true,
                    &message,
                ));
                continue;
            };
            for who in [Who::Everyone, Who::Moderators] {
                for grants in [&[][..], &[right]] {
                    for floor in [Floor::Nobody, Floor::Own, Floor::Other] {
                        rows.push(row(role, who, grants, floor, false, &message));
                        rows.push(row(role, who, grants, floor, true, &message));
                    }
                }
            }
        }
    }
    rows
}

/// Writes `permissions.json` beside the TypeScript types, which are made by tests of the same kind.
#[test]
fn export_bindings_permissions() {
    let rows = table();
    assert!(rows.iter().any(|row| row.allowed) && rows.iter().any(|row| !row.allowed));
    let Ok(folder) = std::env::var("TS_RS_EXPORT_DIR") else {
        return;
    };
    let lines: Vec<String> = rows
        .iter()
        .map(|row| serde_json::to_string(row).expect("a row"))
        .collect();
    let mut text = String::new();
    writeln!(text, "[\n  {}\n]", lines.join(",\n  ")).expect("a string takes everything");
    let file = PathBuf::from(folder).join("permissions.json");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    std::fs::write(file, text).expect("written");
}

#[test]
fn table_has_every_message_that_the_room_decides_on() {
    let declared = ClientMessage::decl(&ts_rs::Config::default());
    let declared: HashSet<String> = declared
        .split("{ \"type\": \"")
        .skip(1)
        .filter_map(|one| Some(one.split_once('"')?.0.to_owned()))
        .collect();
    let kind = |message: &ClientMessage| {
        let value = serde_json::to_value(message).expect("a message");
        value["type"].as_str().expect("a type").to_owned()
    };
    let mut listed: HashSet<String> = actions().iter().map(kind).collect();
    listed.extend(["join", "offer", "probe", "view", "ping"].map(str::to_owned));
    assert_eq!(listed, declared);
}

#[test]
fn source_turned_on_needs_the_right_of_that_source() {
    for source in SOURCES {
        let on = ClientMessage::SetSource { source, on: true };
        assert_eq!(needs(&on.into()), Needs::Holding(right_of(source)));
    }
}
