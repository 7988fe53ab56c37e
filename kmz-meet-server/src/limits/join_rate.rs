//! How fast people come in. Each has a small share of their own, each address and each room a large one: a class comes at
//! once, and hundreds in a second do not. Cookies cost an attacker nothing, so browsers that were here before the crowd have
//! shares of their own, by how long before. Who comes too fast is not refused but has a later moment, and waits meanwhile.
//! What led nowhere costs nothing: wrong passwords are limited by `password_attempts`, and must not use up the class's share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::limit_key::AGED;
use super::limit_key::{Person, Visitor};
use crate::limits::{Rate, RateLimiter};

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
/// Of guests in one room, from everywhere, those of one kind.
const OF_ROOM: Rate = Rate {
    at_once: 300,
    each: Duration::from_millis(30),
};
/// A browser that has had its cookie for so long was here on another day.
const LONG: Duration = Duration::from_hours(12);
/// A crowd is over when nobody had to wait for this long.
const CROWD_OVER: Duration = Duration::from_mins(10);
/// Rooms whose crowds are remembered.
const MAX_CROWDS: usize = 1_000;
/// We never assign a later moment than this; the client tries again instead.
const MAX_DELAY: Duration = Duration::from_mins(1);
const TRY_AGAIN: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Person(Person),
    Address(IpAddr, Share),
    Room(String, Share),
}

/// Guests of different kinds do not use up each other's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Share {
    /// Nobody in particular: without a cookie, or by one that came too often.
    Nobody,
    /// Its cookie was made just now, as anybody can have them made by the hundred.
    New,
    /// Its browser was here before.
    Before,
    /// It was here on another day: who lays such cookies in stock has to be patient.
    LongBefore,
}

impl Share {
    /// That of a browser which has had its cookie for this long.
    fn of(age: Duration) -> Self {
        if age < AGED {
            Self::New
        } else if age < LONG {
            Self::Before
        } else {
            Self::LongBefore
        }
    }
}

/// A room to which more come than come in. A cookie is as old as it was when that began: whoever goes on and on does not
/// become someone who was here before.
#[derive(Clone, Copy)]
struct Crowd {
    since: Instant,
    last: Instant,
}

impl Crowd {
    fn is_over(self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= CROWD_OVER
    }
}

/// See the module.
#[derive(Default)]
pub(crate) struct Arrivals {
    limiter: Mutex<RateLimiter<Of>>,
    crowds: Mutex<HashMap<String, Crowd>>,
}

/// A moment at which someone may come; given back unless it led somewhere.
pub(crate) struct Moment {
    pub(crate) at: Instant,
    arrivals: Arc<Arrivals>,
    taken: Vec<(Of, Rate)>,
}

impl Moment {
    /// It led into a conference or a lobby.
    pub(crate) fn spend(mut self) {
        self.taken.clear();
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        let mut limiter = self.arrivals.limiter();
        for (of, rate) in &self.taken {
            limiter.refund(of, *rate);
        }
    }
}

impl Arrivals {
    /// When this visitor may come into this room; `Err` says when to ask again, where too many come.
    pub(crate) fn moment(
        self: &Arc<Self>,
        room: &str,
        visitor: &Visitor,
        now: Instant,
    ) -> Result<Moment, Instant> {
        let mut limiter = self.limiter();
        let mut taken = Vec::new();
        let share = match &visitor.person {
            Some(person @ (Person::User(_) | Person::Seat(_))) => {
                taken.push((Of::Person(person.clone()), OF_USER));
                None
            }
            Some(person @ Person::Device(_)) => {
                let own = (Of::Person(person.clone()), OF_DEVICE);
                let within = limiter.earliest(&own.0, own.1, now) <= now;
                if within {
                    taken.push(own);
                }
                Some(if within {
                    Share::of(self.age(room, visitor, now))
                } else {
                    Share::Nobody
                })
            }
            None => Some(Share::Nobody),
        };
        if let Some(share) = share {
            taken.push((Of::Address(visitor.address, share), OF_ADDRESS));
            taken.push((Of::Room(room.to_owned(), share), OF_ROOM));
        }
        let moments = taken
            .iter()
            .map(|(of, rate)| limiter.earliest(of, *rate, now));
        let at = moments.max().unwrap_or(now);
        if share.is_some() && at > now {
            self.wait(room, now);
        }
        if at > now + MAX_DELAY {
            return Err(now + TRY_AGAIN);
        }
        for (of, rate) in &taken {
            limiter.acquire(of, *rate, now);
        }
        drop(limiter);
        Ok(Moment {
            at,
            arrivals: self.clone(),
            taken,
        })
    }

    fn limiter(&self) -> std::sync::MutexGuard<'_, RateLimiter<Of>> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how long a browser has had its cookie, without the time since a crowd began.
    fn age(&self, room: &str, visitor: &Visitor, now: Instant) -> Duration {
        let crowds = self.crowds.lock().unwrap_or_else(PoisonError::into_inner);
        let crowd = crowds.get(room).filter(|crowd| !crowd.is_over(now));
        let lasts = crowd.map_or(Duration::ZERO, |crowd| {
            visitor.connected.saturating_duration_since(crowd.since)
        });
        visitor.known_for.saturating_sub(lasts)
    }

    /// Someone has to wait.
    fn wait(&self, room: &str, now: Instant) {
        let mut crowds = self.crowds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(crowd) = crowds.get_mut(room)
            && !crowd.is_over(now)
        {
            crowd.last = now;
            return;
        }
        if crowds.len() >= MAX_CROWDS {
            crowds.retain(|_, crowd| !crowd.is_over(now));
        }
        if crowds.len() >= MAX_CROWDS
            && let Some(shortest) = crowds
                .iter()
                .max_by_key(|(_, crowd)| crowd.since)
                .map(|(room, _)| room.clone())
        {
            crowds.remove(&shortest);
        }
        let crowd = Crowd {
            since: now,
            last: now,
        };
        crowds.insert(room.to_owned(), crowd);
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
                    assert!(moment.at <= now + MAX_DELAY);
                    later += u32::from(moment.at > now);
                    moment.spend();
                }
                Err(again) => assert!(again <= now + MAX_DELAY),
            }
        }
        assert!(later > 500, "{later}");
    }

    /// 240 clients of four addresses, each with a cookie of its own that was made just before, come and go 45 times a second
    /// for this long. Gives when that was over.
    fn crowd(arrivals: &Arc<Arrivals>, start: Instant, seconds: u32) -> Instant {
        let mut now = start;
        for number in 0..45 * seconds {
            now = start + Duration::from_secs(1) * number / 45;
            let visitor = Visitor {
                address: IpAddr::from([192, 0, 2, (number % 4) as u8]),
                known_for: now - start,
                connected: now,
                ..browser(&(number % 240).to_string())
            };
            if let Ok(moment) = arrivals.moment("room", &visitor, now)
                && moment.at <= now
            {
                moment.spend();
            }
        }
        now
    }

    #[test]
    fn a_crowd_does_not_hold_up_browsers_that_were_here_before_however_long_it_lasts() {
        // At first its cookies are young; later they are as old as the crowd.
        for seconds in [60, 400] {
            let (arrivals, start) = (Arc::new(Arrivals::default()), Instant::now());
            let now = crowd(&arrivals, start, seconds);
            // A whole class, at one of these addresses and elsewhere.
            for (number, last) in (0..70).flat_map(|number| [(number, 0), (number, 9)]) {
                let visitor = Visitor {
                    address: IpAddr::from([192, 0, 2, last]),
                    known_for: now - start + AGED,
                    connected: now,
                    ..browser(&format!("anna {number} {last}"))
                };
                let moment = arrivals.moment("room", &visitor, now).unwrap();
                assert_eq!(moment.at, now, "{seconds}");
                moment.spend();
            }
        }
    }

    #[test]
    fn a_class_that_is_here_for_the_first_time_comes_at_once_whatever_those_without_cookies_do() {
        let (arrivals, now) = (Arc::new(Arrivals::default()), Instant::now());
        for _ in 0..2_000 {
            if let Ok(moment) = arrivals.moment("room", &nobody(), now) {
                moment.spend();
            }
        }
        for number in 0..70 {
            let visitor = browser(&number.to_string());
            let moment = arrivals.moment("room", &visitor, now).unwrap();
            assert_eq!(moment.at, now);
            moment.spend();
        }
    }
}
