//! A lock per key: two changes of the same thing run one after the other.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{Mutex, MutexGuard};

/// Mutexes. More than there are changes at once, so that two keys seldom share one.
const MUTEXES: usize = 64;

/// Locks by key; two keys may share a mutex. It works within this process only: other servers notice a concurrent change
/// by the version of the row.
pub struct KeyedLock {
    hasher: RandomState,
    mutexes: Vec<Mutex<()>>,
}

impl Default for KeyedLock {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            mutexes: (0..MUTEXES).map(|_| Mutex::new(())).collect(),
        }
    }
}

impl KeyedLock {
    /// Waits for the lock of this id. The lock is released when the guard is dropped.
    pub async fn lock(&self, id: &str) -> MutexGuard<'_, ()> {
        let index = self.hasher.hash_one(id) as usize % MUTEXES;
        self.mutexes[index].lock().await
    }
}
