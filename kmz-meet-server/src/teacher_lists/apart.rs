//! Reads lists away from the threads that serve people, one at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Refusal, TeacherList, read};

/// Whoever waits longer is told to come again.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// Reads one list at a time on this server, so that what a list can cost is spent once: a second or two of one core, and
/// less than 200 MB.
#[derive(Clone)]
pub struct Reader {
    turn: Arc<Semaphore>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Reader {
    /// As [`read`].
    ///
    /// # Errors
    /// As [`read`]; [`Refusal::Busy`] when others' lists take too long; [`Refusal::Damaged`] also for a list that made a
    /// parser panic.
    pub async fn read(
        &self,
        bytes: Vec<u8>,
        password: Option<String>,
    ) -> Result<TeacherList, Refusal> {
        let turn = tokio::time::timeout(MAX_WAIT, self.turn.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Refusal::Busy);
        };
        let reading = tokio::task::spawn_blocking(move || {
            // Whoever asked may be gone before the reading ends. The turn ends with the reading.
            let _turn = turn;
            read(&bytes, password.as_deref())
        });
        reading.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a parser of teachers' lists failed");
            Err(Refusal::Damaged)
        })
    }
}
