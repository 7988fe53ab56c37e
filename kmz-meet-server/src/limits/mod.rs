//! How much and how fast: limits by address, person and account. Nothing here knows HTTP.

mod address;
mod api_requests;
pub(crate) mod backoff;
pub(crate) mod bounded;
mod file_places;
pub(crate) mod in_turn;
pub(crate) mod join_rate;
pub(crate) mod keyed_lock;
pub(crate) mod limit_key;
pub(crate) mod messages;
pub(crate) mod password_attempts;
pub(crate) mod rate;
pub(crate) mod waiting;
pub(crate) mod waiting_sockets;

pub use address::ClientAddress;
pub use api_requests::RequestLimit;
pub use backoff::FailureBackoff;
pub use file_places::{FilePlace, FilePlaces};
pub use in_turn::{Busy, InTurn};
pub use keyed_lock::KeyedLock;
pub use limit_key::AGED;
pub use rate::{Rate, RateLimiter, Usage};
pub use waiting::WaitingLimits;
