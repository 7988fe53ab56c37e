//! 'Something is wrong here': who said it, and how often that is passed on.
//!
//! Messages: `report` (everyone) → `reported` to moderators, `report_noted` to the sender.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// One person is passed on once in this time. What they say meanwhile was said already.
pub(in crate::room) const REPORT_AGAIN: Duration = Duration::from_mins(5);
/// Of all people together so many are passed on in that time. A class of thirty may say it at once.
pub(in crate::room) const MAX_REPORTS: usize = 30;

/// Who said it lately: by account, browser or seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Report {
    by: String,
    at: Timestamp,
}

/// What was passed on in the last minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct Reports(Vec<Report>);

impl Reports {
    pub(in crate::room) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes a report, and says whether it is passed on.
    pub(in crate::room) fn note(&mut self, now: Timestamp, by: String) -> bool {
        self.0
            .retain(|one| now.saturating_duration_since(one.at) < REPORT_AGAIN);
        let is_new = self.0.len() < MAX_REPORTS && self.0.iter().all(|one| one.by != by);
        if is_new {
            self.0.push(Report { by, at: now });
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn note_of_one_person_passes_one_on_in_five_minutes() {
        let mut reports = Reports::default();
        assert!(reports.note(at(0), "anna".into()));
        assert!(!reports.note(at(299), "anna".into()));
        assert!(reports.note(at(299), "ben".into()));
        assert!(reports.note(at(300), "anna".into()));
    }

    #[test]
    fn note_of_ever_new_people_is_bounded() {
        let mut reports = Reports::default();
        let passed = (0..1_000).filter(|number| reports.note(at(1), format!("p{number}")));
        assert_eq!(passed.count(), MAX_REPORTS);
        assert_eq!(reports.0.len(), MAX_REPORTS);
    }
}
