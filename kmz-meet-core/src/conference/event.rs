//! What a conference tells those who are not in it.

pub use crate::room::Visitor;
use crate::room::{Attended, Millis};
use crate::signal::ConferenceId;

/// What is left to say of a conference that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub conference: ConferenceId,
    pub started_at: Millis,
    pub ended_at: Millis,
    /// Empty where the room has no list.
    pub attended: Vec<Attended>,
}

/// What happens in a conference, for those who are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConferenceEvent {
    Started,
    Joined(Visitor),
    Left(Visitor),
}
