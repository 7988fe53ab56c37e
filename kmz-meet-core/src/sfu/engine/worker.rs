//! A media thread's state, and its one loop over the sockets, the commands and the clock. It alone owns all state of its
//! conferences.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token, Waker};
use rustc_hash::FxHashMap;

use super::conference_media::ConferenceMedia;
use super::member::Member;
use super::neighbours::{Addresses, Neighbours};
use super::ready_set::ReadySet;
use super::scratch::Scratch;
use super::table::Table;
use super::timers::{Business, Timers};
#[cfg(test)]
use crate::sfu::api::Fault;
use crate::sfu::api::{Command, MediaError};
use crate::sfu::counters::{Counters, Dropped, Totals};
use crate::sfu::ids::{ConferenceKey, MemberKey, StreamKey};
use crate::sfu::net::port::PortIndex;
use crate::sfu::net::socket::{Inbox, MAX_PORTS, Socket};
use crate::sfu::transport::dtls::Identity;
use crate::signal::{ConferenceId, ParticipantId};

const COMMANDS: Token = Token(0);
/// That of the first port; those of the others follow.
const FIRST_PORT: usize = 1;
/// Receive calls in a row before commands and timers get their turn.
const MAX_ROUNDS: usize = 32;
/// Commands in a row before packets and timers get their turn.
const MAX_COMMANDS: usize = 256;
/// An unfinished picture waits for the rest of it no longer than about this.
const MAX_WAIT: Duration = Duration::from_millis(1);

/// See the module.
pub(in crate::sfu) struct Worker {
    poll: Poll,
    commands: Receiver<Command>,
    /// Ports at which something may wait.
    readable: [bool; MAX_PORTS],
    pub(super) socket: Socket,
    pub(super) identity: Arc<Identity>,
    pub(super) packets_per_second: u32,
    pub(super) epoch: Instant,
    pub(super) members: Table<MemberKey, Member>,
    pub(super) conferences: Table<ConferenceKey, ConferenceMedia>,
    pub(super) by_id: FxHashMap<ParticipantId, MemberKey>,
    pub(super) by_conference: FxHashMap<ConferenceId, ConferenceKey>,
    pub(super) by_ufrag: FxHashMap<String, MemberKey>,
    pub(super) addresses: Addresses,
    pub(super) neighbours: Neighbours,
    pub(super) ready: ReadySet,
    pub(super) scratch: Scratch,
    pub(super) counters: Totals,
    pub(super) shared: Arc<Counters>,
    pub(super) timers: Timers,
    pub(super) business: Business,
    pub(super) last_stream: StreamKey,
    /// Who pays when the step that runs panics. Only `guard` writes it.
    pub(super) charged: Option<MemberKey>,
    #[cfg(test)]
    pub(super) fault: Option<(ParticipantId, Fault)>,
}

impl Worker {
    pub(in crate::sfu) fn new(
        mut socket: Socket,
        identity: Arc<Identity>,
        commands: Receiver<Command>,
        packets_per_second: u32,
        shared: Arc<Counters>,
        neighbours: Neighbours,
    ) -> Result<(Self, Waker), MediaError> {
        let poll = Poll::new().map_err(MediaError::start)?;
        for (index, source) in socket.sources().enumerate() {
            poll.registry()
                .register(source, Token(FIRST_PORT + index), Interest::READABLE)
                .map_err(MediaError::start)?;
        }
        let waker = Waker::new(poll.registry(), COMMANDS).map_err(MediaError::start)?;
        let now = Instant::now();
        let worker = Self {
            poll,
            commands,
            readable: [true; MAX_PORTS],
            socket,
            identity,
            packets_per_second,
            epoch: now,
            members: Table::default(),
            conferences: Table::default(),
            by_id: FxHashMap::default(),
            by_conference: FxHashMap::default(),
            by_ufrag: FxHashMap::default(),
            addresses: neighbours.addresses(),
            neighbours,
            ready: ReadySet::default(),
            scratch: Scratch::default(),
            counters: Totals::default(),
            shared,
            timers: Timers::new(now),
            business: Business::new(now),
            last_stream: StreamKey::default(),
            charged: None,
            #[cfg(test)]
            fault: None,
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
            // EINTR is treated as a timeout.
            let waits_since = Instant::now();
            let _ = self.poll.poll(&mut events, timeout);
            self.business.waited(waits_since.elapsed());
            for event in &events {
                let port = event.token().0.checked_sub(FIRST_PORT);
                if let Some(readable) = port.and_then(|port| self.readable.get_mut(port)) {
                    *readable = true;
                }
            }
            let Some(more_commands) = self.take_commands() else {
                self.close_all();
                return;
            };
            if Instant::now() >= self.timers.next() {
                // The poll tells of a port once. Whatever was missed is found now.
                self.readable.fill(true);
            }
            self.take_handed_over();
            more = self.receive(&mut inbox) || more_commands;
            let now = Instant::now();
            self.tick(now);
            self.flush(now);
        }
    }

    fn timeout(&self) -> Option<Duration> {
        // Others read once more that nobody is connected.
        if self.by_ufrag.is_empty() && self.counters.connected == 0 {
            return None;
        }
        if !self.ready.is_empty() {
            return Some(MAX_WAIT);
        }
        Some(self.timers.next().saturating_duration_since(Instant::now()))
    }

    /// Carries out what was said, until there is no more or others must have their turn; true in the latter case.
    /// `None`: the last handle is gone.
    pub(super) fn take_commands(&mut self) -> Option<bool> {
        for _ in 0..MAX_COMMANDS {
            match self.commands.try_recv() {
                Ok(command) => self.guarded(|worker| worker.command(command)),
                Err(TryRecvError::Empty) => return Some(false),
                Err(TryRecvError::Disconnected) => return None,
            }
        }
        Some(true)
    }

    /// Reads until the ports are empty or others must have their turn; true in the latter case.
    fn receive(&mut self, inbox: &mut Inbox) -> bool {
        let mut more = false;
        for index in 0..MAX_PORTS {
            if self.readable[index] {
                self.readable[index] = self.receive_at(PortIndex::from_index(index), inbox);
                more |= self.readable[index];
            }
        }
        more
    }

    fn receive_at(&mut self, port: PortIndex, inbox: &mut Inbox) -> bool {
        for _ in 0..MAX_ROUNDS {
            let count = self.socket.receive(port, inbox);
            if count == 0 {
                return false;
            }
            let now = Instant::now();
            inbox.for_each(port, count, |datagram, path| {
                self.guarded(|worker| {
                    let outcome = worker.on_datagram(now, datagram, path);
                    let is_unknown = outcome == Err(Dropped::UnknownSender);
                    if !is_unknown || !worker.neighbours.take_in(now, datagram, path) {
                        worker.counters.count(outcome);
                    }
                });
            });
            self.hand_over();
            self.flush(now);
            if count < quinn_udp::BATCH_SIZE {
                // The kernel had no more; what comes now wakes the poll.
                return false;
            }
        }
        true
    }

    /// Sends what is ripe; unfinished pictures wait a moment for the rest.
    pub(super) fn flush(&mut self, now: Instant) {
        let mut waiting = std::mem::take(&mut self.ready);
        waiting.drain(|viewer, finished| {
            let mut has_left = true;
            self.guarded_for(viewer, |worker| {
                has_left = worker.flush_one(now, viewer, finished);
            });
            has_left
        });
        self.ready = waiting;
    }

    /// False: it waits.
    fn flush_one(&mut self, now: Instant, viewer: MemberKey, finished: bool) -> bool {
        #[cfg(test)]
        self.panic_if_asked(viewer, Fault::Flush);
        let Some(transport) = self
            .members
            .get_mut(viewer)
            .and_then(|member| member.transport.as_mut())
        else {
            return true;
        };
        let waits = transport.release(now, &self.socket);
        let ripe = transport.is_ripe(now, finished);
        if ripe {
            transport.flush(&self.socket);
        }
        ripe && !waits
    }
}
