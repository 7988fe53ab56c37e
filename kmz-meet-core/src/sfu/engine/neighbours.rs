//! The other media threads, as one of them sees them: which datagrams are theirs, and how they get them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use crate::sfu::ids::{MemberKey, ThreadIndex};
use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::net::hand_over::{Batch, Exchange};
use crate::sfu::net::routes::Routes;
use crate::sfu::net::socket::Path;
use crate::sfu::relay::address::is_relayed;
use crate::sfu::transport::stun;
use crate::sfu::ufrag::Ufrags;

/// What was found out about an address of another thread is believed for so long.
const BELIEVED: Duration = Duration::from_secs(1);

/// What all media threads have in common.
#[derive(Clone)]
pub struct Commons {
    pub exchange: Arc<Exchange>,
    pub routes: Arc<Routes>,
    pub ufrags: Arc<Ufrags>,
}

impl Commons {
    /// For so many threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            exchange: Arc::new(Exchange::new(threads)),
            routes: Arc::default(),
            ufrags: Arc::default(),
        }
    }
}

/// Who is at which address: members of this thread.
pub struct Addresses {
    members: FxHashMap<SocketAddr, MemberKey>,
    thread: ThreadIndex,
    /// Where other threads see that an address is ours; `None`: there are no others.
    routes: Option<Arc<Routes>>,
}

impl Addresses {
    pub fn get(&self, address: &SocketAddr) -> Option<MemberKey> {
        self.members.get(address).copied()
    }

    /// The member is at this address now.
    ///
    /// # Errors
    /// The thread of which somebody else is there.
    pub fn insert(&mut self, address: SocketAddr, member: MemberKey) -> Result<(), ThreadIndex> {
        if let Some(holder) = self.members.get_mut(&address) {
            *holder = member;
            return Ok(());
        }
        if let Some(routes) = self.routes.as_ref().filter(|_| !is_relayed(address.ip())) {
            routes.claim(address, self.thread)?;
        }
        self.members.insert(address, member);
        Ok(())
    }

    /// Nobody is there any more.
    pub fn remove(&mut self, address: &SocketAddr) -> Option<MemberKey> {
        let member = self.members.remove(address)?;
        if let Some(routes) = &self.routes {
            routes.release(*address, self.thread);
        }
        Some(member)
    }

    /// This member is not there any more, whoever is.
    pub fn remove_of(&mut self, address: &SocketAddr, member: MemberKey) {
        if self.get(address) == Some(member) {
            self.remove(address);
        }
    }

    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = &SocketAddr> {
        self.members.keys()
    }
}

/// See the module.
pub struct Neighbours {
    thread: ThreadIndex,
    commons: Commons,
    /// What goes to each of them with the next hand-over.
    outgoing: Vec<Batch>,
    incoming: Batch,
    /// Whose an address is that is none of ours.
    known: FxHashMap<SocketAddr, (ThreadIndex, Instant)>,
}

impl Neighbours {
    #[must_use]
    pub fn new(thread: ThreadIndex, commons: Commons) -> Self {
        let threads = commons.exchange.threads();
        Self {
            thread,
            outgoing: (0..threads).map(|_| Batch::default()).collect(),
            incoming: Batch::default(),
            known: FxHashMap::default(),
            commons,
        }
    }

    /// The addresses of this thread.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        Addresses {
            members: FxHashMap::default(),
            thread: self.thread,
            routes: self.has_others().then(|| self.commons.routes.clone()),
        }
    }

    fn has_others(&self) -> bool {
        self.outgoing.len() > 1
    }

    fn whose(&mut self, now: Instant, datagram: &[u8], path: Path) -> Option<ThreadIndex> {
        if !self.has_others() || is_relayed(path.remote.ip()) {
            return None;
        }
        let ufrag = stun::local_ufrag(datagram);
        let thread = match (ufrag, kind(datagram)) {
            (Some(ufrag), _) => self.commons.ufrags.thread_of(ufrag)?,
            (None, Kind::Unknown) => return None,
            (None, _) => self.at(now, path.remote)?,
        };
        (thread != self.thread && thread.index() < self.outgoing.len()).then_some(thread)
    }

    fn at(&mut self, now: Instant, address: SocketAddr) -> Option<ThreadIndex> {
        if let Some((thread, since)) = self.known.get(&address)
            && now.saturating_duration_since(*since) < BELIEVED
        {
            return Some(*thread);
        }
        let thread = self.commons.routes.find(address)?;
        self.known.insert(address, (thread, now));
        Some(thread)
    }

    /// To be called now and then.
    pub fn forget(&mut self, now: Instant) {
        self.known
            .retain(|_, (_, since)| now.saturating_duration_since(*since) < BELIEVED);
    }

    /// Puts a datagram that is nobody's here into the batch of its thread. False: no other thread knows of it either.
    pub fn take_in(&mut self, now: Instant, datagram: &[u8], path: Path) -> bool {
        let thread = self.whose(now, datagram, path);
        let batch = thread.and_then(|thread| self.outgoing.get_mut(thread.index()));
        batch.map(|batch| batch.push(datagram, path)).is_some()
    }

    /// Hands over what came for others. Gives the number of datagrams for which there was no room.
    pub fn hand_over(&mut self) -> usize {
        if !self.has_others() {
            return 0;
        }
        let mut lost = 0;
        for (index, batch) in self.outgoing.iter_mut().enumerate() {
            let to = ThreadIndex::from_index(index);
            lost += self.commons.exchange.send(self.thread, to, batch);
        }
        lost
    }

    /// Whether something was handed over to this thread since this was asked last.
    pub fn has_mail(&self) -> bool {
        self.has_others() && self.commons.exchange.looks(self.thread)
    }

    /// The threads, this one too.
    pub fn threads(&self) -> impl Iterator<Item = ThreadIndex> + use<> {
        (0..self.outgoing.len()).map(ThreadIndex::from_index)
    }

    /// What this thread handed over. It comes back by [`Self::give_back`], so that its memory is used again.
    pub fn take_from(&mut self, thread: ThreadIndex) -> Option<Batch> {
        let mut batch = std::mem::take(&mut self.incoming);
        let exchange = &self.commons.exchange;
        if exchange.take(thread, self.thread, &mut batch) {
            return Some(batch);
        }
        self.incoming = batch;
        None
    }

    /// See [`Self::take_from`].
    pub fn give_back(&mut self, batch: Batch) {
        self.incoming = batch;
    }

    /// Asks another thread for an address.
    pub fn wish(&mut self, of: ThreadIndex, address: SocketAddr) {
        if let Some(batch) = self.outgoing.get_mut(of.index()) {
            batch.wish(address);
        }
    }
}
