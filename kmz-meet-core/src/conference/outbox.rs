//! What waits to be sent to one client. It is limited in bytes and in time without progress, never in messages: a client
//! that reads is not disconnected for what others do, and one that does not read costs a bounded amount of memory.
//!
//! Most messages say how something is now, so a newer one takes the place of one that still waits: however often a
//! hand goes up and down, a slow client is told once how it is when its turn comes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::signal::{ParticipantId, RefusalReason, ServerMessage};

/// What may wait for one client. Beside the first message, which is the whole state, what others may cause is bounded
/// (see `budget`): a client that reads is never this far behind.
const MAX_WAITING_BYTES: usize = 4 * 1024 * 1024;
/// What a waiting message costs beside its text.
const MESSAGE_BYTES: usize = 64;
/// A client that took nothing for this long, while something waited, does not read.
const MAX_TIME_WITHOUT_PROGRESS: Duration = Duration::from_secs(15);

/// A message as it goes over the wire, made once for all who get it.
#[derive(Clone, Debug)]
pub struct Outgoing(Arc<Sealed>);

#[derive(Debug)]
struct Sealed {
    about: About,
    kind: OutgoingKind,
    text: Arc<str>,
}

/// What a message means for the connection that it goes over. All else is between the conference and the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutgoingKind {
    /// From here on the client is in the conference.
    Joined,
    /// The client does not come in, or is out again. Nothing follows.
    Refused(RefusalReason),
    /// Nothing that a connection has to know of.
    Other,
}

impl OutgoingKind {
    fn of(message: &ServerMessage) -> Self {
        match message {
            ServerMessage::Joined { .. } => Self::Joined,
            ServerMessage::Refused { reason } => Self::Refused(*reason),
            _ => Self::Other,
        }
    }
}

impl Outgoing {
    /// What it means for the connection.
    #[must_use]
    pub fn kind(&self) -> OutgoingKind {
        self.0.kind
    }

    /// The message as JSON, as it is to be sent.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl Sealed {
    fn cost(&self) -> usize {
        self.text.len() + MESSAGE_BYTES
    }
}

/// What a message is about, as far as another one can take its place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    /// Says something for itself: chat, answers, errors.
    Itself,
    Came(ParticipantId),
    Went(ParticipantId),
    Entry(ParticipantId),
    Quality(ParticipantId),
    Hands,
    Lobby,
    LookAlikes,
    Password,
    Room,
    Slots,
    Watched,
    Speaking,
    SpeakersOnly,
    Proposal,
}

impl About {
    fn of(message: &ServerMessage) -> Self {
        match message {
            ServerMessage::ParticipantJoined { participant } => Self::Came(participant.id.clone()),
            ServerMessage::ParticipantLeft { participant, .. } => Self::Went(participant.clone()),
            ServerMessage::ParticipantChanged { participant } => {
                Self::Entry(participant.id.clone())
            }
            ServerMessage::Quality { participant, .. } => Self::Quality(participant.clone()),
            ServerMessage::HandsChanged { .. } => Self::Hands,
            ServerMessage::LobbyChanged { .. } => Self::Lobby,
            ServerMessage::LookAlikesChanged { .. } => Self::LookAlikes,
            ServerMessage::Password { .. } => Self::Password,
            ServerMessage::RoomChanged { .. } => Self::Room,
            ServerMessage::Slots { .. } => Self::Slots,
            ServerMessage::Watched { .. } => Self::Watched,
            ServerMessage::Speaking { .. } => Self::Speaking,
            ServerMessage::SpeakersOnlyChanged { .. } => Self::SpeakersOnly,
            ServerMessage::SpeakersOnlyProposed { .. } => Self::Proposal,
            _ => Self::Itself,
        }
    }

    /// Whether a newer one of the same is all that the client needs.
    fn is_state(&self) -> bool {
        !matches!(self, Self::Itself | Self::Came(_) | Self::Went(_))
    }

    /// Whether this may not be told before `other`, which waits: it could name someone who has not come yet, or would be
    /// forgotten with someone who goes; and entries and the queue of hands tell of the same thing.
    fn stays_behind(&self, other: &Self) -> bool {
        match other {
            Self::Came(_) | Self::Went(_) => true,
            Self::Hands => matches!(self, Self::Entry(_)),
            Self::Entry(_) => matches!(self, Self::Hands),
            // The room's state has it, too.
            Self::Room => matches!(self, Self::SpeakersOnly),
            _ => false,
        }
    }

    /// Whether it is about this person and nobody else.
    fn is_of(&self, person: &ParticipantId) -> bool {
        matches!(self, Self::Came(id) | Self::Entry(id) | Self::Quality(id) if id == person)
    }
}

/// Makes a message ready for sending.
#[must_use]
pub fn encode(message: &ServerMessage) -> Outgoing {
    // These types are strings, numbers and lists, which always serialise.
    let text = serde_json::to_string(message).unwrap_or_default().into();
    Outgoing(Arc::new(Sealed {
        about: About::of(message),
        kind: OutgoingKind::of(message),
        text,
    }))
}

struct Queue {
    waiting: VecDeque<Outgoing>,
    bytes: usize,
    /// When the client last took something, or something began to wait.
    progress: Instant,
    /// No more will come.
    ended: bool,
    /// Nobody takes anything any more.
    abandoned: bool,
}

impl Queue {
    fn is_stuck(&self, now: Instant) -> bool {
        !self.waiting.is_empty()
            && now.saturating_duration_since(self.progress) >= MAX_TIME_WITHOUT_PROGRESS
    }

    fn remove(&mut self, place: usize) {
        if let Some(message) = self.waiting.remove(place) {
            self.bytes -= message.0.cost();
        }
    }

    /// Where this message can stand instead of one that waits. One that has to go behind others is taken out.
    fn replaces(&mut self, about: &About) -> Option<usize> {
        if !about.is_state() {
            return None;
        }
        let place = self
            .waiting
            .iter()
            .rposition(|message| message.0.about == *about)?;
        let in_place = self
            .waiting
            .range(place + 1..)
            .all(|message| !about.stays_behind(&message.0.about));
        if !in_place {
            self.remove(place);
        }
        in_place.then_some(place)
    }

    /// Someone goes of whom the client does not know yet that they came: it needs to know neither. True: nothing is to
    /// be told.
    fn never_came(&mut self, about: &About) -> bool {
        let About::Went(person) = about else {
            return false;
        };
        let came = About::Came(person.clone());
        let Some(place) = self
            .waiting
            .iter()
            .rposition(|message| message.0.about == came)
        else {
            return false;
        };
        for later in (place..self.waiting.len()).rev() {
            if self.waiting[later].0.about.is_of(person) {
                self.remove(later);
            }
        }
        true
    }
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while it is held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Its end is the end of the connection.
struct Writer(Arc<Shared>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.changed.notify_one();
    }
}

/// The writing end. Dropping all of them ends the connection after what waits was sent.
#[derive(Clone)]
pub struct Outbox(Arc<Writer>);

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

/// The end that the WebSocket reads from.
pub struct OutboxReader(Arc<Shared>);

impl std::fmt::Debug for OutboxReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutboxReader")
    }
}

/// The client does not read: its connection has to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// An outbox and its reader.
#[must_use]
pub fn outbox() -> (Outbox, OutboxReader) {
    let shared = Arc::new(Shared {
        queue: Mutex::new(Queue {
            waiting: VecDeque::new(),
            bytes: 0,
            progress: Instant::now(),
            ended: false,
            abandoned: false,
        }),
        changed: Notify::new(),
    });
    (
        Outbox(Arc::new(Writer(shared.clone()))),
        OutboxReader(shared),
    )
}

impl Outbox {
    /// Puts a message in.
    ///
    /// # Errors
    /// When the client does not read.
    pub fn send(&self, message: &ServerMessage) -> Result<(), Overflow> {
        self.send_encoded(encode(message))
    }

    /// Puts a message in that is encoded already.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_encoded(&self, message: Outgoing) -> Result<(), Overflow> {
        let mut queue = self.0.0.lock();
        // A reader that is gone reports itself.
        if queue.abandoned || queue.never_came(&message.0.about) {
            return Ok(());
        }
        let place = queue.replaces(&message.0.about);
        let freed = place.map_or(0, |place| queue.waiting[place].0.cost());
        let bytes = queue.bytes - freed + message.0.cost();
        // A single message is never too much: the first one is the whole state.
        if bytes > MAX_WAITING_BYTES && !queue.waiting.is_empty() {
            return Err(Overflow);
        }
        queue.bytes = bytes;
        if queue.waiting.is_empty() {
            queue.progress = Instant::now();
        }
        match place {
            Some(place) => queue.waiting[place] = message,
            None => queue.waiting.push_back(message),
        }
        drop(queue);
        self.0.0.changed.notify_one();
        Ok(())
    }

    /// Whether the client took nothing for so long, although something waits, that it does not read.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.0.0.lock().is_stuck(Instant::now())
    }
}

impl OutboxReader {
    /// The next message; `None` when the connection is to be ended.
    pub async fn next(&mut self) -> Option<Outgoing> {
        loop {
            {
                let mut queue = self.0.lock();
                if let Some(message) = queue.waiting.pop_front() {
                    queue.bytes -= message.0.cost();
                    queue.progress = Instant::now();
                    return Some(message);
                }
                if queue.ended {
                    return None;
                }
            }
            // One reader: a message that came in between has left its notice.
            self.0.changed.notified().await;
        }
    }
}

impl Drop for OutboxReader {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.abandoned = true;
        queue.waiting.clear();
        queue.bytes = 0;
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
