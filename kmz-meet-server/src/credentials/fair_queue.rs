//! The queue of passwords that wait to be compared. Recent attempts of a source put its next ones behind those of others.
//!
//! The order: first the server's own work and browsers that have signed in to the account before. Then those follow that
//! sent least lately, counted for the browser, the connection, the account at that address, the address and its network.
//! Browsers without a device cookie and those whose cookie is young cost an attacker nothing. So all of them at one address
//! share one rank, and new connections and new cookies win no turn from a browser that was here before. An attacker can
//! collect cookies and let them age, so some turns and half of the places are kept for browsers without an aged one.
//!
//! Among equals every second turn is drawn by lot: a source that sends more wins more of these turns, and each source wins
//! some. The other turns go to the newest, so that a source that waits for each answer before it guesses again holds nobody
//! up. If the queue is full, it drops the last attempt, and the client tries again.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::decaying_use::DecayingUse;

/// How many attempts may wait at once.
const MAX_WAITING: usize = 256;
/// An attempt that waited this long is dropped, and the client is asked to try again.
const MAX_WAIT: Duration = Duration::from_secs(8);
/// Between two comparisons for one account by browsers that it does not know. It limits guessing from many addresses, and it
/// is short enough for the owner's turn among twenty guesses a second.
const MIN_INTERVAL: Duration = Duration::from_millis(40);
/// The same for a browser or a connection that was wrong again and again.
const MIN_SLOW_INTERVAL: Duration = Duration::from_millis(500);

/// One turn in this many goes to a browser without an aged cookie, if one waits: an attacker may have collected cookies.
const TURNS_FOR_ONE_NEW: u8 = 4;

/// From this level on a source was wrong again and again: four times at once.
const OFTEN_WRONG_LEVEL: u32 = 4;

/// An attempt to sign in, and where it comes from.
#[derive(Clone, Debug)]
pub struct LoginAttempt {
    /// As it was typed, whether there is such an account or not.
    pub account: String,
    /// The addresses that one person can have.
    pub group: IpAddr,
    /// The addresses that one customer of a provider can have.
    pub network: IpAddr,
    /// The device cookie.
    pub device: Option<String>,
    /// Whether that cookie is older than any that was fetched for an attack: see [`super::Devices::is_aged`].
    pub aged: bool,
    /// The connection, if it is a browser's and not a proxy's.
    pub connection: Option<SocketAddr>,
    /// The browser, if it has signed in to this account before.
    pub known: Option<String>,
}

#[derive(Hash)]
enum Key<'a> {
    Known(&'a str, &'a str),
    Device(IpAddr, &'a str),
    Connection(SocketAddr),
    Account(IpAddr, &'a str),
    Group(IpAddr),
    Network(IpAddr),
    /// All browsers of an address that were not here before.
    New(IpAddr),
}

struct Waiting<T> {
    /// Goes before all others, without an interval.
    first: bool,
    /// From a browser that was here before and was not wrong again and again.
    aged: bool,
    account: u64,
    speed: Speed,
    /// The browser and the connection: the worse one of them counts.
    near: Vec<u64>,
    /// What the attempt shares with more and more others: all of it counts.
    far: Vec<u64>,
    known: Option<u64>,
    since: Instant,
    /// The lowest lot among equals is next.
    lot: u64,
    job: T,
}

impl<T> Waiting<T> {
    fn keys(&self) -> Vec<u64> {
        let known = self.known.iter();
        known.chain(&self.near).chain(&self.far).copied().collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Speed {
    Usual,
    Slow,
}

/// When the next attempt for an account may be compared.
#[derive(Clone, Copy)]
struct Free {
    usual: Instant,
    slow: Instant,
}

/// What a thread does next.
pub enum Next<T> {
    /// This job; its keys go to [`FairQueue::done`] afterwards.
    Job(T, Vec<u64>),
    /// Nothing before this moment.
    At(Instant),
    /// Nobody waits.
    Nothing,
}

/// The queue. A job that it drops gets no answer, which tells the caller that there is no room.
pub struct FairQueue<T> {
    hasher: RandomState,
    use_of: DecayingUse,
    /// In the order of their arrival.
    waiting: Vec<Waiting<T>>,
    free: HashMap<u64, Free>,
    came: u64,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            use_of: DecayingUse::default(),
            waiting: Vec::new(),
            free: HashMap::new(),
            came: 0,
        }
    }
}

impl<T> FairQueue<T> {
    /// Adds work of the server's own, or of somebody who is signed in.
    pub fn push_own(&mut self, job: T, now: Instant) {
        self.put(Waiting {
            first: true,
            aged: false,
            account: 0,
            speed: Speed::Usual,
            near: Vec::new(),
            far: Vec::new(),
            known: None,
            since: now,
            lot: 0,
            job,
        });
    }

    /// Adds an attempt.
    pub fn push(&mut self, attempt: &LoginAttempt, job: T, now: Instant) {
        let hash = |key: Key| self.hasher.hash_one(key);
        let level = |key: u64| self.use_of.level(key, now);
        let account = attempt.account.as_str();
        let known = attempt.known.as_deref();
        let known = known.map(|known| hash(Key::Known(known, account)));
        let device = attempt.device.as_deref();
        let device = device.map(|device| hash(Key::Device(attempt.group, device)));
        let connection = attempt.connection.map(|one| hash(Key::Connection(one)));
        let near: Vec<u64> = device.into_iter().chain(connection).collect();
        let is_often_wrong = |key: u64| level(key) >= OFTEN_WRONG_LEVEL;
        let speed = if near.iter().any(|key| is_often_wrong(*key)) {
            Speed::Slow
        } else {
            Speed::Usual
        };
        // The connection may be a proxy's, whose failures are not this browser's.
        let aged = attempt.aged && device.is_some_and(|device| !is_often_wrong(device));
        let mut far = vec![
            hash(Key::Account(attempt.group, account)),
            hash(Key::Group(attempt.group)),
            hash(Key::Network(attempt.network)),
        ];
        if !aged {
            far.push(hash(Key::New(attempt.group)));
        }
        let waiting = Waiting {
            // A browser that was often wrong counts as unknown: somebody else may use it.
            first: known.is_some_and(|known| !is_often_wrong(known)),
            aged,
            account: self.hasher.hash_one(account),
            speed,
            near,
            far,
            known,
            since: now,
            lot: rand::random(),
            job,
        };
        // Counted before the work: simultaneous attempts must not all be the first.
        for key in waiting.keys() {
            self.use_of.begin(key, now);
        }
        self.put(waiting);
    }

    fn put(&mut self, mut waiting: Waiting<T>) {
        let now = waiting.since;
        if waiting.first {
            // These cannot be multiplied by an attacker, so they need no lot.
            self.came += 1;
            waiting.lot = self.came;
        }
        self.waiting.push(waiting);
        if self.waiting.len() > MAX_WAITING
            && let Some(last) = self.last(now)
        {
            let dropped = self.waiting.remove(last);
            self.done(&dropped.keys(), false, now);
        }
    }

    /// The attempt to drop: the last one among those with aged cookies or those without, whichever are more.
    fn last(&self, now: Instant) -> Option<usize> {
        let count = |aged: bool| {
            let of = |one: &&Waiting<T>| !one.first && one.aged == aged;
            self.waiting.iter().filter(of).count()
        };
        let (old, new) = (count(true), count(false));
        let gives_way = |one: &Waiting<T>| match (old, new) {
            (0, 0) => true,
            _ => !one.first && one.aged == (old > new),
        };
        let all = self.waiting.iter().enumerate();
        all.filter(|(_, one)| gives_way(one))
            .max_by_key(|(_, one)| (self.rank(one, now), one.lot))
            .map(|(place, _)| place)
    }

    /// The lowest rank is first.
    fn rank(&self, waiting: &Waiting<T>, now: Instant) -> u32 {
        if waiting.first {
            return 0;
        }
        let level = |key: &u64| self.use_of.level(*key, now);
        let near = waiting.near.iter().map(level).max().unwrap_or(0);
        1 + near + waiting.far.iter().map(level).sum::<u32>()
    }

    /// When an attempt may be compared, if it has to keep an interval.
    fn free_at(&self, waiting: &Waiting<T>) -> Option<Instant> {
        if waiting.first {
            return None;
        }
        let free = self.free.get(&waiting.account)?;
        Some(match waiting.speed {
            Speed::Usual => free.usual,
            Speed::Slow => free.usual.max(free.slow),
        })
    }

    /// Takes the next job, and drops attempts that waited too long.
    pub fn next(&mut self, now: Instant) -> Next<T> {
        self.drop_late(now);
        self.free.retain(|_, free| free.usual.max(free.slow) > now);
        let by_lot = rand::random::<bool>();
        let held = |one: &Waiting<T>| self.free_at(one).filter(|at| *at > now);
        let able = self.waiting.iter().enumerate();
        let able = able.filter(|(_, one)| held(one).is_none());
        let best = |these: &mut dyn Iterator<Item = (usize, &Waiting<T>)>| {
            these
                .min_by_key(|(_, one)| {
                    let newest = (!by_lot && !one.first).then_some(Reverse(one.since));
                    (self.rank(one, now), newest, one.lot)
                })
                .map(|(place, _)| place)
        };
        let mut next = best(&mut able.clone());
        let is_of_stock = next.is_some_and(|place| self.waiting[place].aged);
        if is_of_stock && rand::random::<u8>().is_multiple_of(TURNS_FOR_ONE_NEW) {
            next = best(&mut able.filter(|(_, one)| !one.aged)).or(next);
        }
        let Some(next) = next else {
            let earliest = self.waiting.iter().filter_map(held).min();
            return earliest.map_or(Next::Nothing, Next::At);
        };
        let next = self.waiting.remove(next);
        if !next.first {
            let free = self.free.entry(next.account).or_insert(Free {
                usual: now,
                slow: now,
            });
            free.usual = now + MIN_INTERVAL;
            if next.speed == Speed::Slow {
                free.slow = now + MIN_SLOW_INTERVAL;
            }
        }
        let keys = next.keys();
        Next::Job(next.job, keys)
    }

    /// A job was done or dropped. Only a wrong password counts as use.
    pub fn done(&mut self, keys: &[u64], wrong: bool, now: Instant) {
        for key in keys {
            self.use_of.end(*key, wrong, now);
        }
    }

    fn drop_late(&mut self, now: Instant) {
        let late = |one: &mut Waiting<T>| now.saturating_duration_since(one.since) >= MAX_WAIT;
        let dropped: Vec<Waiting<T>> = self.waiting.extract_if(.., late).collect();
        for one in dropped {
            self.done(&one.keys(), false, now);
        }
    }
}

#[cfg(test)]
#[path = "fair_queue_tests.rs"]
mod tests;
