//! Browsers that have signed in to an account before. Somebody who guesses a teacher's password from the same address
//! does not keep the teacher's own browser waiting.
//!
//! The token outlives signing out, also at a computer that a class shares. It opens nothing: it gives a place in the queue. A
//! browser loses that place when it sends some wrong passwords, and when the account's password changes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::signed::{self, Signed, SigningFailed};
use super::{fingerprint, random_token};
use crate::clock::{Timestamp, millis};
use crate::store::User;

/// How long a browser is known without signing in.
pub const KNOWN_LIFETIME: Duration = Duration::from_hours(180 * 24);
/// How many accounts of one browser are remembered: the computer in a staff room has many.
const MAX_ACCOUNTS: usize = 8;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// The browser.
    sub: String,
    /// Fingerprints of its accounts, the newest last.
    accounts: Vec<String>,
}

impl signed::Claims for Claims {
    const AUDIENCE: &'static str = "browser";
}

/// Signs and verifies the tokens of such browsers.
pub struct KnownBrowsers(Signed<Claims>);

impl KnownBrowsers {
    /// Takes the key of this server.
    pub fn new(key: &[u8]) -> Self {
        Self(Signed::new(key))
    }

    /// The browser, if it has signed in to this account before.
    pub fn browser(&self, kept: Option<&str>, user: &User, now: Timestamp) -> Option<String> {
        let claims = self.0.verify(kept?, now)?;
        claims.accounts.contains(&mark(user)).then_some(claims.sub)
    }

    /// Signs the token that the browser stores after it signed in to this account. `kept`: the one that it had before.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(
        &self,
        kept: Option<&str>,
        user: &User,
        now: Timestamp,
    ) -> Result<String, SigningFailed> {
        let former = kept.and_then(|kept| self.0.verify(kept, now));
        let (browser, mut accounts) = former.map_or_else(
            || (random_token::<16>(), Vec::new()),
            |former| (former.sub, former.accounts),
        );
        let account = mark(user);
        accounts.retain(|one| *one != account);
        accounts.push(account);
        accounts.drain(..accounts.len().saturating_sub(MAX_ACCOUNTS));
        let claims = Claims {
            sub: browser,
            accounts,
        };
        self.0.sign(&claims, now + millis(KNOWN_LIFETIME))
    }
}

/// The fingerprint of an account with its present password. The salt of the hash is in it, so it tells nobody the name.
fn mark(user: &User) -> String {
    fingerprint(&format!("{}\0{}", user.id, user.password_hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> User {
        User {
            id: name.to_owned(),
            school: "a".to_owned(),
            username: name.to_owned(),
            name: name.to_owned(),
            role: crate::store::UserRole::Moderator,
            password_hash: "hash".to_owned(),
            email: None,
            created_at: 0,
        }
    }

    #[test]
    fn browser_after_signing_in_is_known_for_these_accounts_only() {
        let known = KnownBrowsers::new(&[7; 32]);
        let (anna, berta, clara) = (user("anna"), user("berta"), user("clara"));
        let first = known.sign(None, &anna, 0).unwrap();
        let second = known.sign(Some(&first), &berta, 0).unwrap();
        let browser = known.browser(Some(&second), &anna, 0);
        assert!(browser.is_some());
        assert_eq!(known.browser(Some(&second), &berta, 0), browser);
        assert_eq!(known.browser(Some(&second), &clara, 0), None);
        assert_eq!(known.browser(Some(&first), &berta, 0), None);
        assert_eq!(known.browser(None, &anna, 0), None);
        let late = millis(KNOWN_LIFETIME);
        assert_eq!(known.browser(Some(&second), &anna, late), None);
        let other = KnownBrowsers::new(&[8; 32]);
        assert_eq!(other.browser(Some(&second), &anna, 0), None);
        let changed = User {
            password_hash: "another".to_owned(),
            ..anna.clone()
        };
        assert_eq!(known.browser(Some(&second), &changed, 0), None);
        assert!(!second.contains("anna"));
        let mut many = second;
        for number in 0..MAX_ACCOUNTS {
            many = known
                .sign(Some(&many), &user(&number.to_string()), 0)
                .unwrap();
        }
        assert_eq!(known.browser(Some(&many), &anna, 0), None);
        assert_eq!(known.browser(Some(&many), &user("0"), 0), browser);
    }
}
