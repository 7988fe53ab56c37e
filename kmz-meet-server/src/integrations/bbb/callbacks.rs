//! The callbacks at the end of a meeting. They are deliveries: stored first, and tried again after failures.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kmz_meet_core::conference::Summary;
use kmz_meet_core::signal::Role;
use serde_json::{Value, json};
use url::Url;

use super::meeting::Meeting;
use super::state::Meetings;
use crate::clock::{from_conference, seconds};
use crate::deliveries::Delivery;
use crate::store::{Record, StoreError};
use crate::user_id::bbb_user;

/// Added before a length is cut to whole seconds, so that it is rounded.
const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// The token of a callback is valid for as long as deliveries are tried.
const TOKEN_LIFETIME: Duration = Duration::from_hours(3 * 24);

/// Calls `meta_endCallbackUrl` and `meetingEndedURL`.
pub(super) async fn tell_of_end(
    app: &Meetings,
    meeting: &Record<Meeting>,
) -> Result<(), StoreError> {
    let school = meeting.school.as_deref().unwrap_or_default();
    for (number, url) in meeting.data.ended_urls.iter().enumerate() {
        let Ok(mut url) = Url::parse(url) else {
            continue;
        };
        url.query_pairs_mut()
            .append_pair("meetingID", &meeting.data.meeting_id)
            .append_pair("recordingmarks", "false");
        let key = format!("bbb end {} {number}", meeting.data.internal_id);
        let mut delivery = Delivery::new("meeting.ended", "GET", url.as_str());
        delivery.room.clone_from(&meeting.parent);
        app.deliveries.push(school, Some(key), delivery).await?;
    }
    Ok(())
}

/// The secret that the platform used for this meeting: the platform may not have the newest yet.
async fn secret_of(
    app: &Meetings,
    school: &str,
    meeting: &Meeting,
) -> Result<Option<String>, StoreError> {
    let secrets = app.bbb_secrets.of_school(school).await?;
    let same = secrets.iter().find(|secret| secret.id == meeting.secret);
    Ok(same.or(secrets.last()).map(|one| one.data.secret.clone()))
}

/// Calls `meta_analytics-callback-url`, which Moodle's activity completion needs.
pub(super) async fn analytics(
    app: &Meetings,
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
    let exp = app.clock.now() / 1_000 + seconds(TOKEN_LIFETIME);
    let key = EncodingKey::from_secret(secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &json!({"exp": exp}), &key);
    let Ok(token) = token else {
        tracing::error!("the token of a callback cannot be signed");
        return Ok(());
    };
    let mut delivery = Delivery::new("meeting.analytics", "POST", url)
        .json(report(school, &meeting.data, summary).to_string())
        .header("authorization", &format!("Bearer {token}"));
    delivery.room.clone_from(&meeting.parent);
    let key = format!("bbb analytics {}", meeting.data.internal_id);
    app.deliveries.push(school, Some(key), delivery).await
}

/// The attendance in the form of the analytics callback. What this server does not count is 0.
fn report(school: &str, meeting: &Meeting, summary: &Summary) -> Value {
    let attendees: Vec<Value> = summary
        .attended
        .iter()
        .filter_map(|one| {
            let user = bbb_user(school, one.user.as_deref()?)?;
            // Moodle 4.5 treats every id as one of its users, so guests would break it.
            let is_guest = user.is_empty() || user.starts_with("guest ");
            (!is_guest).then(|| {
                json!({
                    "ext_user_id": user,
                    "name": one.name,
                    "moderator": one.role == Role::Moderator,
                    "duration": (one.present + HALF_A_SECOND).as_secs(),
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
    let lasted = summary
        .ended_at
        .saturating_duration_since(summary.started_at);
    json!({
        "version": "1.0",
        "meeting_id": meeting.meeting_id,
        "internal_meeting_id": meeting.internal_id,
        "data": {
            "metadata": meeting.metadata,
            "duration": lasted.as_secs(),
            "start": crate::clock::rfc3339(from_conference(summary.started_at)),
            "finish": crate::clock::rfc3339(from_conference(summary.ended_at)),
            "attendees": attendees,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kmz_meet_core::Timestamp;
    use kmz_meet_core::room::Attended;
    use kmz_meet_core::signal::ConferenceId;

    fn attended(user: Option<&str>, role: &str, present_ms: u64) -> Attended {
        let one = json!({
            "user": user, "name": "A", "role": role, "listed": true, "first_at": 0, "last_at": 0,
            "present_ms": present_ms, "chats": 3, "hands": 1, "here": [],
        });
        serde_json::from_value(one).unwrap()
    }

    #[test]
    fn report_of_a_meeting_has_seconds_and_leaves_guests_out() {
        let meeting = Meeting {
            meeting_id: "f-2-1[0]".into(),
            internal_id: "f-1".into(),
            ..Meeting::default()
        };
        let summary = Summary {
            conference: ConferenceId("c".into()),
            started_at: Timestamp::from_millis(1_000),
            ended_at: Timestamp::from_millis(2_701_000),
            attended: vec![
                attended(Some("bbb:s:3"), "moderator", 2_700_000),
                attended(Some("bbb:s:4"), "participant", 1_499_600),
                attended(Some("bbb:s:guest x"), "participant", 60_000),
                attended(Some("bbb:other:5"), "participant", 60_000),
                attended(Some("api:s:6"), "participant", 60_000),
                attended(None, "participant", 60_000),
            ],
        };
        let report = report("s", &meeting, &summary);
        assert_eq!(report["meeting_id"], "f-2-1[0]");
        assert_eq!(report["data"]["duration"], 2_700);
        let people = report["data"]["attendees"].as_array().unwrap();
        assert_eq!(people.len(), 2);
        assert_eq!(people[0]["ext_user_id"], "3");
        assert_eq!(people[0]["moderator"], true);
        assert_eq!(people[0]["duration"], 2_700);
        assert_eq!(people[1]["ext_user_id"], "4");
        assert_eq!(people[1]["duration"], 1_500);
        assert_eq!(people[1]["engagement"]["chats"], 3);
        assert_eq!(people[1]["engagement"]["raisehand"], 1);
    }
}
