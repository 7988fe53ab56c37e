//! Clients that come over TCP: their datagrams are taken as if they came from the socket.

use std::time::Instant;

use super::worker::Worker;
use crate::sfu::net::socket::Path;
use crate::sfu::relay::address::Family;
use crate::sfu::relay::serve::{Datagrams, ToMedia};

impl Worker {
    pub(super) fn relay(&mut self, now: Instant, message: ToMedia) {
        match message {
            ToMedia::Open { relay, outbox } => self.socket.open_relay(relay, outbox),
            ToMedia::Datagrams(datagrams) => self.relayed(now, datagrams),
            ToMedia::Close { relay } => self.socket.close_relay(relay),
        }
    }

    fn relayed(&mut self, now: Instant, mut datagrams: Datagrams) {
        let path = Path {
            remote: datagrams.relay.address(Family::of(datagrams.to)),
            local: Some(datagrams.to),
        };
        let mut rest = &mut datagrams.bytes[..];
        for size in datagrams.sizes {
            let size = usize::from(size).min(rest.len());
            let (datagram, behind) = rest.split_at_mut(size);
            self.guarded(|worker| {
                let outcome = worker.on_datagram(now, datagram, path);
                worker.counters.count(outcome);
            });
            rest = behind;
        }
    }
}
