//! What a client knows of its conference: every message of the server is applied here.

use std::collections::BTreeMap;

use crate::signal::{
    ChatMessage, ConferenceId, Participant, ParticipantId, RefusalReason, RoomInfo, ServerMessage,
};

/// How far a client has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// `join` was sent, there is no answer yet.
    Entering,
    /// There is nothing to enter under this name and password now; the server keeps trying.
    Waiting,
    /// In the lobby; the moderators were told.
    Lobby,
    Inside,
    Refused(RefusalReason),
    Removed,
    Ended,
    /// The WebSocket closed without a word. The seat is still good.
    Lost,
}

impl Status {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::Removed | Self::Ended | Self::Lost
        )
    }
}

/// Who is in a client's slots, in the order of the offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    pub audio: Vec<Option<ParticipantId>>,
    pub video: Vec<Option<ParticipantId>>,
    pub screen: Option<ParticipantId>,
}

/// The conference as this client sees it.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub conference: Option<ConferenceId>,
    pub me: Option<ParticipantId>,
    /// The way back, a secret.
    pub seat: Option<String>,
    pub room: Option<RoomInfo>,
    pub participants: BTreeMap<ParticipantId, Participant>,
    pub chat: Vec<ChatMessage>,
    pub slots: Slots,
    pub speaking: Vec<ParticipantId>,
    /// Whether the former media session goes on.
    pub media_kept: bool,
}

impl View {
    /// Applies a message; gives the new status when the message changes it.
    pub fn apply(&mut self, message: &ServerMessage) -> Option<Status> {
        match message {
            ServerMessage::Waiting => return Some(Status::Waiting),
            ServerMessage::Lobby | ServerMessage::SentToLobby => return Some(Status::Lobby),
            ServerMessage::Refused { reason } => return Some(Status::Refused(*reason)),
            ServerMessage::Ended => return Some(Status::Ended),
            ServerMessage::Removed => return Some(Status::Removed),
            ServerMessage::Joined {
                conference,
                you,
                seat,
                room,
                participants,
                chat,
                media_kept,
                relay: _,
            } => {
                self.conference = Some(conference.clone());
                self.me = Some(you.clone());
                self.seat = Some(seat.clone());
                self.room = Some(room.clone());
                self.participants = participants
                    .iter()
                    .map(|one| (one.id.clone(), one.clone()))
                    .collect();
                self.chat.clone_from(chat);
                self.media_kept = *media_kept;
                return Some(Status::Inside);
            }
            ServerMessage::ParticipantJoined { participant }
            | ServerMessage::ParticipantChanged { participant } => {
                self.participants
                    .insert(participant.id.clone(), participant.clone());
            }
            ServerMessage::ParticipantLeft { participant, .. } => {
                self.participants.remove(participant);
            }
            ServerMessage::HandsChanged { hands } => {
                for (id, participant) in &mut self.participants {
                    let place = hands.iter().position(|hand| hand == id);
                    participant.hand = place.and_then(|place| u32::try_from(place + 1).ok());
                }
            }
            ServerMessage::RoomChanged { room } => self.room = Some(room.clone()),
            ServerMessage::SpeakersOnlyChanged { speakers_only } => {
                if let Some(room) = &mut self.room {
                    room.speakers_only = speakers_only.clone();
                }
            }
            ServerMessage::ChatShown { messages } => self.chat.clone_from(messages),
            ServerMessage::Chat { message } => self.chat.push(message.clone()),
            ServerMessage::ChatDeleted { ids } => {
                for message in self.chat.iter_mut().filter(|one| ids.contains(&one.id)) {
                    message.deleted = true;
                    message.text.clear();
                    message.name.clear();
                }
            }
            ServerMessage::ChatRenamed { from, name } => {
                let of = |one: &&mut ChatMessage| one.from == *from && !one.deleted;
                for message in self.chat.iter_mut().filter(of) {
                    message.name.clone_from(name);
                    message.typed_name = false;
                }
            }
            ServerMessage::Slots {
                audio,
                video,
                screen,
            } => {
                self.slots = Slots {
                    audio: audio.clone(),
                    video: video.clone(),
                    screen: screen.clone(),
                };
            }
            ServerMessage::Speaking { participants } => self.speaking.clone_from(participants),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{LeaveReason, Policy, Role, SpeakersOnly};

    fn person(id: &str) -> Participant {
        Participant {
            id: ParticipantId(id.into()),
            name: id.into(),
            role: Role::Participant,
            verified: false,
            listed: false,
            marked: false,
            typed_name: false,
            renamed: false,
            sources: Vec::new(),
            grants: Vec::new(),
            hand: None,
            connected: true,
            came_at: None,
            number: 0,
        }
    }

    #[test]
    fn view_given_messages_of_the_roster_follows_them() {
        let mut view = View::default();
        let joined = ServerMessage::Joined {
            conference: ConferenceId("c".into()),
            you: ParticipantId("a".into()),
            seat: "s".into(),
            room: RoomInfo {
                name: "r".into(),
                title: None,
                welcome: None,
                knows_members: false,
                policy: Policy::default(),
                has_password: false,
                floor: None,
                speakers_only: SpeakersOnly::default(),
                safety: crate::signal::Safety::default(),
                started_at: crate::Timestamp::from_millis(1),
            },
            participants: vec![person("a")],
            chat: Vec::new(),
            media_kept: false,
            relay: None,
        };
        assert_eq!(view.apply(&joined), Some(Status::Inside));
        assert_eq!(
            view.apply(&ServerMessage::ParticipantJoined {
                participant: person("b")
            }),
            None
        );
        assert_eq!(view.participants.len(), 2);
        let places = |view: &View| {
            let hands = view.participants.values().map(|one| one.hand);
            hands.collect::<Vec<_>>()
        };
        for (hands, expected) in [
            (vec!["b", "a"], [Some(2), Some(1)]),
            (vec!["a"], [Some(1), None]),
            (vec![], [None, None]),
        ] {
            let hands = hands.into_iter().map(|id| ParticipantId(id.into()));
            let hands = hands.collect();
            view.apply(&ServerMessage::HandsChanged { hands });
            assert_eq!(places(&view), expected);
        }
        let left = ServerMessage::ParticipantLeft {
            participant: ParticipantId("a".into()),
            reason: LeaveReason::Left,
        };
        view.apply(&left);
        assert_eq!(
            view.participants.keys().collect::<Vec<_>>(),
            [&ParticipantId("b".into())]
        );
        assert_eq!(view.apply(&ServerMessage::Removed), Some(Status::Removed));
    }
}
