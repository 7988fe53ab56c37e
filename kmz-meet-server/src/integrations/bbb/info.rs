//! The calls by which platforms ask about meetings.

use axum::response::Response;
use kmz_meet_core::conference::ConferenceHandle;
use kmz_meet_core::room::Attended;
use kmz_meet_core::signal::{Participant, ParticipantId, Role, Source};

use super::ending::held;
use super::meeting::{Meeting, find};
use super::query::Query;
use super::state::Meetings;
use super::xml::{Element, Failure, date, nest, success, success_with, text};
use crate::store::{Record, RecordFilter};
use crate::user_id::bbb_user;

/// How many meetings are read at a time.
const PAGE: u64 = 200;

pub(super) async fn is_running(
    app: &Meetings,
    school: &str,
    query: &Query,
) -> Result<Response, Failure> {
    let id = query.need("meetingID")?;
    let running = match find(&app.store, school, id).await? {
        Some(meeting) => Presence::of(app, &meeting).await.running(),
        None => false,
    };
    Ok(success(vec![text("running", running)]))
}

pub(super) async fn info(app: &Meetings, school: &str, query: &Query) -> Result<Response, Failure> {
    let id = query.need("meetingID")?;
    let (meeting, _) = held(app, school, id)
        .await?
        .ok_or_else(Failure::not_found)?;
    Ok(success(described(app, &meeting).await))
}

pub(super) async fn list(app: &Meetings, school: &str) -> Result<Response, Failure> {
    let mut elements = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let filter = RecordFilter {
            school: Some(school),
            after: after.as_deref(),
            limit: PAGE,
            ..RecordFilter::default()
        };
        let meetings = Record::<Meeting>::list(&app.store, filter).await?;
        for meeting in &meetings {
            elements.push(nest("meeting", described(app, meeting).await));
        }
        if (meetings.len() as u64) < PAGE {
            break;
        }
        after = meetings.last().map(|meeting| meeting.id.clone());
    }
    let none = elements.is_empty();
    let meetings = vec![nest("meetings", elements)];
    Ok(if none {
        success_with(
            meetings,
            "noMeetings",
            "No meetings were found on this server.",
        )
    } else {
        success(meetings)
    })
}

/// Who is in a meeting, and who was.
pub(super) struct Presence {
    people: Vec<Participant>,
    attended: Vec<Attended>,
}

impl Presence {
    pub(super) async fn of(app: &Meetings, meeting: &Record<Meeting>) -> Self {
        let room = meeting.parent.as_deref().unwrap_or_default();
        let handle: Option<ConferenceHandle> = app.conferences.handle(room);
        match handle {
            Some(handle) => Self {
                people: handle.participants().await,
                attended: handle.attendance().await,
            },
            None => Self {
                people: Vec::new(),
                attended: Vec::new(),
            },
        }
    }

    /// A meeting runs for BigBlueButton as soon as somebody is in it.
    pub(super) fn running(&self) -> bool {
        !self.people.is_empty()
    }

    fn user(&self, id: &ParticipantId) -> Option<&str> {
        let one = self
            .attended
            .iter()
            .find(|one| one.here().any(|here| here == id))?;
        one.user.as_deref()
    }

    /// How many participants the platform hears of. Moodle compares this with its own limit and refuses teachers too, and
    /// people whose window was closed hold their place for a minute. Our own admission knows better: a known person takes
    /// their own place back, and moderators come in beyond the limit. So this number never reaches the limit, and the
    /// admission refuses those who really find no place.
    fn counted(&self, max_users: u64) -> usize {
        let limit = usize::try_from(max_users).unwrap_or(usize::MAX);
        match limit {
            0 => self.people.len(),
            limit => self.people.len().min(limit - 1),
        }
    }

    /// Whether anybody has been in it, even if they have left.
    pub(super) fn has_had_someone(&self) -> bool {
        !self.attended.is_empty()
    }

    fn first_at(&self) -> u64 {
        self.attended
            .iter()
            .map(|one| one.first_at.as_millis())
            .min()
            .unwrap_or(0)
    }
}

async fn described(app: &Meetings, record: &Record<Meeting>) -> Vec<Element> {
    let meeting = &record.data;
    let presence = Presence::of(app, record).await;
    let people = &presence.people;
    let count =
        |which: &dyn Fn(&Participant) -> bool| people.iter().filter(|one| which(one)).count();
    let hears = |one: &Participant| !one.sources.contains(&Source::Microphone);
    let attendees = people
        .iter()
        .map(|one| attendee(record, &presence, one))
        .collect();
    let metadata = meeting
        .metadata
        .iter()
        .map(|(name, value)| text(name, value))
        .collect();
    vec![
        text("meetingName", &meeting.name),
        text("meetingID", &meeting.meeting_id),
        text("internalMeetingID", &meeting.internal_id),
        text("createTime", meeting.created_at),
        text("createDate", date(meeting.created_at)),
        text("voiceBridge", &meeting.voice_bridge),
        text("dialNumber", ""),
        text("attendeePW", &meeting.attendee_password),
        text("moderatorPW", &meeting.moderator_password),
        text("running", presence.running()),
        text("duration", meeting.duration),
        text("hasUserJoined", presence.has_had_someone()),
        text("recording", false),
        text("hasBeenForciblyEnded", false),
        text("startTime", presence.first_at()),
        text("endTime", 0),
        text("participantCount", presence.counted(meeting.max_users)),
        text("listenerCount", count(&hears)),
        text("voiceParticipantCount", count(&|one| !hears(one))),
        text(
            "videoCount",
            count(&|one| one.sources.contains(&Source::Camera)),
        ),
        text("maxUsers", meeting.max_users(app.config.capacity)),
        text("moderatorCount", count(&|one| one.role == Role::Moderator)),
        nest("attendees", attendees),
        nest("metadata", metadata),
        text("isBreakout", false),
    ]
}

fn attendee(meeting: &Record<Meeting>, presence: &Presence, one: &Participant) -> Element {
    let school = meeting.school.as_deref().unwrap_or_default();
    let user = presence.user(&one.id).unwrap_or_default();
    // BigBlueButton shows its own id if the platform gave none.
    let user = bbb_user(school, user).filter(|user| !user.is_empty());
    let user = user.unwrap_or(&one.id.0);
    let hears = !one.sources.contains(&Source::Microphone);
    nest(
        "attendee",
        vec![
            text("userID", user),
            text("fullName", &one.name),
            text(
                "role",
                match one.role {
                    Role::Moderator => "MODERATOR",
                    Role::Participant => "VIEWER",
                },
            ),
            text("isPresenter", one.sources.contains(&Source::Screen)),
            text("isListeningOnly", hears),
            text("hasJoinedVoice", !hears),
            text("hasVideo", one.sources.contains(&Source::Camera)),
            text("clientType", "HTML5"),
            nest("customdata", Vec::new()),
        ],
    )
}
