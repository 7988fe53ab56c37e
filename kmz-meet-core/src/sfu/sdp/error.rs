//! Why an offer cannot be answered.

/// Why an offer cannot be answered.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// Longer than [`crate::signal::MAX_SDP_BYTES`].
    #[error("the offer is too large")]
    TooLarge,
    /// Not a session description, or one that lacks what is needed; the text says what.
    #[error("the offer cannot be answered: {0}")]
    Unusable(&'static str),
    /// The person is not (any more) in a conference.
    #[error("unknown participant")]
    UnknownParticipant,
}
