//! The end of a meeting: by a call, by the clock, or with its conference.

use std::time::Duration;

use axum::response::Response;
use kmz_meet_core::conference::{ConferenceHandle, Summary};
use kmz_meet_core::signal::ClientMessage;

use super::callbacks::{analytics, tell_of_end};
use super::meeting::{Meeting, find};
use super::query::Query;
use super::state::Meetings;
use super::xml::{Failure, success_with};
use crate::clock::{from_conference, to_conference};
use crate::store::{Record, Room, RoomSource, StoreError};

/// `end` waits this long until everybody is out.
const MAX_END_WAIT: Duration = Duration::from_secs(2);
/// How many overdue meetings one round ends.
const MAX_DUE: u64 = 100;

pub(super) async fn end(app: &Meetings, school: &str, query: &Query) -> Result<Response, Failure> {
    let id = query.need("meetingID")?;
    let meeting = find(&app.store, school, id)
        .await?
        .ok_or_else(Failure::not_found)?;
    if query
        .get("password")
        .is_some_and(|given| given != meeting.data.moderator_password)
    {
        return Err(Failure::new(
            "invalidPassword",
            "The password is not the moderators'.",
        ));
    }
    stop(app, meeting).await?;
    Ok(success_with(
        Vec::new(),
        "sentEndMeetingRequest",
        "A request to end the meeting was sent.",
    ))
}

/// Ends a meeting, with or without a conference in it.
pub(super) async fn stop(app: &Meetings, meeting: Record<Meeting>) -> Result<(), StoreError> {
    let conference = conference(app, &meeting).await?;
    if let Some(handle) = &conference {
        // Reported now: when the caller has its answer, it must not find the meeting any more.
        let attended = handle.attendance().await;
        let now = to_conference(app.clock.now());
        let ended_at = attended.iter().map(|one| one.last_at).max();
        let summary = Summary {
            conference: handle.id().clone(),
            started_at: attended.iter().map(|one| one.first_at).min().unwrap_or(now),
            ended_at: ended_at.unwrap_or(now),
            attended,
        };
        let school = meeting.school.as_deref().unwrap_or_default();
        analytics(app, school, &meeting, &summary).await?;
    }
    tell_of_end(app, &meeting).await?;
    meeting.delete(&app.store).await?;
    if let Some(handle) = &conference {
        let _ = handle.act(ClientMessage::EndForAll).await;
        // The next meeting may begin at once and must not find anything of this one.
        let _ = tokio::time::timeout(MAX_END_WAIT, handle.deleted()).await;
    }
    Ok(())
}

/// The conference of a meeting. It may have run when the server stopped, and nobody came back yet.
async fn conference(
    app: &Meetings,
    meeting: &Record<Meeting>,
) -> Result<Option<ConferenceHandle>, StoreError> {
    let room = meeting.parent.as_deref().unwrap_or_default();
    match app.store.room(room).await? {
        Some(room) => app.conferences.running(&room).await,
        None => Ok(None),
    }
}

/// Ends meetings whose time is up, and those to which nobody came.
///
/// # Errors
/// When the store fails.
pub async fn end_overdue(app: &Meetings) -> Result<(), StoreError> {
    let now = app.clock.now();
    for mut meeting in Record::<Meeting>::due(&app.store, now, MAX_DUE).await? {
        let is_over = meeting.data.ends_at().is_some_and(|end| end <= now);
        match conference(app, &meeting).await? {
            Some(conference) if !is_over => {
                meeting.due_at = Some(meeting.data.look_at(now));
                meeting.update(&app.store).await?;
                // If it ended meanwhile, the update has stored its meeting again.
                if conference.is_over() {
                    meeting.delete(&app.store).await?;
                }
            }
            _ => stop(app, meeting).await?,
        }
    }
    Ok(())
}

/// Ends the meeting of a conference that is over, if it has one.
///
/// # Errors
/// When the store fails. Called again, it sends no callback twice.
pub async fn ended(app: &Meetings, room: &Room, summary: &Summary) -> Result<(), StoreError> {
    let (RoomSource::Meeting, Some(id)) = (room.origin, &room.external) else {
        return Ok(());
    };
    let Some(meeting) = find(&app.store, &room.school, id).await? else {
        return Ok(());
    };
    // This conference belongs to the meeting before, which a call ended.
    if from_conference(summary.started_at) < meeting.data.created_at {
        return Ok(());
    }
    analytics(app, &room.school, &meeting, summary).await?;
    tell_of_end(app, &meeting).await?;
    meeting.delete(&app.store).await?;
    Ok(())
}

/// Finds a meeting of a school with its room. If the school deleted the room, this ends the meeting: the platform must hear
/// of it, or it would send people there until the meeting's time is up.
///
/// # Errors
/// When the store fails.
pub(super) async fn held(
    app: &Meetings,
    school: &str,
    meeting_id: &str,
) -> Result<Option<(Record<Meeting>, Room)>, StoreError> {
    let Some(meeting) = find(&app.store, school, meeting_id).await? else {
        return Ok(None);
    };
    let room = meeting.parent.as_deref().unwrap_or_default();
    match app.store.room(room).await? {
        Some(room) => Ok(Some((meeting, room))),
        None => {
            stop(app, meeting).await?;
            Ok(None)
        }
    }
}
