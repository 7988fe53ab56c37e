//! What a conference tells those who are not in it.

use crate::room::Attended;
use crate::room::Incident;
pub use crate::room::Visitor;
use crate::signal::ConferenceId;
use crate::timestamp::Timestamp;

/// What is left to say of a conference that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub conference: ConferenceId,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    /// Empty where the room has no list.
    pub attended: Vec<Attended>,
}

/// What happens in a conference, for those who are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConferenceEvent {
    Started,
    Joined(Visitor),
    Left(Visitor),
    /// Something went wrong, and a record of it is to be kept.
    Incident(Incident),
}
