//! How many connections there may be: of one address, and in all. Whoever comes when there are too many is let in, and one
//! that has shown less gives way: behind one address there are a pupil who only begins requests, and the class.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Context;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::activity::{Activity, Standing, Unproven};
use crate::config::Network;
use crate::limits::ClientAddress;

/// Files that are no connections of clients: the database, requests to others, the media port.
const OTHER_FILES: u64 = 200;
/// A school of a thousand and more sits behind one address, with some connections each while a page is loaded.
const MAX_OF_ADDRESS: usize = 4_096;
/// An address with fewer connections is served even when nearly all connections are in use.
const MIN_SHARE: usize = 32;
/// One in so many gives way at once, so that not every newcomer makes us look through all of them.
const SHARE_THAT_GIVES_WAY: usize = 64;
/// We warn of too many no more often.
const WARN_AGAIN: Duration = Duration::from_mins(1);

/// Which limit was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exceeded {
    OfAddress,
    InAll,
}

#[derive(Default)]
struct Occupied {
    all: usize,
    of: HashMap<IpAddr, Group>,
    /// Of the next connection: older ones have lower numbers.
    next: u64,
    said_of_address: Option<Instant>,
    said_in_all: Option<Instant>,
}

/// The connections of one address.
#[derive(Default)]
struct Group {
    open: BTreeMap<u64, Open>,
    unproven: Arc<AtomicUsize>,
}

struct Open {
    activity: Arc<Activity>,
    /// Dropped or told, it ends the connection.
    go: oneshot::Sender<()>,
}

/// See the module.
pub struct ConnectionLimits {
    all: usize,
    of_address: usize,
    /// Proxies bring the connections of many.
    trusted: Vec<Network>,
    occupied: Mutex<Occupied>,
    unproven: Arc<AtomicUsize>,
}

/// One connection; given back when dropped.
pub struct ConnectionPermit {
    limits: Arc<ConnectionLimits>,
    group: IpAddr,
    number: u64,
    activity: Arc<Activity>,
    /// `None` once it was told to go.
    go: Option<oneshot::Receiver<()>>,
}

impl ConnectionLimits {
    /// As many as fit into so many open files.
    pub fn new(files: u64, trusted: Vec<Network>) -> Arc<Self> {
        let all = files.saturating_sub(OTHER_FILES).max(files / 2);
        let all = usize::try_from(all).unwrap_or(usize::MAX);
        Arc::new(Self {
            all,
            of_address: MAX_OF_ADDRESS.min(all / 4 * 3).max(1),
            trusted,
            occupied: Mutex::default(),
            unproven: Arc::default(),
        })
    }

    /// A permit for a connection of this peer; `None` when all others have shown more.
    pub(super) fn acquire(self: &Arc<Self>, peer: IpAddr) -> Option<ConnectionPermit> {
        let peer = peer.to_canonical();
        let group = ClientAddress(peer).group();
        let is_proxy = self.trusted.iter().any(|network| network.contains(peer));
        let mut occupied = self.occupied();
        let own = occupied.of.get(&group).map_or(0, |own| own.open.len());
        let nearly_full = occupied.all >= self.all / 8 * 7;
        let exceeded = if !is_proxy && own >= self.of_address {
            Some(Exceeded::OfAddress)
        } else if occupied.all >= self.all || (!is_proxy && nearly_full && own >= MIN_SHARE) {
            Some(Exceeded::InAll)
        } else {
            None
        };
        if let Some(exceeded) = exceeded {
            let gone = match exceeded {
                Exceeded::OfAddress => occupied.give_way(group, Standing::Answered),
                Exceeded::InAll => occupied.make_room(group, !is_proxy && own >= MIN_SHARE),
            };
            self.warn(&mut occupied, exceeded, own, gone > 0);
            if gone == 0 {
                return None;
            }
        }
        Some(self.permitted(&mut occupied, group, is_proxy))
    }

    fn permitted(
        self: &Arc<Self>,
        occupied: &mut Occupied,
        group: IpAddr,
        is_proxy: bool,
    ) -> ConnectionPermit {
        let number = occupied.next;
        occupied.next += 1;
        occupied.all += 1;
        let own = occupied.of.entry(group).or_default();
        own.unproven.fetch_add(1, Ordering::Relaxed);
        self.unproven.fetch_add(1, Ordering::Relaxed);
        let of_address = if is_proxy { self.all } else { self.of_address };
        let activity = Activity::new(Some(Unproven {
            of_address: own.unproven.clone(),
            in_all: self.unproven.clone(),
            many: (of_address / 2, self.all / 2),
        }));
        let (go, told) = oneshot::channel();
        let open = Open {
            activity: activity.clone(),
            go,
        };
        own.open.insert(number, open);
        ConnectionPermit {
            limits: self.clone(),
            group,
            number,
            activity,
            go: Some(told),
        }
    }

    /// Warns, now and then, which limit was exceeded and what to set.
    fn warn(&self, occupied: &mut Occupied, exceeded: Exceeded, own: usize, gives_way: bool) {
        let now = Instant::now();
        let said = match exceeded {
            Exceeded::OfAddress => &mut occupied.said_of_address,
            Exceeded::InAll => &mut occupied.said_in_all,
        };
        if said.is_some_and(|said| now.duration_since(said) < WARN_AGAIN) {
            return;
        }
        *said = Some(now);
        let what = if gives_way {
            "those that have shown least give way"
        } else {
            "more are refused"
        };
        match exceeded {
            Exceeded::OfAddress => tracing::warn!(
                open = own,
                possible = self.of_address,
                "one address has as many connections as one may have: {what}; if it is a proxy, name it in trusted_proxies (KMZ_MEET_TRUSTED_PROXIES)"
            ),
            Exceeded::InAll => tracing::warn!(
                open = occupied.all,
                possible = self.all,
                "all addresses together have nearly as many connections as there are files for: {what}; raise the limit of open files (LimitNOFILE= of systemd, ulimit -Hn)"
            ),
        }
    }

    fn occupied(&self) -> std::sync::MutexGuard<'_, Occupied> {
        self.occupied.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupied {
    /// Ends some because there are too many in all: of the newcomer's own address if it has its share, else of the address
    /// that has most. Of others nothing goes that is being answered.
    fn make_room(&mut self, own: IpAddr, own_first: bool) -> usize {
        if own_first {
            let gone = self.give_way(own, Standing::Answered);
            if gone > 0 {
                return gone;
            }
        }
        let most = |number: &dyn Fn(&Group) -> usize| {
            let most = self.of.iter().max_by_key(|(_, group)| number(group));
            most.map(|(group, _)| *group)
        };
        let largest = most(&|group| group.open.len());
        let begun = most(&|group| group.unproven.load(Ordering::Relaxed));
        let gone = largest.map_or(0, |of| self.give_way(of, Standing::Idle));
        if gone > 0 {
            return gone;
        }
        begun.map_or(0, |of| self.give_way(of, Standing::Nothing))
    }

    /// Ends the connections of an address that have shown least, the oldest first, and at the most so much; how many. Those
    /// of people who are in, or wait to be, never go.
    fn give_way(&mut self, of: IpAddr, at_most: Standing) -> usize {
        let Some(group) = self.of.get_mut(&of) else {
            return 0;
        };
        let mut weakest = Standing::Stays;
        let mut candidates = Vec::new();
        for (number, open) in &group.open {
            let (standing, since) = open.activity.standing();
            if standing < weakest {
                weakest = standing;
                candidates.clear();
            }
            if standing == weakest && standing <= at_most && standing != Standing::Stays {
                candidates.push((since, *number));
            }
        }
        let most = match weakest {
            Standing::Nothing | Standing::Idle => (group.open.len() / SHARE_THAT_GIVES_WAY).max(1),
            Standing::Answered | Standing::Stays => 1,
        };
        if candidates.len() > most {
            candidates.select_nth_unstable(most - 1);
            candidates.truncate(most);
        }
        for (_, number) in &candidates {
            if let Some(open) = group.open.remove(number) {
                open.activity.gave_way();
                let _ = open.go.send(());
            }
        }
        self.all -= candidates.len();
        candidates.len()
    }
}

impl ConnectionPermit {
    /// What goes on at the connection.
    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Whether it has given way to others; if not yet, whoever asks is woken when it has to.
    pub(super) fn has_to_go(&mut self, context: &mut Context<'_>) -> bool {
        if let Some(go) = &mut self.go
            && Pin::new(go).poll(context).is_ready()
        {
            self.go = None;
        }
        self.go.is_none()
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut occupied = self.limits.occupied();
        let Some(own) = occupied.of.get_mut(&self.group) else {
            return;
        };
        let was_there = own.open.remove(&self.number).is_some();
        if own.open.is_empty() {
            occupied.of.remove(&self.group);
        }
        // Another one has the permit of one that gave way.
        occupied.all -= usize::from(was_there);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn take(limits: &Arc<ConnectionLimits>, address: &str, number: usize) -> Vec<ConnectionPermit> {
        (0..number)
            .map_while(|_| limits.acquire(address.parse().unwrap()))
            .collect()
    }

    /// Those that have not been told to go.
    fn stay(limits: &mut [ConnectionPermit]) -> usize {
        let mut context = Context::from_waker(Waker::noop());
        limits
            .iter_mut()
            .map(|permit| usize::from(!permit.has_to_go(&mut context)))
            .sum()
    }

    /// Its requests came whole, and were answered.
    fn answered(permit: &ConnectionPermit) {
        permit.activity().begin().incoming().is_whole();
    }

    #[test]
    fn acquire_beyond_the_share_of_an_address_leaves_places_to_others() {
        let limits = ConnectionLimits::new(1_024, Vec::new());
        let mut greedy = take(&limits, "192.0.2.1", 2_000);
        assert!(stay(&mut greedy) <= 824 / 4 * 3);
        let mut others = take(&limits, "192.0.2.2", 100);
        assert_eq!(stay(&mut others), 100);
        drop(greedy);
        assert_eq!(limits.occupied().all, 100);
        assert!(limits.acquire("192.0.2.1".parse().unwrap()).is_some());
    }

    #[test]
    fn acquire_counts_a_network_of_one_household_together() {
        let limits = ConnectionLimits::new(1_024, Vec::new());
        let mut all: Vec<_> = (0..2_000)
            .map_while(|number| limits.acquire(format!("2001:db8::{number:x}").parse().unwrap()))
            .collect();
        assert!(stay(&mut all) <= 824 / 4 * 3);
    }

    #[test]
    fn acquire_serves_an_address_with_few_connections_while_many_addresses_fill_the_rest() {
        let limits = ConnectionLimits::new(1_024, Vec::new());
        let mut crowd: Vec<_> = (0..10_u8)
            .flat_map(|number| take(&limits, &format!("198.51.100.{number}"), 100))
            .collect();
        assert!(stay(&mut crowd) < 824);
        let mut others = take(&limits, "192.0.2.2", 4);
        assert_eq!(stay(&mut others), 4);
    }

    #[test]
    fn acquire_serves_who_has_none_also_when_every_place_is_taken_by_few_each() {
        let limits = ConnectionLimits::new(1_024, Vec::new());
        let mut crowd: Vec<_> = (0..100_u8)
            .flat_map(|number| take(&limits, &format!("198.51.100.{number}"), 31))
            .collect();
        assert_eq!(crowd.len(), 3_100);
        assert!(stay(&mut crowd) <= 824);
        let mut others = take(&limits, "192.0.2.2", 4);
        assert_eq!(stay(&mut others), 4);
        assert!(limits.occupied().all <= 824);
    }

    #[test]
    fn acquire_does_not_count_a_trusted_proxy_as_one_person() {
        let limits = ConnectionLimits::new(1_024, vec!["10.0.0.1".parse().unwrap()]);
        let mut all = take(&limits, "10.0.0.1", 824);
        assert_eq!(stay(&mut all), 824);
    }

    #[test]
    fn acquire_lets_a_school_of_a_thousand_in_by_one_address() {
        let limits = ConnectionLimits::new(65_536, Vec::new());
        let mut school = take(&limits, "192.0.2.1", 3_000);
        assert_eq!(stay(&mut school), 3_000);
    }

    #[test]
    fn acquire_at_the_share_lets_the_newcomer_in_and_ends_who_has_shown_least() {
        let limits = ConnectionLimits::new(65_536, Vec::new());
        let mut inside = take(&limits, "192.0.2.1", 100);
        for permit in &inside {
            answered(permit);
            permit.activity().stays();
        }
        let mut idle = take(&limits, "192.0.2.1", 100);
        idle.iter().for_each(answered);
        let busy = take(&limits, "192.0.2.1", 100);
        let mut busy: Vec<_> = busy
            .into_iter()
            .map(|permit| (permit.activity().begin(), permit))
            .collect();
        for (running, _) in &busy {
            running.incoming().is_whole();
        }
        let mut begun = take(&limits, "192.0.2.1", 3 * MAX_OF_ADDRESS);
        assert_eq!(begun.len(), 3 * MAX_OF_ADDRESS);
        let mut newcomer = take(&limits, "192.0.2.1", 1);
        assert_eq!(stay(&mut newcomer), 1);
        assert_eq!(stay(&mut inside), 100, "WebSockets");
        assert_eq!(stay(&mut idle), 100, "who has had an answer");
        assert!(
            busy.iter_mut()
                .all(|(_, permit)| stay(std::slice::from_mut(permit)) == 1)
        );
        // The oldest ones went, and no more than the share is open.
        let left = stay(&mut begun);
        assert!(left <= MAX_OF_ADDRESS - 300, "{left}");
        assert!(left >= MAX_OF_ADDRESS / 8 * 7, "{left}");
        assert_eq!(stay(&mut begun[..2 * MAX_OF_ADDRESS]), 0, "the oldest ones");
    }

    #[test]
    fn acquire_ends_idle_connections_before_those_that_are_answered_and_no_websocket() {
        let limits = ConnectionLimits::new(1_024, Vec::new());
        let mut sockets = take(&limits, "192.0.2.1", 600);
        for permit in &sockets {
            answered(permit);
            permit.activity().stays();
        }
        let mut idle = take(&limits, "192.0.2.1", 18);
        idle.iter().for_each(answered);
        let mut next = take(&limits, "192.0.2.1", 1);
        next.iter().for_each(answered);
        assert_eq!((stay(&mut idle), stay(&mut next)), (9, 1), "one in 64");
        // Only sockets are left: now nobody gives way.
        drop((idle, next));
        let more = take(&limits, "192.0.2.1", 18);
        for permit in &more {
            answered(permit);
            permit.activity().stays();
        }
        assert!(limits.acquire("192.0.2.1".parse().unwrap()).is_none());
        assert_eq!(stay(&mut sockets), 600);
    }

    #[test]
    fn unproven_connections_are_a_crowd_only_while_they_are_many() {
        let limits = ConnectionLimits::new(65_536, Vec::new());
        let unproven = || {
            let own = limits.occupied().of[&"192.0.2.1".parse::<IpAddr>().unwrap()]
                .unproven
                .clone();
            own.load(Ordering::Relaxed)
        };
        let school = take(&limits, "192.0.2.1", 3_000);
        assert_eq!(unproven(), 3_000);
        school.iter().for_each(answered);
        school.iter().for_each(answered);
        assert_eq!(unproven(), 0);
        let begun = take(&limits, "192.0.2.1", 10);
        assert_eq!(unproven(), 10);
        begun[..4]
            .iter()
            .for_each(|permit| permit.activity().stays());
        assert_eq!(unproven(), 6, "who allocated sends no request any more");
        drop(begun);
        assert_eq!(limits.unproven.load(Ordering::Relaxed), 0);
    }
}
