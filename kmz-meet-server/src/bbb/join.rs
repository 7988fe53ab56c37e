//! `join`: a person of the platform comes into a meeting.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kmz_meet_core::room::clean;

use super::create::web_address;
use super::meeting::{Guests, Meeting, find};
use super::query::Query;
use super::xml::{Failure, success_with, text};
use crate::app::App;
use crate::auth::{TICKET_SECONDS, Ticket, TicketRole, random_token};
use crate::config::Entry;
use crate::page;
use crate::store::{Record, Room};

/// Longest id of a person that a platform may have.
const MAX_USER: usize = 256;

/// What the platform says of a person, checked.
struct Person {
    name: String,
    user: String,
    role: TicketRole,
    /// The platform gave no id.
    anonymous: bool,
    lang: Option<&'static str>,
    leave: Option<String>,
}

/// People see a page when something is wrong, programs see XML.
pub(super) async fn join(app: &App, school: &str, query: &Query, headers: &HeaderMap) -> Response {
    let wants_xml = query.is("redirect") == Some(false);
    match joined(app, school, query).await {
        Ok((url, _)) if !wants_xml => {
            // Kept by nobody: there is a ticket in it.
            let headers = [
                (header::LOCATION, url.as_str()),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (StatusCode::FOUND, headers).into_response()
        }
        Ok((url, meeting)) => success_with(
            vec![
                text("meeting_id", &meeting.internal_id),
                text("user_id", format!("w_{}", random_token::<9>())),
                text("auth_token", random_token::<9>()),
                text("session_token", random_token::<12>()),
                text("guestStatus", "ALLOW"),
                text("url", url),
            ],
            "successfullyJoined",
            "You have joined successfully.",
        ),
        Err(failure) if wants_xml || !wants_page(headers) => failure.into_response(),
        Err(failure) => explained(query, headers, &failure),
    }
}

/// Whether a person looks at the answer.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// The user's browser shows this, so it says what to do.
pub(super) fn explained(query: &Query, headers: &HeaderMap, failure: &Failure) -> Response {
    let wanted = || {
        headers
            .get(header::ACCEPT_LANGUAGE)?
            .to_str()
            .ok()
            .map(spoken)
    };
    let german = language(query).or_else(wanted) != Some("en");
    let (title, words) = match (failure.key, german) {
        ("notFound" | "mismatchCreateTimeParam", true) => (
            "Die Konferenz läuft nicht",
            "Sie ist zu Ende oder hat noch nicht begonnen. Geh zurück und öffne sie dort noch einmal.",
        ),
        ("notFound" | "mismatchCreateTimeParam", false) => (
            "The conference is not running",
            "It is over or has not started yet. Go back and open it there again.",
        ),
        ("guestDeny", true) => (
            "Gäste sind hier nicht eingeladen",
            "Frag die Lehrkraft, ob du als Mitglied des Kurses teilnehmen kannst.",
        ),
        ("guestDeny", false) => (
            "Guests are not invited here",
            "Ask the teacher whether you can take part as a member of the course.",
        ),
        (_, true) => (
            "Der Zugang stimmt nicht",
            "Geh zurück und öffne die Konferenz dort noch einmal. Bleibt es so, sag der Administration diesen Code:",
        ),
        (_, false) => (
            "The access is not right",
            "Go back and open the conference there again. If it stays like this, tell your administrator this code:",
        ),
    };
    let back = web_address(query.get("logoutURL"));
    page::refusal(german, title, words, failure.key, back.as_deref())
}

/// The way in, and the meeting.
async fn joined(app: &App, school: &str, query: &Query) -> Result<(String, Meeting), Failure> {
    let id = query.need("meetingID")?;
    let meeting = find(app, school, id)
        .await?
        .ok_or_else(Failure::not_found)?;
    if query
        .get("createTime")
        .is_some_and(|time| time.parse() != Ok(meeting.data.created_at))
    {
        return Err(Failure::new(
            "mismatchCreateTimeParam",
            "The createTime is not that of the meeting that runs now.",
        ));
    }
    let person = person(school, &meeting.data, query)?;
    let room = room_of(app, &meeting).await?;
    let ticket = Ticket {
        room: room.id.clone(),
        user: person.user,
        name: Some(person.name.clone()),
        role: person.role,
        anonymous: person.anonymous,
        // The platform decides who waits for a moderator; whom it sends may begin.
        starts: person.role != TicketRole::Guest,
        meeting: Some(meeting.data.internal_id.clone()),
    };
    let ticket = app.tickets.sign(&ticket, app.clock.now(), TICKET_SECONDS);
    let url = app.public_url.entry(
        &room.name,
        &Entry {
            ticket: &ticket,
            name: Some(&person.name),
            lang: person.lang,
            leave: person.leave.as_deref(),
        },
    );
    Ok((url, meeting.data))
}

pub(super) async fn room_of(app: &App, meeting: &Record<Meeting>) -> Result<Room, Failure> {
    let room = app
        .store
        .room(meeting.parent.as_deref().unwrap_or_default())
        .await?;
    room.ok_or_else(Failure::not_found)
}

fn person(school: &str, meeting: &Meeting, query: &Query) -> Result<Person, Failure> {
    let name = clean(&query.need("fullName")?.chars().take(60).collect::<String>());
    let name = name.ok_or_else(|| {
        Failure::new(
            "validationError",
            "fullName: it must have a letter or a digit.",
        )
    })?;
    let by_password = match query.get("password") {
        Some(given) if given == meeting.moderator_password => Some(true),
        Some(given) if given == meeting.attendee_password => Some(false),
        Some(_) => {
            return Err(Failure::new(
                "invalidPassword",
                "The password is neither the moderators' nor the attendees'.",
            ));
        }
        None => None,
    };
    let moderates = match (query.get("role"), by_password) {
        (Some(role), _) => role.eq_ignore_ascii_case("moderator"),
        (None, Some(by_password)) => by_password,
        (None, None) => return Err(Failure::missing("role")),
    };
    let is_guest = query.is("guest") == Some(true) && !moderates;
    let role = match (moderates, is_guest, meeting.guests) {
        (true, _, _) => TicketRole::Moderator,
        (false, false, _) | (false, true, Guests::Accepted) => TicketRole::Member,
        (false, true, Guests::Asked) => TicketRole::Guest,
        (false, true, Guests::Denied) => {
            return Err(Failure::new("guestDeny", "Guests are not let in."));
        }
    };
    let id = query.get("userID").filter(|id| !is_guest && !id.is_empty());
    let user = match id {
        Some(user) => user.chars().take(MAX_USER).collect(),
        // Without an id of the platform, everyone is someone else.
        None => format!("guest {}", random_token::<12>()),
    };
    Ok(Person {
        name,
        user: super::user(school, &user),
        role,
        anonymous: id.is_none(),
        lang: language(query),
        leave: web_address(query.get("logoutURL")).or_else(|| meeting.logout_url.clone()),
    })
}

/// `pt_br` and the like have another form here, and only two languages are spoken.
fn language(query: &Query) -> Option<&'static str> {
    query
        .get("userdata-bbb_override_default_locale")
        .map(spoken)
}

fn spoken(code: &str) -> &'static str {
    let first = code.trim().split(['_', '-', ',', ';']).next();
    match first.map(str::to_ascii_lowercase).as_deref() {
        Some("de") => "de",
        _ => "en",
    }
}
