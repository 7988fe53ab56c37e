//! Work that strangers can make us do: for one address it is done one after the other, and takes a third of a processor at the
//! most. A caller whose proof is cheap to check never waits here, so nobody is refused for what others do. The others wait for
//! the turn of their address, and are refused only when very much waits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

/// What may wait of one address: bytes, and how many calls.
const MAX_OF_ADDRESS: Load = Load {
    bytes: 1_024 * 1_024,
    number: 256,
};
/// What may wait in all. An address of which nothing waits may always add one.
const MAX_BYTES_IN_ALL: usize = 64 * 1_024 * 1_024;
/// After work in vain an address rests this many times as long as the work took.
const REST_FACTOR: u32 = 2;
/// When it is worth trying again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Load {
    bytes: usize,
    number: usize,
}

struct Queue {
    turn: Arc<Semaphore>,
    waiting: Load,
}

#[derive(Default)]
struct Queues {
    of: HashMap<IpAddr, Queue>,
    bytes: usize,
}

/// So much waits of this address that nothing more is taken for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    pub again: Duration,
}

/// See the module.
#[derive(Clone, Default)]
pub struct InTurn(Arc<Mutex<Queues>>);

/// One that waits or works; given back when dropped.
struct Waiting {
    queues: Arc<Mutex<Queues>>,
    from: IpAddr,
    bytes: usize,
    turn: Arc<Semaphore>,
}

impl InTurn {
    /// Does the work when it is the address's turn. It comes to something, or the address rests for a while after it.
    ///
    /// # Errors
    /// When too much waits.
    pub async fn run<T>(
        &self,
        from: IpAddr,
        bytes: usize,
        work: impl FnOnce() -> Option<T>,
    ) -> Result<Option<T>, Busy> {
        let waiting = self.wait(from, bytes).ok_or(Busy { again: RETRY_AFTER })?;
        let Ok(turn) = waiting.turn.clone().acquire_owned().await else {
            // Nobody closes it.
            return Err(Busy { again: RETRY_AFTER });
        };
        let start = Instant::now();
        let result = work();
        if result.is_none() {
            // Also of who does not wait for the answer.
            tokio::spawn(rest(waiting, turn, start.elapsed() * REST_FACTOR));
        }
        Ok(result)
    }

    fn wait(&self, from: IpAddr, bytes: usize) -> Option<Waiting> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all = queues.bytes + bytes;
        let queue = queues.of.entry(from).or_insert_with(|| Queue {
            turn: Arc::new(Semaphore::new(1)),
            waiting: Load::default(),
        });
        let fits = queue.waiting.number < MAX_OF_ADDRESS.number
            && queue.waiting.bytes + bytes <= MAX_OF_ADDRESS.bytes
            && in_all <= MAX_BYTES_IN_ALL;
        if queue.waiting.number > 0 && !fits {
            return None;
        }
        queue.waiting.number += 1;
        queue.waiting.bytes += bytes;
        let turn = queue.turn.clone();
        queues.bytes = in_all;
        Some(Waiting {
            queues: self.0.clone(),
            from,
            bytes,
            turn,
        })
    }
}

async fn rest(waiting: Waiting, turn: OwnedSemaphorePermit, time: Duration) {
    tokio::time::sleep(time).await;
    drop((turn, waiting));
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.bytes -= self.bytes;
        if let Some(queue) = queues.of.get_mut(&self.from) {
            queue.waiting.number -= 1;
            queue.waiting.bytes -= self.bytes;
            if queue.waiting.number == 0 {
                queues.of.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const SCHOOL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    /// Work that goes on until the test ends.
    async fn occupied(in_turn: &InTurn, from: IpAddr) -> (Waiting, OwnedSemaphorePermit) {
        let waiting = in_turn.wait(from, 0).unwrap();
        let turn = waiting.turn.clone().acquire_owned().await.unwrap();
        (waiting, turn)
    }

    #[tokio::test]
    async fn work_of_one_address_waits_for_its_turn_and_that_of_others_does_not() {
        let in_turn = InTurn::default();
        let now = occupied(&in_turn, SCHOOL).await;
        let done = Arc::new(AtomicUsize::new(0));
        let mut waiting: Vec<_> = (0..20)
            .map(|_| {
                let (in_turn, done) = (in_turn.clone(), done.clone());
                tokio::spawn(async move {
                    let work = || Some(done.fetch_add(1, Ordering::SeqCst));
                    in_turn.run(SCHOOL, 4_096, work).await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(in_turn.run(OTHER, 4_096, || Some(1)).await, Ok(Some(1)));
        assert_eq!(done.load(Ordering::SeqCst), 0);
        drop(now);
        for waiting in waiting.drain(..) {
            assert!(waiting.await.unwrap().unwrap().is_some());
        }
        let queues = in_turn.0.lock().unwrap();
        assert_eq!((queues.of.len(), queues.bytes), (0, 0));
    }

    #[tokio::test]
    async fn work_is_refused_only_where_very_much_waits() {
        let in_turn = InTurn::default();
        let _now = occupied(&in_turn, SCHOOL).await;
        let long = 64 * 1_024;
        let waiting: Vec<_> = (0..1_000)
            .map_while(|_| in_turn.wait(SCHOOL, long))
            .collect();
        assert_eq!(waiting.len(), MAX_OF_ADDRESS.bytes / long);
        let refused = in_turn.run(SCHOOL, long, || Some(1)).await;
        assert_eq!(refused, Err(Busy { again: RETRY_AFTER }));
        assert_eq!(in_turn.run(OTHER, long, || Some(1)).await, Ok(Some(1)));
        drop(waiting);
        let waiting: Vec<_> = (0..1_000).map_while(|_| in_turn.wait(SCHOOL, 10)).collect();
        assert_eq!(waiting.len(), MAX_OF_ADDRESS.number - 1);
    }

    #[tokio::test]
    async fn work_of_many_addresses_is_bounded_and_each_may_wait_with_one() {
        let in_turn = InTurn::default();
        let address = |number: u32| IpAddr::V4(std::net::Ipv4Addr::from_bits(number));
        let mut waiting = Vec::new();
        for number in 0..200 {
            for _ in 0..16 {
                waiting.extend(in_turn.wait(address(number), 64 * 1_024));
            }
        }
        let most = MAX_BYTES_IN_ALL + 200 * 64 * 1_024;
        let bytes = in_turn.0.lock().unwrap().bytes;
        assert!(bytes >= MAX_BYTES_IN_ALL && bytes <= most, "{bytes}");
        assert!(in_turn.wait(address(1_000), 64 * 1_024).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn address_rests_after_work_in_vain_even_if_nobody_waits_for_the_answer() {
        let in_turn = InTurn::default();
        let slow = || {
            std::thread::sleep(Duration::from_millis(20));
            None::<()>
        };
        let start = tokio::time::Instant::now();
        assert_eq!(in_turn.run(SCHOOL, 10, slow).await, Ok(None));
        assert_eq!(in_turn.run(SCHOOL, 10, || Some(())).await, Ok(Some(())));
        assert!(start.elapsed() >= Duration::from_millis(40));
        // Work that came to something makes nobody wait.
        let start = tokio::time::Instant::now();
        for _ in 0..10 {
            assert_eq!(in_turn.run(SCHOOL, 10, || Some(())).await, Ok(Some(())));
        }
        assert!(start.elapsed() < Duration::from_millis(1));
    }
}
