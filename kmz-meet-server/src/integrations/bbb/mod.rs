//! The BigBlueButton-compatible API: an existing set-up moves over by changing its URL and its secret.
//!
//! The secret that made the checksum of a call tells its school. Nothing outside the checksum has any effect. Rooms of
//! meetings are rooms like all others; `join` issues a ticket, as courses and integrators do.

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
