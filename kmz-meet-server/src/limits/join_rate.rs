//! How fast people join. Each person has a small rate, each address and each room a large one: a class joins at once, and
//! hundreds in a second do not. Cookies cost an attacker nothing, so browsers that were here before the crowd have rates of
//! their own, by how long before. Whoever is too fast is not refused but gets a later time, and waits for it. A join that
//! led nowhere costs nothing: `password_attempts` limits wrong passwords, which must not use up what the class may do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::limit_key::{AGED, LimitKey, Person};
use super::rate::{Rate, RateLimiter};

/// Of one user, or the holder of one seat: comes back after every gap of the line.
const RATE_OF_USER: Rate = Rate {
    at_once: 60,
    each: Duration::from_millis(500),
};
/// Of one browser, before it counts like those without a cookie.
const RATE_OF_DEVICE: Rate = Rate {
    at_once: 10,
    each: Duration::from_secs(5),
};
/// Of one address.
const RATE_OF_ADDRESS: Rate = Rate {
    at_once: 200,
    each: Duration::from_millis(50),
};
/// Of guests in one room, from everywhere, those of one kind.
const RATE_OF_ROOM: Rate = Rate {
    at_once: 300,
    each: Duration::from_millis(30),
};
/// A browser that has had its cookie for so long was here on another day.
const MIN_LONG_KNOWN: Duration = Duration::from_hours(12);
/// A crowd is over when nobody had to wait for this long.
const CROWD_OVER: Duration = Duration::from_mins(10);
/// Rooms whose crowds are remembered.
const MAX_CROWDS: usize = 1_000;
/// We assign no time later than this; the client tries again instead.
const MAX_DELAY: Duration = Duration::from_mins(1);
const RETRY_AFTER: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Person(Person),
    Address(IpAddr, GuestKind),
    Room(String, GuestKind),
}

/// Guests of different kinds do not use up each other's rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum GuestKind {
    /// Without a cookie, or with one that came too often.
    Unknown,
    /// With a cookie that was made just now: anybody gets them by the hundred.
    NewBrowser,
    /// With a cookie of some minutes.
    KnownBrowser,
    /// With a cookie of another day: whoever lays such cookies in stock has to be patient.
    LongKnownBrowser,
}

impl GuestKind {
    /// The kind of a browser that has had its cookie for this long.
    fn of(age: Duration) -> Self {
        if age < AGED {
            Self::NewBrowser
        } else if age < MIN_LONG_KNOWN {
            Self::KnownBrowser
        } else {
            Self::LongKnownBrowser
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
pub(crate) struct JoinRate {
    limiter: Mutex<RateLimiter<Of>>,
    crowds: Mutex<HashMap<String, Crowd>>,
}

/// The time at which someone may join. Dropped, it returns what it used of the rates.
pub(crate) struct Reservation {
    pub(crate) at: Instant,
    joins: Arc<JoinRate>,
    taken: Vec<(Of, Rate)>,
}

impl Reservation {
    /// It led into a conference or a lobby.
    pub(crate) fn commit(mut self) {
        self.taken.clear();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut limiter = self.joins.limiter();
        for (of, rate) in &self.taken {
            limiter.refund(of, *rate);
        }
    }
}

impl JoinRate {
    /// Reserves the next time at which somebody may join this room; `Err` says when to ask again, where too many come.
    pub(crate) fn reserve(
        self: &Arc<Self>,
        room: &str,
        key: &LimitKey,
        now: Instant,
    ) -> Result<Reservation, Instant> {
        let mut limiter = self.limiter();
        let mut taken = Vec::new();
        let kind = match &key.person {
            Some(person @ (Person::User(_) | Person::Seat(_))) => {
                taken.push((Of::Person(person.clone()), RATE_OF_USER));
                None
            }
            Some(person @ Person::Device(_)) => {
                let own = (Of::Person(person.clone()), RATE_OF_DEVICE);
                let within = limiter.usage(&own.0).earliest(own.1, now) <= now;
                if within {
                    taken.push(own);
                }
                Some(if within {
                    GuestKind::of(self.age(room, key, now))
                } else {
                    GuestKind::Unknown
                })
            }
            None => Some(GuestKind::Unknown),
        };
        if let Some(kind) = kind {
            taken.push((Of::Address(key.address, kind), RATE_OF_ADDRESS));
            taken.push((Of::Room(room.to_owned(), kind), RATE_OF_ROOM));
        }
        let times = taken
            .iter()
            .map(|(of, rate)| limiter.usage(of).earliest(*rate, now));
        let at = times.max().unwrap_or(now);
        if kind.is_some() && at > now {
            self.wait(room, now);
        }
        if at > now + MAX_DELAY {
            return Err(now + RETRY_AFTER);
        }
        for (of, rate) in &taken {
            limiter.usage_mut(of.clone(), now).acquire(*rate, now);
        }
        drop(limiter);
        Ok(Reservation {
            at,
            joins: self.clone(),
            taken,
        })
    }

    fn limiter(&self) -> std::sync::MutexGuard<'_, RateLimiter<Of>> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how long a browser has had its cookie, without the time since a crowd began.
    fn age(&self, room: &str, key: &LimitKey, now: Instant) -> Duration {
        let crowds = self.crowds.lock().unwrap_or_else(PoisonError::into_inner);
        let crowd = crowds.get(room).filter(|crowd| !crowd.is_over(now));
        let lasts = crowd.map_or(Duration::ZERO, |crowd| {
            key.connected.saturating_duration_since(crowd.since)
        });
        key.known_for.saturating_sub(lasts)
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

    fn nobody() -> LimitKey {
        LimitKey {
            address: IpAddr::from([192, 0, 2, 1]),
            person: None,
            known_for: Duration::ZERO,
            connected: Instant::now(),
        }
    }

    fn person(person: Person) -> LimitKey {
        LimitKey {
            person: Some(person),
            ..nobody()
        }
    }

    fn browser(name: &str) -> LimitKey {
        person(Person::Device(name.to_owned()))
    }

    #[test]
    fn reserve_for_a_class_of_one_address_is_at_once() {
        let (joins, now) = (Arc::new(JoinRate::default()), Instant::now());
        for _ in 0..150 {
            let reservation = joins.reserve("room", &nobody(), now).unwrap();
            assert_eq!(reservation.at, now);
            reservation.commit();
        }
    }

    #[test]
    fn reserve_for_hundreds_a_second_of_one_address_is_later() {
        let (joins, start) = (Arc::new(JoinRate::default()), Instant::now());
        let within = |seconds: u64| start + Duration::from_secs(seconds);
        let mut came = 0;
        for number in 0..7_000_u32 {
            let now = start + Duration::from_secs(10) * number / 7_000;
            if let Ok(reservation) = joins.reserve("room", &nobody(), now) {
                came += u32::from(reservation.at <= within(10));
                reservation.commit();
            }
        }
        assert!((200..=410).contains(&came), "{came}");
        // A pupil with a browser of their own does not wait behind them.
        let anna = joins.reserve("room", &browser("anna"), within(10)).unwrap();
        assert_eq!(anna.at, within(10));
        let teacher = person(Person::User("maier".to_owned()));
        assert_eq!(
            joins.reserve("room", &teacher, within(10)).unwrap().at,
            within(10)
        );
    }

    #[test]
    fn reservation_that_led_nowhere_costs_nothing() {
        let (joins, now) = (Arc::new(JoinRate::default()), Instant::now());
        for _ in 0..10_000 {
            drop(joins.reserve("room", &nobody(), now).unwrap());
        }
        assert_eq!(joins.reserve("room", &nobody(), now).unwrap().at, now);
    }

    #[test]
    fn reserve_for_a_browser_that_comes_and_goes_uses_up_its_own_rate_first() {
        let (joins, now) = (Arc::new(JoinRate::default()), Instant::now());
        for _ in 0..1_000 {
            if let Ok(reservation) = joins.reserve("room", &browser("mallory"), now) {
                reservation.commit();
            }
        }
        assert_eq!(
            joins.reserve("room", &browser("anna"), now).unwrap().at,
            now
        );
        assert!(
            joins
                .reserve("room", &nobody(), now)
                .map_or(true, |reservation| reservation.at > now)
        );
    }

    #[test]
    fn reserve_for_one_ticket_is_limited() {
        let (joins, now) = (Arc::new(JoinRate::default()), Instant::now());
        let ben = person(Person::User("ben".to_owned()));
        let at_once = (0..1_000)
            .filter_map(|_| joins.reserve("room", &ben, now).ok())
            .filter(|reservation| reservation.at <= now)
            .map(Reservation::commit)
            .count();
        assert_eq!(at_once, RATE_OF_USER.at_once as usize);
    }

    #[test]
    fn reserve_for_many_at_once_is_later_and_never_far() {
        let (joins, now) = (Arc::new(JoinRate::default()), Instant::now());
        let mut later = 0;
        for _ in 0..5_000 {
            match joins.reserve("room", &nobody(), now) {
                Ok(reservation) => {
                    assert!(reservation.at <= now + MAX_DELAY);
                    later += u32::from(reservation.at > now);
                    reservation.commit();
                }
                Err(again) => assert!(again <= now + MAX_DELAY),
            }
        }
        assert!(later > 500, "{later}");
    }

    /// 240 clients of four addresses, each with a cookie of its own that was made just before, come and go 45 times a second
    /// for this long. Gives when that was over.
    fn crowd(joins: &Arc<JoinRate>, start: Instant, seconds: u32) -> Instant {
        let mut now = start;
        for number in 0..45 * seconds {
            now = start + Duration::from_secs(1) * number / 45;
            let key = LimitKey {
                address: IpAddr::from([192, 0, 2, (number % 4) as u8]),
                known_for: now - start,
                connected: now,
                ..browser(&(number % 240).to_string())
            };
            if let Ok(reservation) = joins.reserve("room", &key, now)
                && reservation.at <= now
            {
                reservation.commit();
            }
        }
        now
    }

    #[test]
    fn reserve_for_known_browsers_is_at_once_however_long_a_crowd_lasts() {
        // At first its cookies are young; later they are as old as the crowd.
        for seconds in [60, 400] {
            let (joins, start) = (Arc::new(JoinRate::default()), Instant::now());
            let now = crowd(&joins, start, seconds);
            // A whole class, at one of these addresses and elsewhere.
            for (number, last) in (0..70).flat_map(|number| [(number, 0), (number, 9)]) {
                let key = LimitKey {
                    address: IpAddr::from([192, 0, 2, last]),
                    known_for: now - start + AGED,
                    connected: now,
                    ..browser(&format!("anna {number} {last}"))
                };
                let reservation = joins.reserve("room", &key, now).unwrap();
                assert_eq!(reservation.at, now, "{seconds}");
                reservation.commit();
            }
        }
    }

    #[test]
    fn reserve_for_a_class_of_new_browsers_is_at_once_whatever_those_without_cookies_do() {
        let (joins, now) = (Arc::new(JoinRate::default()), Instant::now());
        for _ in 0..2_000 {
            if let Ok(reservation) = joins.reserve("room", &nobody(), now) {
                reservation.commit();
            }
        }
        for number in 0..70 {
            let key = browser(&number.to_string());
            let reservation = joins.reserve("room", &key, now).unwrap();
            assert_eq!(reservation.at, now);
            reservation.commit();
        }
    }
}
