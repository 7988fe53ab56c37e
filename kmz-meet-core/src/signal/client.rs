//! What a client says.

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use super::limits::MAX_LIST;
use super::types::{ParticipantId, PolicyChange, Right, Role, Sections, Source, Target, Tile};

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export, optional_fields)]
pub enum ClientMessage {
    /// The first message. Who signed in before is known by the session cookie of the WebSocket's request.
    Join {
        /// The room's name, as in its link.
        room: String,
        /// The name to be shown. A person who is signed in or came by a signed claim keeps that name.
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
        /// The seat from an earlier `joined`: the way back after a lost connection or a reload.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<String>,
        /// A signed claim from a course or an integrator.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// Leave for good: the seat is given back.
    #[serde(deserialize_with = "nothing_else")]
    Leave,
    /// The page is being closed or reloaded: the server does not wait for the connection to be lost. The seat is kept.
    #[serde(deserialize_with = "nothing_else")]
    Away,
    /// Start (or start anew) the media session. Answered by `answer` or `error`.
    Offer { sdp: String, sections: Sections },
    /// Try a path beside the media session, which goes on: whether UDP goes through again, for one who is relayed. Nothing
    /// is sent or forwarded. Answered by `probe_answer` or `error`.
    Probe { sdp: String, sections: Sections },
    /// What is shown now, in order of importance. Replaces the former view.
    View {
        tiles: Vec<Tile>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pinned: Option<ParticipantId>,
    },
    /// Turn one's own source on or off.
    SetSource { source: Source, on: bool },
    /// Say something to everyone.
    SendChat { text: String },
    /// Raise or lower one's own hand.
    SetHand { raised: bool },
    /// 'Something is wrong here': moderators are told who says so, and the server keeps an incident record. Answered by
    /// `report_noted`.
    #[serde(deserialize_with = "nothing_else")]
    Report,
    /// Answered by `pong`: shows that the connection lives.
    #[serde(deserialize_with = "nothing_else")]
    Ping,

    // --- moderators only ---
    /// Turn sources off. People can turn them on again unless the policy forbids it.
    Mute { target: Target, source: Source },
    /// Ask someone to turn a source on. It is a question; nothing is turned on.
    Ask {
        participant: ParticipantId,
        source: Source,
    },
    /// Change the policy of this conference.
    SetPolicy { change: PolicyChange },
    /// Set (`null` clears) the password. People inside stay.
    SetPassword { password: Option<String> },
    /// Give a right to one person, or take it back.
    Grant {
        participant: ParticipantId,
        right: Right,
        granted: bool,
    },
    /// Give the floor to one person: microphones are locked for the others. `null` takes it back.
    SetFloor { participant: Option<ParticipantId> },
    /// Forward of all cameras only that of the speaker, or of all again. It also answers a proposal of it.
    SetSpeakersOnly { on: bool },
    /// Let people in from the lobby.
    Admit { target: Target },
    /// Turn people in the lobby away.
    Refuse { target: Target },
    /// Remove people; they cannot come back to this conference.
    Remove { target: Target },
    /// Make someone a moderator of this conference, or take that back.
    SetRole {
        participant: ParticipantId,
        role: Role,
    },
    /// Take someone's hand down.
    LowerHand { target: Target },
    /// Give someone another name, inside or in the lobby: on their messages, too. Not whom an account or a platform names.
    Rename {
        participant: ParticipantId,
        name: String,
    },
    /// Say that someone belongs to the class, or take that word back: see [`Participant::marked`](super::Participant).
    Mark {
        participant: ParticipantId,
        marked: bool,
    },
    /// Send people back to the lobby, where they wait until they are let in again. Moderators cannot be sent there.
    SendToLobby { target: Target },
    /// Delete a chat message for all.
    DeleteMessage {
        #[ts(type = "number")]
        id: u64,
    },
    /// Delete all chat messages of someone, who may be gone.
    DeleteMessagesOf { participant: ParticipantId },
    /// The emergency stop: all sources of all but moderators off and locked, chat for moderators only, personal grants gone,
    /// door closed. It holds until `release`; see [`EmergencyStop`](super::safety::EmergencyStop).
    #[serde(rename = "stop_everything", deserialize_with = "nothing_else")]
    LockAll,
    /// Release people from the emergency stop: they have again what the policy gives them. `all` ends it; the door stays
    /// closed until a moderator opens it.
    Release { target: Target },
    /// Close the lesson: nobody new comes in, who is inside keeps coming back, and cameras are locked. Opened again, the door
    /// and the cameras are as they were before, as far as nobody changed them meanwhile.
    SetLessonClosed { closed: bool },
    /// Unlock the cameras of a closed lesson; the door stays closed.
    #[serde(deserialize_with = "nothing_else")]
    ReleaseCameras,
    /// End the conference for all.
    #[serde(deserialize_with = "nothing_else")]
    EndForAll,
}

/// A message that is its `type` and nothing more: `deny_unknown_fields` does not reach variants without fields.
fn nothing_else<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    Nothing::deserialize(deserializer).map(|Nothing {}| ())
}

impl ClientMessage {
    /// Whether no list in it is longer than [`MAX_LIST`].
    #[must_use]
    pub fn lists_fit(&self) -> bool {
        let longest = match self {
            Self::Offer { sections, .. } | Self::Probe { sections, .. } => {
                sections.audio_slots.len().max(sections.video_slots.len())
            }
            Self::View { tiles, .. } => tiles.len(),
            Self::Mute { target, .. }
            | Self::Admit { target }
            | Self::Refuse { target }
            | Self::Remove { target }
            | Self::SendToLobby { target }
            | Self::LowerHand { target }
            | Self::Release { target } => match target {
                Target::These(ids) => ids.len(),
                Target::All | Target::Listed | Target::Unlisted => 0,
            },
            Self::Join { .. }
            | Self::Leave
            | Self::Away
            | Self::SetSource { .. }
            | Self::SendChat { .. }
            | Self::SetHand { .. }
            | Self::Ping
            | Self::Ask { .. }
            | Self::SetPolicy { .. }
            | Self::SetPassword { .. }
            | Self::Grant { .. }
            | Self::SetFloor { .. }
            | Self::SetSpeakersOnly { .. }
            | Self::SetRole { .. }
            | Self::Rename { .. }
            | Self::Mark { .. }
            | Self::DeleteMessage { .. }
            | Self::DeleteMessagesOf { .. }
            | Self::LockAll
            | Self::SetLessonClosed { .. }
            | Self::ReleaseCameras
            | Self::Report
            | Self::EndForAll => 0,
        };
        longest <= MAX_LIST
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn read(text: &str) -> Result<ClientMessage, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The types of all messages that have nothing but a type, as the protocol's own description has them.
    fn bare_types() -> BTreeSet<String> {
        let declared = ClientMessage::decl(&ts_rs::Config::default());
        let bare = declared.split("{ \"type\": \"").skip(1);
        bare.filter_map(|one| Some(one.split_once("\" }")?.0.to_owned()))
            .filter(|one| !one.contains('"'))
            .collect()
    }

    #[test]
    fn message_without_fields_is_refused_with_anything_beside_its_type() {
        let bare = bare_types();
        let known = [
            "away",
            "end_for_all",
            "leave",
            "ping",
            "release_cameras",
            "report",
            "stop_everything",
        ];
        assert_eq!(bare, known.map(str::to_owned).into());
        for kind in bare {
            let alone = read(&format!(r#"{{"type":"{kind}"}}"#));
            let said = serde_json::to_string(&alone.unwrap()).unwrap();
            assert_eq!(said, format!(r#"{{"type":"{kind}"}}"#));
            for beside in [
                format!(r#"{{"type":"{kind}","x":1}}"#),
                format!(r#"{{"x":null,"type":"{kind}"}}"#),
                format!(r#"{{"type":"{kind}","reason":{{"text":"bye"}}}}"#),
                format!(r#"{{"type":"{kind}","type":"{kind}"}}"#),
                format!(r#"{{"type":"{kind}","":[]}}"#),
                format!(r#"["{kind}",1]"#),
            ] {
                assert!(read(&beside).is_err(), "{beside}");
            }
        }
    }

    #[test]
    fn message_with_fields_is_refused_with_one_more() {
        for fits in [
            r#"{"type":"set_hand","raised":true}"#,
            r#"{"type":"send_chat","text":"hello"}"#,
            r#"{"type":"join","room":"r","name":"n"}"#,
            r#"{"type":"admit","target":"all"}"#,
            r#"{"type":"admit","target":"listed"}"#,
            r#"{"type":"rename","participant":"p","name":"Anna"}"#,
            r#"{"type":"mark","participant":"p","marked":true}"#,
            r#"{"type":"send_to_lobby","target":{"these":["p"]}}"#,
            r#"{"type":"delete_message","id":7}"#,
            r#"{"type":"delete_messages_of","participant":"p"}"#,
        ] {
            assert!(read(fits).is_ok(), "{fits}");
            let more = fits.replacen('{', r#"{"x":1,"#, 1);
            assert!(read(&more).is_err(), "{more}");
        }
    }
}
