//! Self tests: whether the media of a lesson will come through, tried before the lesson and without a room.
//!
//! A test is a small conference of its own on the media plane that everybody uses, one for each path that is tried: a place
//! that sends and a place that receives, both the tester's. `running` bounds how many there are and how long they last, and
//! notes what really connected; `report` is what comes of it; `code` is by what it is found again, and `recent` bounds how many
//! results of one network are kept.

mod code;
mod recent;
mod report;
mod running;

pub use code::ResultCode;
pub use report::{
    Browser, DeviceState, MAX_PATHS, Measured, Path, PathKind, Report, Tested, outcome_of,
};
pub use running::{Begun, ConnectError, Ended, MAX_TEST_TIME, Offered, SelfTests, Wait};
