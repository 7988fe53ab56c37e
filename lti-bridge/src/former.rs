//! Former names. They go as soon as nobody uses them.
#![allow(non_upper_case_globals, reason = "they were variants")]

pub use crate::handler::{ContentItem as RoomChoice, LaunchHandler as RoomOpener};
use crate::model::Role;
pub use crate::model::{
    AssignmentAndGradeService as GradeService, MembershipService as NamesService,
};
pub use crate::store::AddPlatformError as NotAdded;

impl Role {
    #[doc(hidden)]
    pub const Moderator: Self = Self::Instructor;
    #[doc(hidden)]
    pub const Participant: Self = Self::Learner;
}
