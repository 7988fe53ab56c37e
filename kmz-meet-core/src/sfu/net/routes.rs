//! Which media thread an address belongs to. It is asked only for datagrams that the kernel gave to another thread than
//! their own, and written when somebody comes, moves or goes: no packet of a settled participant meets this lock.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use rustc_hash::FxHashMap;

use crate::sfu::ids::ThreadIndex;

/// See the module.
#[derive(Default)]
pub struct Routes {
    table: RwLock<FxHashMap<SocketAddr, ThreadIndex>>,
    changes: AtomicU64,
}

impl Routes {
    /// The address is this thread's from now on, unless it is another's.
    ///
    /// # Errors
    /// The thread whose it is.
    pub fn claim(&self, address: SocketAddr, thread: ThreadIndex) -> Result<(), ThreadIndex> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let holder = *table.entry(address).or_insert_with(|| {
            self.changes.fetch_add(1, Ordering::Relaxed);
            thread
        });
        if holder == thread {
            Ok(())
        } else {
            Err(holder)
        }
    }

    /// The address is nobody's any more, if it was this thread's.
    pub fn release(&self, address: SocketAddr, thread: ThreadIndex) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if table.get(&address) == Some(&thread) {
            table.remove(&address);
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The thread of this address.
    #[must_use]
    pub fn find(&self, address: SocketAddr) -> Option<ThreadIndex> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.get(&address).copied()
    }

    /// Grows with every change.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> Vec<(SocketAddr, ThreadIndex)> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.iter().map(|(at, thread)| (*at, *thread)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_of_whoever_claimed_it_first_until_released() {
        let routes = Routes::default();
        let [one, two] = [0, 1].map(ThreadIndex::from_index);
        let at = SocketAddr::from(([192, 0, 2, 1], 1));
        assert_eq!(routes.claim(at, one), Ok(()));
        let changes = routes.changes();
        assert_eq!(routes.claim(at, one), Ok(()), "again");
        assert_eq!(routes.claim(at, two), Err(one));
        routes.release(at, two);
        assert_eq!(routes.find(at), Some(one), "not theirs to release");
        assert_eq!(routes.changes(), changes, "nothing changed");
        routes.release(at, one);
        assert_eq!(routes.find(at), None);
        assert_eq!(routes.claim(at, two), Ok(()));
        assert_eq!(routes.list(), [(at, two)]);
        assert!(routes.changes() > changes);
    }
}
