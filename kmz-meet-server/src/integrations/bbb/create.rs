//! `create`: makes a meeting, and the room in which it takes place.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use axum::response::Response;
use kmz_meet_core::signal::{Door, Policy, Who};
use lti_bridge::escape_html;
use rand::RngExt;
use url::Url;

use super::caller::Caller;
use super::ending::held;
use super::info::Presence;
use super::meeting::{Guests, Meeting, find, key};
use super::query::Query;
use super::state::Meetings;
use super::xml::{Element, Failure, date, success_with, text};
use crate::credentials::random_token;
use crate::html_text;
use crate::rooms::{self, NewRoom};
use crate::schools::may_open;
use crate::store::{AlreadyExists, OpenSchool, Record, Room, RoomSource};

/// Bounds of what a platform sends, in characters.
const MAX_ID: usize = 256;
const MAX_NAME: usize = 256;
const MAX_WELCOME: usize = 2_000;
const MAX_PASSWORD: usize = 256;

pub(super) async fn create(
    app: &Meetings,
    caller: &Caller,
    query: &Query,
    presents: bool,
) -> Result<Response, Failure> {
    let school = caller.school.as_str();
    let id = query.need("meetingID")?;
    if id.chars().count() > MAX_ID || id.contains(',') {
        return Err(Failure::new(
            "validationError",
            "meetingID: it must have from 1 to 256 characters, and no comma.",
        ));
    }
    let open = contract_signed(app, school).await?;
    if let Some((former, _)) = held(app, school, id).await? {
        return again(app, &former, query).await;
    }
    check_encoding(query)?;
    let mut meeting = meeting(app, caller, id, query)?;
    meeting.presents = presents || query.get("preUploadedPresentation").is_some();
    let room = room(app, &open, id, &meeting, query).await?;
    let mut record = Record::new(school.to_owned(), meeting.created_at, meeting);
    record.parent = Some(room.id);
    record.key = Some(key(school, id));
    record.due_at = Some(record.data.look_at(record.created_at));
    match record.add(&app.store).await? {
        Ok(()) => Ok(success_with(to_response(app, &record.data, false), "", "")),
        // Several pupils press the button at once: the meeting of the first is everybody's.
        Err(AlreadyExists) => match find(&app.store, school, id).await? {
            Some(former) => again(app, &former, query).await,
            None => Err(Failure::new("internalError", "Try again.")),
        },
    }
}

/// The contract by which a school's meetings open.
pub(super) async fn contract_signed(app: &Meetings, school: &str) -> Result<OpenSchool, Failure> {
    let open = may_open(&app.store, app.clock.now(), school).await?;
    open.ok_or_else(|| {
        Failure::new(
            "noContract",
            "The school has no valid data-processing agreement.",
        )
    })
}

/// Answers a second `create` of the same meeting, whose values stay.
async fn again(
    app: &Meetings,
    former: &Record<Meeting>,
    query: &Query,
) -> Result<Response, Failure> {
    let other = |name: &str, kept: &str| query.get(name).is_some_and(|given| given != kept);
    if other("attendeePW", &former.data.attendee_password)
        || other("moderatorPW", &former.data.moderator_password)
    {
        return Err(Failure::new(
            "idNotUnique",
            "A meeting with this meetingID exists, with other passwords.",
        ));
    }
    let has_user_joined = Presence::of(app, former).await.has_had_someone();
    Ok(success_with(
        to_response(app, &former.data, has_user_joined),
        "duplicateWarning",
        "This conference was already in existence and may currently be in progress.",
    ))
}

fn to_response(app: &Meetings, meeting: &Meeting, has_user_joined: bool) -> Vec<Element> {
    vec![
        text("meetingID", &meeting.meeting_id),
        text("internalMeetingID", &meeting.internal_id),
        text("parentMeetingID", "bbb-none"),
        text("attendeePW", &meeting.attendee_password),
        text("moderatorPW", &meeting.moderator_password),
        text("createTime", meeting.created_at),
        text("voiceBridge", &meeting.voice_bridge),
        text("dialNumber", ""),
        text("createDate", date(meeting.created_at)),
        text("hasUserJoined", has_user_joined),
        text("duration", meeting.duration),
        text("hasBeenForciblyEnded", false),
        text("maxParticipants", meeting.max_users(app.config.capacity)),
    ]
}

fn meeting(app: &Meetings, caller: &Caller, id: &str, query: &Query) -> Result<Meeting, Failure> {
    let created_at = app.clock.now();
    let hash = digest(
        &SHA1_FOR_LEGACY_USE_ONLY,
        format!("{} {id}", caller.school).as_bytes(),
    );
    let name = query.get("name").unwrap_or(id);
    let metadata = query.metadata();
    Ok(Meeting {
        meeting_id: id.to_owned(),
        internal_id: format!("{}-{created_at}", hex::encode(hash)),
        name: name.chars().take(MAX_NAME).collect(),
        created_at,
        attendee_password: password(query, "attendeePW")?,
        moderator_password: password(query, "moderatorPW")?,
        voice_bridge: query.number("voiceBridge").map_or_else(
            || rand::rng().random_range(10_000..70_000).to_string(),
            |number| number.to_string(),
        ),
        record: false,
        presents: false,
        duration: query.number("duration").unwrap_or(0),
        max_users: query.number("maxParticipants").unwrap_or(0),
        guests: match query.get("guestPolicy") {
            Some("ASK_MODERATOR" | "ALWAYS_ACCEPT_AUTH") => Guests::MustKnock,
            Some("ALWAYS_DENY") => Guests::Denied,
            _ => Guests::Accepted,
        },
        logout_url: web_address(query.get("logoutURL")),
        ended_urls: ended_urls(query, &metadata),
        metadata,
        secret: caller.secret.clone(),
    })
}

/// Refuses URLs that were encoded once too often. Such a URL is none, so the callback for which the platform waits would never
/// come; better it hears so at once.
fn check_encoding(query: &Query) -> Result<(), Failure> {
    let addresses = [
        "meta_endCallbackUrl",
        "meta_analytics-callback-url",
        "meetingEndedURL",
        "logoutURL",
    ];
    for name in addresses {
        let Some(given) = query.get(name) else {
            continue;
        };
        let start = given.get(..12).unwrap_or(given).to_ascii_lowercase();
        if start.starts_with("http%") || start.starts_with("https%") {
            return Err(Failure::new(
                "validationError",
                format!(
                    "{name}: it is encoded once too often: it must begin with http:// or https:// when it is decoded."
                ),
            ));
        }
        if web_address(Some(given)).is_none() {
            tracing::warn!(
                parameter = name,
                "a platform named an address that is none; nothing is sent to it"
            );
        }
    }
    Ok(())
}

/// The password as it was sent, or a new one. It is compared as a whole later, so it is stored as a whole or not at all.
fn password(query: &Query, name: &str) -> Result<String, Failure> {
    match query.get(name) {
        Some(given) if given.chars().count() > MAX_PASSWORD => Err(Failure::new(
            "validationError",
            format!("{name}: it must have at most {MAX_PASSWORD} characters."),
        )),
        Some(given) => Ok(given.to_owned()),
        None => Ok(random_token::<9>()),
    }
}

/// The URLs to call at the end: `meetingEndedURL` is the platform's, `meta_endCallbackUrl` its client's. Each is called once.
fn ended_urls(query: &Query, metadata: &BTreeMap<String, String>) -> Vec<String> {
    let wanted = [
        metadata.get("endcallbackurl").map(String::as_str),
        query.get("meetingEndedURL"),
    ];
    let mut urls: Vec<String> = wanted.into_iter().filter_map(web_address).collect();
    urls.dedup();
    urls
}

/// A URL with http or https. It comes from a signed query.
pub(super) fn web_address(text: Option<&str>) -> Option<String> {
    let url = Url::parse(text?).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// The durable room of a meetingID, set up as this meeting wants.
async fn room(
    app: &Meetings,
    school: &OpenSchool,
    id: &str,
    meeting: &Meeting,
    query: &Query,
) -> Result<Room, Failure> {
    let policy = policy(app, meeting, query);
    let welcome = query.get("welcome").and_then(|text| welcome(text, meeting));
    let new = NewRoom {
        external: Some(id.to_owned()),
        title: title(meeting),
        welcome,
        ..NewRoom::new(school, RoomSource::Meeting, policy)
    };
    if let Some(mut room) = new.existing(&app.store).await? {
        room.title = new.title;
        room.welcome = new.welcome;
        room.policy = new.policy;
        app.store.set_room(&room).await?;
        return Ok(room);
    }
    let made = rooms::find_or_create(&app.store, meeting.created_at, new).await?;
    made.map_err(|AlreadyExists| Failure::new("internalError", "Try again."))
}

/// The title that people read. The platform gets its own name back as it wrote it.
fn title(meeting: &Meeting) -> Option<String> {
    html_text::title(&meeting.name, MAX_NAME)
}

/// The meeting's lock settings as a policy.
fn policy(app: &Meetings, meeting: &Meeting, query: &Query) -> Policy {
    let locks = query.is("lockSettingsLockOnJoin") != Some(false);
    let who = |name: &str| {
        if locks && query.is(name) == Some(true) {
            Who::Moderators
        } else {
            Who::Everyone
        }
    };
    Policy {
        microphone: who("lockSettingsDisableMic"),
        camera: who("lockSettingsDisableCam"),
        chat: who("lockSettingsDisablePublicChat"),
        screen: Who::Moderators,
        // Somebody without a signed link waits: the name of a room is no key.
        door: Door::Knock,
        // Microphones start muted, unless the platform says otherwise.
        microphone_on_at_join: query.is("muteOnStart") == Some(false),
        camera_on_at_join: false,
        simple_view: false,
        capacity: meeting.capacity(app.config.capacity),
    }
}

/// The welcome message as plain text, with its placeholders filled in.
fn welcome(html: &str, meeting: &Meeting) -> Option<String> {
    let html = html
        .replace("%%CONFNAME%%", &escape_html(&meeting.name))
        .replace("%%DIALNUM%%", "")
        .replace("%%CONFNUM%%", &meeting.voice_bridge);
    html_text::plain(&html, MAX_WELCOME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welcome_with_markup_becomes_plain_text() {
        let query = Query::read("meetingID=a&name=Mathe+%3C7b%3E").unwrap();
        let meeting = Meeting {
            name: query.get("name").unwrap().into(),
            voice_bridge: "70001".into(),
            ..Meeting::default()
        };
        let html = "<b>Willkommen</b> in Raum&nbsp;%%CONFNUM%%!<br><br><script>x</script>A &amp; B";
        assert_eq!(
            welcome(html, &meeting).as_deref(),
            Some("Willkommen in Raum 70001!\nA & B")
        );
        assert_eq!(
            welcome("Hallo %%CONFNAME%%", &meeting).as_deref(),
            Some("Hallo Mathe <7b>")
        );
    }

    #[test]
    fn web_address_of_another_scheme_is_none() {
        assert_eq!(web_address(Some("javascript:alert(1)")), None);
        assert_eq!(web_address(Some("nothing")), None);
        assert!(web_address(Some("https://moodle.example/x?y=z")).is_some());
    }
}
