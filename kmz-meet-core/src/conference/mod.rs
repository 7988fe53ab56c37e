//! A running conference: one task that ties one room to its media. It is the only place where both are known.
//!
//! The walk of a signal: WebSocket → [`ConferenceHandle::say`] → `Room::handle` → effects → clients, media, store.
//! The task (`actor`: what comes in, `effects`: what goes out) never waits for a client: each has a bounded [`Outbox`], and a
//! client that does not read is disconnected. How many messages one person may cause for all others has a budget, and a
//! message that waits is replaced by a newer one about the same thing.

mod actor;
mod budget;
mod clients;
mod coalesced_updates;
mod effects;
mod event;
mod figures;
mod handle;
mod lobby_updates;
mod message;
mod outbox;
mod snapshot_writer;
mod speaker;
mod store;
#[cfg(test)]
mod tests;

pub use event::{ConferenceEvent, Summary, Visitor};
pub use handle::ConferenceHandle;
pub use message::{ConnectionId, Entrance, Options};
pub use outbox::{Outbox, OutboxReader, Outgoing, OutgoingKind, outbox};
pub use store::{ConferenceStore, NoStore, StoreError};
