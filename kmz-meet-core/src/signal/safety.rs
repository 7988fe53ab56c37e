//! What everyone in a conference knows of a closed lesson and of an emergency stop.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::types::{ParticipantId, Role};

/// How a conference is closed off at the moment. By default it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct Safety {
    /// The emergency stop, as long as it holds for anybody.
    pub emergency_stop: Option<EmergencyStop>,
    /// Whether the lesson is closed: nobody new comes in, and who was inside comes back.
    pub lesson_closed: bool,
    /// Whether the closed lesson locks cameras. Moderators release them.
    pub cameras_locked: bool,
}

/// An emergency stop holds everyone who does not moderate and was not released: nothing that they send is forwarded, they
/// write no chat, and their clients show one calm picture instead of the conference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EmergencyStop {
    /// Whom moderators released one by one.
    pub released: Vec<ParticipantId>,
    /// The incident record of it, for those whom the school lets read it. Absent where none was made any more.
    pub incident: Option<String>,
}

impl Safety {
    /// Whether the emergency stop holds this person.
    #[must_use]
    pub fn holds(&self, id: &ParticipantId, role: Role) -> bool {
        let stop = self.emergency_stop.as_ref();
        role == Role::Participant && stop.is_some_and(|stop| !stop.released.contains(id))
    }
}
