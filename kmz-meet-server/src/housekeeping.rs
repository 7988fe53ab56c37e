//! Deletes what has had its time.

use std::sync::Weak;
use std::time::Duration;

use crate::app::App;

const EVERY: Duration = Duration::from_secs(30);

/// Runs for as long as the server does.
pub async fn run(app: Weak<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
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
    }
}
