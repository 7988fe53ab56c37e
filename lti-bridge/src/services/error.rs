//! Why a service of a platform gives nothing.

use guarded_http::Error as HttpError;

use crate::keys;

/// Why a service did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// No answer came.
    #[error("the platform cannot be reached: {0}")]
    Unreachable(#[from] HttpError),
    /// The token endpoint refused; its own words.
    #[error("the platform gave no access: {0}")]
    NoAccess(String),
    /// The platform could not read our keys: Moodle then answers with a page of HTML, or with its own failure.
    #[error(
        "the platform gave no access, most likely because it could not check our key: its server must reach {0} (in Moodle: Site administration, Security, HTTP security, blocked hosts and allowed ports)"
    )]
    KeyUnchecked(String),
    /// The service refused, with this HTTP status.
    #[error("the platform answered with status {0}")]
    Status(u16),
    /// The answer is not what the specification says.
    #[error("the platform's answer cannot be read")]
    Damaged,
    /// The launch named no gradebook, or no scope to use it.
    #[error("the course does not take results")]
    NoGradebook,
    /// There is no column for the link, and the tool may not make one.
    #[error(
        "the gradebook has no column for this link, and the platform lets nobody but itself make one"
    )]
    NoColumn,
    /// The tool has no key, or no randomness.
    #[error("nothing can be signed")]
    Key,
}

impl From<keys::KeyError> for ServiceError {
    fn from(error: keys::KeyError) -> Self {
        tracing::error!(%error, "a client assertion cannot be signed");
        Self::Key
    }
}
