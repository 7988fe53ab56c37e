//! Which encodings of a camera or a screen somebody watches, and when its sender is told.

use std::time::{Duration, Instant};

use crate::sfu::ids::Encoding;

/// A sender is told at once that more is wanted, but that less is enough only after this time: a page that is turned and
/// turned back costs no key frame, and whoever plays with their view changes a sender once in this time at most.
const LESS_AFTER: Duration = Duration::from_secs(5);

/// The largest encoding that somebody shows; the smaller ones are needed too, for those whose connection carries no more.
/// The smallest is always wanted: the server sees by it that there is a picture.
pub struct Watched {
    best: Encoding,
    told: Encoding,
    less_since: Option<Instant>,
}

impl Default for Watched {
    /// A new session sends everything.
    fn default() -> Self {
        Self {
            best: Encoding::SMALL,
            told: Encoding::LARGE,
            less_since: None,
        }
    }
}

impl Watched {
    /// The largest encoding, as the sender knows.
    #[must_use]
    pub fn known(&self) -> Encoding {
        self.told
    }

    /// All who watch are asked anew.
    pub fn begin(&mut self) {
        self.best = Encoding::SMALL;
    }

    /// Somebody shows it as large as this.
    pub fn note(&mut self, best: Encoding) {
        self.best = self.best.max(best);
    }

    /// All have been asked. The largest encoding of which the sender is to be told now.
    pub fn news(&mut self, now: Instant) -> Option<Encoding> {
        if self.best >= self.told {
            self.less_since = None;
            return (self.best > self.told).then(|| {
                self.told = self.best;
                self.told
            });
        }
        let since = *self.less_since.get_or_insert(now);
        if now.saturating_duration_since(since) < LESS_AFTER {
            return None;
        }
        self.less_since = None;
        self.told = self.best;
        Some(self.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told when the picture is shown like this, a second for each.
    fn all_news(shown: &[Encoding]) -> Vec<(usize, Encoding)> {
        let start = Instant::now();
        let mut watched = Watched::default();
        let news = shown.iter().enumerate().filter_map(|(second, best)| {
            watched.begin();
            watched.note(*best);
            let news = watched.news(start + Duration::from_secs(second as u64))?;
            Some((second, news))
        });
        news.collect()
    }

    const S: Encoding = Encoding::SMALL;
    const M: Encoding = Encoding::MIDDLE;
    const L: Encoding = Encoding::LARGE;

    #[test]
    fn news_of_more_come_at_once_and_of_less_after_a_while() {
        assert_eq!(all_news(&[L; 20]), []);
        assert_eq!(all_news(&[S, S, S, S, S, S, S, L]), [(5, S), (7, L)]);
        assert_eq!(all_news(&[M, S, S, M, M, M, M]), [(5, M)]);
    }

    #[test]
    fn news_of_a_view_that_changes_all_the_time_are_few() {
        let shown: Vec<_> = (0..600).map(|at| if at % 2 == 0 { S } else { L }).collect();
        assert_eq!(all_news(&shown), []);
        let shown: Vec<_> = (0..600).map(|at| if at % 7 < 6 { S } else { L }).collect();
        assert!(all_news(&shown).len() <= 2 * 600 / 7 + 1);
    }
}
