//! Deletes what has had its time, and makes new keys when they have had theirs.

use std::sync::Weak;
use std::time::Duration;

use crate::integrations::bbb::Meetings;
use crate::state::App;

const EVERY: Duration = Duration::from_secs(30);
/// Rounds between two runs of the work that goes through many rooms: it runs once an hour.
const SELDOM: u64 = 120;
/// The LTI tool gets a new key when the current one has this age.
const KEY_AGE: Duration = Duration::from_hours(90 * 24);

/// Runs for as long as the server does.
pub async fn run(app: Weak<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    for number in 0_u64.. {
        ticks.tick().await;
        let Some(app) = app.upgrade() else {
            return;
        };
        run_once(&app).await;
        if number % SELDOM == 0
            && let Err(error) =
                crate::integrations::bbb::delete_idle_rooms(&Meetings::from(&*app)).await
        {
            tracing::warn!(%error, "rooms of meetings that are over are not deleted yet");
        }
    }
}

/// Does everything that is due now.
pub async fn run_once(app: &App) {
    if let Err(error) = app.store.delete_expired(app.clock.now()).await {
        tracing::warn!(%error, "what has expired is not deleted yet");
    }
    match app.store.delete_orphans().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "what belonged to deleted rooms is deleted"),
        Err(error) => tracing::warn!(%error, "what belonged to deleted rooms is not deleted yet"),
    }
    if let Err(error) = crate::integrations::bbb::end_overdue(&Meetings::from(app)).await {
        tracing::warn!(%error, "meetings whose time is up go on");
    }
    match app.lti.rotate_key_after(KEY_AGE).await {
        Ok(true) => tracing::info!("the tool has a new key"),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "the tool has no new key yet"),
    }
}
