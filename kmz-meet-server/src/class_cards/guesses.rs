//! How many wrong codes are taken. A code can be guessed, a link cannot: links are not limited, so whoever tries codes keeps no
//! class out that comes by its pictures.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::{Rate, RateLimiter};

/// Wrong codes of one browser. A child mistypes a code a few times, and not again and again.
const OF_DEVICE: Rate = Rate {
    at_once: 8,
    each: Duration::from_secs(30),
};
/// Wrong codes of one network: of the browsers that have used up their own, and of those without a cookie. Classes of a school
/// share an address.
const OF_NETWORK: Rate = Rate {
    at_once: 60,
    each: Duration::from_secs(5),
};
/// Wrong codes of all, so that many networks do not guess faster than one: more than a county mistypes.
const OF_ALL: Rate = Rate {
    at_once: 1_000,
    each: Duration::from_millis(200),
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Device(String),
    Network(IpAddr),
    All,
}

impl Of {
    fn rate(&self) -> Rate {
        match self {
            Self::Device(_) => OF_DEVICE,
            Self::Network(_) => OF_NETWORK,
            Self::All => OF_ALL,
        }
    }
}

/// A code that is about to be looked up. It counts as wrong until [`CardGuesses::right`] says otherwise, so that many at once are
/// not more than one after the other.
#[derive(Debug)]
pub struct Guess(Vec<Of>);

/// See the module.
#[derive(Default)]
pub struct CardGuesses(Mutex<RateLimiter<Of>>);

impl CardGuesses {
    /// Counts a code that is tried from a network, by a browser if it has our cookie.
    ///
    /// # Errors
    /// With the time until the next one is taken.
    pub fn begin(
        &self,
        network: IpAddr,
        device: Option<String>,
        now: Instant,
    ) -> Result<Guess, Duration> {
        let mut limiter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counted = Vec::new();
        let of_device = device.map(Of::Device);
        let by_device = of_device.filter(|of| {
            let usage = limiter.usage_mut(of.clone(), now);
            usage.try_acquire(OF_DEVICE, now)
        });
        let own = match by_device {
            Some(of) => of,
            None => {
                let of = Of::Network(network);
                let usage = limiter.usage_mut(of.clone(), now);
                if !usage.try_acquire(OF_NETWORK, now) {
                    return Err(usage
                        .earliest(OF_NETWORK, now)
                        .saturating_duration_since(now));
                }
                of
            }
        };
        counted.push(own);
        let usage = limiter.usage_mut(Of::All, now);
        if !usage.try_acquire(OF_ALL, now) {
            let wait = usage.earliest(OF_ALL, now).saturating_duration_since(now);
            refund(&mut limiter, &counted);
            return Err(wait);
        }
        counted.push(Of::All);
        Ok(Guess(counted))
    }

    /// It was the code of a card, so it was no guess.
    pub fn right(&self, guess: &Guess) {
        let mut limiter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refund(&mut limiter, &guess.0);
    }
}

fn refund(limiter: &mut RateLimiter<Of>, counted: &[Of]) {
    for of in counted {
        limiter.refund(of, of.rate());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHOOL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn wrong_codes_of_one_browser_end_and_its_class_goes_on() {
        let (guesses, now) = (CardGuesses::default(), Instant::now());
        let device = || Some("d".to_owned());
        let most = OF_DEVICE.at_once + OF_NETWORK.at_once;
        for _ in 0..most {
            assert!(guesses.begin(SCHOOL, device(), now).is_ok());
        }
        let refused = guesses.begin(SCHOOL, device(), now).unwrap_err();
        assert_eq!(refused, OF_NETWORK.each);
        assert!(guesses.begin(SCHOOL, Some("other".to_owned()), now).is_ok());
        assert!(guesses.begin(OTHER, None, now).is_ok());
    }

    #[test]
    fn right_codes_are_never_limited() {
        let (guesses, now) = (CardGuesses::default(), Instant::now());
        for _ in 0..5_000 {
            let guess = guesses.begin(SCHOOL, None, now).unwrap();
            guesses.right(&guess);
        }
    }

    #[test]
    fn wrong_codes_of_many_networks_are_bounded_in_all() {
        let (guesses, now) = (CardGuesses::default(), Instant::now());
        let taken = (0..100_000_u32).filter(|number| {
            let network = IpAddr::V4(std::net::Ipv4Addr::from_bits(*number));
            guesses.begin(network, None, now).is_ok()
        });
        assert_eq!(taken.count(), OF_ALL.at_once as usize);
    }
}
