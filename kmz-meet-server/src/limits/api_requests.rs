//! How many requests someone may make: a fixed window for each caller.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_mins(1);
/// Callers that are remembered; beyond this a new one replaces old ones.
const MAX_CALLERS: usize = 20_000;

struct Window {
    since: Instant,
    count: u32,
}

/// Counts the requests of each caller.
pub struct RequestLimit {
    per_minute: u32,
    hasher: RandomState,
    windows: Mutex<HashMap<u64, Window>>,
}

/// What is left to a caller.
pub struct Left {
    /// `None`: there is none left for this one.
    pub requests: Option<u32>,
    /// Until there are more.
    pub seconds: u64,
}

impl RequestLimit {
    /// `per_minute` requests for each caller.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            hasher: RandomState::new(),
            windows: Mutex::default(),
        }
    }

    /// How many a minute each caller may make.
    pub fn per_minute(&self) -> u32 {
        self.per_minute
    }

    /// Counts one of a caller.
    pub fn count(&self, caller: &[u8], now: Instant) -> Left {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_CALLERS {
            windows.retain(|_, window| now.duration_since(window.since) < WINDOW);
            if windows.len() >= MAX_CALLERS {
                forget_oldest_half(&mut windows);
            }
        }
        let window = windows
            .entry(self.hasher.hash_one(caller))
            .or_insert(Window {
                since: now,
                count: 0,
            });
        if now.duration_since(window.since) >= WINDOW {
            *window = Window {
                since: now,
                count: 0,
            };
        }
        window.count = window.count.saturating_add(1);
        let left = WINDOW.saturating_sub(now.duration_since(window.since));
        Left {
            requests: self.per_minute.checked_sub(window.count),
            seconds: left.as_secs() + 1,
        }
    }
}

/// Someone with many addresses: who came last is still counted.
fn forget_oldest_half(windows: &mut HashMap<u64, Window>) {
    let mut ages: Vec<(Instant, u64)> = windows
        .iter()
        .map(|(caller, window)| (window.since, *caller))
        .collect();
    let middle = ages.len() / 2;
    ages.select_nth_unstable(middle);
    for (_, caller) in &ages[..middle] {
        windows.remove(caller);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_window_of_their_own() {
        let limit = RequestLimit::new(2);
        let now = Instant::now();
        assert_eq!(limit.count(b"a", now).requests, Some(1));
        assert_eq!(limit.count(b"a", now).requests, Some(0));
        assert_eq!(limit.count(b"a", now).requests, None);
        assert_eq!(limit.count(b"b", now).requests, Some(1));
        assert_eq!(limit.count(b"a", now + WINDOW).requests, Some(1));
    }

    #[test]
    fn count_with_too_many_callers_forgets_the_oldest_only() {
        for apart in [
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::from_micros(1),
        ] {
            let limit = RequestLimit::new(3);
            let start = Instant::now();
            let mut now = start;
            for caller in 0..MAX_CALLERS {
                limit.count(&caller.to_be_bytes(), now);
                now += apart;
            }
            // At its limit, and the newest.
            let spent = b"spent".as_slice();
            for _ in 0..3 {
                limit.count(spent, now + apart);
            }
            for caller in MAX_CALLERS..MAX_CALLERS + MAX_CALLERS / 3 {
                now += apart;
                limit.count(&caller.to_be_bytes(), now);
            }
            assert_eq!(limit.count(spent, now).requests, None, "{apart:?}");
            let remembered = limit.windows.lock().unwrap().len();
            assert!(
                (MAX_CALLERS / 2..=MAX_CALLERS).contains(&remembered),
                "{remembered}"
            );
        }
    }
}
