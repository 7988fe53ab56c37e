//! What the REST API asks of the conferences that run.

/// Which rooms run now, and with how many people.
pub trait RunningRooms: Send + Sync {
    /// How many people are in the room's conference; `None` when none runs.
    fn of(&self, room: &str) -> Option<u32>;

    /// Conferences and people in all of them.
    fn totals(&self) -> (u32, u32);
}

/// Nothing runs.
pub struct NoneRunning;

impl RunningRooms for NoneRunning {
    fn of(&self, _room: &str) -> Option<u32> {
        None
    }

    fn totals(&self) -> (u32, u32) {
        (0, 0)
    }
}
