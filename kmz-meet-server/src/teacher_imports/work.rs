//! Makes the accounts of imports that were confirmed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kmz_meet_core::room::DisplayName;
use uuid::Uuid;

use crate::clock::Clock;
use crate::email_address::EmailAddress;
use crate::schools::may_open;
use crate::store::{
    Database, ImportState, KeptImport, KeptImportRow, NotMade, RowState, StoreError, User, UserRole,
};
use crate::teacher_lists::Reader;
use crate::usernames;

/// So many accounts are made before it is looked again whether the contract still holds.
const BATCH: u64 = 50;
/// Names that are tried for one person.
const MAX_NAMES: u32 = 40;

/// What runs here of imports.
#[derive(Default)]
pub struct TeacherImports {
    /// Reads lists, one at a time.
    pub reader: Reader,
    /// The ids of those that are worked on in this process.
    working: Mutex<HashSet<String>>,
}

impl TeacherImports {
    fn working(&self) -> MutexGuard<'_, HashSet<String>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on all imports that were confirmed and are not done: those of now, and those that a restart interrupted.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn go_on(
        self: &Arc<Self>,
        store: &Arc<Database>,
        clock: &Arc<dyn Clock>,
    ) -> Result<(), StoreError> {
        for import in store.running_teacher_imports().await? {
            if !self.working().insert(import.id.clone()) {
                continue;
            }
            let (imports, store, clock) = (self.clone(), store.clone(), clock.clone());
            tokio::spawn(async move {
                if let Err(error) = work(&store, &*clock, &import).await {
                    tracing::warn!(%error, "an import of teachers stands still; it is tried again");
                }
                imports.working().remove(&import.id);
            });
        }
        Ok(())
    }
}

/// Makes all accounts of an import that are still to be made.
///
/// # Errors
/// When the store fails. What was made stays made.
pub async fn work(
    store: &Database,
    clock: &dyn Clock,
    import: &KeptImport,
) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        if !may_open(store, &import.school).await? {
            let to = ([ImportState::Running].as_slice(), ImportState::Stopped);
            store.set_teacher_import_state(&import.id, to, None).await?;
            return Ok(());
        }
        let waiting = [RowState::Waiting];
        let rows = store
            .teacher_import_rows(&import.id, (None, &waiting), after, BATCH)
            .await?;
        let Some(last) = rows.last() else {
            let to = ([ImportState::Running].as_slice(), ImportState::Done);
            store.set_teacher_import_state(&import.id, to, None).await?;
            return Ok(());
        };
        after = last.number;
        for row in &rows {
            make(store, clock, import, row).await?;
        }
    }
}

async fn make(
    store: &Database,
    clock: &dyn Clock,
    import: &KeptImport,
    row: &KeptImportRow,
) -> Result<(), StoreError> {
    let place = (import.id.as_str(), row.number);
    let email = row.email.as_deref().unwrap_or_default();
    let shown = DisplayName::of(&row.name());
    let (Ok(address), Some(shown)) = (email.parse::<EmailAddress>(), shown) else {
        let state = RowState::Skipped;
        return store.set_teacher_import_row_state(place, state).await;
    };
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let name = usernames::of(&text(&row.first_name), &text(&row.surname), &address);
    for tries in 0..MAX_NAMES {
        let teacher = User {
            id: Uuid::new_v4().to_string(),
            school: import.school.clone(),
            username: usernames::candidate(&name, tries),
            name: shown.as_str().to_owned(),
            role: UserRole::Moderator,
            password_hash: String::new(),
        };
        let made = store.make_imported_teacher(place, &teacher, (email, clock.now()));
        match made.await? {
            Ok(()) | Err(NotMade::Already) => return Ok(()),
            Err(NotMade::UsernameTaken) => {}
            Err(NotMade::AddressTaken) => {
                let state = RowState::Overtaken;
                return store.set_teacher_import_row_state(place, state).await;
            }
        }
    }
    tracing::warn!("no user name was free for a teacher of an import");
    store
        .set_teacher_import_row_state(place, RowState::Skipped)
        .await
}
