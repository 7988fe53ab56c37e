//! What comes at this thread and is another's, and what others hand over.

use std::net::SocketAddr;
use std::time::Instant;

use super::worker::Worker;
use crate::sfu::counters::Dropped;

impl Worker {
    /// Hands over what came for others.
    pub(super) fn hand_over(&mut self) {
        let lost = self.neighbours.hand_over();
        self.counters.count_many(Dropped::ThreadFull, lost as u64);
    }

    /// Takes what others handed over.
    pub(super) fn take_handed_over(&mut self) {
        if !self.neighbours.has_mail() {
            return;
        }
        for thread in self.neighbours.threads() {
            let Some(mut batch) = self.neighbours.take_from(thread) else {
                continue;
            };
            let now = Instant::now();
            for address in batch.wishes() {
                self.give(now, *address);
            }
            batch.for_each(|datagram, path| {
                self.guarded(|worker| {
                    let outcome = worker.on_datagram(now, datagram, path);
                    worker.counters.count(outcome);
                });
            });
            self.flush(now);
            self.neighbours.give_back(batch);
        }
        // Addresses that were wished for.
        self.hand_over();
    }

    /// Somebody of another thread is at this address. They have it from their next check on, unless we know that our member
    /// is there still.
    fn give(&mut self, now: Instant, address: SocketAddr) {
        let is_held = self
            .addresses
            .get(&address)
            .and_then(|holder| self.members.get(holder)?.transport.as_ref())
            .is_some_and(|transport| transport.holds(now, address));
        if !is_held {
            self.addresses.remove(&address);
        }
    }
}
