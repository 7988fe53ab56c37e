//! Class lists that could not be read when a lesson ended. The server tries again until the platform answers. Meanwhile the
//! attendance of the lesson is incomplete, and says so.

use std::sync::Weak;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::class_list::{self, Listed, add_absent};
use super::courses::Courses;
use crate::attendance::Attendance;
use crate::clock::{Timestamp, millis};
use crate::state::App;
use crate::store::{Kind, Record, RecordFilter, StoreError};

/// The pauses before each further attempt, for some five days together.
const PAUSES: [Duration; 10] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(3),
    Duration::from_hours(6),
    Duration::from_hours(12),
    Duration::from_hours(24),
    Duration::from_hours(24),
    Duration::from_hours(48),
];
/// If the server is killed during an attempt, the attempt is repeated after this time.
const LEASE: Duration = Duration::from_mins(1);
/// The interval of rounds.
const EVERY: Duration = Duration::from_secs(15);
/// How many lists are read at once, and how many of them for one room.
const MAX_AT_ONCE: u64 = 8;
const MAX_AT_ONCE_OF_ROOM: u64 = 1;
/// How many lessons of one room can wait for their lists.
const MAX_ROWS: u64 = 1_000;

/// A list that has not been read yet. The parent of its record is the room, its key the lesson's attendance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingClassList {
    attempts: usize,
}

impl Kind for MissingClassList {
    const KIND: &'static str = "late_class_list";
}

/// The record that makes the server read the list of this lesson later.
pub fn waiting(lesson: &Record<Attendance>, now: Timestamp) -> Record<MissingClassList> {
    let mut record = Record::new(lesson.school.clone(), now, MissingClassList { attempts: 0 });
    record.parent.clone_from(&lesson.parent);
    record.key = Some(key(&lesson.id));
    record.expires_at = lesson.expires_at;
    record.due_at = Some(now + millis(PAUSES[0]));
    record
}

fn key(lesson: &str) -> String {
    format!("class list of {lesson}")
}

/// Whether the list of this lesson is still missing.
///
/// # Errors
/// When the store fails.
pub async fn is_missing(app: &Courses, lesson: &str) -> Result<bool, StoreError> {
    let missing = Record::<MissingClassList>::by_key(&app.store, &key(lesson)).await?;
    Ok(missing.is_some())
}

/// Tells which lessons of a room wait for their lists.
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

/// Reads the lists that are due.
///
/// # Errors
/// When the store fails.
pub async fn run_once(app: &App) -> Result<(), StoreError> {
    let app = Courses::from(app);
    let now = app.clock.now();
    let due =
        Record::<MissingClassList>::due_of_each(&app.store, now, MAX_AT_ONCE_OF_ROOM, MAX_AT_ONCE)
            .await?;
    let mut tries = JoinSet::new();
    for mut missing in due {
        missing.due_at = Some(now + millis(LEASE));
        // It is gone if its lesson was deleted meanwhile.
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
        // After the last attempt the record stays, and says that the list is missing.
        missing.due_at = pause.map(|pause| app.clock.now() + millis(*pause));
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
