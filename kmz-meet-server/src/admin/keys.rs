//! API keys of schools at the command line.

use std::time::Duration;

use super::{Admin, AdminError, usable};
use crate::audit::{Action, Actor, note};
use crate::clock;
use crate::credentials::api_key::{KEY_LIFETIME, make};
use crate::credentials::{ApiKey, Scope};
use crate::store::{Record, RecordFilter};

/// Keys that are read at once.
const KEYS_AT_ONCE: u64 = 500;
/// A key is valid for at most so many days.
const MAX_DAYS: u64 = 730;
const MAX_NAME_CHARS: usize = 100;

/// A key as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct TypedKey<'a> {
    /// What people call it.
    pub name: Option<&'a str>,
    /// None: every one.
    pub scopes: &'a [String],
    /// A year, where nothing else is said.
    pub days: Option<u64>,
}

impl Admin {
    /// The keys of a school, a line each, without what opens something.
    ///
    /// # Errors
    /// When there is no such school.
    pub async fn list_keys(&self, school: &str) -> Result<String, AdminError> {
        let school = self.school(school).await?;
        let mut lines = vec![format!(
            "{:<36}  {:<10}  name and scopes",
            "id", "valid until"
        )];
        let mut last: Option<String> = None;
        loop {
            let filter = RecordFilter {
                school: Some(&school),
                after: last.as_deref(),
                limit: KEYS_AT_ONCE,
                ..RecordFilter::default()
            };
            let keys = Record::<ApiKey>::list(&self.store, filter).await?;
            lines.extend(keys.iter().map(|key| {
                let scopes = key.data.scopes.iter().map(|scope| scope.as_str());
                let scopes: Vec<&str> = scopes.collect();
                let all = scopes.len() == Scope::ALL.len();
                let until = key.expires_at.map(clock::rfc3339).unwrap_or_default();
                format!(
                    "{:<36}  {:<11}  {} ({})",
                    key.id,
                    until.get(..10).unwrap_or_default(),
                    key.data.name,
                    if all {
                        "every scope".to_owned()
                    } else {
                        scopes.join(" ")
                    }
                )
            }));
            match keys.last() {
                Some(key) => last = Some(key.id.clone()),
                None => return Ok(lines.join("\n")),
            }
        }
    }

    /// Another API key of a school, with every scope.
    ///
    /// # Errors
    /// When there is no such school, or its contract does not hold.
    pub async fn add_key(&self, school: &str) -> Result<String, AdminError> {
        self.make_key(school, TypedKey::default()).await
    }

    /// Makes a key of a school; gives it, once.
    ///
    /// # Errors
    /// When there is no such school, its contract does not hold, or a scope is none.
    pub async fn make_key(&self, school: &str, typed: TypedKey<'_>) -> Result<String, AdminError> {
        let open = self.open_school(school).await?;
        let name = usable(
            "the name",
            typed.name.unwrap_or("made by the operator"),
            MAX_NAME_CHARS,
        )?;
        let mut scopes = Vec::new();
        for text in typed.scopes {
            let known = Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
            let scope = known.ok_or_else(|| AdminError::NoScope(text.clone()))?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        if scopes.is_empty() {
            scopes = Scope::ALL.into();
        }
        let lifetime = match typed.days {
            None => KEY_LIFETIME,
            Some(days @ 1..=MAX_DAYS) => Duration::from_hours(24 * days),
            Some(_) => return Err(AdminError::Days(MAX_DAYS)),
        };
        let now = clock::system().now();
        let made = make(
            &self.store,
            &self.tokens,
            &open,
            (name, scopes),
            (now, lifetime),
        );
        let (key, token) = made.await?;
        let done = (Action::KeyMade, key.id.as_str());
        note(&self.store, now, &Actor::CommandLine, Some(open.id()), done).await?;
        Ok(token)
    }

    /// Takes a key of a school back: from now on it opens nothing.
    ///
    /// # Errors
    /// When there is no such school, or it has no such key.
    pub async fn revoke_key(&self, school: &str, id: &str) -> Result<(), AdminError> {
        let school = self.school(school).await?;
        let key = Record::<ApiKey>::of_school(&self.store, &school, id).await?;
        let key = key.ok_or_else(|| AdminError::NoKey(id.to_owned()))?;
        key.delete(&self.store).await?;
        let (now, done) = (clock::system().now(), (Action::KeyDeleted, id));
        note(&self.store, now, &Actor::CommandLine, Some(&school), done).await?;
        Ok(())
    }
}
