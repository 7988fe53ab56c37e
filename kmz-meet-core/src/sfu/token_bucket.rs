//! How much may be done in a second: a bucket that fills with time.

use std::time::Instant;

/// See the module.
pub struct TokenBucket {
    per_second: f64,
    most: f64,
    left: f64,
    at: Option<Instant>,
}

impl TokenBucket {
    /// So much a second, and a second's worth at once. Zero: no limit.
    #[must_use]
    pub fn new(per_second: f64) -> Self {
        Self::with_burst(per_second, per_second)
    }

    /// So much a second, and `most` at once.
    #[must_use]
    pub fn with_burst(per_second: f64, most: f64) -> Self {
        Self {
            per_second,
            most,
            left: most,
            at: None,
        }
    }

    /// Takes `amount` out, if so much is left.
    pub fn takes(&mut self, now: Instant, amount: f64) -> bool {
        if self.per_second <= 0.0 {
            return true;
        }
        if let Some(at) = self.at.replace(now) {
            let passed = now.saturating_duration_since(at).as_secs_f64();
            self.gives(passed * self.per_second);
        }
        let takes = self.left >= amount;
        if takes {
            self.left -= amount;
        }
        takes
    }

    /// Puts something in beside what time gives.
    pub fn gives(&mut self, amount: f64) {
        self.left = (self.left + amount).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn bucket_under_a_flood_passes_its_rate() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(100.0);
        let taken = (0..10_000u64)
            .filter(|step| bucket.takes(start + Duration::from_millis(step / 10), 1.0))
            .count();
        assert!((190..=201).contains(&taken), "{taken}");
        let mut bucket = TokenBucket::new(100.0);
        assert!((0..1_000u64).all(|step| {
            let now = start + Duration::from_millis(step * 11);
            bucket.takes(now, 1.0)
        }));
    }

    #[test]
    fn bucket_with_rate_zero_has_no_limit() {
        let mut bucket = TokenBucket::new(0.0);
        assert!(bucket.takes(Instant::now(), 1e9));
    }
}
