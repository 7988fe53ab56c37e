//! One-time links: a token that opens one thing once. The store has a fingerprint of it.

use std::time::Duration;

use super::{fingerprint, random_token};
use crate::clock::{Timestamp, millis};
use crate::email_address::EmailAddress;
use crate::store::{Database, KeptLink, LinkPurpose, StoreError};

/// Longest token that is looked at, in bytes. Ours have 43.
const MAX_TOKEN: usize = 64;

/// How long a link is valid.
pub fn lifetime(purpose: LinkPurpose) -> Duration {
    match purpose {
        // Holidays are between the list and the lesson.
        LinkPurpose::FirstPassword => Duration::from_hours(14 * 24),
        LinkPurpose::PasswordReset => Duration::from_hours(1),
        LinkPurpose::ConfirmAddress => Duration::from_hours(24),
    }
}

/// A new link, and its token.
pub fn new(
    user: &str,
    purpose: LinkPurpose,
    address: Option<EmailAddress>,
    now: Timestamp,
) -> (KeptLink, String) {
    let token = random_token::<32>();
    let link = KeptLink {
        token_hash: fingerprint(&token),
        user: user.to_owned(),
        purpose,
        address,
        created_at: now,
        expires_at: now + millis(lifetime(purpose)),
    };
    (link, token)
}

/// The link of a token, if it still opens something.
///
/// # Errors
/// When the store fails.
pub async fn find(
    store: &Database,
    token: &str,
    now: Timestamp,
) -> Result<Option<KeptLink>, StoreError> {
    if token.len() > MAX_TOKEN {
        return Ok(None);
    }
    store.link(&fingerprint(token), now).await
}
