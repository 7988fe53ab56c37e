//! The messages between a client and its conference: JSON over a WebSocket at [`SIGNAL_PATH`].
//!
//! Every message is one JSON object with a `type`. The TypeScript types of the browser client are generated
//! from this module (`make generate`), so it is the one place where the protocol is written down.
//!
//! A conversation:
//! 1. The client sends [`ClientMessage::Join`]. The server answers `joined`, `lobby`, `waiting` or `refused`
//!    (after `way_back`, where the ticket has one).
//!    `waiting` and `lobby` are not the end: the same socket gets `joined` once the person may come in.
//! 2. After `joined` the client sends one [`ClientMessage::Offer`] and gets one [`ServerMessage::Answer`].
//!    A new offer replaces the former media session (after a reload, or when the network was lost for long).
//! 3. From then on both sides send what happens. There is no message that turns on someone else's source.

mod client;
mod limits;
mod safety;
mod server;
mod types;

pub use client::ClientMessage;
pub use limits::{
    MAX_CHAT_CHARS, MAX_LIST, MAX_MESSAGE_BYTES, MAX_NAME_CHARS, MAX_PASSWORD_CHARS, MAX_SDP_BYTES,
    MESSAGES_BURST, MESSAGES_PER_SECOND, SIGNAL_PATH,
};
pub use safety::{EmergencyStop, Safety};
pub use server::{Alert, ErrorCode, LeaveReason, RefusalReason, Relay, RoomInfo, ServerMessage};
pub use types::{
    ChatMessage, ConferenceId, Door, Knocker, LookAlike, Participant, ParticipantId, Policy,
    PolicyChange, PoorLines, QualityLevel, Right, Role, Sections, Source, SpeakersOnly, Target,
    Tile, Who,
};
