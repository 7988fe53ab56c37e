//! Wrong passwords of rooms. They count for the person, the address and the room. While too many are wrong, somebody with
//! the right one is sent to the lobby and not told that it was right: an attempt teaches nothing any more. These join all
//! the same:
//!
//! - a browser that joined by this very password before: by another one, or where none was asked for, it has shown nothing,
//! - a browser that is counted by itself and was hardly ever wrong, as long as only its address has failed too often,
//! - and where a room's passwords are guessed from everywhere: a browser that had its cookie before that began. As cookies
//!   can be laid in stock, only so many of these may be wrong as well until they count like everyone.
//!
//! An attempt takes a permit of each count before it is tried and gives it back when it was right: many at once cannot all
//! be tried before the first is counted, and nobody stands in a queue behind those who are wrong.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use tokio::sync::Semaphore;

use super::bounded::make_room;
use super::limit_key::{LimitKey, Person};

/// Wrong ones are forgotten after this time: since the first one or, if there were too many, since the last one.
const WINDOW: Duration = Duration::from_mins(10);
/// Of one person: mistyping is human.
const MAX_WRONG_OF_PERSON: u32 = 5;
/// So many of a browser do not count for its address.
const MAX_SLIPS: u32 = 2;
/// Of one address, of those who are nobody in particular.
const MAX_WRONG_OF_ADDRESS: u32 = 10;
/// Of a room, from wherever.
const MAX_WRONG_OF_ROOM: u32 = 90;
/// So many of them from one address: a class in which many mistype stays below, and one address, or the two of a
/// telephone, do not send the whole room to the lobby.
const MAX_WRONG_OF_ROOM_BY_ADDRESS: u32 = 40;
/// Of browsers that had their cookies before too many were wrong.
const MAX_WRONG_OF_EARLIER: u32 = 40;
/// Browsers that were right are remembered for a school day.
const REMEMBERED: Duration = Duration::from_hours(12);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Room(String),
    Earlier(String),
    Address(String, IpAddr),
    /// What an address counts for the room.
    Share(String, IpAddr),
    Person(String, Person),
}

/// How many may still be wrong.
struct Budget {
    permits: Semaphore,
    state: Mutex<State>,
}

#[derive(Clone, Copy)]
struct State {
    left: u32,
    wrong: u32,
    first: Option<Instant>,
    last: Instant,
}

impl Budget {
    fn new(most: u32, now: Instant) -> Arc<Self> {
        Arc::new(Self {
            permits: Semaphore::new(most as usize),
            state: Mutex::new(State {
                left: most,
                wrong: 0,
                first: None,
                last: now,
            }),
        })
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_spent(&self) -> bool {
        self.permits.is_closed()
    }

    fn is_over(&self, now: Instant) -> bool {
        let state = self.state();
        let since = if self.is_spent() {
            state.last
        } else {
            state.first.unwrap_or(state.last)
        };
        now.saturating_duration_since(since) >= WINDOW
    }

    /// Another wrong one; whether that was one too many.
    fn wrong(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.wrong = state.wrong.saturating_add(1);
        state.first.get_or_insert(now);
        state.last = now;
        state.left = state.left.saturating_sub(1);
        let spent = state.left == 0 && !self.permits.is_closed();
        if spent {
            self.permits.close();
        }
        spent
    }

    /// `None` when it is spent; waits while that is not sure.
    async fn permit(self: &Arc<Self>) -> Option<Permit> {
        self.permits.acquire().await.ok()?.forget();
        Some(Permit(self.clone()))
    }
}

/// Given back unless it is used up.
struct Permit(Arc<Budget>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.permits.add_permits(1);
    }
}

impl Permit {
    /// One permit less, for good; whether it was the last.
    fn use_up(self, now: Instant) -> bool {
        let budget = self.0.clone();
        std::mem::forget(self);
        budget.wrong(now)
    }
}

#[derive(Default)]
struct Counts {
    budgets: HashMap<Of, Arc<Budget>>,
    /// Browsers that were right, by room and password.
    right: HashMap<(String, Person, Fingerprint), Instant>,
}

/// A password that nobody reads from the memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Fingerprint([u8; 32]);

/// See the module.
pub(crate) struct PasswordAttempts {
    counts: Mutex<Counts>,
    /// Of this run.
    key: hmac::Key,
}

impl Default for PasswordAttempts {
    fn default() -> Self {
        let key: [u8; 32] = rand::random();
        Self {
            counts: Mutex::default(),
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
        }
    }
}

/// A password that is about to be compared.
pub(crate) struct PasswordAttempt {
    /// If it is right, its person is sent to the lobby all the same.
    pub(crate) unproven: bool,
    room: String,
    person: Option<Person>,
    /// The password that is tried.
    given: Fingerprint,
    permits: Vec<Permit>,
    /// Counts it without having had a say.
    others: Vec<Arc<Budget>>,
}

impl PasswordAttempt {
    /// It was wrong. Whether there were just now too many: the room's moderators are to hear of it.
    pub(crate) fn wrong(self, now: Instant) -> bool {
        let mut too_many = false;
        for permit in self.permits {
            too_many |= permit.use_up(now);
        }
        for budget in self.others {
            too_many |= budget.wrong(now);
        }
        too_many
    }
}

impl PasswordAttempts {
    /// Before a password of this room is tried, as it is compared.
    pub(crate) async fn begin(
        &self,
        room: &str,
        given: &str,
        key: &LimitKey,
        now: Instant,
    ) -> PasswordAttempt {
        let mut attempt = PasswordAttempt {
            unproven: false,
            room: room.to_owned(),
            person: key.person.clone(),
            given: self.fingerprint(given),
            permits: Vec::new(),
            others: Vec::new(),
        };
        attempt.unproven = !self.is_trusted(&mut attempt, key, now).await;
        attempt
    }

    async fn is_trusted(
        &self,
        attempt: &mut PasswordAttempt,
        key: &LimitKey,
        now: Instant,
    ) -> bool {
        let room = attempt.room.clone();
        let of_room = self.budget(Of::Room(room.clone()), MAX_WRONG_OF_ROOM, now);
        let share = Of::Share(room.clone(), key.address);
        let share = self.budget(share, MAX_WRONG_OF_ROOM_BY_ADDRESS, now);
        let mut counts_for_address = true;
        if let Some(person) = &key.person {
            let own = self.budget(
                Of::Person(room.clone(), person.clone()),
                MAX_WRONG_OF_PERSON,
                now,
            );
            let Some(permit) = own.permit().await else {
                // Without its cookie it is nobody in particular, and has not been right all the time.
                let address = Of::Address(room, key.address);
                attempt
                    .others
                    .push(self.budget(address, MAX_WRONG_OF_ADDRESS, now));
                if !share.is_spent() {
                    attempt.others.extend([share, of_room]);
                }
                return false;
            };
            let wrong = own.state().wrong;
            attempt.permits.push(permit);
            // Accounts and tickets are not made by the hundred.
            if !matches!(person, Person::Device(_)) || self.was_right(attempt, now) {
                attempt.others.push(of_room);
                return true;
            }
            counts_for_address = wrong > MAX_SLIPS;
        }
        if counts_for_address {
            let address = Of::Address(room.clone(), key.address);
            let Some(permit) = self
                .budget(address, MAX_WRONG_OF_ADDRESS, now)
                .permit()
                .await
            else {
                if !share.is_spent() {
                    attempt.others.extend([share, of_room]);
                }
                return false;
            };
            attempt.permits.push(permit);
        }
        let began = if let Some(permit) = share.permit().await {
            attempt.permits.push(permit);
            if let Some(permit) = of_room.permit().await {
                attempt.permits.push(permit);
                return true;
            }
            let began = of_room.state().first;
            attempt.others.push(of_room);
            began
        } else {
            share.state().first
        };
        let began = began.unwrap_or(now);
        if key.person.is_none() || !key.was_known_before(began) {
            return false;
        }
        let earlier = self.budget(Of::Earlier(room), MAX_WRONG_OF_EARLIER, now);
        match earlier.permit().await {
            Some(permit) => {
                attempt.permits.push(permit);
                true
            }
            None => false,
        }
    }

    /// It stood in the way and was right, and its person came in.
    pub(crate) fn right(&self, attempt: PasswordAttempt, now: Instant) {
        let Some(person) = attempt.person else {
            return;
        };
        self.with(|counts| {
            make_room(
                &mut counts.right,
                |at| now.saturating_duration_since(*at) >= REMEMBERED,
                |at| *at,
            );
            counts
                .right
                .insert((attempt.room, person, attempt.given), now);
        });
    }

    /// Whether this browser came in by this very password before. Another one it only guesses, like everybody.
    fn was_right(&self, attempt: &PasswordAttempt, now: Instant) -> bool {
        let Some(person) = attempt.person.clone() else {
            return false;
        };
        let key = (attempt.room.clone(), person, attempt.given);
        self.with(|counts| {
            counts
                .right
                .get(&key)
                .is_some_and(|at| now.saturating_duration_since(*at) < REMEMBERED)
        })
    }

    fn fingerprint(&self, password: &str) -> Fingerprint {
        let tag = hmac::sign(&self.key, password.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Fingerprint(bytes)
    }

    fn budget(&self, of: Of, most: u32, now: Instant) -> Arc<Budget> {
        self.with(|counts| {
            if let Some(budget) = counts.budgets.get(&of)
                && !budget.is_over(now)
            {
                return budget.clone();
            }
            make_room(
                &mut counts.budgets,
                // Not if it is in use, or somebody was wrong lately.
                |budget| {
                    Arc::strong_count(budget) == 1
                        && (budget.state().wrong == 0 || budget.is_over(now))
                },
                |budget| budget.state().last,
            );
            let budget = Budget::new(most, now);
            counts.budgets.insert(of, budget.clone());
            budget
        })
    }

    fn with<T>(&self, what: impl FnOnce(&mut Counts) -> T) -> T {
        what(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
#[path = "password_attempts_tests.rs"]
mod tests;
