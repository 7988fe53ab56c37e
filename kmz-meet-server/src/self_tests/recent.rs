//! Whose results of the last day are kept: a network that makes many of them replaces its own, not those of others. The
//! networks are in memory only, and forgotten after a day; nothing that is stored tells from where a result came.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::code::ResultCode;

/// Results of one network that are kept of one day: a large school tests on one morning.
const MAX_RESULTS_OF_NETWORK: usize = 300;
const DAY: Duration = Duration::from_hours(24);
/// Results that are remembered here. Of more the oldest are forgotten; they stay where they are kept.
const MAX_RESULTS: usize = 20_000;

struct Recent {
    made_at: Instant,
    from: IpAddr,
    code: ResultCode,
}

/// See the module; oldest first.
#[derive(Default)]
pub(super) struct RecentResults(VecDeque<Recent>);

impl RecentResults {
    /// Adds a result; gives the oldest one of the same network, if that has to go.
    pub(super) fn add(
        &mut self,
        from: IpAddr,
        code: &ResultCode,
        is_full: bool,
        now: Instant,
    ) -> Option<ResultCode> {
        let is_over = |one: &Recent| now.saturating_duration_since(one.made_at) >= DAY;
        while self.0.front().is_some_and(is_over) {
            self.0.pop_front();
        }
        let own = self.0.iter().filter(|one| one.from == from).count();
        let goes = is_full || own >= MAX_RESULTS_OF_NETWORK;
        let oldest = self.0.iter().position(|one| goes && one.from == from);
        let replaced = oldest.and_then(|index| self.0.remove(index));
        if self.0.len() >= MAX_RESULTS {
            self.0.pop_front();
        }
        self.0.push_back(Recent {
            made_at: now,
            from,
            code: code.clone(),
        });
        replaced.map(|one| one.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    /// Adds so many of this network; gives their codes.
    fn add(
        results: &mut RecentResults,
        from: IpAddr,
        count: usize,
        now: Instant,
    ) -> Vec<ResultCode> {
        let added = (0..count).map(|_| {
            let code = ResultCode::random();
            assert_eq!(results.add(from, &code, false, now), None);
            code
        });
        added.collect()
    }

    #[test]
    fn network_with_many_results_of_a_day_replaces_its_own_oldest() {
        let (mut results, now) = (RecentResults::default(), Instant::now());
        add(&mut results, network(2), 1, now);
        let codes = add(&mut results, network(1), MAX_RESULTS_OF_NETWORK, now);
        for oldest in &codes[..3] {
            let replaced = results.add(network(1), &ResultCode::random(), false, now);
            assert_eq!(replaced.as_ref(), Some(oldest));
        }
        let other = results.add(network(2), &ResultCode::random(), false, now);
        assert_eq!(other, None, "it has few");
    }

    #[test]
    fn network_with_many_results_may_keep_more_a_day_later() {
        let (mut results, now) = (RecentResults::default(), Instant::now());
        add(&mut results, network(1), MAX_RESULTS_OF_NETWORK, now);
        add(&mut results, network(1), MAX_RESULTS_OF_NETWORK, now + DAY);
    }

    #[test]
    fn network_where_nothing_fits_in_replaces_its_own_before_others() {
        let (mut results, now) = (RecentResults::default(), Instant::now());
        let other = add(&mut results, network(2), 1, now);
        let code = ResultCode::random();
        let add_to_full =
            |results: &mut RecentResults, from| results.add(network(from), &code, true, now);
        assert_eq!(add_to_full(&mut results, 1), None, "it has none");
        assert_eq!(add_to_full(&mut results, 1), Some(code.clone()));
        assert_eq!(add_to_full(&mut results, 2), Some(other[0].clone()));
    }

    #[test]
    fn results_that_are_remembered_are_bounded() {
        let (mut results, now) = (RecentResults::default(), Instant::now());
        for number in 0..MAX_RESULTS as u32 + 10 {
            add(&mut results, network(number), 1, now);
        }
        assert_eq!(results.0.len(), MAX_RESULTS);
    }
}
