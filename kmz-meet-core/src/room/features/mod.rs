//! What people do in a room, one file for each: its state, its rules, and what the others are told. A feature does not know
//! the room: `messages` calls it, with what it needs.
//!
//! # How to add one
//! A poll, for example:
//! 1. `signal`: `ClientMessage::AnswerPoll { … }` and what it leads to, `ServerMessage::PollChanged { … }`.
//! 2. `features/poll.rs`: `struct Poll`, its state, with private fields; and `Poll::answer(…)`, which checks the message,
//!    changes the state and pushes [`Effect`](super::Effect)s: messages, and `Effect::Save` for what has to outlive a
//!    restart. That the sender has the right was checked before.
//! 3. `permission.rs`: one row says what the message needs.
//! 4. Two lines connect it: a field of [`Features`], with `#[serde(default)]` because stored snapshots do not have it, and
//!    an arm in `messages.rs`. The compiler asks for the rows of 3 and 4. Those who leave the roster lose what they had by
//!    `leave_features`; those who begin to moderate are told by `tell_moderator`.
//! 5. Tests: how people live through it in `stories`, what always holds in `model` and `invariants`, and the message in
//!    `permission_vectors`.
//!
//! Fields here are fields of the stored snapshot. Their names and forms stay (see the tests in `snapshots`).

mod alerts;
mod attendance;
mod chat;
mod floor;
mod hands;

use serde::{Deserialize, Serialize};

pub use attendance::Attended;
pub use chat::{MAX_CHAT_BYTES_KEPT, MAX_CHAT_KEPT};

use alerts::Alerts;
use attendance::Attendance;
use chat::Chat;
use floor::Floor;
use hands::Hands;

/// The states of all features.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Features {
    #[serde(default)]
    pub(super) attendance: Attendance,
    pub(super) floor: Floor,
    #[serde(default)]
    pub(super) alerts: Alerts,
    pub(super) hands: Hands,
    #[serde(rename = "messages")]
    pub(super) chat: Chat,
}
