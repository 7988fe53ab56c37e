//! What the conference does about the effects of its room: clients, media, store and integrators are told.

use super::actor::Actor;
use super::event::{ConferenceEvent, Visitor};
use super::message::ConnectionId;
use crate::room::{Effect, Forwarding, LeaveNotice};
use crate::sfu::Permit;
use crate::signal::{ParticipantId, QualityLevel, Role, ServerMessage};

impl Actor {
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) {
        // One command can change many people; the state is written once.
        let save = effects.contains(&Effect::Save);
        for effect in effects {
            if let Effect::ToAll(message) | Effect::ToOthers { message, .. } = &effect {
                self.coalesced.told(message);
            }
            match effect {
                Effect::Answered(_) | Effect::Save => {}
                Effect::Entered { participant } => self.entered(&participant),
                Effect::Out {
                    participant,
                    notice,
                } => self.out(&participant, notice),
                Effect::Joined(visitor) => self.joined(visitor),
                Effect::Left { participant } => self.left(&participant),
                Effect::To {
                    participant,
                    message,
                } => self.tell(&participant, &message),
                Effect::ToAll(message) => self.tell_all(&message, |_| true),
                Effect::ToOthers { but, message } => self.tell_all(&message, |id| *id != but),
                Effect::ToModerators(message) => self.tell_moderators(&message),
                Effect::SentToLobby { participant } => self.sent_to_lobby(&participant),
                Effect::NamesChanged => {
                    if self.look_alike_updates.is_told_now() {
                        self.tell_look_alikes();
                    }
                }
                Effect::LobbyChanged => {
                    if self.lobby_updates.is_told_now() {
                        self.tell_lobby();
                    }
                }
                Effect::Forward {
                    participant,
                    forwarding,
                } => {
                    self.coalesced.forwarded(&participant);
                    self.media.permit(&participant, permit(forwarding));
                }
                Effect::Keep(message) => self.writer.keep(message),
                Effect::Incident(incident) => self.emit(ConferenceEvent::Incident(incident)),
                Effect::End => {
                    self.tell_all(&ServerMessage::Ended, |_| true);
                    self.over = true;
                }
            }
        }
        if save {
            self.save();
        }
    }

    pub(super) fn emit(&self, event: ConferenceEvent) {
        self.store.on_event(self.room.conference(), event);
    }

    fn joined(&mut self, visitor: Visitor) {
        self.visitors
            .insert(visitor.participant.clone(), visitor.clone());
        self.emit(ConferenceEvent::Joined(visitor));
    }

    fn left(&mut self, participant: &ParticipantId) {
        // Not reported of those who joined before a restart.
        if let Some(visitor) = self.visitors.remove(participant) {
            self.emit(ConferenceEvent::Left(visitor));
        }
    }

    fn entered(&mut self, participant: &ParticipantId) {
        let media_kept = self.with_media.contains(participant);
        if !media_kept {
            self.media
                .add(self.room.conference(), participant, self.events.clone());
        }
        let joined = ServerMessage::Joined {
            conference: self.room.conference().clone(),
            you: participant.clone(),
            seat: self.store.sign_seat(self.room.conference(), participant),
            room: self.room.info(),
            participants: self.room.roster(),
            chat: self.room.chat_for(participant).to_vec(),
            media_kept,
            relay: Some(self.media.relay_credentials(participant)),
        };
        self.tell(participant, &joined);
        self.tell_of_media(participant, media_kept);
    }

    /// How the media are, which `joined` does not say and which is told only when it changes: what was told while this
    /// client was not connected, it does not know.
    fn tell_of_media(&mut self, participant: &ParticipantId, media_kept: bool) {
        if media_kept {
            self.media.tell_again(participant);
        }
        let mut participants = self.speaking.clone();
        participants.retain(|one| self.room.role(one).is_some());
        if !participants.is_empty() {
            self.tell(participant, &ServerMessage::Speaking { participants });
        }
        let quality: Vec<_> = self
            .quality
            .iter()
            .map(|(id, level)| (id.clone(), *level))
            .collect();
        for (other, level) in quality
            .into_iter()
            .filter(|(_, level)| *level != QualityLevel::Good)
        {
            self.tell(
                participant,
                &ServerMessage::Quality {
                    participant: other,
                    level,
                },
            );
        }
    }

    fn out(&mut self, participant: &ParticipantId, notice: LeaveNotice) {
        self.media.remove(participant);
        self.with_media.remove(participant);
        self.quality.remove(participant);
        let message = match notice {
            LeaveNotice::Removed => Some(ServerMessage::Removed),
            LeaveNotice::Refused(reason) => Some(ServerMessage::Refused { reason }),
            LeaveNotice::Left | LeaveNotice::Lost => None,
        };
        if let Some(message) = message {
            self.tell(participant, &message);
        }
        self.clients.end(participant);
    }

    /// Their connection stays, and is one of the lobby from now on.
    fn sent_to_lobby(&mut self, participant: &ParticipantId) {
        self.media.remove(participant);
        self.with_media.remove(participant);
        self.quality.remove(participant);
        self.tell(participant, &ServerMessage::SentToLobby);
    }

    pub(super) fn tell(&mut self, participant: &ParticipantId, message: &ServerMessage) {
        if let Some(connection) = self.clients.send(participant, message) {
            self.cut(connection);
        }
    }

    /// To everyone inside the conference; never to the lobby.
    pub(super) fn tell_all(
        &mut self,
        message: &ServerMessage,
        which: impl Fn(&ParticipantId) -> bool,
    ) {
        let is_inside = |id: &ParticipantId| self.room.role(id).is_some();
        let overflowing = self
            .clients
            .send_to(message, |id| which(id) && is_inside(id));
        for connection in overflowing {
            self.cut(connection);
        }
    }

    fn tell_moderators(&mut self, message: &ServerMessage) {
        let room = &self.room;
        let moderates = |id: &ParticipantId| room.role(id) == Some(Role::Moderator);
        for connection in self.clients.send_to(message, moderates) {
            self.cut(connection);
        }
    }

    pub(super) fn tell_lobby(&mut self) {
        self.lobby_updates.told();
        // Before whom it is about: nobody is let in before it is known whom they look like.
        self.tell_look_alikes();
        let knockers = self.room.knockers();
        self.tell_moderators(&ServerMessage::LobbyChanged { knockers });
    }

    /// Only what is new: who comes and goes under a name of their own changes nothing.
    pub(super) fn tell_look_alikes(&mut self) {
        self.look_alike_updates.told();
        let people = self.room.look_alikes();
        if people != self.look_alikes {
            self.look_alikes.clone_from(&people);
            self.tell_moderators(&ServerMessage::LookAlikesChanged { people });
        }
    }

    /// Notices who reads nothing any more, although something waits.
    pub(super) fn cut_stuck(&mut self) {
        for connection in self.clients.stuck() {
            self.cut(connection);
        }
    }

    /// A client that does not read loses its connection; its seat is kept.
    fn cut(&mut self, connection: ConnectionId) {
        tracing::debug!("a client does not read and is disconnected");
        self.gone(connection);
    }
}

fn permit(forwarding: Forwarding) -> Permit {
    Permit {
        microphone: forwarding.microphone,
        camera: forwarding.camera,
        screen: forwarding.screen,
        first: forwarding.first,
    }
}
