//! Logins that were begun and not finished: anybody can begin one. So many are kept of an address and in all; the oldest
//! give way, those of the address that has most, and nobody else's.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Of one address: more than a school begins in the minutes that one is kept.
const OF_ADDRESS: usize = 2_000;
const IN_ALL: usize = 20_000;

struct Kept {
    key: String,
    expires_at: i64,
}

#[derive(Default)]
struct All {
    of: HashMap<IpAddr, VecDeque<Kept>>,
    number: usize,
}

/// See the module.
#[derive(Default)]
pub struct Logins(Mutex<All>);

impl Logins {
    /// One more; the keys of those that give way for it. Times are in seconds.
    pub fn add(&self, from: IpAddr, key: &str, expires_at: i64, now: i64) -> Vec<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(from, key, expires_at, now);
        let mut gone = Vec::new();
        while all.of.get(&from).map_or(0, VecDeque::len) > OF_ADDRESS {
            gone.extend(all.oldest_of(from));
        }
        if all.number > IN_ALL {
            all.forget_expired(now);
        }
        while all.number > IN_ALL {
            let largest = all.of.iter().max_by_key(|(_, kept)| kept.len());
            let Some(largest) = largest.map(|(from, _)| *from) else {
                break;
            };
            gone.extend(all.oldest_of(largest));
        }
        gone
    }
}

impl All {
    fn push(&mut self, from: IpAddr, key: &str, expires_at: i64, now: i64) {
        let kept = self.of.entry(from).or_default();
        let before = kept.len();
        // They expire in the order in which they came, more or less.
        while kept.front().is_some_and(|first| first.expires_at <= now) {
            kept.pop_front();
        }
        self.number -= before - kept.len();
        kept.push_back(Kept {
            key: key.to_owned(),
            expires_at,
        });
        self.number += 1;
    }

    fn oldest_of(&mut self, from: IpAddr) -> Option<String> {
        let kept = self.of.get_mut(&from)?;
        let oldest = kept.pop_front()?;
        self.number -= 1;
        if kept.is_empty() {
            self.of.remove(&from);
        }
        Some(oldest.key)
    }

    fn forget_expired(&mut self, now: i64) {
        self.of.retain(|_, kept| {
            kept.retain(|one| one.expires_at > now);
            !kept.is_empty()
        });
        self.number = self.of.values().map(VecDeque::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn logins_of_one_address_give_way_to_its_newer_ones_only() {
        let logins = Logins::default();
        for number in 0..70 {
            assert!(
                logins
                    .add(address(1), &format!("class {number}"), 300, 0)
                    .is_empty()
            );
        }
        let mut gone = Vec::new();
        for number in 0..5_000 {
            gone.extend(logins.add(address(2), &number.to_string(), 300, 0));
        }
        assert_eq!(gone.len(), 5_000 - OF_ADDRESS);
        assert_eq!(gone[0], "0");
    }

    #[test]
    fn logins_of_many_addresses_are_bounded_and_those_of_a_class_stay() {
        let logins = Logins::default();
        for number in 0..70 {
            logins.add(address(1), &format!("class {number}"), 300, 0);
        }
        let mut gone = Vec::new();
        for number in 0..40_000_u32 {
            let from = address(100 + number % 40);
            gone.extend(logins.add(from, &number.to_string(), 300, 0));
        }
        assert_eq!(gone.len(), 40_070 - IN_ALL);
        assert!(gone.iter().all(|key| !key.starts_with("class")));
    }

    #[test]
    fn logins_that_are_over_do_not_count() {
        let logins = Logins::default();
        for round in 0..20 {
            for number in 0..OF_ADDRESS {
                let now = round * 300;
                let gone = logins.add(address(1), &number.to_string(), now + 300, now);
                assert!(gone.is_empty(), "{round} {number}");
            }
        }
    }
}
