//! The end of a meeting, and who is told of it.

use std::time::Duration;

use axum::response::Response;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kmz_meet_core::conference::{ConferenceHandle, Summary};
use kmz_meet_core::room::Action;
use kmz_meet_core::signal::Role;
use serde_json::{Value, json};
use url::Url;

use super::meeting::{Meeting, find, secrets_of};
use super::query::Query;
use super::xml::{Failure, success_with};
use crate::app::App;
use crate::deliveries::{self, Delivery};
use crate::store::{Origin, Record, Room, StoreError};

/// How long `end` waits for everyone to be out.
const END_WAIT: Duration = Duration::from_secs(2);
/// The token of a callback holds for a day: the platform may be down for a while.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;

pub(super) async fn end(app: &App, school: &str, query: &Query) -> Result<Response, Failure> {
    let id = query.need("meetingID")?;
    let meeting = find(app, school, id)
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
async fn stop(app: &App, meeting: Record<Meeting>) -> Result<(), StoreError> {
    let conference = conference(app, &meeting).await?;
    if let Some(handle) = &conference {
        // Told now: the caller must not find the meeting any more when it has its answer.
        let attended = handle.attendance().await;
        let now = u64::try_from(app.clock.now()).unwrap_or(0);
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
    told_of_end(app, &meeting).await?;
    meeting.delete(&*app.store).await?;
    if let Some(handle) = &conference {
        let _ = handle.act(Action::EndForAll).await;
        // The next meeting may be created at once, and must not find this one's conference.
        let _ = tokio::time::timeout(END_WAIT, handle.ended()).await;
    }
    Ok(())
}

/// The conference of a meeting. Also one that ran when the server was stopped and to which nobody came back yet.
async fn conference(
    app: &App,
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
pub async fn end_overdue(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    for mut meeting in Record::<Meeting>::due(&*app.store, now, 100).await? {
        let is_over = meeting.data.ends_at().is_some_and(|end| end <= now);
        match conference(app, &meeting).await? {
            Some(conference) if !is_over => {
                meeting.due_at = Some(meeting.data.look_at(now));
                meeting.put(&*app.store).await?;
                // It may have ended meanwhile, and must not come back by being written again.
                if conference.is_over() {
                    meeting.delete(&*app.store).await?;
                }
            }
            _ => stop(app, meeting).await?,
        }
    }
    Ok(())
}

/// A conference is over; if it was a meeting's, the meeting is over too.
///
/// # Errors
/// When the store fails; called again then, it tells nobody twice.
pub async fn ended(app: &App, room: &Room, summary: &Summary) -> Result<(), StoreError> {
    let (Origin::Meeting, Some(id)) = (room.origin, &room.external) else {
        return Ok(());
    };
    let Some(meeting) = find(app, &room.school, id).await? else {
        return Ok(());
    };
    // The conference of the meeting before, which was ended by a call.
    if u64::try_from(meeting.data.created_at).is_ok_and(|created| summary.started_at < created) {
        return Ok(());
    }
    analytics(app, &room.school, &meeting, summary).await?;
    told_of_end(app, &meeting).await?;
    meeting.delete(&*app.store).await?;
    Ok(())
}

/// `meta_endCallbackUrl` and `meetingEndedURL`.
async fn told_of_end(app: &App, meeting: &Record<Meeting>) -> Result<(), StoreError> {
    let school = meeting.school.as_deref().unwrap_or_default();
    for (number, url) in meeting.data.ended_urls.iter().enumerate() {
        let Ok(mut url) = Url::parse(url) else {
            continue;
        };
        url.query_pairs_mut()
            .append_pair("meetingID", &meeting.data.meeting_id)
            .append_pair("recordingmarks", "false");
        let key = format!("bbb end {} {number}", meeting.data.internal_id);
        let delivery = Delivery::new("meeting.ended", "GET", url.as_str());
        deliveries::push(app, school, Some(key), delivery).await?;
    }
    Ok(())
}

/// The secret that the platform used for this meeting: it may not have the newest yet.
async fn secret_of(
    app: &App,
    school: &str,
    meeting: &Meeting,
) -> Result<Option<String>, StoreError> {
    let secrets = secrets_of(app, Some(school)).await?;
    let same = secrets.iter().find(|secret| secret.id == meeting.secret);
    Ok(same.or(secrets.last()).map(|one| one.data.secret.clone()))
}

/// `meta_analytics-callback-url`: what Moodle's activity completion is made of.
async fn analytics(
    app: &App,
    school: &str,
    meeting: &Record<Meeting>,
    summary: &Summary,
) -> Result<(), StoreError> {
    let Some(url) = meeting.data.metadata.get("analytics-callback-url") else {
        return Ok(());
    };
    let Some(secret) = secret_of(app, school, &meeting.data).await? else {
        return Ok(());
    };
    let exp = app.clock.now() / 1_000 + TOKEN_SECONDS;
    let key = EncodingKey::from_secret(secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &json!({"exp": exp}), &key);
    let Ok(token) = token else {
        tracing::error!("the token of a callback cannot be signed");
        return Ok(());
    };
    let attendees: Vec<Value> = summary
        .attended
        .iter()
        .filter_map(|one| {
            let user = super::external_user(school, one.user.as_deref()?);
            // Moodle 4.5 takes every id for one of its users: guests would break it.
            let is_guest = user.is_empty() || user.starts_with("guest ");
            (!is_guest).then(|| {
                json!({
                    "ext_user_id": user,
                    "name": one.name,
                    "moderator": one.role == Role::Moderator,
                    "duration": (one.present_ms + 500) / 1_000,
                    "engagement": {
                        "chats": one.chats,
                        "talks": 0,
                        "raisehand": one.hands,
                        "emojis": 0,
                        "poll_votes": 0,
                        "talk_time": 0,
                    },
                })
            })
        })
        .collect();
    let body = json!({
        "version": "1.0",
        "meeting_id": meeting.data.meeting_id,
        "internal_meeting_id": meeting.data.internal_id,
        "data": {
            "metadata": meeting.data.metadata,
            "duration": summary.ended_at.saturating_sub(summary.started_at) / 1_000,
            "start": crate::clock::rfc3339(i64::try_from(summary.started_at).unwrap_or(0)),
            "finish": crate::clock::rfc3339(i64::try_from(summary.ended_at).unwrap_or(0)),
            "attendees": attendees,
        },
    });
    let delivery = Delivery::new("meeting.analytics", "POST", url)
        .json(body.to_string())
        .header("authorization", &format!("Bearer {token}"));
    let key = format!("bbb analytics {}", meeting.data.internal_id);
    deliveries::push(app, school, Some(key), delivery).await
}
