//! The BigBlueButton-compatible API: an existing set-up moves over by changing its URL and its secret.
//!
//! A call names its school by the secret that made its checksum. Nothing outside the checksum has any effect. Rooms of
//! meetings are rooms as all others; `join` hands out a ticket, as courses and integrators do.

mod callbacks;
mod caller;
mod checksum;
mod create;
mod ending;
mod idle;
mod info;
mod join;
mod meeting;
mod query;
mod rewritten;
mod router;
mod state;
mod xml;

pub use ending::{end_overdue, ended};
pub use idle::delete_idle_rooms;
pub use meeting::{is_open, tell_of_presentation};
pub use router::routes;
pub use state::Meetings;

/// Where the API is, for platforms that ask for one URL.
pub const PATH: &str = "/bigbluebutton/";
