//! `join`: a person of the platform comes into a meeting.
//!
//! Who cannot come in reads why, in their language, with a way back to `logoutURL`. Only where the platform signed an
//! `errorRedirectUrl` they are sent there, with the reason in `errors` as BigBlueButton writes it. `redirect=false` always
//! gives XML.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kmz_meet_core::room::clean;
use lti_bridge::kept_id;
use serde_json::json;
use url::Url;

use super::create::web_address;
use super::ending::held;
use super::meeting::{Guests, Meeting};
use super::query::Query;
use super::state::Meetings;
use super::xml::{Failure, success_with, text};
use crate::config::Entry;
use crate::credentials::{TICKET_SECONDS, Ticket, TicketRole, random_token};
use crate::language::Language;
use crate::page;
use crate::store::Room;
use crate::user_id::{UserId, bbb_user};

/// What the platform says of a person, checked.
struct Person {
    /// Absent when what the platform sent is none.
    name: Option<String>,
    user: UserId,
    role: TicketRole,
    /// The platform gave no id.
    unidentified: bool,
    lang: Option<&'static str>,
    return_url: Option<String>,
}

/// People see a page when something is wrong, programs see XML.
pub(super) async fn join(
    app: &Meetings,
    school: &str,
    query: &Query,
    headers: &HeaderMap,
) -> Response {
    let wants_xml = query.is("redirect") == Some(false);
    match joined(app, school, query).await {
        Ok(way) if !wants_xml => sent_to(&way.url),
        Ok(way) => way.into_response(),
        Err(failure) if wants_xml => failure.into_response(),
        Err(failure) => match error_page(query, &failure) {
            Some(url) => sent_to(&url),
            None if wants_page(headers) => explained(query, headers, &failure),
            None => failure.into_response(),
        },
    }
}

fn sent_to(url: &str) -> Response {
    // Kept by nobody: there is a ticket in it.
    let headers = [(header::LOCATION, url), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::FOUND, headers).into_response()
}

/// Where the platform itself says what is wrong.
fn error_page(query: &Query, failure: &Failure) -> Option<String> {
    let mut url = Url::parse(&web_address(query.get("errorRedirectUrl"))?).ok()?;
    let errors = json!([{"key": failure.key, "message": failure.message}]).to_string();
    url.query_pairs_mut().append_pair("errors", &errors);
    Some(url.into())
}

/// The way in.
struct Way {
    url: String,
    /// Internal id of the meeting.
    meeting: String,
    /// As `getMeetingInfo` names this person, where the platform has no name for them.
    user: String,
    waits: bool,
}

impl IntoResponse for Way {
    fn into_response(self) -> Response {
        let (status, key, message) = if self.waits {
            (
                "WAIT",
                "guestWait",
                "Guest waiting for approval to join meeting.",
            )
        } else {
            (
                "ALLOW",
                "successfullyJoined",
                "You have joined successfully.",
            )
        };
        let elements = vec![
            text("meeting_id", self.meeting),
            text("user_id", self.user),
            text("auth_token", random_token::<9>()),
            text("session_token", random_token::<12>()),
            text("guestStatus", status),
            text("url", self.url),
        ];
        success_with(elements, key, message)
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
    let language = language(query).unwrap_or_else(|| Language::wanted(headers));
    let (title, words) = match (&*failure.key, language) {
        ("invalidMeetingIdentifier" | "mismatchCreateTimeParam", Language::German) => (
            "Die Konferenz läuft nicht",
            "Sie ist zu Ende oder hat noch nicht begonnen. Geh zurück und öffne sie dort noch einmal.",
        ),
        ("invalidMeetingIdentifier" | "mismatchCreateTimeParam", Language::English) => (
            "The conference is not running",
            "It is over or has not started yet. Go back and open it there again.",
        ),
        ("guestDeniedAccess", Language::German) => (
            "Gäste sind hier nicht eingeladen",
            "Frag die Lehrkraft, ob du als Mitglied des Kurses teilnehmen kannst.",
        ),
        ("guestDeniedAccess", Language::English) => (
            "Guests are not invited here",
            "Ask the teacher whether you can take part as a member of the course.",
        ),
        ("maxParticipantsReached", Language::German) => (
            "Die Konferenz ist voll",
            "Mehr Personen passen nicht hinein. Warte, bis jemand geht, und öffne sie dann noch einmal.",
        ),
        ("maxParticipantsReached", Language::English) => (
            "The conference is full",
            "Nobody more fits in. Wait until someone leaves, and then open it again.",
        ),
        ("tooManyWrongCalls", Language::German) => (
            "Gerade ist viel los",
            "Von dem Anschluss, über den du im Netz bist, kommen gerade sehr viele Anfragen. Warte ein paar Sekunden, geh zurück und öffne die Konferenz dort noch einmal.",
        ),
        ("tooManyWrongCalls", Language::English) => (
            "It is busy right now",
            "Very many requests come from the line by which you are online. Wait a few seconds, go back and open the conference there again.",
        ),
        (_, Language::German) => (
            "Der Zugang stimmt nicht",
            "Geh zurück und öffne die Konferenz dort noch einmal. Bleibt es so, sag der Administration diesen Code:",
        ),
        (_, Language::English) => (
            "The access is not right",
            "Go back and open the conference there again. If it stays like this, tell your administrator this code:",
        ),
    };
    let back = web_address(query.get("logoutURL"));
    page::refusal(language, title, words, &failure.key, back.as_deref())
}

async fn joined(app: &Meetings, school: &str, query: &Query) -> Result<Way, Failure> {
    let id = query.need("meetingID")?;
    let (meeting, room) = held(app, school, id).await?.ok_or_else(|| {
        Failure::new(
            "invalidMeetingIdentifier",
            "There is no meeting with this meetingID.",
        )
    })?;
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
    if person.role != TicketRole::Moderator && is_full(app, &room, person.user.as_str()).await {
        return Err(Failure::new(
            "maxParticipantsReached",
            "The meeting has as many participants as it may have.",
        ));
    }
    let user = match query.get("userID") {
        Some(_) => format!("w_{}", random_token::<9>()),
        None => bbb_user(school, person.user.as_str())
            .unwrap_or_default()
            .to_owned(),
    };
    let ticket = Ticket {
        room: room.id.clone(),
        user: person.user,
        name: person.name.clone(),
        role: person.role,
        unidentified: person.unidentified,
        // The platform decides who waits for a moderator; whom it sends may begin.
        may_start: person.role != TicketRole::Guest,
        meeting: Some(meeting.data.internal_id.clone()),
        return_url: person.return_url,
    };
    let ticket = app.tickets.sign(&ticket, app.clock.now(), TICKET_SECONDS)?;
    let url = app.public_url.entry(
        &room.name,
        &Entry {
            ticket: &ticket,
            name: person.name.as_deref(),
            title: room.title.as_deref(),
            lang: person.lang,
        },
    );
    Ok(Way {
        url,
        meeting: meeting.data.internal_id,
        user,
        waits: person.role == TicketRole::Guest,
    })
}

/// Whether this person would be turned away at the door because of the others.
async fn is_full(app: &Meetings, room: &Room, user: &str) -> bool {
    let Some(conference) = app.conferences.handle(&room.id) else {
        return false;
    };
    // A moderator may have changed it meanwhile.
    let policy = conference.policy().await;
    if policy.is_none_or(|policy| conference.present() < policy.capacity as usize) {
        return false;
    }
    // Who was inside has a seat there.
    let attended = conference.attendance().await;
    !attended.iter().any(|one| one.user.as_deref() == Some(user))
}

fn person(school: &str, meeting: &Meeting, query: &Query) -> Result<Person, Failure> {
    // A name that will not do is no mistake of the person: they are asked for one.
    let name = clean(query.need("fullName")?);
    let moderates = match by_role(query) {
        Some(moderates) => moderates,
        None => by_password(meeting, query)?,
    };
    let is_guest = query.is("guest") == Some(true) && !moderates;
    let role = match (moderates, is_guest, meeting.guests) {
        (true, _, _) => TicketRole::Moderator,
        (false, false, _) => TicketRole::Member,
        // They typed their names themselves: the class must not take them for its own.
        (false, true, Guests::Accepted) => TicketRole::Invited,
        (false, true, Guests::MustKnock) => TicketRole::Guest,
        (false, true, Guests::Denied) => {
            return Err(Failure::new("guestDeniedAccess", "Guests are not let in."));
        }
    };
    let id = query.get("userID").filter(|id| !is_guest && !id.is_empty());
    let user = match id {
        Some(user) => kept_id(user).ok_or_else(|| {
            Failure::new(
                "validationError",
                "userID: it is longer than any id can be.",
            )
        })?,
        // Without an id of the platform, everyone is someone else.
        None => format!("guest {}", random_token::<12>()),
    };
    Ok(Person {
        name,
        user: UserId::of_bbb(school, &user),
        role,
        unidentified: id.is_none(),
        lang: language(query).map(Language::tag),
        return_url: web_address(query.get("logoutURL")).or_else(|| meeting.logout_url.clone()),
    })
}

/// The role is signed as everything else is, so it goes before the password. What is no role is as if it were not there.
fn by_role(query: &Query) -> Option<bool> {
    match query.get("role")?.to_ascii_lowercase().as_str() {
        "moderator" => Some(true),
        "viewer" | "attendee" => Some(false),
        _ => None,
    }
}

fn by_password(meeting: &Meeting, query: &Query) -> Result<bool, Failure> {
    match query.get("password") {
        Some(given) if given == meeting.moderator_password => Ok(true),
        Some(given) if given == meeting.attendee_password => Ok(false),
        _ => Err(Failure::new(
            "invalidPassword",
            "Send the role (MODERATOR or VIEWER), or the password of the moderators or the attendees.",
        )),
    }
}

/// `pt_br` and the like have another form here, and only two languages are spoken.
fn language(query: &Query) -> Option<Language> {
    let code = query.get("userdata-bbb_override_default_locale")?;
    let first = code.trim().split(['_', '-', ',', ';']).next();
    Some(match first.map(str::to_ascii_lowercase).as_deref() {
        Some("de") => Language::German,
        _ => Language::English,
    })
}
