//! From a datagram to the member whose it is: only addresses that passed a connectivity check are listened to.

use std::net::SocketAddr;
use std::time::Instant;

use super::worker::Worker;
#[cfg(test)]
use crate::sfu::api::Fault;
use crate::sfu::counters::Dropped;
use crate::sfu::ids::MemberKey;
use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::net::socket::Path;
use crate::sfu::transport::candidate_paths::CheckId;
use crate::sfu::transport::stun;

impl Worker {
    pub(super) fn on_datagram(
        &mut self,
        now: Instant,
        datagram: &mut [u8],
        path: Path,
    ) -> Result<(), Dropped> {
        let size = datagram.len();
        match kind(datagram) {
            Kind::Stun => self.on_stun(now, datagram, path),
            Kind::Dtls => self.for_sender(now, path, size, |worker, member| {
                worker.on_dtls(now, member, datagram, path)
            }),
            Kind::Rtp => self.for_sender(now, path, size, |worker, member| {
                worker.on_rtp(now, member, datagram)
            }),
            Kind::Rtcp => self.for_sender(now, path, size, |worker, member| {
                worker.on_rtcp(now, member, datagram)
            }),
            Kind::Unknown => Err(Dropped::UnknownSender),
        }
    }

    /// A step for the member who is at this address, unless their conference as a whole sends too much.
    fn for_sender(
        &mut self,
        now: Instant,
        path: Path,
        size: usize,
        step: impl FnOnce(&mut Self, MemberKey) -> Result<(), Dropped>,
    ) -> Result<(), Dropped> {
        let member = self.addresses.get(&path.remote);
        let member = member.ok_or(Dropped::UnknownSender)?;
        let conference = self.members.get(member).map(|found| found.conference);
        let media = conference.and_then(|conference| self.conferences.get_mut(conference));
        if media.is_some_and(|media| !media.may_receive(now, size)) {
            return Err(Dropped::OverLimit);
        }
        self.charged(member, |worker| {
            #[cfg(test)]
            worker.panic_if_asked(member, Fault::Receive);
            step(worker, member)
        })
    }

    fn on_stun(&mut self, now: Instant, datagram: &[u8], path: Path) -> Result<(), Dropped> {
        if let Some(id) = stun::answered(datagram) {
            let member = MemberKey::from_bytes([id[0], id[1], id[2], id[3]]);
            return self.on_check_answer(now, member, datagram, path, id);
        }
        let member = stun::local_ufrag(datagram)
            .and_then(|ufrag| self.by_ufrag.get(ufrag))
            .copied()
            .ok_or(Dropped::UnknownSender)?;
        self.charged(member, |worker| {
            worker.on_check(now, member, datagram, path)
        })
    }

    /// A connectivity check of a browser.
    fn on_check(
        &mut self,
        now: Instant,
        member: MemberKey,
        datagram: &[u8],
        path: Path,
    ) -> Result<(), Dropped> {
        // Anyone can write somebody else's address into a datagram.
        if self.is_held(now, path.remote, member) {
            return Err(Dropped::UnknownSender);
        }
        let Some(transport) = self
            .members
            .get_mut(member)
            .and_then(|found| found.transport.as_mut())
        else {
            return Ok(());
        };
        let checked = transport
            .authentic(now, datagram, path, &self.identity)
            .ok_or(Dropped::UnknownSender)?;
        // Before the answer: what the browser sends next is found then, at whichever thread it comes.
        if let Err(thread) = self.addresses.insert(path.remote, member) {
            self.neighbours.wish(thread, path.remote);
            return Err(Dropped::UnknownSender);
        }
        let size = datagram.len();
        let forgotten = transport.check(
            now,
            &checked,
            size,
            path,
            &self.identity,
            &self.socket,
            member,
        );
        if let Some(address) = forgotten {
            self.addresses.remove_of(&address, member);
        }
        self.announce(member);
        Ok(())
    }

    /// The answer to a check of ours. The member in its name is a guess until it proved authentic, so nobody is charged before.
    fn on_check_answer(
        &mut self,
        now: Instant,
        member: MemberKey,
        datagram: &[u8],
        path: Path,
        id: CheckId,
    ) -> Result<(), Dropped> {
        let answered = self
            .members
            .get_mut(member)
            .and_then(|found| found.transport.as_mut())
            .is_some_and(|transport| transport.answered(now, datagram, path, id, &self.identity));
        if !answered {
            return Err(Dropped::UnknownSender);
        }
        self.charged(member, |worker| {
            // Whoever claimed this address in the meantime did not receive there.
            if !worker.is_held(now, path.remote, member) {
                // Where another thread's member is now, they are to check anew.
                let _ = worker.addresses.insert(path.remote, member);
            }
            worker.announce(member);
        });
        Ok(())
    }

    /// Whether another member is at this address, and was heard there.
    fn is_held(&self, now: Instant, address: SocketAddr, by: MemberKey) -> bool {
        self.addresses
            .get(&address)
            .filter(|holder| *holder != by)
            .and_then(|holder| self.members.get(holder)?.transport.as_ref())
            .is_some_and(|transport| transport.holds(now, address))
    }

    fn on_dtls(
        &mut self,
        now: Instant,
        member: MemberKey,
        datagram: &[u8],
        path: Path,
    ) -> Result<(), Dropped> {
        let Some(transport) = self
            .members
            .get_mut(member)
            .and_then(|found| found.transport.as_mut())
        else {
            return Ok(());
        };
        if !transport.may_receive(now, datagram.len()) {
            return Err(Dropped::OverLimit);
        }
        match transport.handshake(now, datagram, path, &self.identity, &self.socket) {
            Ok(true) => self.announce(member),
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(member = member.index(), %error, "transport ended");
                self.drop_transport(member, now);
            }
        }
        Ok(())
    }
}
