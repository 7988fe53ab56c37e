//! How fast people come in. Each has a small share of their own, each address and each room a large one: a class comes at
//! once, and hundreds in a second do not. Who comes too fast is not refused but has a later moment, and waits meanwhile.
//! What led nowhere costs nothing: wrong passwords are limited by `guessing`, and must not use up the class's share.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::visitor::{Person, Visitor};
use crate::edge::{Rate, Shares};

/// Of one user, or the holder of one seat: comes back after every gap of the line.
const OF_USER: Rate = Rate {
    at_once: 60,
    each: Duration::from_millis(500),
};
/// Of one browser, before it counts like those without a cookie.
const OF_DEVICE: Rate = Rate {
    at_once: 10,
    each: Duration::from_secs(5),
};
/// Of one address.
const OF_ADDRESS: Rate = Rate {
    at_once: 200,
    each: Duration::from_millis(50),
};
/// Of guests in one room, from everywhere.
const OF_ROOM: Rate = Rate {
    at_once: 300,
    each: Duration::from_millis(30),
};
/// Nobody is given a later moment than this; they try again.
const LATEST: Duration = Duration::from_mins(1);
const TRY_AGAIN: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Person(Person),
    /// `true`: of browsers that are counted by themselves; others do not use up their share.
    Address(IpAddr, bool),
    Room(String, bool),
}

/// See the module.
#[derive(Default)]
pub(super) struct Arrivals(Mutex<Shares<Of>>);

/// A moment at which someone may come; given back unless it led somewhere.
pub(super) struct Moment {
    pub(super) at: Instant,
    arrivals: Arc<Arrivals>,
    taken: Vec<(Of, Rate)>,
}

impl Moment {
    /// It led into a conference or a lobby.
    pub(super) fn spend(mut self) {
        self.taken.clear();
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        let mut shares = self.arrivals.shares();
        for (of, rate) in &self.taken {
            shares.give_back(of, *rate);
        }
    }
}

impl Arrivals {
    /// When this visitor may come into this room; `Err` says when to ask again, where too many come.
    pub(super) fn moment(
        self: &Arc<Self>,
        room: &str,
        visitor: &Visitor,
        now: Instant,
    ) -> Result<Moment, Instant> {
        let mut shares = self.shares();
        let mut taken = Vec::new();
        let by_itself = match &visitor.person {
            Some(person @ (Person::User(_) | Person::Seat(_))) => {
                taken.push((Of::Person(person.clone()), OF_USER));
                None
            }
            Some(person @ Person::Device(_)) => {
                let own = (Of::Person(person.clone()), OF_DEVICE);
                let within = shares.moment(&own.0, own.1, now) <= now;
                if within {
                    taken.push(own);
                }
                Some(within)
            }
            None => Some(false),
        };
        if let Some(by_itself) = by_itself {
            taken.push((Of::Address(visitor.address, by_itself), OF_ADDRESS));
            taken.push((Of::Room(room.to_owned(), by_itself), OF_ROOM));
        }
        let moments = taken.iter().map(|(of, rate)| shares.moment(of, *rate, now));
        let at = moments.max().unwrap_or(now);
        if at > now + LATEST {
            return Err(now + TRY_AGAIN);
        }
        for (of, rate) in &taken {
            shares.take(of, *rate, now);
        }
        drop(shares);
        Ok(Moment {
            at,
            arrivals: self.clone(),
            taken,
        })
    }

    fn shares(&self) -> std::sync::MutexGuard<'_, Shares<Of>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody() -> Visitor {
        Visitor {
            address: IpAddr::from([192, 0, 2, 1]),
            person: None,
            known_for: Duration::ZERO,
            connected: Instant::now(),
        }
    }

    fn person(person: Person) -> Visitor {
        Visitor {
            person: Some(person),
            ..nobody()
        }
    }

    fn browser(name: &str) -> Visitor {
        person(Person::Device(name.to_owned()))
    }

    #[test]
    fn a_class_of_an_address_comes_at_once() {
        let (arrivals, now) = (Arc::new(Arrivals::default()), Instant::now());
        for _ in 0..150 {
            let moment = arrivals.moment("room", &nobody(), now).unwrap();
            assert_eq!(moment.at, now);
            moment.spend();
        }
    }

    #[test]
    fn hundreds_a_second_of_one_address_do_not_come_in() {
        let (arrivals, start) = (Arc::new(Arrivals::default()), Instant::now());
        let within = |seconds: u64| start + Duration::from_secs(seconds);
        let mut came = 0;
        for number in 0..7_000_u32 {
            let now = start + Duration::from_secs(10) * number / 7_000;
            if let Ok(moment) = arrivals.moment("room", &nobody(), now) {
                came += u32::from(moment.at <= within(10));
                moment.spend();
            }
        }
        assert!((200..=410).contains(&came), "{came}");
        // A pupil with a browser of their own does not wait behind them.
        let anna = arrivals
            .moment("room", &browser("anna"), within(10))
            .unwrap();
        assert_eq!(anna.at, within(10));
        let teacher = person(Person::User("maier".to_owned()));
        assert_eq!(
            arrivals.moment("room", &teacher, within(10)).unwrap().at,
            within(10)
        );
    }

    #[test]
    fn what_led_nowhere_costs_nothing() {
        let (arrivals, now) = (Arc::new(Arrivals::default()), Instant::now());
        for _ in 0..10_000 {
            drop(arrivals.moment("room", &nobody(), now).unwrap());
        }
        assert_eq!(arrivals.moment("room", &nobody(), now).unwrap().at, now);
    }

    #[test]
    fn a_browser_that_comes_and_goes_uses_up_its_own_share_first() {
        let (arrivals, now) = (Arc::new(Arrivals::default()), Instant::now());
        for _ in 0..1_000 {
            if let Ok(moment) = arrivals.moment("room", &browser("mallory"), now) {
                moment.spend();
            }
        }
        assert_eq!(
            arrivals.moment("room", &browser("anna"), now).unwrap().at,
            now
        );
        assert!(
            arrivals
                .moment("room", &nobody(), now)
                .map_or(true, |moment| moment.at > now)
        );
    }

    #[test]
    fn one_ticket_does_not_come_any_number_of_times() {
        let (arrivals, now) = (Arc::new(Arrivals::default()), Instant::now());
        let ben = person(Person::User("ben".to_owned()));
        let at_once = (0..1_000)
            .filter_map(|_| arrivals.moment("room", &ben, now).ok())
            .filter(|moment| moment.at <= now)
            .map(Moment::spend)
            .count();
        assert_eq!(at_once, OF_USER.at_once as usize);
    }

    #[test]
    fn who_comes_too_fast_has_a_later_moment_and_never_a_far_one() {
        let (arrivals, now) = (Arc::new(Arrivals::default()), Instant::now());
        let mut later = 0;
        for _ in 0..5_000 {
            match arrivals.moment("room", &nobody(), now) {
                Ok(moment) => {
                    assert!(moment.at <= now + LATEST);
                    later += u32::from(moment.at > now);
                    moment.spend();
                }
                Err(again) => assert!(again <= now + LATEST),
            }
        }
        assert!(later > 500, "{later}");
    }
}
