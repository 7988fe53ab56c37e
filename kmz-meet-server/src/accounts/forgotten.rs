//! Forgotten passwords. Whoever asks is always told the same, at once: what is done with it is done behind, one after the
//! other, so neither the answer nor its time tells whether there is such an account.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::invitation::{MailedLink, NoPassword, NotInvited, PasswordPermit, mail_link};
use crate::clock::{Clock, Timestamp};
use crate::language::Language;
use crate::limits::rate::{Rate, RateLimiter};
use crate::mail::{NotTaken, SharedMailer};
use crate::store::{Database, FormerLinks, SharedStore};

/// How many one network may ask for: a school is behind one address. Browsers that were here before count apart, so whoever comes
/// with new ones all the time keeps nobody else at the address from it.
const OF_NETWORK: Rate = Rate {
    at_once: 20,
    each: Duration::from_secs(90),
};
/// Browsers at one network that were here before, each within its own share. A whole school may ask on its first day, and some
/// browsers of one person use little of it up; still one network never fills the queue, in which all others wait, too.
const OF_KNOWN_AT_NETWORK: Rate = Rate {
    at_once: 400,
    each: Duration::from_secs(9),
};
/// Of one such browser, before it counts like the others.
const OF_BROWSER: Rate = Rate {
    at_once: 3,
    each: Duration::from_mins(10),
};
/// So many wait at most.
const MAX_WAITING: usize = 500;
/// Longest user name or address that is looked at, in characters.
pub const MAX_CHARS: usize = 254;

/// Whose password is forgotten, as somebody typed it.
struct Request {
    who: String,
    language: Language,
}

/// Why a request is not taken: neither has to do with the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// The network asked for many.
    Network(Duration),
    /// Very many wait.
    Full,
}

/// See the module.
pub struct Forgotten {
    requests: mpsc::Sender<Request>,
    asked: Mutex<RateLimiter<RequestSource>>,
}

/// Where a request comes from, as limits count it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum RequestSource {
    Network(IpAddr, Browsers),
    Browser(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Browsers {
    /// With a cookie of some minutes.
    Known,
    Others,
}

/// Whether somebody may ask now. `known`: the cookie of a browser that was here before.
fn count(
    asked: &mut RateLimiter<RequestSource>,
    network: IpAddr,
    known: Option<&str>,
    now: Instant,
) -> Result<(), NotNow> {
    let is_known = known.is_some_and(|device| {
        let browser = RequestSource::Browser(device.to_owned());
        asked.usage_mut(browser, now).try_acquire(OF_BROWSER, now)
    });
    let (browsers, rate) = if is_known {
        (Browsers::Known, OF_KNOWN_AT_NETWORK)
    } else {
        (Browsers::Others, OF_NETWORK)
    };
    let usage = asked.usage_mut(RequestSource::Network(network, browsers), now);
    if usage.try_acquire(rate, now) {
        Ok(())
    } else {
        Err(NotNow::Network(usage.earliest(rate, now) - now))
    }
}

impl Forgotten {
    /// Starts the task that does the work; it ends with this.
    pub fn start(store: SharedStore, mailer: SharedMailer, clock: Arc<dyn Clock>) -> Self {
        let (requests, waiting) = mpsc::channel(MAX_WAITING);
        tokio::spawn(work(waiting, store, mailer, clock));
        Self {
            requests,
            asked: Mutex::default(),
        }
    }

    /// Takes a request. `known`: the cookie of a browser that was here before.
    ///
    /// # Errors
    /// When the network asked for many, or very many wait.
    pub fn ask(
        &self,
        (network, known): (IpAddr, Option<&str>),
        who: &str,
        language: Language,
    ) -> Result<(), NotNow> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut asked, network, known, Instant::now())?;
        drop(asked);
        let request = Request {
            who: who.trim().to_lowercase(),
            language,
        };
        self.requests.try_send(request).map_err(|_| NotNow::Full)
    }
}

async fn work(
    mut waiting: mpsc::Receiver<Request>,
    store: SharedStore,
    mailer: SharedMailer,
    clock: Arc<dyn Clock>,
) {
    while let Some(request) = waiting.recv().await {
        let done = answer(&store, &mailer, clock.now(), &request).await;
        match done {
            // A limit, or nothing to send to: who asked is told nothing.
            Ok(())
            | Err(
                NotInvited::NoAddress
                | NotInvited::NoPassword(NoPassword::NoContract | NoPassword::OfProvider)
                | NotInvited::Mail(NotTaken::TooMany | NotTaken::NoMailServer),
            ) => {}
            Err(error) => tracing::warn!(%error, "somebody who forgot their password gets no mail"),
        }
    }
}

async fn answer(
    store: &Database,
    mailer: &SharedMailer,
    now: Timestamp,
    request: &Request,
) -> Result<(), NotInvited> {
    let Some(user) = store.user_by_address_or_username(&request.who).await? else {
        return Ok(());
    };
    if store.locked_at(&user.id).await?.is_some() {
        return Ok(());
    }
    // Who has no password yet would be activated by it.
    let permit = PasswordPermit::of_holder(store, now, &user).await?;
    let link = MailedLink::reset(FormerLinks::Stay);
    mail_link(store, mailer, now, &permit, request.language, link).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flood_of_new_browsers_leaves_those_of_before_at_the_address_their_share() {
        let (mut asked, now) = (RateLimiter::default(), Instant::now());
        let school = IpAddr::from([192, 0, 2, 1]);
        let taken = (0..1_000).filter(|_| count(&mut asked, school, None, now).is_ok());
        assert_eq!(taken.count(), 20);
        for device in ["one", "two"] {
            assert_eq!(count(&mut asked, school, Some(device), now), Ok(()));
        }
        // One of them alone uses up neither.
        let mut again = || count(&mut asked, school, Some("one"), now).is_ok();
        assert_eq!((again(), again(), again()), (true, true, false));
        assert_eq!(count(&mut asked, school, Some("two"), now), Ok(()));
        assert!(count(&mut asked, IpAddr::from([192, 0, 2, 2]), None, now).is_ok());
    }

    #[test]
    fn many_browsers_of_one_person_leave_others_at_the_address_their_share() {
        let (mut asked, now) = (RateLimiter::default(), Instant::now());
        let school = IpAddr::from([192, 0, 2, 1]);
        let ask = |asked: &mut RateLimiter<RequestSource>, browsers: u32| {
            let devices = (0..browsers).map(|number| format!("of one {number}"));
            let tries = devices.flat_map(|device| [device.clone(), device.clone(), device]);
            let taken = tries.filter(|device| count(asked, school, Some(device), now).is_ok());
            taken.count()
        };
        assert_eq!(ask(&mut asked, 100), 300);
        assert_eq!(count(&mut asked, school, Some("another"), now), Ok(()));
        // It is bounded nevertheless, below what waits at most.
        let mut asked = RateLimiter::default();
        let taken = ask(&mut asked, 1_000);
        assert!(taken < MAX_WAITING, "{taken}");
        let other = IpAddr::from([192, 0, 2, 2]);
        assert_eq!(count(&mut asked, other, None, now), Ok(()));
    }
}
