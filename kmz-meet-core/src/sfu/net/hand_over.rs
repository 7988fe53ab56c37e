//! Datagrams that the kernel gave to another media thread than their own. From each thread to each other there is a lane. It is
//! locked once for all datagrams of a receive call, and once when they are taken; it has an end, so that a thread that does
//! not keep up loses packets and takes nothing of anybody else.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use mio::Waker;

use super::socket::Path;
use crate::sfu::ids::ThreadIndex;

/// Datagrams that may wait in a lane, and their bytes.
const MAX_DATAGRAMS: usize = 1_024;
const MAX_BYTES: usize = 512 * 1_024;
/// Requests for addresses that may wait.
const MAX_WISHES: usize = 256;

/// Datagrams on their way, one behind the other, and addresses that the sender would like to have.
#[derive(Default)]
pub struct Batch {
    bytes: Vec<u8>,
    datagrams: Vec<(Path, u16)>,
    wishes: Vec<SocketAddr>,
}

impl Batch {
    /// Adds a datagram that came on this path.
    pub fn push(&mut self, datagram: &[u8], path: Path) {
        // A datagram is received into a buffer that is shorter than this.
        let size = u16::try_from(datagram.len()).unwrap_or(u16::MAX);
        self.bytes.extend_from_slice(&datagram[..usize::from(size)]);
        self.datagrams.push((path, size));
    }

    /// Adds a wish for an address: if nobody is there any more, may somebody of ours be?
    pub fn wish(&mut self, address: SocketAddr) {
        self.wishes.push(address);
    }

    /// Addresses that the sender would like to have.
    #[must_use]
    pub fn wishes(&self) -> &[SocketAddr] {
        &self.wishes
    }

    /// The datagrams in their order.
    pub fn for_each(&mut self, mut handle: impl FnMut(&mut [u8], Path)) {
        let mut rest = &mut self.bytes[..];
        for (path, size) in &self.datagrams {
            let (datagram, behind) = rest.split_at_mut(usize::from(*size).min(rest.len()));
            handle(datagram, *path);
            rest = behind;
        }
    }

    fn is_empty(&self) -> bool {
        self.datagrams.is_empty() && self.wishes.is_empty()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.datagrams.clear();
        self.wishes.clear();
    }

    /// Takes as much of the other as there is room for; gives the number of datagrams for which there was none.
    fn append(&mut self, other: &Self) -> usize {
        let mut lost = 0;
        let mut start = 0;
        for (path, size) in &other.datagrams {
            let end = start + usize::from(*size);
            let has_room = self.datagrams.len() < MAX_DATAGRAMS
                && self.bytes.len() + usize::from(*size) <= MAX_BYTES;
            if has_room {
                self.bytes.extend_from_slice(&other.bytes[start..end]);
                self.datagrams.push((*path, *size));
            } else {
                lost += 1;
            }
            start = end;
        }
        let room = MAX_WISHES.saturating_sub(self.wishes.len());
        self.wishes.extend(other.wishes.iter().take(room));
        lost
    }
}

#[derive(Default)]
struct Lane {
    is_filled: AtomicBool,
    waiting: Mutex<Batch>,
}

impl Lane {
    fn waiting(&self) -> MutexGuard<'_, Batch> {
        // Whoever panicked while it was locked left whole datagrams.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one thread is given.
struct Post {
    lanes: Vec<Lane>,
    waker: OnceLock<std::sync::Arc<Waker>>,
    /// It was woken and has not looked yet.
    is_called: AtomicBool,
}

/// The lanes between all media threads.
pub struct Exchange(Vec<Post>);

impl Exchange {
    /// For so many threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let post = |_| Post {
            lanes: (0..threads).map(|_| Lane::default()).collect(),
            waker: OnceLock::new(),
            is_called: AtomicBool::new(false),
        };
        Self((0..threads).map(post).collect())
    }

    /// How many threads there are.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.0.len()
    }

    /// How this thread is woken.
    pub fn set_waker(&self, thread: ThreadIndex, waker: std::sync::Arc<Waker>) {
        if let Some(post) = self.0.get(thread.index()) {
            // It is set once.
            let _ = post.waker.set(waker);
        }
    }

    /// Hands a batch over and empties it. Gives the number of datagrams for which there was no room.
    pub fn send(&self, from: ThreadIndex, to: ThreadIndex, batch: &mut Batch) -> usize {
        if batch.is_empty() {
            return 0;
        }
        let Some(post) = self.0.get(to.index()) else {
            return 0;
        };
        let Some(lane) = post.lanes.get(from.index()) else {
            return 0;
        };
        let lost = lane.waiting().append(batch);
        batch.clear();
        lane.is_filled.store(true, Ordering::Release);
        if !post.is_called.swap(true, Ordering::AcqRel)
            && let Some(waker) = post.waker.get()
        {
            // A thread that cannot be woken has ended.
            let _ = waker.wake();
        }
        lost
    }

    /// This thread looks: it is to be woken again for whatever comes from now on.
    pub fn looks(&self, thread: ThreadIndex) -> bool {
        self.0.get(thread.index()).is_some_and(|post| {
            post.is_called.load(Ordering::Acquire) && post.is_called.swap(false, Ordering::AcqRel)
        })
    }

    /// What waits in the lane between these, in exchange for an emptied batch. False: nothing.
    pub fn take(&self, from: ThreadIndex, to: ThreadIndex, batch: &mut Batch) -> bool {
        let lane = self
            .0
            .get(to.index())
            .and_then(|post| post.lanes.get(from.index()));
        let Some(lane) = lane.filter(|lane| lane.is_filled.swap(false, Ordering::Acquire)) else {
            return false;
        };
        batch.clear();
        std::mem::swap(&mut *lane.waiting(), batch);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::port::PortIndex;
    use super::*;

    fn path(port: u16) -> Path {
        Path {
            remote: SocketAddr::from(([192, 0, 2, 1], port)),
            local: None,
            port: PortIndex::MAIN,
        }
    }

    fn taken(batch: &mut Batch) -> Vec<(Vec<u8>, u16)> {
        let mut all = Vec::new();
        batch.for_each(|datagram, path| all.push((datagram.to_vec(), path.remote.port())));
        all
    }

    #[test]
    fn batch_handed_over_comes_in_order_and_once() {
        let exchange = Exchange::new(3);
        let [zero, one, two] = [0, 1, 2].map(ThreadIndex::from_index);
        let mut batch = Batch::default();
        for port in 1..=3 {
            batch.push(&[port as u8; 5][..usize::from(port)], path(port));
        }
        batch.wish(path(9).remote);
        assert_eq!(exchange.send(zero, one, &mut batch), 0);
        assert!(batch.is_empty());
        batch.push(b"", path(4));
        assert_eq!(exchange.send(zero, one, &mut batch), 0);
        assert!(exchange.looks(one) && !exchange.looks(one));
        assert!(!exchange.take(two, one, &mut batch) && !exchange.take(zero, two, &mut batch));
        assert!(exchange.take(zero, one, &mut batch));
        assert_eq!(batch.wishes(), [path(9).remote]);
        let expected = [(vec![1], 1), (vec![2; 2], 2), (vec![3; 3], 3), (vec![], 4)];
        assert_eq!(taken(&mut batch), expected);
        assert!(!exchange.take(zero, one, &mut batch));
    }

    #[test]
    fn lane_of_a_thread_that_does_not_look_has_an_end_and_takes_nothing_of_others() {
        let exchange = Exchange::new(3);
        let [zero, one, two] = [0, 1, 2].map(ThreadIndex::from_index);
        let mut batch = Batch::default();
        let (mut lost, mut sent) = (0, 0);
        for _ in 0..200 {
            for _ in 0..32 {
                batch.push(&[7; 1_200], path(1));
                batch.wish(path(1).remote);
                sent += 1;
            }
            lost += exchange.send(zero, one, &mut batch);
        }
        batch.push(b"of another", path(2));
        assert_eq!(exchange.send(two, one, &mut batch), 0);
        assert!(exchange.take(two, one, &mut batch));
        assert_eq!(taken(&mut batch).len(), 1);
        assert!(exchange.take(zero, one, &mut batch));
        assert_eq!(batch.wishes().len(), MAX_WISHES);
        let came = taken(&mut batch).len();
        assert_eq!(came + lost, sent);
        assert!(came * 1_200 <= MAX_BYTES && came > 100, "{came}");
    }
}
