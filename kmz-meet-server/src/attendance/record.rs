//! The record of a lesson.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::store::Kind;

/// One person of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// As the platform knows them, with our prefix; `None` for guests.
    pub user: Option<String>,
    pub name: String,
    pub moderator: bool,
    /// Whether they belong to the course.
    pub listed: bool,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// As measured, reconnects merged, rounded to the nearest minute.
    pub measured_minutes: u32,
    /// As the teacher corrected it.
    pub corrected_minutes: Option<u32>,
}

impl Present {
    /// Whether they came at all; else they are listed because they belong to the class.
    pub fn was_there(&self) -> bool {
        self.measured_minutes > 0 || self.last_at > self.first_at
    }

    /// What counts.
    pub fn minutes(&self) -> u32 {
        self.corrected_minutes.unwrap_or(self.measured_minutes)
    }
}

/// The attendance of one conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    pub conference: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub people: Vec<Present>,
    /// When it was last sent to the gradebook.
    pub graded_at: Option<Timestamp>,
}

impl Kind for Attendance {
    const KIND: &'static str = "attendance";
}
