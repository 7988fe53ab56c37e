//! The media thread: one loop over the socket, the commands and the clock. It alone owns all state.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};
use rustc_hash::FxHashMap;

use crate::sfu::api::{Command, MediaError};
use crate::sfu::counters::{Counters, Totals};
use crate::sfu::engine::allocate::Scratch;
use crate::sfu::engine::conference_media::Stage;
use crate::sfu::engine::member::Member;
use crate::sfu::engine::ready_set::ReadySet;
use crate::sfu::net::demux::{Kind, kind};
use crate::sfu::net::socket::{Inbox, Path, Socket};
use crate::sfu::transport::candidate_paths::CheckId;
use crate::sfu::transport::dtls::Identity;
use crate::sfu::transport::stun;
use crate::signal::{ConferenceId, ParticipantId};

const SOCKET: Token = Token(0);
const COMMANDS: Token = Token(1);
/// Receive calls in a row before commands and timers get their turn.
const MAX_ROUNDS: usize = 32;

/// See the module.
pub(in crate::sfu) struct Worker {
    poll: Poll,
    commands: Receiver<Command>,
    pub(super) socket: Socket,
    pub(super) identity: Arc<Identity>,
    pub(super) packets_per_second: u32,
    pub(super) epoch: Instant,
    pub(super) members: Vec<Option<Member>>,
    pub(super) stages: Vec<Option<Stage>>,
    pub(super) by_id: FxHashMap<ParticipantId, usize>,
    pub(super) by_conference: FxHashMap<ConferenceId, usize>,
    pub(super) by_ufrag: FxHashMap<String, usize>,
    pub(super) by_address: FxHashMap<SocketAddr, usize>,
    pub(super) ready: ReadySet,
    pub(super) scratch: Scratch,
    pub(super) counters: Totals,
    pub(super) shared: Arc<Counters>,
    pub(super) timers: crate::sfu::engine::tick::Timers,
    pub(super) next_key: u64,
    /// Whose step runs: who pays when it panics.
    pub(super) step: usize,
    #[cfg(test)]
    pub(super) fault: Option<ParticipantId>,
    #[cfg(test)]
    pub(super) late_fault: Option<ParticipantId>,
}

impl Worker {
    pub(in crate::sfu) fn new(
        mut socket: Socket,
        identity: Arc<Identity>,
        commands: Receiver<Command>,
        packets_per_second: u32,
        shared: Arc<Counters>,
    ) -> Result<(Self, Waker), MediaError> {
        let failed = |error: std::io::Error| MediaError::Start(error.to_string());
        let poll = Poll::new().map_err(failed)?;
        poll.registry()
            .register(socket.source(), SOCKET, Interest::READABLE)
            .map_err(failed)?;
        let waker = Waker::new(poll.registry(), COMMANDS).map_err(failed)?;
        let now = Instant::now();
        let worker = Self {
            poll,
            commands,
            socket,
            identity,
            packets_per_second,
            epoch: now,
            members: Vec::new(),
            stages: Vec::new(),
            by_id: FxHashMap::default(),
            by_conference: FxHashMap::default(),
            by_ufrag: FxHashMap::default(),
            by_address: FxHashMap::default(),
            ready: ReadySet::default(),
            scratch: Scratch::default(),
            counters: Totals::default(),
            shared,
            timers: crate::sfu::engine::tick::Timers::new(now),
            next_key: 0,
            step: 0,
            #[cfg(test)]
            fault: None,
            #[cfg(test)]
            late_fault: None,
        };
        Ok((worker, waker))
    }

    /// Runs until the last handle is dropped.
    pub(in crate::sfu) fn run(mut self) {
        let mut events = Events::with_capacity(16);
        let mut inbox = self.socket.inbox();
        let mut more = false;
        loop {
            let timeout = if more {
                Some(Duration::ZERO)
            } else {
                self.timeout()
            };
            // An interrupted wait is as good as one that timed out.
            let _ = self.poll.poll(&mut events, timeout);
            if !self.take_commands() {
                self.close_all();
                return;
            }
            more = self.receive(&mut inbox);
            let now = Instant::now();
            self.tick(now);
            self.flush(now);
        }
    }

    fn timeout(&self) -> Option<Duration> {
        if self.by_ufrag.is_empty() {
            return None;
        }
        if !self.ready.is_empty() {
            return Some(Duration::from_millis(1));
        }
        Some(self.timers.next().saturating_duration_since(Instant::now()))
    }

    fn take_commands(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.guarded(|worker| worker.command(command)),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Reads until the socket is empty or others must have their turn; true in the latter case.
    fn receive(&mut self, inbox: &mut Inbox) -> bool {
        for _ in 0..MAX_ROUNDS {
            let count = self.socket.receive(inbox);
            if count == 0 {
                return false;
            }
            let now = Instant::now();
            inbox.for_each(count, |datagram, path| {
                self.guarded(|worker| worker.on_datagram(now, datagram, path));
            });
            self.flush(now);
            if count < quinn_udp::BATCH_SIZE {
                // The kernel had no more; what comes now wakes the poll.
                return false;
            }
        }
        true
    }

    /// A panic in one participant's step costs that participant and nobody else.
    pub(super) fn guarded(&mut self, step: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| step(self))).is_err() {
            let culprit = self.step;
            tracing::error!(
                member = culprit,
                "a media step panicked; its participant's transport is dropped"
            );
            self.counters.panics += 1;
            self.fail(culprit);
        }
    }

    fn on_datagram(&mut self, now: Instant, datagram: &mut [u8], path: Path) {
        match kind(datagram) {
            Kind::Stun => self.on_stun(now, datagram, path),
            Kind::Dtls => {
                if let Some(index) = self.sender(path) {
                    self.on_dtls(now, index, datagram, path);
                }
            }
            Kind::Rtp => {
                if let Some(index) = self.sender(path) {
                    self.on_rtp(now, index, datagram);
                }
            }
            Kind::Rtcp => {
                if let Some(index) = self.sender(path) {
                    self.on_rtcp(now, index, datagram);
                }
            }
            Kind::Unknown => self.counters.unknown += 1,
        }
    }

    /// Only addresses that passed a connectivity check are listened to.
    fn sender(&mut self, path: Path) -> Option<usize> {
        let Some(index) = self.by_address.get(&path.remote).copied() else {
            self.counters.unknown += 1;
            return None;
        };
        self.step = index;
        #[cfg(test)]
        if self.fault.is_some()
            && self.members[index].as_ref().map(|member| &member.id) == self.fault.as_ref()
        {
            self.fault = None;
            panic!("the fault that a test asked for");
        }
        Some(index)
    }

    fn on_stun(&mut self, now: Instant, datagram: &[u8], path: Path) {
        if let Some(id) = stun::answered(datagram) {
            self.on_answer(now, datagram, path, id);
            return;
        }
        let Some(index) = stun::local_ufrag(datagram)
            .and_then(|ufrag| self.by_ufrag.get(ufrag))
            .copied()
        else {
            self.counters.unknown += 1;
            return;
        };
        self.step = index;
        // Anyone can write somebody else's address into a datagram.
        if self.is_held(now, path.remote, index) {
            self.counters.unknown += 1;
            return;
        }
        let Some(transport) = self.members[index]
            .as_mut()
            .and_then(|member| member.transport.as_mut())
        else {
            return;
        };
        let Some(heard) = transport.check(now, datagram, path, &self.identity, &self.socket, index)
        else {
            self.counters.unknown += 1;
            return;
        };
        if let Some(address) = heard.forgotten
            && self.by_address.get(&address) == Some(&index)
        {
            self.by_address.remove(&address);
        }
        self.by_address.insert(path.remote, index);
        self.announce(index);
    }

    /// Whether another member is at this address, and was heard there.
    fn is_held(&self, now: Instant, address: SocketAddr, by: usize) -> bool {
        self.by_address
            .get(&address)
            .filter(|holder| **holder != by)
            .and_then(|holder| self.members[*holder].as_ref()?.transport.as_ref())
            .is_some_and(|transport| transport.holds(now, address))
    }

    /// The answer to a check of ours.
    fn on_answer(&mut self, now: Instant, datagram: &[u8], path: Path, id: CheckId) {
        let index = u32::from_be_bytes([id[0], id[1], id[2], id[3]]) as usize;
        let answered = self
            .members
            .get_mut(index)
            .and_then(|member| member.as_mut()?.transport.as_mut())
            .is_some_and(|transport| transport.answered(now, datagram, path, id, &self.identity));
        if !answered {
            self.counters.unknown += 1;
            return;
        }
        self.step = index;
        // Whoever claimed this address in the meantime did not receive there.
        if !self.is_held(now, path.remote, index) {
            self.by_address.insert(path.remote, index);
        }
        self.announce(index);
    }

    fn on_dtls(&mut self, now: Instant, index: usize, datagram: &[u8], path: Path) {
        let Some(transport) = self.members[index]
            .as_mut()
            .and_then(|member| member.transport.as_mut())
        else {
            return;
        };
        if !transport.may_receive(now, datagram.len()) {
            self.counters.over_limit += 1;
            return;
        }
        match transport.handshake(now, datagram, path, &self.identity, &self.socket) {
            Ok(true) => self.announce(index),
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(member = index, %error, "transport ended");
                self.drop_transport(index, now);
            }
        }
    }

    /// Sends what is ripe; unfinished pictures wait a moment for the rest.
    fn flush(&mut self, now: Instant) {
        let mut waiting = std::mem::take(&mut self.ready);
        waiting.drain(|viewer, finished| {
            self.step = viewer;
            let mut left = true;
            self.guarded(|worker| left = worker.flush_one(now, viewer, finished));
            left
        });
        self.ready = waiting;
    }

    /// False: it waits.
    fn flush_one(&mut self, now: Instant, viewer: usize, finished: bool) -> bool {
        #[cfg(test)]
        if self.late_fault.is_some()
            && self.members[viewer].as_ref().map(|member| &member.id) == self.late_fault.as_ref()
        {
            self.late_fault = None;
            panic!("the fault that a test asked for");
        }
        let Some(transport) = self.members[viewer]
            .as_mut()
            .and_then(|member| member.transport.as_mut())
        else {
            return true;
        };
        let ripe = transport.is_ripe(now, finished);
        if ripe {
            transport.flush(&self.socket);
        }
        ripe
    }
}
