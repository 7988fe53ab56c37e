//! Deletes what has had its time, and makes new keys when they have had theirs.

use std::sync::Arc;
use std::time::Duration;

use guarded_http::GuardedClient;
use lti_bridge::Bridge;

use crate::clock::Clock;
use crate::config::Config;
use crate::contracts;
use crate::erasures;
use crate::integrations::bbb::{self, Meetings};
use crate::mail::SharedMailer;
use crate::state::{App, WhileRunning};
use crate::store::SharedStore;
use crate::substitutes;
use crate::teacher_imports::TeacherImports;
use crate::teacher_requests::{TeacherRequests, delete_old_proofs};

const INTERVAL: Duration = Duration::from_secs(30);
/// Rounds between two runs of the work that goes through many rooms: it runs once an hour.
const ROUNDS_OF_AN_HOUR: u64 = 120;
/// The LTI tool gets a new key when the current one has this age.
const MAX_KEY_AGE: Duration = Duration::from_hours(90 * 24);

/// What is cleaned up, and what that reaches.
pub struct Housekeeping {
    store: SharedStore,
    clock: Arc<dyn Clock>,
    config: Arc<Config>,
    lti: Arc<Bridge>,
    meetings: Meetings,
    teacher_imports: Arc<TeacherImports>,
    teacher_requests: Arc<TeacherRequests>,
    outgoing: GuardedClient,
    mailer: SharedMailer,
}

impl From<&App> for Housekeeping {
    fn from(app: &App) -> Self {
        Self {
            store: app.store.clone(),
            clock: app.clock.clone(),
            config: app.config.clone(),
            lti: app.lti.clone(),
            meetings: app.into(),
            teacher_imports: app.teacher_imports.clone(),
            teacher_requests: app.teacher_requests.clone(),
            outgoing: app.outgoing.clone(),
            mailer: app.mailer.clone(),
        }
    }
}

/// Runs for as long as the server does.
pub async fn run(parts: WhileRunning<Housekeeping>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    for number in 0_u64.. {
        ticks.tick().await;
        let Some(app) = parts.get() else {
            return;
        };
        run_once(&app).await;
        if number % ROUNDS_OF_AN_HOUR == 0 {
            refresh_register(&app).await;
            remind_of_contracts(&app).await;
        }
        if number % ROUNDS_OF_AN_HOUR == 0
            && let Err(error) = bbb::delete_idle_rooms(&app.meetings).await
        {
            tracing::warn!(%error, "rooms of meetings that are over are not deleted yet");
        }
    }
}

/// Reads the register of teachers anew, if there is one.
async fn refresh_register(app: &Housekeeping) {
    let Some(source) = &app.config.teacher_register else {
        return;
    };
    let register = &app.teacher_requests.register;
    let read = register.refresh(source, &app.outgoing, &app.teacher_imports.reader);
    match read.await {
        Ok(count) => tracing::info!(count, "the register of teachers is read"),
        Err(error) => tracing::warn!(%error, "the register of teachers is not read"),
    }
}

/// Does everything that is due now.
pub async fn run_once(app: &Housekeeping) {
    let proofs = &app.teacher_requests.proofs;
    if let Err(error) = delete_old_proofs(&app.store, app.clock.now(), proofs).await {
        tracing::warn!(%error, "files of old requests are not deleted yet");
    }
    if let Err(error) = substitutes::end_due(&app.store, app.clock.now()).await {
        tracing::warn!(%error, "substitutes whose time is up stay");
    }
    if let Err(error) = app.store.delete_expired(app.clock.now()).await {
        tracing::warn!(%error, "what has expired is not deleted yet");
    }
    if let Err(error) = app.teacher_imports.go_on(&app.store, &app.clock).await {
        tracing::warn!(%error, "imports of teachers stand still");
    }
    match app.store.delete_orphans().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "what belonged to deleted rooms is deleted"),
        Err(error) => tracing::warn!(%error, "what belonged to deleted rooms is not deleted yet"),
    }
    if let Err(error) = bbb::end_overdue(&app.meetings).await {
        tracing::warn!(%error, "meetings whose time is up go on");
    }
    if let Err(error) = keep_erasures(app).await {
        tracing::warn!(%error, "the list of erased accounts is not kept beside the database yet");
    }
    match app.lti.rotate_key_after(MAX_KEY_AGE).await {
        Ok(true) => tracing::info!("the tool has a new key"),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "the tool has no new key yet"),
    }
}

/// Who restores a backup because the database is lost needs the list.
async fn keep_erasures(app: &Housekeeping) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let erasures = erasures::in_database(&app.store).await?;
    Ok(erasures::keep_in_directory(
        &app.config.data_dir,
        &erasures,
    )?)
}

async fn remind_of_contracts(app: &Housekeeping) {
    let operator = app.config.operator_email.as_deref();
    let told = contracts::remind(&app.store, &app.mailer, app.clock.now(), operator).await;
    if let Err(error) = told {
        tracing::warn!(%error, "not everybody is reminded of contracts that run out");
    }
}
