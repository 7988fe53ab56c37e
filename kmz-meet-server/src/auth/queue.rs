//! How many from one address may wait at once for what takes long.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Passwords of one address that wait for being compared: a staff room comes at once, and no more.
const PLACES: u32 = 32;

/// See the module.
#[derive(Default)]
pub struct Queue(Mutex<HashMap<IpAddr, u32>>);

/// A place; given back when dropped.
pub struct Place<'a> {
    queue: &'a Queue,
    address: IpAddr,
}

impl Queue {
    /// A place for one more; `None` when too many wait from there.
    pub fn place(&self, address: IpAddr) -> Option<Place<'_>> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let places = taken.entry(address).or_default();
        if *places >= PLACES {
            return None;
        }
        *places += 1;
        Some(Place {
            queue: self,
            address,
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.queue.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = taken.get_mut(&self.address) {
            *places -= 1;
            if *places == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_and_gives_them_back() {
        let queue = Queue::default();
        let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let all: Vec<_> = (0..PLACES).map(|_| queue.place(here)).collect();
        assert!(all.iter().all(Option::is_some) && queue.place(here).is_none());
        assert!(queue.place(there).is_some());
        drop(all);
        assert!(queue.place(here).is_some());
        assert!(queue.0.lock().unwrap().is_empty());
    }
}
