//! Who waits for a password to be compared, and who is next. What someone had lately puts them behind others.
//!
//! The order: first the server's own work and browsers that have signed in to the account before; then those of whom least
//! came lately, counted for the browser, the connection, the account at that address, the address and its network. Browsers
//! without a device cookie and those whose cookie is young cost an attacker nothing, so all of an address have one rank in
//! common: new connections and new cookies win no turn from a browser that was here before. Such cookies can be laid in
//! stock, so some turns and half of the places are kept for those without.
//!
//! Among equals one is drawn at every second turn: whoever sends more has a larger part of these turns, and nobody has
//! none. At the others the newest is first, whom those who wait for an answer before they guess again do not hold up. What there is no room
//! for is dropped from the end, to be tried again.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::decaying_use::DecayingUse;

/// Attempts that may wait at once.
const MAX_WAITING: usize = 256;
/// Nobody waits longer: after this we ask them to try again.
const MAX_WAIT: Duration = Duration::from_secs(8);
/// Comparisons for one account by browsers that it does not know follow each other at this distance. It is what limits
/// guessing over many addresses, and it is short enough for one's own turn among twenty guesses a second.
const PACE: Duration = Duration::from_millis(40);
/// The same for a browser or a connection that was wrong again and again.
const SLOW_PACE: Duration = Duration::from_millis(500);

/// Of the turns one in so many goes to who has no aged cookie, if one waits: cookies can be laid in stock.
const FOR_THE_NEW: u8 = 4;

/// From this level on somebody was wrong again and again: four times at once.
const OFTEN: u32 = 4;

/// Who tries to sign in, and from where.
#[derive(Clone, Debug)]
pub struct LoginAttempt {
    /// As it was typed, whether there is such an account or not.
    pub account: String,
    /// What one person can have.
    pub group: IpAddr,
    /// What one customer of a provider can have.
    pub network: IpAddr,
    /// The device cookie.
    pub device: Option<String>,
    /// Whether that cookie is older than any that is made for this: see [`super::Devices::is_aged`].
    pub aged: bool,
    /// Where it is that of a browser and not of a proxy.
    pub connection: Option<SocketAddr>,
    /// A browser that has signed in to this account before.
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
    /// Before everyone else, and at no pace.
    first: bool,
    /// By a browser that was here before, and was not wrong again and again.
    aged: bool,
    account: u64,
    speed: Speed,
    /// The browser and the connection: of these the worst counts.
    near: Vec<u64>,
    /// What it shares with more and more others: all of it counts.
    far: Vec<u64>,
    known: Option<u64>,
    since: Instant,
    /// The lowest of equals is next.
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

/// When the next one of an account may be.
#[derive(Clone, Copy)]
struct Free {
    usual: Instant,
    slow: Instant,
}

/// What is to be done.
pub enum Next<T> {
    /// This, and for what [`FairQueue::done`] is to be told.
    Job(T, Vec<u64>),
    /// Nothing before then.
    At(Instant),
    /// Nobody waits.
    Nothing,
}

/// See the module. What is dropped is the answer that there is no room.
pub struct FairQueue<T> {
    hasher: RandomState,
    use_of: DecayingUse,
    /// In the order in which they came.
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
    /// Work of the server's own, or of someone who is signed in.
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

    /// Someone's password.
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
        let is_often_wrong = |key: u64| level(key) >= OFTEN;
        let speed = if near.iter().any(|key| is_often_wrong(*key)) {
            Speed::Slow
        } else {
            Speed::Usual
        };
        // The connection may be that of a proxy, whose faults are not this browser's.
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
            // One that was often wrong is as unknown as any: someone else may use it.
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
        // Counted before the work: many at once must not all be the first.
        for key in waiting.keys() {
            self.use_of.begin(key, now);
        }
        self.put(waiting);
    }

    fn put(&mut self, mut waiting: Waiting<T>) {
        let now = waiting.since;
        if waiting.first {
            // Nobody can be there any number of times, so they need no drawing.
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

    /// Who gives way: of those with aged cookies and those without, the last of whom more wait.
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

    /// Who has least is first.
    fn rank(&self, waiting: &Waiting<T>, now: Instant) -> u32 {
        if waiting.first {
            return 0;
        }
        let level = |key: &u64| self.use_of.level(*key, now);
        let near = waiting.near.iter().map(level).max().unwrap_or(0);
        1 + near + waiting.far.iter().map(level).sum::<u32>()
    }

    /// When it may be its turn.
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

    /// Who is next. Those who waited too long are dropped.
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
        if is_of_stock && rand::random::<u8>().is_multiple_of(FOR_THE_NEW) {
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
            free.usual = now + PACE;
            if next.speed == Speed::Slow {
                free.slow = now + SLOW_PACE;
            }
        }
        let keys = next.keys();
        Next::Job(next.job, keys)
    }

    /// Something was done, or dropped. Only a wrong password costs something.
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
