//! Deletes what has had its time.

use std::sync::Weak;
use std::time::Duration;

use crate::app::App;

const EVERY: Duration = Duration::from_secs(30);
/// What goes through many rooms is done once in so many times: once an hour.
const SELDOM: u64 = 120;

/// Runs for as long as the server does.
pub async fn run(app: Weak<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    for number in 0_u64.. {
        ticks.tick().await;
        let Some(app) = app.upgrade() else {
            return;
        };
        if let Err(error) = app.store.delete_expired(app.clock.now()).await {
            tracing::warn!(%error, "what has expired is not deleted yet");
        }
        if let Err(error) = crate::bbb::end_overdue(&app).await {
            tracing::warn!(%error, "meetings whose time is up go on");
        }
        if number % SELDOM == 0
            && let Err(error) = crate::bbb::delete_idle_rooms(&app).await
        {
            tracing::warn!(%error, "rooms of meetings that are over are not deleted yet");
        }
    }
}
