//! Turns: whoever changes the same thing at the same time does so one after the other.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{Mutex, MutexGuard};

/// More than there are changes at once.
const PLACES: usize = 64;

/// A queue for each thing; things may share one. For this server only: others find out by the version that they changed
/// the same.
pub struct Turns {
    hasher: RandomState,
    places: Vec<Mutex<()>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            places: (0..PLACES).map(|_| Mutex::new(())).collect(),
        }
    }
}

impl Turns {
    /// One's turn with the thing of this id, until it is dropped.
    pub async fn of(&self, id: &str) -> MutexGuard<'_, ()> {
        let place = self.hasher.hash_one(id) as usize % PLACES;
        self.places[place].lock().await
    }
}
