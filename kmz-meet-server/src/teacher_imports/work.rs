//! Makes the accounts of imports that were confirmed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kmz_meet_core::room::DisplayName;
use uuid::Uuid;

use crate::clock::Clock;
use crate::email_address::EmailAddress;
use crate::limits::FilePlaces;
use crate::schools::may_open;
use crate::store::{
    AddError, Database, ImportState, ImportedTeacher, KeptImport, KeptImportRow, RowState,
    StoreError,
};
use crate::teacher_lists::Reader;
use crate::usernames;

/// So many accounts are made before it is looked again whether the contract still holds.
const BATCH: u64 = 100;

/// Lists that are in memory at the same time: one is read, and others wait for it.
const MAX_FILES: usize = 4;

/// What runs here of imports.
pub struct TeacherImports {
    /// Reads lists, one at a time.
    pub reader: Reader,
    /// Places for lists; each school has one, so that no administrator keeps those of others waiting.
    pub files: FilePlaces,
    /// The ids of those that are worked on in this process.
    working: Mutex<HashSet<String>>,
}

impl Default for TeacherImports {
    fn default() -> Self {
        Self {
            reader: Reader::default(),
            files: FilePlaces::new(MAX_FILES),
            working: Mutex::default(),
        }
    }
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
        let open = may_open(store, clock.now(), &import.school).await?;
        let Some(school) = open else {
            return end(store, import, ImportState::Stopped).await;
        };
        let waiting = [RowState::Waiting];
        let rows = store
            .teacher_import_rows(&import.id, (None, &waiting), after, BATCH)
            .await?;
        let Some(last) = rows.last() else {
            return end(store, import, ImportState::Done).await;
        };
        let number = last.number;
        let mut teachers = Vec::new();
        for row in &rows {
            match teacher(row) {
                Some(teacher) => teachers.push(teacher),
                None => {
                    let place = (import.id.as_str(), row.number);
                    let state = RowState::Skipped;
                    store.set_teacher_import_row_state(place, state).await?;
                }
            }
        }
        let place = (import.id.as_str(), &school);
        let made = store.make_imported_teachers(place, &teachers, clock.now());
        match made.await? {
            Ok(()) => after = number,
            // Somebody took a name or an address at the same moment: the same rows are looked at again.
            Err(AddError::AlreadyExists) => {}
            // Others were made since it was confirmed.
            Err(AddError::TooMany) => return end(store, import, ImportState::Stopped).await,
        }
    }
}

async fn end(store: &Database, import: &KeptImport, state: ImportState) -> Result<(), StoreError> {
    let to = ([ImportState::Running].as_slice(), state);
    store.set_teacher_import_state(&import.id, to, None).await?;
    Ok(())
}

/// `None` for what can be nobody's account, which is not among the rows that wait.
fn teacher(row: &KeptImportRow) -> Option<ImportedTeacher> {
    let email: EmailAddress = row.email.as_deref()?.parse().ok()?;
    let name = DisplayName::of(&row.name())?;
    let first_name = row.first_name.as_deref().unwrap_or_default();
    let surname = row.surname.as_deref().unwrap_or_default();
    Some(ImportedTeacher {
        number: row.number,
        id: Uuid::new_v4().to_string(),
        name: name.as_str().to_owned(),
        username: usernames::of(first_name, surname, Some(&email)),
        email: email.to_string(),
    })
}
