//! Why a service of a platform gives nothing.

use guarded_http::Error as HttpError;

use crate::keys;

/// Why a service did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("the platform cannot be reached: {0}")]
    Unreachable(#[from] HttpError),
    #[error("the platform gave no access: {0}")]
    NoAccess(String),
    /// As Moodle answers when it cannot read our keys: with a page of its own, or the words of its failure.
    #[error(
        "the platform gave no access, most likely because it could not check our key: its server must reach {0} (in Moodle: Site administration, Security, HTTP security, blocked hosts and allowed ports)"
    )]
    KeyUnchecked(String),
    #[error("the platform answered with status {0}")]
    Status(u16),
    #[error("the platform's answer cannot be read")]
    Damaged,
    #[error("the course does not take results")]
    NoGradebook,
    #[error(
        "the gradebook has no column for this link, and the platform lets nobody but itself make one"
    )]
    NoColumn,
    #[error("nothing can be signed")]
    Key,
}

impl From<keys::KeyError> for ServiceError {
    fn from(error: keys::KeyError) -> Self {
        tracing::error!(%error, "a client assertion cannot be signed");
        Self::Key
    }
}
