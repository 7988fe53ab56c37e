//! How many incident records a conference made. What is in one is in `room::incident`.

use serde::{Deserialize, Serialize};

/// So many incident records are made of one conference.
pub(in crate::room) const MAX_INCIDENTS: u32 = 100;

/// How many there are. A snapshot has the number alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::room) struct Incidents(u32);

impl Incidents {
    pub(in crate::room) fn are_none(&self) -> bool {
        self.0 == 0
    }

    /// The number of the next one, from 1; `None`: there are enough.
    pub(in crate::room) fn next(&mut self) -> Option<u32> {
        if self.0 >= MAX_INCIDENTS {
            return None;
        }
        self.0 += 1;
        Some(self.0)
    }
}
