//! What goes on at a connection, and what it has shown so far.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{CROWDED_TIMEOUT, FIRST_REQUEST_TIMEOUT, IDLE_TIMEOUT, STALLED_TIMEOUT};

/// How often we check whether a connection without a request is one of too many.
pub(super) const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// What a connection has shown so far. When there are too many, the lowest gives way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// No request has come whole.
    Nothing,
    /// No request is being answered; a client that needs it again opens another one. Also a WebSocket without a join
    /// request.
    Idle,
    /// A request that came whole is being answered.
    Answered,
    /// A WebSocket with a join request, or a relayed client; `limits` bounds their number.
    Stays,
}

/// What goes on at a connection. Requests carry it as an extension.
pub struct Activity {
    state: Mutex<State>,
    /// It is a WebSocket now, which has times of its own.
    upgraded: AtomicBool,
}

struct State {
    /// Requests that have begun and not ended.
    running: u32,
    /// Those of them that came whole.
    whole: u32,
    /// A request has begun at some time.
    has_begun: bool,
    /// When one began or ended.
    changed: Instant,
    /// Until a request came whole; `None` afterwards.
    unproven: Option<Unproven>,
    proven: bool,
    stays: bool,
}

/// A connection of which no request has come whole, counted until this is dropped.
pub(super) struct Unproven {
    pub(super) of_address: Arc<AtomicUsize>,
    pub(super) in_all: Arc<AtomicUsize>,
    /// From these numbers on they are too many.
    pub(super) many: (usize, usize),
}

impl Unproven {
    /// Whether so many at this address, or in all, have sent nothing whole that they get less time.
    pub(super) fn is_crowded(&self) -> bool {
        self.of_address.load(Ordering::Relaxed) > self.many.0
            || self.in_all.load(Ordering::Relaxed) > self.many.1
    }
}

impl Drop for Unproven {
    fn drop(&mut self) {
        self.of_address.fetch_sub(1, Ordering::Relaxed);
        self.in_all.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that runs; it has ended when this is dropped.
pub(super) struct Running(Arc<Incoming>);

/// A request on its way in.
pub(super) struct Incoming {
    activity: Arc<Activity>,
    is_whole: AtomicBool,
}

impl Activity {
    pub(super) fn new(unproven: Option<Unproven>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                running: 0,
                whole: 0,
                has_begun: false,
                changed: Instant::now(),
                unproven,
                proven: false,
                stays: false,
            }),
            upgraded: AtomicBool::new(false),
        })
    }

    pub(super) fn begin(self: &Arc<Self>) -> Running {
        let mut state = self.state();
        state.running += 1;
        state.has_begun = true;
        state.changed = Instant::now();
        Running(Arc::new(Incoming {
            activity: self.clone(),
            is_whole: AtomicBool::new(false),
        }))
    }

    pub(super) fn upgraded(&self) {
        self.upgraded.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.upgraded.load(Ordering::Relaxed)
    }

    /// Whoever is at it has shown more than a request: a WebSocket's join request, or the password of a relay. It does not
    /// give way to others any more, and is not counted among those of which nothing came whole.
    pub fn stays(&self) {
        let mut state = self.state();
        state.stays = true;
        state.proven = true;
        state.unproven = None;
    }

    /// It ends, and is not counted any more.
    pub(super) fn gave_way(&self) {
        self.state().unproven = None;
    }

    /// What it has shown, and since when.
    pub(super) fn standing(&self) -> (Standing, Instant) {
        let state = self.state();
        let standing = match &*state {
            State { stays: true, .. } => Standing::Stays,
            State { proven: false, .. } => Standing::Nothing,
            State { whole: 0, .. } => Standing::Idle,
            _ if self.upgraded.load(Ordering::Relaxed) => Standing::Idle,
            _ => Standing::Answered,
        };
        (standing, state.changed)
    }

    /// When the connection ends unless something happens, and when that is to be looked at again at the latest.
    pub(super) fn ends_at(&self, opened: Instant, now: Instant) -> (Instant, Instant) {
        let state = self.state();
        let ends_at = match &*state {
            // Whatever came: the head of a request, an allocation of TURN, or the join request of a WebSocket is there by
            // then.
            State {
                has_begun: false, ..
            } => opened + FIRST_REQUEST_TIMEOUT,
            State { running: 0, .. } => state.changed + IDLE_TIMEOUT,
            _ => state.changed + STALLED_TIMEOUT,
        };
        match &state.unproven {
            Some(unproven) if unproven.is_crowded() => {
                let ends_at = ends_at.min(opened + CROWDED_TIMEOUT);
                (ends_at, ends_at)
            }
            // A crowd may come meanwhile.
            Some(_) => (ends_at, now + CHECK_INTERVAL),
            // A request may end meanwhile, and then less time is left.
            None => (ends_at, now + IDLE_TIMEOUT),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    pub(super) fn incoming(&self) -> Arc<Incoming> {
        self.0.clone()
    }
}

impl Incoming {
    /// All of it is there.
    pub(super) fn is_whole(&self) {
        if !self.is_whole.swap(true, Ordering::SeqCst) {
            let mut state = self.activity.state();
            state.whole += 1;
            state.proven = true;
            state.unproven = None;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.activity.state();
        state.running -= 1;
        // What comes whole after this counts no more.
        if self.0.is_whole.swap(true, Ordering::SeqCst) {
            state.whole -= 1;
        }
        state.changed = Instant::now();
    }
}
