//! Which pages may show ours in a frame: the registered ones, and no others. The same for every page (ADR 6): a list for each
//! room would tell which rooms there are.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use crate::school_settings::SchoolSettings;
use crate::store::{Record, SharedStore, StoreError, Which};

/// More than any installation has.
const MOST: u64 = 10_000;

/// The `frame-ancestors` of the content security policy, kept ready because every page carries it.
#[derive(Default)]
pub struct Framing(RwLock<String>);

impl Framing {
    /// The value of the directive.
    pub fn ancestors(&self) -> String {
        let ancestors = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if ancestors.is_empty() {
            "'none'".to_owned()
        } else {
            ancestors.clone()
        }
    }

    /// Reads it anew, after a change.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refresh(&self, store: &SharedStore) -> Result<(), StoreError> {
        let which = Which {
            limit: MOST,
            ..Which::default()
        };
        let schools = Record::<SchoolSettings>::list(&**store, which).await?;
        let mut origins: BTreeSet<String> = schools
            .into_iter()
            .flat_map(|school| school.data.embed_origins)
            .collect();
        origins.extend(crate::lti::platform_origins(store).await?);
        let text = origins.into_iter().collect::<Vec<_>>().join(" ");
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = text;
        Ok(())
    }
}
