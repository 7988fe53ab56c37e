//! What waits to be sent to one client: bounded in number and bytes, so that a client that never reads costs a constant.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::signal::ServerMessage;

const MAX_MESSAGES: usize = 512;
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The writing end. Dropping all of them ends the connection after what waits was sent.
#[derive(Clone, Debug)]
pub struct Outbox {
    sender: mpsc::Sender<Arc<str>>,
    bytes: Arc<AtomicUsize>,
}

/// The end that the WebSocket reads from.
#[derive(Debug)]
pub struct OutboxReader {
    receiver: mpsc::Receiver<Arc<str>>,
    bytes: Arc<AtomicUsize>,
}

/// The client does not read: its connection has to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// An outbox and its reader.
#[must_use]
pub fn outbox() -> (Outbox, OutboxReader) {
    let (sender, receiver) = mpsc::channel(MAX_MESSAGES);
    let bytes = Arc::new(AtomicUsize::new(0));
    (
        Outbox {
            sender,
            bytes: bytes.clone(),
        },
        OutboxReader { receiver, bytes },
    )
}

/// A message as it goes over the wire. Made once for all who get it.
#[must_use]
pub fn encode(message: &ServerMessage) -> Arc<str> {
    // These types are strings, numbers and lists, which always serialise.
    serde_json::to_string(message).unwrap_or_default().into()
}

impl Outbox {
    /// Puts a message in.
    ///
    /// # Errors
    /// When the client has not read for so long that the outbox is full.
    pub fn send(&self, message: &ServerMessage) -> Result<(), Overflow> {
        self.send_encoded(encode(message))
    }

    /// Puts a message in that is encoded already.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_encoded(&self, message: Arc<str>) -> Result<(), Overflow> {
        let length = message.len();
        if self.bytes.fetch_add(length, Ordering::Relaxed) + length > MAX_BYTES {
            return Err(Overflow);
        }
        match self.sender.try_send(message) {
            // A reader that is gone reports itself.
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Overflow),
        }
    }
}

impl OutboxReader {
    /// The next message; `None` when the connection is to be ended.
    pub async fn next(&mut self) -> Option<Arc<str>> {
        let message = self.receiver.recv().await?;
        self.bytes.fetch_sub(message.len(), Ordering::Relaxed);
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_never_reads_overflows_and_costs_no_more() {
        let (outbox, mut reader) = outbox();
        let message: Arc<str> = "x".repeat(10_000).into();
        let mut taken = 0;
        while outbox.send_encoded(message.clone()).is_ok() {
            taken += 1;
            assert!(taken <= MAX_MESSAGES);
        }
        assert!(taken * 10_000 <= MAX_BYTES);
        drop(outbox);
        let mut read = 0;
        while reader.next().await.is_some() {
            read += 1;
        }
        assert_eq!(read, taken, "what was taken is sent before the end");
    }
}
