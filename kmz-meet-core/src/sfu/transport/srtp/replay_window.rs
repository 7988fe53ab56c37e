//! What was received of one stream, so that nothing is taken twice (RFC 3711, sections 3.3.1 and 3.3.2).

/// Packet index and replay window of one incoming stream.
#[derive(Default)]
pub(super) struct Incoming {
    newest: Option<u64>,
    /// Bit n: the packet n before the newest was taken.
    window: u128,
}

impl Incoming {
    /// The index of a packet (RFC 3711, section 3.3.1).
    pub(super) fn index(&self, sequence: u16) -> u64 {
        let Some(newest) = self.newest else {
            return u64::from(sequence);
        };
        let step = sequence
            .wrapping_sub((newest & 0xffff) as u16)
            .cast_signed();
        newest.saturating_add_signed(i64::from(step))
    }

    pub(super) fn is_new(&self, index: u64) -> bool {
        match self.newest {
            None => true,
            Some(newest) if index > newest => true,
            Some(newest) => {
                let age = newest - index;
                age < 128 && self.window & (1 << age) == 0
            }
        }
    }

    pub(super) fn accept(&mut self, index: u64) {
        match self.newest {
            None => {
                self.newest = Some(index);
                self.window = 1;
            }
            Some(newest) if index > newest => {
                let step = index - newest;
                self.window = if step < 128 { self.window << step } else { 0 } | 1;
                self.newest = Some(index);
            }
            Some(newest) => self.window |= 1 << (newest - index).min(127),
        }
    }
}
