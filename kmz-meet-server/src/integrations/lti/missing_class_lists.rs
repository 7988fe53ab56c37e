//! Class lists that could not be read when a lesson ended: read again later, until the platform answers. Meanwhile the
//! attendance of the lesson is incomplete, and says so.

use std::sync::Weak;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::class_list::{self, Listed, add_absent};
use super::courses::Courses;
use crate::attendance::Attendance;
use crate::clock::Timestamp;
use crate::state::App;
use crate::store::{Kind, Record, RecordFilter, StoreError};

/// Pauses before each further try, in seconds: for some five days.
const PAUSES: [i64; 10] = [
    60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400, 172_800,
];
/// A try that a killed server began is made again after this.
const LEASE_MS: i64 = 60_000;
const EVERY: Duration = Duration::from_secs(15);
/// Lists that are read at the same time, and those of one room among them.
const AT_ONCE: u64 = 8;
const OF_ROOM: u64 = 1;
/// Lessons of one room that wait for their list.
const MAX_ROWS: u64 = 1_000;

/// A list that is still to be read. Its parent is the room, its key the lesson's attendance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingClassList {
    attempts: usize,
}

impl Kind for MissingClassList {
    const KIND: &'static str = "late_class_list";
}

/// That the list of this lesson is to be read later.
pub fn waiting(lesson: &Record<Attendance>, now: Timestamp) -> Record<MissingClassList> {
    let mut record = Record::new(lesson.school.clone(), now, MissingClassList { attempts: 0 });
    record.parent.clone_from(&lesson.parent);
    record.key = Some(key(&lesson.id));
    record.expires_at = lesson.expires_at;
    record.due_at = Some(now + PAUSES[0] * 1_000);
    record
}

fn key(lesson: &str) -> String {
    format!("class list of {lesson}")
}

/// Whether the list of this lesson is not read yet.
///
/// # Errors
/// When the store fails.
pub async fn is_missing(app: &Courses, lesson: &str) -> Result<bool, StoreError> {
    let missing = Record::<MissingClassList>::by_key(&app.store, &key(lesson)).await?;
    Ok(missing.is_some())
}

/// Which of a room's lessons wait for their lists.
///
/// # Errors
/// When the store fails.
pub async fn missing_of(app: &Courses, room: &str) -> Result<impl Fn(&str) -> bool, StoreError> {
    let filter = RecordFilter {
        parent: Some(room),
        limit: MAX_ROWS,
        ..RecordFilter::default()
    };
    let missing = Record::<MissingClassList>::list(&app.store, filter).await?;
    Ok(move |lesson: &str| {
        let key = key(lesson);
        missing.iter().any(|one| one.key.as_deref() == Some(&key))
    })
}

/// Runs for as long as the server does.
pub async fn run(app: Weak<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let Some(app) = app.upgrade() else {
            return;
        };
        if let Err(error) = run_once(&app).await {
            tracing::warn!(%error, "class lists that are missing are not read yet");
        }
    }
}

/// Reads what is due now.
///
/// # Errors
/// When the store fails.
pub async fn run_once(app: &App) -> Result<(), StoreError> {
    let app = Courses::from(app);
    let now = app.clock.now();
    let due = Record::<MissingClassList>::due_of_each(&app.store, now, OF_ROOM, AT_ONCE).await?;
    let mut tries = JoinSet::new();
    for mut missing in due {
        missing.due_at = Some(now + LEASE_MS);
        // Deleted meanwhile, with its lesson.
        if missing.update(&app.store).await? {
            let app = app.clone();
            tries.spawn(async move { attempt(&app, missing).await });
        }
    }
    while let Some(tried) = tries.join_next().await {
        match tried {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a class list is not completed yet"),
            Err(error) => tracing::error!(%error, "a class list was not read"),
        }
    }
    Ok(())
}

async fn attempt(app: &Courses, mut missing: Record<MissingClassList>) -> Result<(), StoreError> {
    let room = missing.parent.clone().unwrap_or_default();
    let Some(members) = class_list::of_room(app, &room).await? else {
        missing.data.attempts += 1;
        let pause = PAUSES.get(missing.data.attempts);
        // Given up, it still says that the list is missing.
        missing.due_at = pause.map(|pause| app.clock.now() + pause * 1_000);
        missing.update(&app.store).await?;
        return Ok(());
    };
    complete(app, &missing, &members).await?;
    missing.delete(&app.store).await?;
    Ok(())
}

async fn complete(
    app: &Courses,
    missing: &Record<MissingClassList>,
    members: &[Listed],
) -> Result<(), StoreError> {
    let lesson = missing
        .key
        .as_deref()
        .and_then(|key| key.rsplit(' ').next());
    let add = |record: &mut Record<Attendance>| -> Result<(), StoreError> {
        let started_at = record.data.started_at;
        add_absent(&mut record.data.people, members, started_at);
        Ok(())
    };
    Record::<Attendance>::change(&app.store, lesson.unwrap_or_default(), add).await?;
    Ok(())
}
