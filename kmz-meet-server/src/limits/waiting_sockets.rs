//! WebSockets that wait for a conference to start. They cost memory for hours, so their number is limited: for a person, for
//! those without a cookie at an address, for an address, and in all.
//!
//! At a full address, whoever holds most gives way to someone who holds less; among equals the browser with the youngest
//! cookie gives way to one that was here before. So neither sockets nor cookies by the hundred keep a class at the same
//! address from waiting for its teacher. A client that gave way connects again by itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::limit_key::{LimitKey, Person};

/// Of one person.
const MAX_OF_PERSON: usize = 8;
/// Of one address, with and without a cookie: a whole school sits behind one.
const MAX_OF_ADDRESS: usize = 1_500;
const MAX_WITHOUT_COOKIE: usize = 1_000;
/// In all, but for accounts, tickets and seats.
const MAX_IN_ALL: usize = 10_000;

/// Who holds sockets: a person, or all those of an address who are nobody in particular.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Holder {
    Person(Person),
    Nobody(IpAddr),
}

struct Entry {
    holder: Holder,
    address: IpAddr,
    /// When its browser got its cookie; now, if it has none.
    since: Instant,
    number: u64,
    gives_way: Arc<Notify>,
}

impl Entry {
    /// Accounts, tickets and seats are not made by the hundred: only their own limit counts for them.
    fn is_limited_with_others(&self) -> bool {
        !matches!(
            self.holder,
            Holder::Person(Person::User(_) | Person::Seat(_))
        )
    }
}

#[derive(Default)]
struct Sockets {
    entries: HashMap<u64, Entry>,
    of_holders: HashMap<Holder, usize>,
    /// But for accounts, tickets and seats; so is `in_all`.
    at_addresses: HashMap<IpAddr, usize>,
    in_all: usize,
    next: u64,
}

/// See the module.
#[derive(Default)]
pub(crate) struct WaitingSockets(Mutex<Sockets>);

/// Why a socket may not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// This person has too many windows that wait.
    OfPerson,
    /// Others hold the places; later there may be one.
    OfOthers,
}

/// A socket that waits; given back when dropped.
pub(crate) struct Waiting<'a> {
    sockets: &'a WaitingSockets,
    number: u64,
    gives_way: Arc<Notify>,
}

impl Waiting<'_> {
    /// Ends when another one has got this place.
    pub(crate) async fn gives_way(&self) {
        self.gives_way.notified().await;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.sockets.with(|sockets| sockets.remove(self.number));
    }
}

impl WaitingSockets {
    /// A place for one more, taken from another one where it has to be.
    ///
    /// # Errors
    /// When nobody has to give way to this key.
    pub(crate) fn wait(&self, key: &LimitKey) -> Result<Waiting<'_>, NoPlace> {
        self.with(|sockets| {
            let holder = match &key.person {
                Some(person) => Holder::Person(person.clone()),
                None => Holder::Nobody(key.address),
            };
            let known_for = match key.person {
                Some(_) => key.known_for,
                None => Duration::ZERO,
            };
            let number = sockets.next;
            sockets.next += 1;
            let entry = Entry {
                holder,
                address: key.address,
                since: key
                    .connected
                    .checked_sub(known_for)
                    .unwrap_or(key.connected),
                number,
                gives_way: Arc::default(),
            };
            sockets.make_room(&entry)?;
            let gives_way = entry.gives_way.clone();
            sockets.insert(entry);
            Ok(Waiting {
                sockets: self,
                number,
                gives_way,
            })
        })
    }

    fn with<T>(&self, what: impl FnOnce(&mut Sockets) -> T) -> T {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sockets {
    fn insert(&mut self, entry: Entry) {
        *self.of_holders.entry(entry.holder.clone()).or_default() += 1;
        if entry.is_limited_with_others() {
            *self.at_addresses.entry(entry.address).or_default() += 1;
            self.in_all += 1;
        }
        self.entries.insert(entry.number, entry);
    }

    fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        one_less(&mut self.of_holders, &entry.holder);
        if entry.is_limited_with_others() {
            one_less(&mut self.at_addresses, &entry.address);
            self.in_all = self.in_all.saturating_sub(1);
        }
        Some(entry)
    }

    fn make_room(&mut self, newcomer: &Entry) -> Result<(), NoPlace> {
        let own = self.of_holders.get(&newcomer.holder).copied();
        let own = own.unwrap_or_default();
        match newcomer.holder {
            Holder::Person(_) if own >= MAX_OF_PERSON => return Err(NoPlace::OfPerson),
            Holder::Nobody(_) if own >= MAX_WITHOUT_COOKIE => return Err(NoPlace::OfOthers),
            _ => {}
        }
        if !newcomer.is_limited_with_others() {
            return Ok(());
        }
        let here = self.at_addresses.get(&newcomer.address);
        if here.is_some_and(|here| *here >= MAX_OF_ADDRESS) {
            self.evict(newcomer.address, newcomer, own)
        } else if self.in_all >= MAX_IN_ALL {
            let fullest = self.at_addresses.iter().max_by_key(|(_, count)| **count);
            let fullest = fullest.map(|(address, _)| *address);
            self.evict(fullest.ok_or(NoPlace::OfOthers)?, newcomer, own)
        } else {
            Ok(())
        }
    }

    /// Takes a place at this address. The newcomer's holder has `own` sockets.
    fn evict(&mut self, address: IpAddr, newcomer: &Entry, own: usize) -> Result<(), NoPlace> {
        let meant = || {
            let is_meant = |one: &&Entry| one.is_limited_with_others() && one.address == address;
            self.entries.values().filter(is_meant)
        };
        let mut held: HashMap<&Holder, usize> = HashMap::new();
        for one in meant() {
            *held.entry(&one.holder).or_default() += 1;
        }
        let greatest = held.iter().max_by_key(|(_, count)| **count);
        let from_greatest =
            greatest
                .filter(|(_, count)| **count > own + 1)
                .and_then(|(holder, _)| {
                    let theirs = meant().filter(|one| one.holder == **holder);
                    theirs.max_by_key(|one| one.number)
                });
        // Otherwise from the youngest cookie, if that is younger than the newcomer's.
        let youngest = || {
            let youngest = meant().max_by_key(|one| (one.since, one.number));
            youngest.filter(|one| one.since > newcomer.since)
        };
        let number = from_greatest
            .or_else(youngest)
            .map(|one| one.number)
            .ok_or(NoPlace::OfOthers)?;
        if let Some(evicted) = self.remove(number) {
            evicted.gives_way.notify_one();
        }
        Ok(())
    }
}

fn one_less<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody() -> LimitKey {
        LimitKey {
            address: IpAddr::from([192, 0, 2, 1]),
            person: None,
            known_for: Duration::ZERO,
            connected: Instant::now(),
        }
    }

    fn browser(name: &str, known_for: Duration) -> LimitKey {
        LimitKey {
            person: Some(Person::Device(name.to_owned())),
            known_for,
            ..nobody()
        }
    }

    fn has_to_go(waiting: &Waiting<'_>) -> bool {
        use futures_util::FutureExt;
        waiting.gives_way().now_or_never().is_some()
    }

    #[test]
    fn wait_dropped_gives_its_place_back() {
        let sockets = WaitingSockets::default();
        let all: Vec<_> = (0..MAX_WITHOUT_COOKIE)
            .map(|_| sockets.wait(&nobody()))
            .collect();
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(sockets.wait(&nobody()).err(), Some(NoPlace::OfOthers));
        let anna = browser("anna", Duration::ZERO);
        assert!(sockets.wait(&anna).is_ok(), "others have a share");
        drop(all);
        assert!(sockets.wait(&nobody()).is_ok());
    }

    #[test]
    fn wait_of_one_browser_has_few_places() {
        let sockets = WaitingSockets::default();
        let mallory = browser("mallory", Duration::ZERO);
        let all: Vec<_> = (0..100)
            .filter_map(|_| sockets.wait(&mallory).ok())
            .collect();
        assert_eq!(all.len(), MAX_OF_PERSON);
        assert_eq!(sockets.wait(&mallory).err(), Some(NoPlace::OfPerson));
        assert!(sockets.wait(&browser("anna", Duration::ZERO)).is_ok());
    }

    #[test]
    fn wait_at_a_full_address_evicts_whoever_holds_most_even_for_a_new_browser() {
        let sockets = WaitingSockets::default();
        let without: Vec<_> = (0..MAX_WITHOUT_COOKIE)
            .filter_map(|_| sockets.wait(&nobody()).ok())
            .collect();
        let with: Vec<_> = (0..MAX_OF_ADDRESS - MAX_WITHOUT_COOKIE)
            .filter_map(|number| {
                let name = format!("stock {}", number / MAX_OF_PERSON);
                sockets.wait(&browser(&name, Duration::from_secs(9))).ok()
            })
            .collect();
        assert_eq!(without.len() + with.len(), MAX_OF_ADDRESS);
        let class: Vec<_> = (0..70)
            .filter_map(|number| {
                let name = format!("pupil {number}");
                sockets.wait(&browser(&name, Duration::ZERO)).ok()
            })
            .collect();
        assert_eq!(class.len(), 70);
        assert_eq!(without.iter().filter(|one| has_to_go(one)).count(), 70);
        assert!(!with.iter().chain(&class).any(has_to_go));
    }

    #[test]
    fn wait_at_an_address_full_of_new_cookies_evicts_one_for_an_older_cookie() {
        let sockets = WaitingSockets::default();
        let stock: Vec<_> = (0..MAX_OF_ADDRESS)
            .filter_map(|number| {
                let name = format!("stock {number}");
                sockets.wait(&browser(&name, Duration::from_mins(1))).ok()
            })
            .collect();
        assert_eq!(stock.len(), MAX_OF_ADDRESS);
        let newest = sockets.wait(&browser("ben", Duration::ZERO));
        assert_eq!(newest.err(), Some(NoPlace::OfOthers));
        let anna = sockets.wait(&browser("anna", Duration::from_hours(24)));
        assert!(anna.is_ok());
        assert_eq!(stock.iter().filter(|one| has_to_go(one)).count(), 1);
    }

    #[test]
    fn wait_at_a_full_server_evicts_at_the_fullest_address() {
        let sockets = WaitingSockets::default();
        let mut all = Vec::new();
        for address in 0..20u8 {
            for number in 0..MAX_IN_ALL / 20 {
                let key = LimitKey {
                    address: IpAddr::from([203, 0, 113, address]),
                    ..browser(&format!("{address} {number}"), Duration::from_mins(9))
                };
                all.extend(sockets.wait(&key));
            }
        }
        // One place of another address is free now, so that one is the fullest which is not it.
        all.remove(0);
        let more = LimitKey {
            address: IpAddr::from([203, 0, 113, 7]),
            ..browser("one more", Duration::from_mins(9))
        };
        let more = sockets.wait(&more);
        assert!(more.is_ok());
        let ben = sockets.wait(&browser("ben", Duration::from_mins(30)));
        assert!(ben.is_ok());
        let gone: Vec<_> = all
            .iter()
            .chain(&more)
            .filter(|one| has_to_go(one))
            .collect();
        assert_eq!(gone.len(), 1);
    }

    #[test]
    fn wait_of_an_account_has_a_place_at_a_full_address() {
        let sockets = WaitingSockets::default();
        let stock: Vec<_> = (0..MAX_OF_ADDRESS)
            .filter_map(|number| {
                let name = format!("stock {number}");
                sockets.wait(&browser(&name, Duration::from_mins(1))).ok()
            })
            .collect();
        let maier = LimitKey {
            person: Some(Person::User("maier".to_owned())),
            ..nobody()
        };
        assert!(sockets.wait(&maier).is_ok());
        assert!(!stock.iter().any(has_to_go));
    }
}
