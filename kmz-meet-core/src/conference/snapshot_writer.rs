//! Writes what has to outlive a restart: always the newest snapshot, as soon as the previous write is done.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::event::Summary;
use super::store::ConferenceStore;
use crate::signal::{ChatMessage, ConferenceId};

/// After a failure the store gets this time before the next try.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// Chat messages that wait for a store that fails; older ones are given up.
const MAX_WAITING_CHAT: usize = 500;

#[derive(Default)]
struct Waiting {
    snapshot: Option<String>,
    chat: Vec<ChatMessage>,
    over: Option<Summary>,
}

/// The writing side. One task writes; the conference only leaves what is to be written.
pub(super) struct SnapshotWriter {
    waiting: Arc<Mutex<Waiting>>,
    changed: Arc<Notify>,
    /// Closed when nothing is written any more.
    writing: watch::Receiver<()>,
}

impl SnapshotWriter {
    pub(super) fn start(conference: ConferenceId, store: Arc<dyn ConferenceStore>) -> Self {
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let changed = Arc::new(Notify::new());
        let (writer, writing) = watch::channel(());
        let task = write(conference, store, waiting.clone(), changed.clone());
        tokio::spawn(async move {
            task.await;
            drop(writer);
        });
        Self {
            waiting,
            changed,
            writing,
        }
    }

    pub(super) fn writing(&self) -> watch::Receiver<()> {
        self.writing.clone()
    }

    fn leave(&self, what: impl FnOnce(&mut Waiting)) {
        what(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_one();
    }

    pub(super) fn save(&self, snapshot: String) {
        self.leave(|waiting| waiting.snapshot = Some(snapshot));
    }

    pub(super) fn keep(&self, message: ChatMessage) {
        self.leave(|waiting| {
            if waiting.chat.len() >= MAX_WAITING_CHAT {
                waiting.chat.remove(0);
            }
            waiting.chat.push(message);
        });
    }

    pub(super) fn over(&self, summary: Summary) {
        self.leave(|waiting| waiting.over = Some(summary));
    }
}

async fn write(
    conference: ConferenceId,
    store: Arc<dyn ConferenceStore>,
    waiting: Arc<Mutex<Waiting>>,
    changed: Arc<Notify>,
) {
    loop {
        changed.notified().await;
        loop {
            let Waiting {
                snapshot,
                mut chat,
                over,
            } = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
            if let Some(summary) = over {
                while let Err(error) = store.ended(&summary).await {
                    tracing::warn!(conference = %conference.0, %error, "the data of an ended conference is not deleted yet");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
                return;
            }
            if snapshot.is_none() && chat.is_empty() {
                break;
            }
            let mut failed = None;
            if let Some(snapshot) = &snapshot {
                failed = store.save(&conference, snapshot.clone()).await.err();
            }
            while failed.is_none() && !chat.is_empty() {
                failed = store.append_chat(&conference, &chat[0]).await.err();
                if failed.is_none() {
                    chat.remove(0);
                }
            }
            if let Some(error) = failed {
                tracing::warn!(conference = %conference.0, %error, "the conference goes on, but is not stored");
                give_back(&waiting, snapshot, chat);
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
        // Without a handle nobody leaves anything any more.
        if Arc::strong_count(&waiting) == 1 {
            return;
        }
    }
}

/// What could not be written waits again, unless there is something newer.
fn give_back(waiting: &Mutex<Waiting>, snapshot: Option<String>, mut chat: Vec<ChatMessage>) {
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    if waiting.snapshot.is_none() {
        waiting.snapshot = snapshot;
    }
    chat.append(&mut waiting.chat);
    waiting.chat = chat;
}

impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        self.changed.notify_one();
    }
}
