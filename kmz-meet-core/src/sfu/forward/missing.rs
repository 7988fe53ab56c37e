//! The packets of an incoming stream that are missing, and when to ask for them (generic NACK, RFC 4585, section 6.2.1).

use std::time::{Duration, Instant};

/// A lost packet is asked for again after this time, so often, and not when it is too old to be shown.
pub const NACK_INTERVAL: Duration = Duration::from_millis(40);
const MAX_NACKS: u8 = 8;
/// Packets that can be missing at once; beyond it a key frame is the better cure.
const MAX_MISSING: usize = 96;

#[derive(Clone, Copy, Debug)]
struct Missing {
    sequence: u64,
    tries: u8,
    asked: Option<Instant>,
}

/// See the module.
#[derive(Default)]
pub struct MissingPackets(Vec<Missing>);

impl MissingPackets {
    /// A packet came; `before`: the newest until then. False: so much is gone that it cannot be repaired one by one.
    pub fn note(&mut self, before: Option<u64>, number: u64) -> bool {
        let Some(before) = before else { return true };
        if number <= before {
            self.0.retain(|missing| missing.sequence != number);
            return true;
        }
        let gap = number - before - 1;
        if gap as usize + self.0.len() > MAX_MISSING {
            self.0.clear();
            return false;
        }
        self.0.extend((before + 1..number).map(|sequence| Missing {
            sequence,
            tries: 0,
            asked: None,
        }));
        true
    }

    /// Puts the packets to ask for now into `into`. False: some were asked for so often that they are given up.
    pub fn due(&mut self, now: Instant, into: &mut Vec<u16>) -> bool {
        let mut all_hoped_for = true;
        self.0.retain_mut(|missing| {
            let due = missing
                .asked
                .is_none_or(|at| now.saturating_duration_since(at) >= NACK_INTERVAL);
            if !due {
                return true;
            }
            if missing.tries >= MAX_NACKS {
                all_hoped_for = false;
                return false;
            }
            missing.tries += 1;
            missing.asked = Some(now);
            into.push((missing.sequence & 0xffff) as u16);
            true
        });
        all_hoped_for
    }
}
