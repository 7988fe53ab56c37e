//! What people do in a room, one file for each: its state, its rules, and what the others are told. A feature does not know
//! the room: `messages` calls it, with what it needs.
//!
//! # How to add one
//! A poll, for example. Where nothing fails if you forget it, it says **by hand**.
//! 1. `signal`: `ClientMessage::AnswerPoll { … }` and what it leads to, `ServerMessage::PollChanged { … }`. Bounds of what a
//!    message may hold are in `signal/limits.rs`; a list in a message is counted in `ClientMessage::lists_fit`.
//! 2. `features/poll.rs`: `struct Poll`, its state, with private fields; and `Poll::answer(…)`, which checks the message,
//!    changes the state and pushes [`Effect`](super::Effect)s: messages, and `Effect::Save` for what has to outlive a
//!    restart. That the sender has the right was checked before. A refused message changes nothing.
//! 3. `permission.rs`: one row says what the message needs.
//! 4. Two lines connect it: a field of [`Features`], with `#[serde(default)]` because stored snapshots do not have it, and
//!    an arm in `messages.rs`. The compiler asks for the rows of 3 and 4.
//! 5. **By hand**, who leaves: those who leave the roster lose what they had by `leave_features` (`messages.rs`).
//! 6. **By hand**, who comes later: nobody is sent what was said before. What everyone inside sees is a field of
//!    [`RoomInfo`](crate::signal::RoomInfo) (filled by `Room::info`, sent as `room_changed` when it changes) or of a
//!    [`Participant`](crate::signal::Participant) (filled by `Room::entry`); what is too large for that is a field of
//!    `ServerMessage::Joined` (`conference/effects.rs`, `entered`), as the chat is. What only moderators see is sent by
//!    `tell_moderator` (`admission.rs`), to those who come in as moderators and to those who become one.
//! 7. **By hand**, what it costs the others: `conference/actor.rs`, `act`, says which messages take from the sender's budget
//!    (`conference/budget.rs`), and what becomes of one that goes beyond it: it is refused as `too_fast`, as chat is, or told
//!    later and together with others, as hands are (`conference/coalesced_updates.rs`). What is in neither is told to all at
//!    once, as often as someone sends it.
//! 8. **By hand**, the outbox of a client that reads slowly: a message that says how something is now gets a variant of `About`
//!    (`conference/outbox.rs`), so that a newer one takes the place of one that waits. Without it each one waits for itself.
//! 9. The clients: `make generate` writes the types for the browser. There it is a folder in
//!    `kmz-meet-server/web/src/lib/features/` and a line in its `index.ts`, its texts in two languages, and its component. The
//!    headless client applies messages in `client/state.rs`: only what a test has to see is needed there.
//! 10. Tests: how people live through it in `stories`, what always holds in `model` and `promises`, random messages of the new
//!     kind in `steps`, the message in `permission_vectors`, and the snapshot in `snapshots`.
//!
//! Fields here are fields of the stored snapshot. Their names and forms stay (see the tests in `snapshots`).

mod alerts;
mod attendance;
mod chat;
mod closed_lesson;
mod emergency_stop;
mod floor;
mod hands;
mod incidents;
mod insiders;
mod line_trouble;
mod reports;
mod speakers_only;

use serde::{Deserialize, Serialize};

pub use attendance::Attended;
pub use chat::{MAX_CHAT_BYTES_KEPT, MAX_CHAT_KEPT};

use alerts::Alerts;
use attendance::Attendance;
use chat::Chat;
pub(super) use closed_lesson::Cameras;
use closed_lesson::ClosedLesson;
use emergency_stop::EmergencyStop;
use floor::Floor;
use hands::Hands;
use incidents::Incidents;
use insiders::Insiders;
use line_trouble::LineTrouble;
use reports::Reports;
use speakers_only::SpeakersOnly;

/// The states of all features.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Features {
    #[serde(default)]
    pub(super) attendance: Attendance,
    pub(super) floor: Floor,
    #[serde(default)]
    pub(super) alerts: Alerts,
    pub(super) hands: Hands,
    #[serde(default, skip_serializing_if = "SpeakersOnly::is_off")]
    pub(super) speakers_only: SpeakersOnly,
    #[serde(default, skip_serializing_if = "LineTrouble::is_new")]
    pub(super) line_trouble: LineTrouble,
    #[serde(default, skip_serializing_if = "EmergencyStop::is_off")]
    pub(super) emergency_stop: EmergencyStop,
    #[serde(default, skip_serializing_if = "ClosedLesson::is_off")]
    pub(super) closed_lesson: ClosedLesson,
    #[serde(default, skip_serializing_if = "Insiders::are_none")]
    pub(super) insiders: Insiders,
    #[serde(default, skip_serializing_if = "Reports::are_none")]
    pub(super) reports: Reports,
    #[serde(default, skip_serializing_if = "Incidents::are_none")]
    pub(super) incidents: Incidents,
    #[serde(rename = "messages")]
    pub(super) chat: Chat,
}
