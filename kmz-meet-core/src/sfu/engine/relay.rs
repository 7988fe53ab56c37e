//! Clients that come over TCP: their datagrams are taken as if they came from the socket.

use std::time::Instant;

use super::worker::Worker;
use crate::sfu::net::port::PortIndex;
use crate::sfu::net::socket::Path;
use crate::sfu::relay::address::{Family, RelayId};
use crate::sfu::relay::serve::{Datagrams, ToMedia};

impl Worker {
    pub(super) fn relay(&mut self, now: Instant, message: ToMedia) {
        match message {
            ToMedia::Open { relay, outbox, .. } => self.socket.open_relay(relay, outbox),
            ToMedia::Datagrams(datagrams) => self.relayed(now, datagrams),
            ToMedia::Close { relay } => self.close_relay(relay),
        }
    }

    /// The next client with this number is somebody else: nobody is at its addresses any more, and nothing goes there.
    fn close_relay(&mut self, relay: RelayId) {
        self.socket.close_relay(relay);
        for family in [Family::V4, Family::V6] {
            let address = relay.address(family);
            let Some(member) = self.addresses.remove(&address) else {
                continue;
            };
            self.charged(member, |worker| {
                let found = worker.members.get_mut(member);
                if let Some(transport) = found.and_then(|member| member.transport.as_mut()) {
                    transport.address_ended(address);
                }
            });
        }
    }

    fn relayed(&mut self, now: Instant, mut datagrams: Datagrams) {
        let path = Path {
            remote: datagrams.relay.address(Family::of(datagrams.to)),
            local: Some(datagrams.to),
            port: PortIndex::MAIN,
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sfu::api::Command;
    use crate::sfu::counters::Counters;
    use crate::sfu::engine::neighbours::{Commons, Neighbours};
    use crate::sfu::ids::MemberKey;
    use crate::sfu::ids::ThreadIndex;
    use crate::sfu::net::socket::Socket;
    use crate::sfu::relay::outbox::Lane;
    use crate::sfu::transport::dtls::Identity;
    use crate::signal::ParticipantId;

    /// A worker without a thread, and what it is told by.
    fn worker() -> (Worker, std::sync::mpsc::Sender<Command>) {
        let socket = Socket::bind(&[0]).expect("a socket");
        let identity = Arc::new(Identity::generate().expect("an identity"));
        let (sender, commands) = std::sync::mpsc::channel();
        let shared = Arc::new(Counters::default());
        let alone = Neighbours::new(ThreadIndex::default(), Commons::new(1));
        let worker = Worker::new(socket, identity, commands, 0, shared, alone).expect("a worker");
        (worker.0, sender)
    }

    #[test]
    fn relay_closed_leaves_nobody_at_its_addresses() {
        let (mut worker, _commands) = worker();
        let (relay, other) = (RelayId(2_000), RelayId(2_001));
        let former = MemberKey::from_index(0);
        for relay in [relay, other] {
            worker.relay(
                Instant::now(),
                ToMedia::Open {
                    relay,
                    participant: ParticipantId("anna".into()),
                    outbox: Arc::default(),
                },
            );
            for family in [Family::V4, Family::V6] {
                let inserted = worker.addresses.insert(relay.address(family), former);
                assert_eq!(inserted, Ok(()));
            }
        }
        worker.relay(Instant::now(), ToMedia::Close { relay });
        let left: Vec<_> = worker
            .addresses
            .all()
            .filter_map(|at| RelayId::at(*at))
            .collect();
        assert_eq!(left, [other, other], "the next one is somebody else");
        let send = |relay: RelayId| {
            let datagrams = std::iter::once((&[7_u8; 9][..], Lane::Urgent));
            worker
                .socket
                .send_relayed(relay, Some([127, 0, 0, 1].into()), datagrams)
        };
        assert!(!send(relay), "nobody is there");
        assert_eq!(worker.socket.take_not_relayed(), 0);
        assert!(send(other), "somebody, who has no channel for it");
        assert_eq!(worker.socket.take_not_relayed(), 1);
        assert_eq!(worker.socket.take_not_relayed(), 0, "once");
    }

    #[test]
    fn commands_without_end_leave_others_their_turn() {
        let (mut worker, commands) = worker();
        for _ in 0..100_000 {
            let relay = RelayId(2_000);
            let _ = commands.send(Command::Relay(ToMedia::Close { relay }));
        }
        assert_eq!(worker.take_commands(), Some(true));
        let mut turns = 1;
        while worker.take_commands() == Some(true) {
            turns += 1;
        }
        assert!(turns > 10, "{turns}");
        assert_eq!(worker.take_commands(), Some(false));
        drop(commands);
        assert_eq!(worker.take_commands(), None);
    }
}
