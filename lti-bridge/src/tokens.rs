//! Access tokens of platforms that still hold.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::numeric_date::NumericDate;

struct Token {
    secret: String,
    until: NumericDate,
}

/// Access tokens by platform and scopes.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<(String, String), Token>>);

impl Tokens {
    fn tokens(&self) -> MutexGuard<'_, HashMap<(String, String), Token>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token that still holds.
    pub(crate) fn get(&self, platform: &str, wanted: &[&str], now: NumericDate) -> Option<String> {
        let tokens = self.tokens();
        let token = tokens.get(&cache_key(platform, wanted));
        let token = token.filter(|token| token.until > now)?;
        Some(token.secret.clone())
    }

    /// Keeps one, and forgets those that are out.
    pub(crate) fn insert(
        &self,
        platform: &str,
        wanted: &[&str],
        secret: String,
        until: NumericDate,
        now: NumericDate,
    ) {
        let mut tokens = self.tokens();
        tokens.retain(|_, token| token.until > now);
        tokens.insert(cache_key(platform, wanted), Token { secret, until });
    }

    /// The platform took it back.
    pub(crate) fn forget(&self, platform: &str, wanted: &[&str]) {
        self.tokens().remove(&cache_key(platform, wanted));
    }
}

fn cache_key(platform: &str, wanted: &[&str]) -> (String, String) {
    (platform.to_owned(), wanted.join(" "))
}
