//! The contracts of schools (Art. 28 GDPR): from the first request to the end, and the papers that belong to it.
//!
//! What may follow what is decided in `step.rs`, how a contract stands at a time in `standing.rs`. [`School::is_open`] is the one rule
//! for all that opens.

mod content;
mod document_kind;
mod ends;
mod form;
mod measures;
mod papers;
mod printed;
mod reminders;
mod standing;
mod step;
mod vault;
mod yearly_list;

use uuid::Uuid;

pub(crate) use content::line;
pub use content::{Block, Content};
pub use document_kind::DocumentKind;
pub(crate) use ends::ContractEnd;
pub use form::{FormOf, form};
pub(crate) use measures::measures;
pub use papers::{MAX_DOCUMENT_BYTES, NotKept, keep_document, read_document};
pub use reminders::{Reminder, mark_due, remind, stage};
pub use standing::{EXPIRING, Standing, closed_since, last_day};
pub use step::{After, Refused, Signature, Step, next};
pub use vault::{Vault, WrongKey};
pub use yearly_list::{ContractRow, YearlyList};

use crate::audit::Action;
use crate::clock::Timestamp;
use crate::store::{
    AddError, AlreadyExists, Contract, ContractChange, Database, NotStepped, School, StoreError,
};
use crate::time_zone::SchoolZone;

/// Of one server: a state has fewer.
pub const MAX_SCHOOLS: u64 = 10_000;
/// Who does something at the command line, in the history.
pub const COMMAND_LINE: &str = "command line";

/// Why a contract was not changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("The contract was changed meanwhile. Look again.")]
    ChangedMeanwhile,
    #[error("The contract has as many changes as it may have.")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotStepped> for NotChanged {
    fn from(error: NotStepped) -> Self {
        match error {
            NotStepped::ChangedMeanwhile => Self::ChangedMeanwhile,
            NotStepped::TooMany => Self::TooMany,
        }
    }
}

/// A step as somebody takes it.
#[derive(Clone, Debug)]
pub struct StepTaken<'a> {
    pub step: Step,
    pub note: Option<String>,
    /// An account, a key, or [`COMMAND_LINE`].
    pub by: &'a str,
}

/// Makes a school. Its contract is asked for, or `signed` on paper that is kept elsewhere.
///
/// # Errors
/// When the store fails.
pub async fn add_school(
    store: &Database,
    now: Timestamp,
    (name, domains): (String, Vec<String>),
    signed: bool,
    by: &str,
) -> Result<Result<School, AddError>, StoreError> {
    let contract = if signed {
        Contract::Signed
    } else {
        Contract::Requested
    };
    let school = School {
        id: Uuid::new_v4().to_string(),
        name,
        contract,
        valid_until: None,
        domains,
    };
    let first = change(&school.id, contract, now, by);
    let added = store.add_new_school(&school, &first, MAX_SCHOOLS).await?;
    if added.is_ok() {
        tracing::info!(school = %school.id, by, "a school was made");
    }
    Ok(added.map(|()| school))
}

/// Changes name and domains of a school, unless they are others than those that were read. False: they are.
///
/// # Errors
/// When the store fails. [`AlreadyExists`]: another school has the name.
pub async fn change_school(
    store: &Database,
    former: &School,
    changed: &School,
    by: &str,
) -> Result<Result<bool, AlreadyExists>, StoreError> {
    let done = store.change_school(former, changed).await?;
    if done == Ok(true) {
        tracing::info!(school = %former.id, by, "a school was changed");
    }
    Ok(done)
}

/// A school and all changes of its contract, the oldest first, to be changed by [`take_step`]. `None`: there is no such school.
///
/// # Errors
/// When the store fails.
pub async fn read(
    store: &Database,
    school: &str,
) -> Result<Option<(School, Vec<ContractChange>)>, StoreError> {
    // In this order: a change in between is missing in the history, and the step is refused.
    let history = store.contract_changes(school).await?;
    let school = store.school(school).await?;
    Ok(school.map(|school| (school, history)))
}

/// Changes the contract of a school as it was read, and tells the running servers if nothing opens any more.
///
/// # Errors
/// When the step is refused, somebody else was faster, or the store fails.
pub async fn take_step(
    store: &Database,
    (now, zone): (Timestamp, &SchoolZone),
    school: &School,
    history: &[ContractChange],
    taken: StepTaken<'_>,
) -> Result<ContractChange, NotChanged> {
    let After { state, valid_until } = next(school, history, &taken.step, (now, zone))?;
    // The history stays in order, whatever clock a command beside the server goes by.
    let last = history.last().map_or(now, |last| last.created_at);
    let mut change = ContractChange {
        valid_until,
        note: taken.note,
        ..change(&school.id, state, now.max(last), taken.by)
    };
    if let Step::Sign(signature) = taken.step {
        change.signer = Some(signature.signer);
        change.signed_on = Some(signature.signed_on.to_string());
        change.document = Some(signature.document);
        change.document_sha256 = Some(signature.document_sha256);
    }
    let former = history.last().map(|last| last.id.as_str());
    store.step_contract(&change, former).await??;
    let state_now = state.as_str();
    tracing::info!(school = %school.id, by = %change.changed_by, state = state_now, "a contract was changed");
    if state != Contract::Signed {
        ends::tell(store, &school.id, now).await?;
    }
    Ok(change)
}

/// As the log of administrators' actions calls a change to this state.
#[must_use]
pub fn action(state: Contract) -> Action {
    match state {
        Contract::Requested => Action::ContractRequested,
        Contract::FormSent => Action::ContractFormSent,
        Contract::Signed => Action::ContractSigned,
        Contract::Ended => Action::ContractEnded,
    }
}

fn change(school: &str, state: Contract, now: Timestamp, by: &str) -> ContractChange {
    ContractChange {
        // In the order in which they were made.
        id: Uuid::now_v7().to_string(),
        school: school.to_owned(),
        created_at: now,
        changed_by: by.to_owned(),
        state,
        signer: None,
        signed_on: None,
        valid_until: None,
        document: None,
        document_sha256: None,
        note: None,
    }
}

/// Schools whose contract does not hold, because it was never signed, is over or was ended, with the time of the last change:
/// whoever waits longest is first. `asked` are those in which somebody asked for access; all others must have asked for a contract
/// themselves.
#[must_use]
pub fn waiting<'a>(
    schools: &'a [(School, Option<Timestamp>)],
    asked: &[String],
    now: Timestamp,
) -> Vec<&'a (School, Option<Timestamp>)> {
    let mut waiting: Vec<_> = schools
        .iter()
        .filter(|(school, _)| match Standing::of_school(school, now) {
            Standing::Signed | Standing::Expiring => false,
            Standing::Requested | Standing::FormSent => true,
            Standing::Expired | Standing::Ended => asked.contains(&school.id),
        })
        .collect();
    waiting.sort_by_key(|(school, since)| (*since, school.name.clone()));
    waiting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_schools_are_those_that_asked_the_longest_first() {
        let school = |id: &str, contract, since| {
            let school = School {
                id: id.to_owned(),
                name: id.to_owned(),
                contract,
                valid_until: None,
                domains: Vec::new(),
            };
            (school, Some(since))
        };
        let schools = [
            school("new", Contract::Requested, 9),
            school("old", Contract::FormSent, 3),
            school("open", Contract::Signed, 1),
            school("over", Contract::Ended, 2),
            school("gone", Contract::Ended, 2),
        ];
        let asked = ["over".to_owned(), "open".to_owned()];
        let waiting = waiting(&schools, &asked, 10);
        let ids: Vec<&str> = waiting.iter().map(|(one, _)| one.id.as_str()).collect();
        assert_eq!(ids, ["over", "old", "new"]);
    }
}
