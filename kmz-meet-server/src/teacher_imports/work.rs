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
    Database, ImportState, ImportedTeacher, KeptImport, KeptImportRow, RowState, StoreError,
};
use crate::teacher_lists::{Reader, Refusal, TeacherList};
use crate::usernames;

/// So many accounts are made before it is looked again whether the contract still holds.
const BATCH: u64 = 100;

/// Lists that are in memory at the same time: one is read, and others wait for it.
const MAX_FILES: usize = 4;

/// What runs here of imports.
pub struct TeacherImports {
    /// Reads lists, one at a time.
    pub reader: Reader,
    /// Places for lists.
    pub files: FilePlaces,
    /// The ids of those that are worked on in this process.
    working: Mutex<HashSet<String>>,
    /// Schools whose list is being read, or waits for it.
    reading: Mutex<HashSet<String>>,
}

/// A school's place among those whose lists are read.
struct Place<'a> {
    all: &'a Mutex<HashSet<String>>,
    school: String,
}

impl<'a> Place<'a> {
    fn take(all: &'a Mutex<HashSet<String>>, school: &str) -> Option<Self> {
        let school = school.to_owned();
        let is_free = all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(school.clone());
        // Made only if it was free: to drop one gives the place back.
        is_free.then(|| Self { all, school })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&self.school);
    }
}

impl Default for TeacherImports {
    fn default() -> Self {
        Self {
            reader: Reader::default(),
            files: FilePlaces::new(MAX_FILES),
            working: Mutex::default(),
            reading: Mutex::default(),
        }
    }
}

impl TeacherImports {
    fn working(&self) -> MutexGuard<'_, HashSet<String>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a list of a school. Each school has one in the queue, so that no administrator keeps those of others waiting.
    ///
    /// # Errors
    /// As [`crate::teacher_lists::read`]; [`Refusal::Busy`] while another list of the school is read.
    pub async fn read(
        &self,
        school: &str,
        bytes: Vec<u8>,
        password: Option<String>,
    ) -> Result<TeacherList, Refusal> {
        let _place = Place::take(&self.reading, school).ok_or(Refusal::Busy)?;
        self.reader.read(bytes, password).await
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
            let to = ([ImportState::Running].as_slice(), ImportState::Stopped);
            store.set_teacher_import_state(&import.id, to, None).await?;
            return Ok(());
        };
        let waiting = [RowState::Waiting];
        let rows = store
            .teacher_import_rows(&import.id, (None, &waiting), after, BATCH)
            .await?;
        let Some(last) = rows.last() else {
            let to = ([ImportState::Running].as_slice(), ImportState::Done);
            store.set_teacher_import_state(&import.id, to, None).await?;
            return Ok(());
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
        // Somebody took a name or an address at the same moment: the same rows are looked at again.
        if made.await?.is_ok() {
            after = number;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn second_list_of_a_school_waits_for_the_first_and_those_of_others_do_not() {
        let imports = TeacherImports::default();
        let list = || b"Vorname;Nachname;E-Mail\nA;B;a@b.de\n".to_vec();
        let place = Place::take(&imports.reading, "a");
        let refused = imports.read("a", list(), None).await;
        assert_eq!(refused, Err(Refusal::Busy));
        assert!(imports.read("b", list(), None).await.is_ok());
        drop(place);
        assert!(imports.read("a", list(), None).await.is_ok());
    }
}
