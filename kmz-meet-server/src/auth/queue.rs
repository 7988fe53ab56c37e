//! Who waits for a password to be compared, and who is next. A right password always gets its turn: what someone had
//! lately puts them behind others, and nobody can use up what others need.
//!
//! The order: first the server's own work and browsers that have signed in to the account before; then those of whom least
//! came lately, counted for the browser, the connection, the account at that address, the address and its network. Among
//! equals the newest is first: a queue that someone keeps full costs a newcomer nothing. What there is no room for is
//! dropped from the end.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::debts::Debts;

/// As many may wait in all.
const MOST: usize = 256;
/// Nobody waits longer: they are told to come again.
const LONGEST: Duration = Duration::from_secs(8);
/// Comparisons for one account by browsers that it does not know follow each other at this distance. It is what limits
/// guessing over many addresses, and it is short enough for one's own turn among twenty guesses a second.
const PACE: Duration = Duration::from_millis(40);
/// The same for a browser or a connection that was wrong again and again.
const SLOW_PACE: Duration = Duration::from_millis(500);

/// From this level on somebody was wrong again and again: four times at once.
const OFTEN: u32 = 4;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Asker {
    /// As it was typed, whether there is such an account or not.
    pub account: String,
    /// What one person can have.
    pub group: IpAddr,
    /// What one customer of a provider can have.
    pub network: IpAddr,
    /// The device cookie.
    pub device: Option<String>,
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
}

struct Waiting<T> {
    /// Before everyone else, and at no pace.
    first: bool,
    account: u64,
    speed: Speed,
    /// The browser and the connection: of these the worst counts.
    near: Vec<u64>,
    /// What it shares with more and more others: all of it counts.
    far: Vec<u64>,
    known: Option<u64>,
    since: Instant,
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
    /// This, and for what [`Queue::done`] is to be told.
    Job(T, Vec<u64>),
    /// Nothing before then.
    At(Instant),
    /// Nobody waits.
    Nothing,
}

/// See the module. What is dropped is the answer that there is no room.
pub struct Queue<T> {
    hasher: RandomState,
    debts: Debts,
    /// In the order in which they came.
    waiting: Vec<Waiting<T>>,
    free: HashMap<u64, Free>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            debts: Debts::default(),
            waiting: Vec::new(),
            free: HashMap::new(),
        }
    }
}

impl<T> Queue<T> {
    /// Work of the server's own, or of someone who is signed in.
    pub fn push_own(&mut self, job: T, now: Instant) {
        self.put(Waiting {
            first: true,
            account: 0,
            speed: Speed::Usual,
            near: Vec::new(),
            far: Vec::new(),
            known: None,
            since: now,
            job,
        });
    }

    /// Someone's password.
    pub fn push(&mut self, asker: &Asker, job: T, now: Instant) {
        let hash = |key: Key| self.hasher.hash_one(key);
        let level = |key: u64| self.debts.level(key, now);
        let account = asker.account.as_str();
        let known = asker.known.as_deref();
        let known = known.map(|known| hash(Key::Known(known, account)));
        let device = asker.device.as_deref();
        let device = device.map(|device| hash(Key::Device(asker.group, device)));
        let connection = asker.connection.map(|one| hash(Key::Connection(one)));
        let near: Vec<u64> = device.into_iter().chain(connection).collect();
        let far = vec![
            hash(Key::Account(asker.group, account)),
            hash(Key::Group(asker.group)),
            hash(Key::Network(asker.network)),
        ];
        let is_often_wrong = |key: u64| level(key) >= OFTEN;
        let speed = if near.iter().any(|key| is_often_wrong(*key)) {
            Speed::Slow
        } else {
            Speed::Usual
        };
        let waiting = Waiting {
            // One that was often wrong is as unknown as any: someone else may use it.
            first: known.is_some_and(|known| !is_often_wrong(known)),
            account: self.hasher.hash_one(account),
            speed,
            near,
            far,
            known,
            since: now,
            job,
        };
        // Counted before the work: many at once must not all be the first.
        for key in waiting.keys() {
            self.debts.begin(key, now);
        }
        self.put(waiting);
    }

    fn put(&mut self, waiting: Waiting<T>) {
        let now = waiting.since;
        self.waiting.push(waiting);
        if self.waiting.len() > MOST {
            let ranks = self.waiting.iter().map(|one| self.rank(one, now));
            let last = ranks
                .enumerate()
                .max_by_key(|(place, rank)| (*rank, Reverse(*place)));
            if let Some((last, _)) = last {
                let dropped = self.waiting.remove(last);
                self.done(&dropped.keys(), false, now);
            }
        }
    }

    /// Who has least is first.
    fn rank(&self, waiting: &Waiting<T>, now: Instant) -> u32 {
        if waiting.first {
            return 0;
        }
        let level = |key: &u64| self.debts.level(*key, now);
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
        let held = |one: &Waiting<T>| self.free_at(one).filter(|at| *at > now);
        let able = self.waiting.iter().enumerate();
        let able = able.filter(|(_, one)| held(one).is_none());
        let next = able.min_by_key(|(place, one)| (self.rank(one, now), Reverse(*place)));
        let Some((next, _)) = next else {
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
            self.debts.end(*key, wrong, now);
        }
    }

    fn drop_late(&mut self, now: Instant) {
        let late = |one: &mut Waiting<T>| now.saturating_duration_since(one.since) >= LONGEST;
        let dropped: Vec<Waiting<T>> = self.waiting.extract_if(.., late).collect();
        for one in dropped {
            self.done(&one.keys(), false, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEACHER: &str = "berta";
    const SCHOOL: [u8; 4] = [192, 0, 2, 1];

    fn asker(address: [u8; 4]) -> Asker {
        Asker {
            account: TEACHER.to_owned(),
            group: address.into(),
            network: address.into(),
            device: None,
            connection: None,
            known: None,
        }
    }

    /// What the next millisecond brings.
    type Guesses<'a> = &'a mut dyn FnMut(u64) -> Vec<Asker>;

    /// Twenty seconds of guesses on two cores that take 40 ms each; every second somebody comes who knows the password. Gives how
    /// long they waited, sorted; `None` were dropped.
    fn waits(guesses: Guesses, mut teacher: impl FnMut(u64) -> Asker) -> Vec<Option<u64>> {
        let start = Instant::now();
        let mut queue = Queue::default();
        let mut free_at = [0_u64; 2];
        let mut waits = vec![None; 20];
        for ms in 0..20_000_u64 {
            let now = start + Duration::from_millis(ms);
            for guess in guesses(ms) {
                queue.push(&guess, None, now);
            }
            if ms % 1_000 == 500 {
                queue.push(&teacher(ms), Some(ms), now);
            }
            for free_at in free_at.iter_mut().filter(|free_at| **free_at <= ms) {
                if let Next::Job(job, keys) = queue.next(now) {
                    *free_at = ms + 40;
                    queue.done(&keys, job.is_none(), now);
                    if let Some(came) = job {
                        waits[came as usize / 1_000] = Some(ms - came + 40);
                    }
                }
            }
            assert!(queue.waiting.len() <= MOST);
        }
        waits.sort_by_key(|wait| wait.unwrap_or(u64::MAX));
        waits
    }

    fn p95(waits: &[Option<u64>]) -> u64 {
        waits[waits.len() * 95 / 100].unwrap_or(u64::MAX)
    }

    /// One guess in so many milliseconds.
    fn every(period: u64, guess: impl Fn(u64) -> Asker) -> impl FnMut(u64) -> Vec<Asker> {
        move |ms| {
            if ms % period == 0 {
                vec![guess(ms / period)]
            } else {
                Vec::new()
            }
        }
    }

    fn from_port(port: u64) -> SocketAddr {
        (SCHOOL, port as u16).into()
    }

    #[test]
    fn twenty_guesses_a_second_at_the_same_address_a_right_password_gets_its_turn() {
        // Told apart by nothing at all, as behind a proxy without cookies.
        let mut guesses = every(50, |_| asker(SCHOOL));
        let waits = waits(&mut guesses, |_| asker(SCHOOL));
        assert!(p95(&waits) <= 1_000, "{waits:?}");
        assert!(waits.iter().all(Option::is_some), "{waits:?}");
    }

    #[test]
    fn a_flood_by_some_connections_does_not_hold_up_another_one() {
        // 200 a second over 100 connections.
        let mut guesses = every(5, |number| Asker {
            connection: Some(from_port(number % 100)),
            ..asker(SCHOOL)
        });
        let waits = waits(&mut guesses, |ms| Asker {
            connection: Some(from_port(10_000 + ms / 1_000)),
            ..asker(SCHOOL)
        });
        assert!(p95(&waits) <= 500, "{waits:?}");
    }

    #[test]
    fn guesses_from_a_hundred_networks_do_not_hold_up_another_address() {
        // 200 a second, each from another household of a hundred networks.
        let mut guesses = every(5, |number| {
            let network = (0x2001_0db8_u128 << 96) | (u128::from(number % 100) << 80);
            let group = network | (u128::from(number % 60_000) << 64);
            Asker {
                group: std::net::Ipv6Addr::from_bits(group).into(),
                network: std::net::Ipv6Addr::from_bits(network).into(),
                ..asker(SCHOOL)
            }
        });
        let waits = waits(&mut guesses, |_| asker(SCHOOL));
        assert!(p95(&waits) <= 500, "{waits:?}");
    }

    #[test]
    fn a_known_browser_is_first_until_it_was_wrong_again_and_again() {
        let known = Asker {
            known: Some("own".to_owned()),
            ..asker(SCHOOL)
        };
        let mut guesses = every(5, |_| asker(SCHOOL));
        let waits = waits(&mut guesses, |_| known.clone());
        assert!(
            waits.last().unwrap().unwrap_or(u64::MAX) <= 100,
            "{waits:?}"
        );

        let (mut queue, now) = (Queue::default(), Instant::now());
        for number in 0..5 {
            queue.push(&known, number, now);
        }
        queue.push(&asker([192, 0, 2, 9]), 99, now);
        let mut order = Vec::new();
        let mut at = now;
        loop {
            match queue.next(at) {
                Next::Job(job, _) => order.push(job),
                Next::At(next) => at = next,
                Next::Nothing => break,
            }
        }
        assert_eq!(order, [3, 2, 1, 0, 99, 4]);
    }

    #[test]
    fn guesses_against_one_account_are_limited_whatever_they_come_from() {
        let (mut queue, start) = (Queue::default(), Instant::now());
        let mut compared = 0;
        for ms in (0..10_000_u32).step_by(5) {
            let now = start + Duration::from_millis(ms.into());
            queue.push(&asker(ms.to_be_bytes()), (), now);
            while let Next::Job((), keys) = queue.next(now) {
                queue.done(&keys, true, now);
                compared += 1;
            }
        }
        assert_eq!(compared, 250);
        // Another account is free.
        let other = Asker {
            account: "clara".to_owned(),
            ..asker(SCHOOL)
        };
        let now = start + Duration::from_secs(10);
        queue.next(now);
        queue.push(&other, (), now);
        assert!(matches!(queue.next(now), Next::Job(..)));
    }

    #[test]
    fn one_who_is_wrong_again_and_again_is_compared_twice_a_second() {
        let (mut queue, start) = (Queue::default(), Instant::now());
        let guess = Asker {
            device: Some("pupil".to_owned()),
            ..asker(SCHOOL)
        };
        let mut compared = 0;
        for ms in (0..10_000_u64).step_by(50) {
            let now = start + Duration::from_millis(ms);
            queue.push(&guess, (), now);
            while let Next::Job((), keys) = queue.next(now) {
                queue.done(&keys, true, now);
                compared += 1;
            }
        }
        assert!((20..=25).contains(&compared), "{compared}");
    }

    #[test]
    fn nobody_waits_for_ever_and_waiting_in_vain_costs_nothing() {
        let (mut queue, start) = (Queue::default(), Instant::now());
        let came = asker(SCHOOL);
        for _ in 0..3 * MOST {
            queue.push(&came, (), start);
        }
        assert_eq!(queue.waiting.len(), MOST);
        let Next::Job((), keys) = queue.next(start) else {
            panic!("nobody is next");
        };
        queue.done(&keys, true, start);
        assert!(matches!(queue.next(start), Next::At(_)));
        assert!(matches!(queue.next(start + LONGEST), Next::Nothing));
        let group = queue.hasher.hash_one(Key::Group(came.group));
        // Only the one that was compared.
        assert_eq!(queue.debts.level(group, start + LONGEST), 1);
    }
}
