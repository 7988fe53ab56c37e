//! The task of a conference.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::time::{self, MissedTickBehavior, interval};

use super::budget::Budgets;
use super::clients::Clients;
use super::coalesced_updates::{CoalescedUpdates, until};
use super::event::{ConferenceEvent, Summary, Visitor};
use super::figures::Figures;
use super::lobby_updates::LobbyUpdates;
use super::message::{ConnectionId, Entrance, Message, Options};
use super::outbox::Outbox;
use super::snapshot_writer::SnapshotWriter;
use super::store::ConferenceStore;
use crate::room::{Admission, Arrival, By, Command, Effect, Refusal, Room};
use crate::sfu::{Media, MediaEvent, OfferError};
use crate::signal::{
    ClientMessage, ConferenceId, ErrorCode, LookAlike, ParticipantId, QualityLevel, RefusalReason,
    ServerMessage,
};

/// While someone is in a conference that takes attendance, its snapshot is never older: after a restart their presence ends
/// where the snapshot does.
pub(super) const MAX_SNAPSHOT_AGE: Duration = Duration::from_secs(30);

static NEXT_CONNECTION: AtomicU64 = AtomicU64::new(1);
static NEXT_PROBE: AtomicU64 = AtomicU64::new(1);

pub(super) struct Actor {
    pub(super) room: Room,
    pub(super) media: Media,
    pub(super) store: Arc<dyn ConferenceStore>,
    pub(super) writer: SnapshotWriter,
    pub(super) saved_at: time::Instant,
    pub(super) options: Options,
    pub(super) figures: Arc<Figures>,
    pub(super) clients: Clients,
    /// Whose media session lives.
    pub(super) with_media: HashSet<ParticipantId>,
    /// What each person may make the others hear of.
    pub(super) budgets: Budgets,
    /// What goes beyond it.
    pub(super) coalesced: CoalescedUpdates,
    pub(super) quality: HashMap<ParticipantId, QualityLevel>,
    /// Who speaks, as it was told last.
    pub(super) speaking: Vec<ParticipantId>,
    /// Who was reported to have come, for reporting that they went.
    pub(super) visitors: HashMap<ParticipantId, Visitor>,
    pub(super) events: mpsc::UnboundedSender<MediaEvent>,
    pub(super) reports: Option<mpsc::UnboundedReceiver<MediaEvent>>,
    pub(super) empty_since: Option<Instant>,
    pub(super) lobby_updates: LobbyUpdates,
    pub(super) look_alike_updates: LobbyUpdates,
    /// Whose names look like others', as moderators were told last.
    pub(super) look_alikes: Vec<LookAlike>,
    pub(super) over: bool,
}

/// A path that goes through has done so by then.
const PROBE_LIFETIME: Duration = Duration::from_secs(10);

/// What the author of an offer is told that cannot be answered.
fn not_answered(error: &OfferError) -> ServerMessage {
    tracing::debug!(%error, "an offer was not answered");
    let code = if *error == OfferError::UnknownParticipant {
        ErrorCode::UnknownParticipant
    } else {
        ErrorCode::BadOffer
    };
    ServerMessage::Error { code }
}

impl Actor {
    pub(super) fn new(
        room: Room,
        media: Media,
        store: Arc<dyn ConferenceStore>,
        options: Options,
        figures: Arc<Figures>,
    ) -> Self {
        let (events, reports) = mpsc::unbounded_channel();
        let writer = SnapshotWriter::start(room.conference().clone(), store.clone());
        // People of a restored conference have their media places before they come back.
        for participant in room.roster() {
            media.add(room.conference(), &participant.id, events.clone());
        }
        Self {
            room,
            media,
            store,
            writer,
            saved_at: time::Instant::now(),
            options,
            figures,
            clients: Clients::default(),
            with_media: HashSet::new(),
            budgets: Budgets::new(),
            coalesced: CoalescedUpdates::default(),
            quality: HashMap::new(),
            speaking: Vec::new(),
            visitors: HashMap::new(),
            events,
            reports: Some(reports),
            empty_since: None,
            lobby_updates: LobbyUpdates::default(),
            look_alike_updates: LobbyUpdates::default(),
            look_alikes: Vec::new(),
            over: false,
        }
    }

    /// Closed when what the conference had in the store is deleted.
    pub(super) fn writing(&self) -> watch::Receiver<()> {
        self.writer.writing()
    }

    pub(super) async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let Some(mut reports) = self.reports.take() else {
            return;
        };
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tracing::info!(conference = %self.room.conference().0, "conference started");
        self.save();
        if self.room.is_new() {
            self.emit(ConferenceEvent::Started);
        }
        while !self.over {
            tokio::select! {
                message = messages.recv() => match message {
                    Some(message) => self.message(message),
                    None => break,
                },
                Some(event) = reports.recv() => self.report(event),
                () = until(self.coalesced.due_at()) => self.tell_held(),
                () = until(self.handover_at()) => self.pass_time(),
                _ = ticks.tick() => self.tick(),
                () = until(self.lobby_updates.due_at()) => self.tell_lobby(),
                () = until(self.look_alike_updates.due_at()) => self.tell_look_alikes(),
            }
            let figures = &self.figures;
            figures
                .present
                .store(self.room.present(), Ordering::Relaxed);
            figures
                .has_moderator
                .store(self.room.has_moderator(), Ordering::Relaxed);
            figures
                .password_changes
                .store(self.room.password_changes(), Ordering::Relaxed);
        }
        messages.close();
        self.turn_away_lobby();
        for participant in self.room.roster() {
            self.media.remove(&participant.id);
        }
        if self.over {
            let ended_at = self.store.now();
            self.writer.over(Summary {
                conference: self.room.conference().clone(),
                started_at: self.room.started_at(),
                ended_at,
                attended: self.room.attended(ended_at),
            });
            tracing::info!(conference = %self.room.conference().0, "conference ended");
        }
    }

    pub(super) fn save(&mut self) {
        self.saved_at = time::Instant::now();
        self.writer.save(self.room.snapshot());
    }

    /// Nobody waits for what is over.
    fn turn_away_lobby(&mut self) {
        let message = ServerMessage::Refused {
            reason: RefusalReason::Ended,
        };
        for knocker in self.room.knockers() {
            self.tell(&knocker.id, &message);
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Enter {
                arrival,
                outbox,
                reply,
            } => {
                let entrance = self.enter(arrival, outbox);
                // A client that did not wait for the answer reports itself gone, or is noticed when it does not read.
                if let (Err(_), Entrance::In { connection, .. } | Entrance::Lobby(connection)) =
                    (reply.send(entrance), entrance)
                {
                    self.gone(connection);
                }
            }
            Message::Say {
                connection,
                message,
            } => self.say(connection, message),
            Message::Gone { connection } => self.gone(connection),
            Message::Act { action, reply } => {
                let outcome = self.room.handle(
                    self.store.now(),
                    Command::Act {
                        by: By::Server,
                        action,
                    },
                );
                let _ = reply.send(outcome.map(|effects| self.carry_out(effects)));
            }
            Message::List { reply } => {
                let _ = reply.send(self.room.roster());
            }
            Message::Attended { reply } => {
                let _ = reply.send(self.room.attended(self.store.now()));
            }
            Message::Policy { reply } => {
                let _ = reply.send(self.room.policy().clone());
            }
        }
    }

    fn enter(&mut self, arrival: Arrival, outbox: Outbox) -> Entrance {
        let now = self.store.now();
        let by_password = self.room.asks_password(now, &arrival);
        let Ok(effects) = self.room.handle(now, Command::Arrive(arrival)) else {
            return Entrance::Refused(RefusalReason::BadSeat);
        };
        let Some(Effect::Answered(admission)) = effects.first().cloned() else {
            return Entrance::Hidden;
        };
        let id = ConnectionId(NEXT_CONNECTION.fetch_add(1, Ordering::Relaxed));
        match admission {
            Admission::Hidden => Entrance::Hidden,
            Admission::Refused(reason) => Entrance::Refused(reason),
            Admission::Lobby { participant } => {
                self.clients.attach(participant.clone(), id, outbox);
                let message = if self.room.is_sent_to_lobby(&participant) {
                    ServerMessage::SentToLobby
                } else {
                    ServerMessage::Lobby
                };
                self.tell(&participant, &message);
                self.carry_out(effects);
                Entrance::Lobby(id)
            }
            Admission::Admitted {
                participant,
                returned,
            } => {
                self.clients.attach(participant.clone(), id, outbox);
                let at_once =
                    !returned || self.budgets.tells(&self.room, &participant, Instant::now());
                let effects = if at_once {
                    effects
                } else {
                    self.coalesced.hold(effects, &participant, true)
                };
                self.carry_out(effects);
                Entrance::In {
                    connection: id,
                    by_password,
                }
            }
        }
    }

    fn say(&mut self, connection: ConnectionId, message: ClientMessage) {
        let Some(participant) = self.clients.participant(connection) else {
            return;
        };
        if self.room.role(&participant).is_none() {
            // In the lobby there is nothing to say but goodbye.
            match message {
                ClientMessage::Leave | ClientMessage::Away => self.gone(connection),
                ClientMessage::Ping => self.tell(&participant, &ServerMessage::Pong),
                _ => self.tell(
                    &participant,
                    &ServerMessage::Error {
                        code: ErrorCode::NotPermitted,
                    },
                ),
            }
            return;
        }
        match message {
            ClientMessage::Ping => self.tell(&participant, &ServerMessage::Pong),
            message if !message.lists_fit() => self.refused(&participant, Refusal::BadMessage),
            ClientMessage::Join { .. } => self.refused(&participant, Refusal::BadMessage),
            ClientMessage::View { tiles, pinned } => self.media.view(&participant, tiles, pinned),
            ClientMessage::Offer { sdp, sections } => self.offer(&participant, sdp, sections),
            ClientMessage::Probe { sdp, sections } => self.probe(&participant, sdp, sections),
            message => self.act(&participant, message),
        }
    }

    fn act(&mut self, participant: &ParticipantId, message: ClientMessage) {
        let at = Instant::now();
        if let ClientMessage::SendChat { text } = &message
            && !self.budgets.says(&self.room, participant, text, at)
        {
            self.too_fast(participant);
            return;
        }
        // Each of them writes the messages of one person anew.
        if matches!(message, ClientMessage::Rename { .. })
            && !self.budgets.renames(&self.room, participant, at)
        {
            self.too_fast(participant);
            return;
        }
        // What people change about themselves is always done; how soon it is told depends on how often they do it.
        let (changes, less) = match &message {
            ClientMessage::SetSource { on, .. } => (true, !on),
            ClientMessage::SetHand { .. } => (true, false),
            _ => (false, false),
        };
        let command = Command::Act {
            by: By::Person(participant.clone()),
            action: message.into(),
        };
        match self.room.handle(self.store.now(), command) {
            Ok(effects) if changes && !effects.is_empty() => {
                let effects = if self.budgets.tells(&self.room, participant, at) {
                    effects
                } else {
                    self.coalesced.hold(effects, participant, less)
                };
                self.carry_out(effects);
            }
            Ok(effects) => self.carry_out(effects),
            Err(refusal) => self.refused(participant, refusal),
        }
    }

    /// Tells what was kept back, as it is now.
    fn tell_held(&mut self) {
        let due = self.coalesced.take();
        let mut effects: Vec<Effect> = due
            .entries
            .iter()
            .filter_map(|id| self.room.participant(id))
            .map(|participant| Effect::ToAll(ServerMessage::ParticipantChanged { participant }))
            .collect();
        effects.extend(due.hands.map(Effect::ToAll));
        effects.extend(
            due.media
                .into_iter()
                .filter(|id| self.room.role(id).is_some())
                .map(|participant| Effect::Forward {
                    forwarding: self.room.forwarding(&participant),
                    participant,
                }),
        );
        self.carry_out(effects);
    }

    fn too_fast(&mut self, participant: &ParticipantId) {
        self.tell(
            participant,
            &ServerMessage::Error {
                code: ErrorCode::TooFast,
            },
        );
    }

    fn refused(&mut self, participant: &ParticipantId, refusal: Refusal) {
        self.tell(
            participant,
            &ServerMessage::Error {
                code: refusal.into(),
            },
        );
    }

    /// Where the answer to an offer or a probe goes, if this participant may make one now: each costs a handshake.
    fn may_offer(&mut self, participant: &ParticipantId) -> Option<Outbox> {
        if self.budgets.offers(&self.room, participant, Instant::now()) {
            return self.clients.outbox(participant);
        }
        self.too_fast(participant);
        None
    }

    /// Answered in a task of its own: parsing an offer must not hold up the conference.
    fn offer(
        &mut self,
        participant: &ParticipantId,
        sdp: String,
        sections: crate::signal::Sections,
    ) {
        let Some(outbox) = self.may_offer(participant) else {
            return;
        };
        let (media, participant) = (self.media.clone(), participant.clone());
        tokio::spawn(async move {
            let message = match media.offer(&participant, &sdp, &sections).await {
                Ok(sdp) => ServerMessage::Answer { sdp },
                Err(error) => not_answered(&error),
            };
            // A full outbox is noticed by the conference with the next message.
            let _ = outbox.send(&message);
        });
    }

    /// A media session of its own, alone in its conference and gone after some seconds: all that it shows is whether a
    /// path goes through.
    fn probe(
        &mut self,
        participant: &ParticipantId,
        sdp: String,
        sections: crate::signal::Sections,
    ) {
        let Some(outbox) = self.may_offer(participant) else {
            return;
        };
        let media = self.media.clone();
        // The end of one must not be the end of the next one of the same person.
        let number = NEXT_PROBE.fetch_add(1, Ordering::Relaxed);
        let name = format!("probe {number} of {}", participant.0);
        tokio::spawn(async move {
            let (events, _unheard) = mpsc::unbounded_channel();
            let probe = ParticipantId(name.clone());
            media.add(&ConferenceId(name), &probe, events);
            let message = match media.offer(&probe, &sdp, &sections).await {
                Ok(sdp) => ServerMessage::ProbeAnswer { sdp },
                Err(error) => not_answered(&error),
            };
            let _ = outbox.send(&message);
            tokio::time::sleep(PROBE_LIFETIME).await;
            media.remove(&probe);
        });
    }

    pub(super) fn gone(&mut self, connection: ConnectionId) {
        let Some(participant) = self.clients.lost(connection) else {
            return;
        };
        // Coming and going without end is told like any other change.
        let at_once = self.room.role(&participant).is_none()
            || self.budgets.tells(&self.room, &participant, Instant::now());
        let gone = Command::Gone {
            participant: participant.clone(),
        };
        if let Ok(mut effects) = self.room.handle(self.store.now(), gone) {
            if !at_once {
                effects = self.coalesced.hold(effects, &participant, true);
            }
            self.carry_out(effects);
        }
    }

    /// What nobody in the conference said.
    pub(super) fn command(&mut self, command: Command) {
        if let Ok(effects) = self.room.handle(self.store.now(), command) {
            self.carry_out(effects);
        }
    }

    fn pass_time(&mut self) {
        self.command(Command::Tick);
    }

    fn tick(&mut self) {
        self.cut_stuck();
        self.budgets.forget(Instant::now());
        self.note_lines();
        self.pass_time();
        // Who knocks does not keep a conference alive that nobody is in.
        if self.room.connected() == 0 {
            let since = *self.empty_since.get_or_insert_with(Instant::now);
            self.over |= since.elapsed() >= self.options.empty_after;
        } else {
            self.empty_since = None;
            let is_old = self.saved_at.elapsed() >= MAX_SNAPSHOT_AGE;
            if is_old && self.room.takes_attendance() {
                self.save();
            }
        }
    }

    fn report(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Connected { participant } => {
                self.with_media.insert(participant);
            }
            MediaEvent::Disconnected { participant } => {
                self.with_media.remove(&participant);
            }
            MediaEvent::Slots {
                participant,
                audio,
                video,
                screen,
            } => {
                self.tell(
                    &participant,
                    &ServerMessage::Slots {
                        audio,
                        video,
                        screen,
                    },
                );
            }
            MediaEvent::Watched {
                participant,
                camera,
                screen,
            } => {
                self.tell(&participant, &ServerMessage::Watched { camera, screen });
            }
            MediaEvent::Speaking { participants } => {
                let message = ServerMessage::Speaking {
                    participants: participants.clone(),
                };
                self.tell_all(&message, |_| true);
                self.speaking.clone_from(&participants);
                self.command(Command::Speaking { participants });
            }
            MediaEvent::Quality { participant, level } => {
                self.quality.insert(participant.clone(), level);
                self.tell_all(&ServerMessage::Quality { participant, level }, |_| true);
            }
        }
    }
}
