//! Which providers everybody sees at the sign-in page. The list is public and asked for often, so it is kept in memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::provider::{SHOWN, SignInProvider};
use crate::clock::{Clock, Timestamp, millis};
use crate::store::{Record, RecordFilter, SharedStore, StoreError};

/// How long a change at another server on this database is not seen here.
const KEPT: Duration = Duration::from_secs(10);
/// Records of a read.
const PAGE: u64 = 200;
/// More are not shown: people of such a server use the address of their school's provider.
const MAX_SHOWN: usize = 5_000;

/// A provider as strangers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownProvider {
    pub id: String,
    /// The school's name.
    pub school: String,
    pub label_de: String,
    pub label_en: String,
}

/// A provider with all by which it is found.
struct Listed {
    shown: ShownProvider,
    /// The names of the school and of the button as they are compared: in small letters, a line each.
    names: String,
}

impl Listed {
    fn new(shown: ShownProvider) -> Self {
        let names = [&*shown.school, &shown.label_de, &shown.label_en].join("\n");
        Self {
            names: names.to_lowercase(),
            shown,
        }
    }

    /// Whether the school or the button is called so, as somebody types it.
    fn is_called(&self, typed: &str) -> bool {
        self.names.contains(typed)
    }
}

/// See the module.
pub struct Shown {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    kept: Mutex<Kept>,
    /// Held while the list is read: others wait for the same one.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    list: Option<(Arc<Vec<Listed>>, Timestamp)>,
    /// Changes at this server: a list whose reading began before one is not kept.
    changes: u64,
}

impl Shown {
    pub fn new(store: SharedStore, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            kept: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// After a change at this server.
    pub fn forget(&self) {
        let mut kept = self.kept();
        kept.list = None;
        kept.changes += 1;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self) -> Option<Arc<Vec<Listed>>> {
        let now = self.clock.now();
        let kept = self.kept();
        let (all, at) = kept.list.as_ref()?;
        (0..millis(KEPT)).contains(&(now - at)).then(|| all.clone())
    }

    /// Those that fit what somebody typed, and whether there are more than `limit`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn called(
        &self,
        typed: &str,
        limit: usize,
    ) -> Result<(Vec<ShownProvider>, bool), StoreError> {
        let typed = typed.trim().to_lowercase();
        let all = self.all().await?;
        let fitting = all.iter().filter(|one| one.is_called(&typed));
        let mut fitting = fitting.map(|one| one.shown.clone());
        let found = fitting.by_ref().take(limit).collect();
        Ok((found, fitting.next().is_some()))
    }

    async fn all(&self) -> Result<Arc<Vec<Listed>>, StoreError> {
        if let Some(all) = self.fresh() {
            return Ok(all);
        }
        let _one_at_a_time = self.reading.lock().await;
        if let Some(all) = self.fresh() {
            return Ok(all);
        }
        let changes = self.kept().changes;
        let now = self.clock.now();
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        while all.len() < MAX_SHOWN {
            let filter = RecordFilter {
                parent: Some(SHOWN),
                after: after.as_deref(),
                limit: PAGE,
                ..RecordFilter::default()
            };
            let page = Record::<SignInProvider>::list(&self.store, filter).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            let schools = self.names_of_schools(&page).await?;
            for record in page {
                let Some(school) = record.school.as_ref().and_then(|id| schools.get(id)) else {
                    continue;
                };
                all.push(Listed::new(ShownProvider {
                    id: record.id,
                    school: school.clone(),
                    label_de: record.data.label_de,
                    label_en: record.data.label_en,
                }));
            }
        }
        // The name of the school comes first.
        all.sort_by(|one, other| one.names.cmp(&other.names));
        let all = Arc::new(all);
        let mut kept = self.kept();
        if kept.changes == changes {
            kept.list = Some((all.clone(), now));
        }
        Ok(all)
    }
    /// By their ids, in one question to the database.
    async fn names_of_schools(
        &self,
        page: &[Record<SignInProvider>],
    ) -> Result<HashMap<String, String>, StoreError> {
        let ids: HashSet<&String> = page.iter().filter_map(|one| one.school.as_ref()).collect();
        let ids: Vec<String> = ids.into_iter().cloned().collect();
        let schools = self.store.schools_by_id(&ids).await?;
        let names = schools.into_iter().map(|school| (school.id, school.name));
        Ok(names.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_is_found_by_part_of_one_name_in_any_case() {
        let listed = Listed::new(ShownProvider {
            id: "1".to_owned(),
            school: "Übungsschule Köln".to_owned(),
            label_de: "IServ Nord".to_owned(),
            label_en: "North".to_owned(),
        });
        for typed in ["", "übung", "köln", "iserv", "north"] {
            assert!(listed.is_called(typed), "{typed}");
        }
        // Not by the end of one name and the beginning of the next.
        for typed in ["kölniserv", "köln iserv", "south"] {
            assert!(!listed.is_called(typed), "{typed}");
        }
    }
}
