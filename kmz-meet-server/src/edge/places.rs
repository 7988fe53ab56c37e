//! How many connections there may be: of one address, and in all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::ClientAddress;
use crate::config::Network;

/// Files that are no connections of clients: the database, requests to others, the media port.
const OTHER_FILES: u64 = 200;
/// A school of a thousand and more sits behind one address, with some connections each while a page is loaded.
const OF_ADDRESS: usize = 4_096;
/// An address with fewer is served also when nearly all places are taken.
const FEW: usize = 32;
/// It is not said more often that there are too many.
const SAY_AGAIN: Duration = Duration::from_mins(1);

#[derive(Default)]
struct Taken {
    all: usize,
    of: HashMap<IpAddr, usize>,
    said: Option<Instant>,
}

/// See the module.
pub struct Places {
    all: usize,
    of_address: usize,
    /// Proxies bring the connections of many.
    trusted: Vec<Network>,
    taken: Mutex<Taken>,
}

/// One connection; given back when dropped.
pub struct Place {
    places: Arc<Places>,
    group: IpAddr,
}

impl Places {
    /// As many as fit into so many open files.
    pub fn new(files: u64, trusted: Vec<Network>) -> Arc<Self> {
        let all = files.saturating_sub(OTHER_FILES).max(files / 2);
        let all = usize::try_from(all).unwrap_or(usize::MAX);
        Arc::new(Self {
            all,
            of_address: OF_ADDRESS.min(all / 4 * 3).max(1),
            trusted,
            taken: Mutex::default(),
        })
    }

    /// A place for a connection of this peer; `None` when there are too many.
    pub fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let group = ClientAddress(peer).group();
        let is_proxy = self.trusted.iter().any(|network| network.contains(peer));
        let mut taken = self.taken();
        let own = taken.of.get(&group).copied().unwrap_or(0);
        let nearly_full = taken.all >= self.all / 8 * 7;
        let too_many = taken.all >= self.all
            || (!is_proxy && (own >= self.of_address || (nearly_full && own >= FEW)));
        if too_many {
            let now = Instant::now();
            if taken
                .said
                .is_none_or(|said| now.duration_since(said) >= SAY_AGAIN)
            {
                taken.said = Some(now);
                let (open, possible) = (taken.all, self.all);
                tracing::warn!(
                    open,
                    possible,
                    "connections are refused: there are too many"
                );
            }
            return None;
        }
        taken.all += 1;
        *taken.of.entry(group).or_default() += 1;
        drop(taken);
        Some(Place {
            places: self.clone(),
            group,
        })
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(own) = taken.of.get_mut(&self.group) {
            *own -= 1;
            if *own == 0 {
                taken.of.remove(&self.group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(places: &Arc<Places>, address: &str, number: usize) -> Vec<Place> {
        (0..number)
            .map_while(|_| places.take(address.parse().unwrap()))
            .collect()
    }

    #[test]
    fn take_beyond_the_share_of_an_address_leaves_places_to_others() {
        let places = Places::new(1_024, Vec::new());
        let greedy = take(&places, "192.0.2.1", 2_000);
        assert_eq!(greedy.len(), 824 / 4 * 3);
        assert_eq!(take(&places, "192.0.2.2", 100).len(), 100);
        drop(greedy);
        assert!(places.take("192.0.2.1".parse().unwrap()).is_some());
    }

    #[test]
    fn take_counts_a_network_of_one_household_together() {
        let places = Places::new(1_024, Vec::new());
        let all: Vec<_> = (0..2_000)
            .map_while(|number| places.take(format!("2001:db8::{number:x}").parse().unwrap()))
            .collect();
        assert_eq!(all.len(), 824 / 4 * 3);
    }

    #[test]
    fn take_serves_an_address_with_few_connections_while_many_addresses_fill_the_rest() {
        let places = Places::new(1_024, Vec::new());
        let crowd: Vec<_> = (0..10_u8)
            .flat_map(|number| take(&places, &format!("198.51.100.{number}"), 100))
            .collect();
        assert!(crowd.len() < 824);
        assert_eq!(take(&places, "192.0.2.2", 4).len(), 4);
    }

    #[test]
    fn take_does_not_count_a_trusted_proxy_as_one_person() {
        let places = Places::new(1_024, vec!["10.0.0.1".parse().unwrap()]);
        assert_eq!(take(&places, "10.0.0.1", 2_000).len(), 824);
    }

    #[test]
    fn take_lets_a_school_of_a_thousand_in_by_one_address() {
        let places = Places::new(65_536, Vec::new());
        assert_eq!(take(&places, "192.0.2.1", 3_000).len(), 3_000);
    }
}
