//! Reminders before a contract runs out: 90, 30 and 7 days before, each once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::standing::last_day;
use crate::clock::{Timestamp, millis};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::mail::{Field, Mailer, Message, NotTaken, Template};
use crate::store::{Database, Kind, Record, School, StoreError, UserRole};
use crate::time_zone::SchoolZone;

/// Days before the end, the nearest first.
const STAGES: [u16; 3] = [7, 30, 90];
const DAY: Duration = Duration::from_hours(24);

/// A reminder that was marked: nobody sends it again.
#[derive(Debug, Serialize, Deserialize)]
struct Reminded {}

impl Kind for Reminded {
    const KIND: &'static str = "contract_reminder";
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    pub school: School,
    /// The last day on which the contract holds, as in 2027-07-31.
    pub last_day: String,
    /// The reminder's stage: 90, 30 or 7 days before.
    pub stage: u16,
    /// The ids of the school's administrators, who are told.
    pub school_admins: Vec<String>,
}

/// Which reminder is due for a contract that holds until then: the one whose time came last. What was slept through is not made up
/// for. `None`: none yet, or it is over.
#[must_use]
pub fn stage(now: Timestamp, valid_until: Timestamp) -> Option<u16> {
    let left = valid_until.saturating_sub(now);
    let is_due = |days: &u16| left <= millis(DAY * u32::from(*days));
    STAGES.into_iter().find(is_due).filter(|_| left > 0)
}

/// Gives what is due and was not given before: each reminder is given to one caller, once.
///
/// # Errors
/// When the store fails.
pub async fn mark_due(store: &Database, now: Timestamp) -> Result<Vec<Reminder>, StoreError> {
    let mut due = Vec::new();
    let horizon = now + millis(DAY * 90);
    for school in store.schools_expiring(now, horizon).await? {
        let Some(until) = school.valid_until else {
            continue;
        };
        let Some(stage) = stage(now, until) else {
            continue;
        };
        let key = format!("{} {until} {stage}", school.id);
        if Record::<Reminded>::by_key(store, &key).await?.is_some() {
            continue;
        }
        let mut mark = Record::new(school.id.clone(), now, Reminded {});
        mark.key = Some(key);
        mark.expires_at = Some(until + millis(DAY));
        if mark.add(store).await?.is_err() {
            continue;
        }
        let school_admins = store
            .users_of_role(&school.id, UserRole::SchoolAdmin)
            .await?;
        let last = last_day(until, &SchoolZone::default());
        due.push(Reminder {
            last_day: last.map(|day| day.to_string()).unwrap_or_default(),
            school,
            stage,
            school_admins,
        });
    }
    Ok(due)
}

/// Tells operators and administrators of schools whose contract runs out: in the log, and by mail where this server sends any.
///
/// # Errors
/// When the store fails, or a mail is not taken. The others are told all the same.
pub async fn remind(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    operator: Option<&str>,
) -> Result<(), NotTaken> {
    let mut result = Ok(());
    for reminder in mark_due(store, now).await? {
        tracing::warn!(
            school = %reminder.school.id,
            last_day = %reminder.last_day,
            days = reminder.stage,
            "the contract of a school runs out; have it signed again"
        );
        if mailer.is_set_up() {
            result = result.and(mail(store, mailer, now, operator, &reminder).await);
        }
    }
    result
}

async fn mail(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    operator: Option<&str>,
    reminder: &Reminder,
) -> Result<(), NotTaken> {
    let operator = operator.and_then(|to| to.parse().ok());
    let mut all: Vec<EmailAddress> = operator.into_iter().collect();
    for id in &reminder.school_admins {
        let admin = store.user(id).await?;
        all.extend(admin.and_then(|admin| admin.email));
    }
    let mut result = Ok(());
    for to in all {
        let message = Message {
            to,
            language: Language::German,
            template: Template::ContractRunsOut,
            fields: vec![
                (Field::School, reminder.school.name.clone()),
                (Field::LastDay, reminder.last_day.clone()),
            ],
            school: Some(reminder.school.id.clone()),
            user: None,
        };
        result = result.and(mailer.send(store, now, message).await);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_is_the_nearest_that_has_come() {
        let day = millis(DAY);
        let left = |days| stage(0, days);
        assert_eq!(left(91 * day), None);
        assert_eq!(left(90 * day), Some(90));
        assert_eq!(left(30 * day + 1), Some(90));
        assert_eq!(left(30 * day), Some(30));
        assert_eq!(left(7 * day + 1), Some(30));
        assert_eq!(left(7 * day), Some(7));
        assert_eq!(left(1), Some(7));
        assert_eq!(left(0), None);
        assert_eq!(left(-1), None);
        assert_eq!(stage(Timestamp::MIN, Timestamp::MAX), None);
    }
}
