//! `join`: a person of the platform joins a meeting.
//!
//! If they cannot come in, a page says why, in their language, with a link back to `logoutURL`. If the platform signed an
//! `errorRedirectUrl`, the answer redirects there, with the reason in `errors` as BigBlueButton writes it. `redirect=false`
//! always gives XML.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kmz_meet_core::room::clean;
use lti_bridge::kept_id;
use serde_json::json;
use url::Url;

use super::create::contract_signed;
use super::create::web_address;
use super::ending::held;
use super::meeting::{Guests, Meeting};
use super::query::Query;
use super::state::Meetings;
use super::xml::{Failure, success_with, text};
use crate::config::Entry;
use crate::credentials::{Identity, TICKET_LIFETIME, Ticket, TicketRole, random_token};
use crate::language::Language;
use crate::page;
use crate::store::Room;
use crate::user_id::{UserId, bbb_user};

/// What the platform says of a person, validated.
struct Person {
    /// `None`: what the platform sent is no name.
    name: Option<String>,
    identity: Identity,
    lang: Option<&'static str>,
    return_url: Option<String>,
}

/// If something is wrong, people see a page and programs see XML.
pub(super) async fn join(
    app: &Meetings,
    school: &str,
    query: &Query,
    headers: &HeaderMap,
) -> Response {
    let wants_xml = query.is("redirect") == Some(false);
    match joined(app, school, query).await {
        Ok(way) if !wants_xml => redirect(&way.url),
        Ok(way) => way.into_response(),
        Err(failure) if wants_xml => failure.into_response(),
        Err(failure) => match error_page(query, &failure) {
            Some(url) => redirect(&url),
            None if wants_page(headers) => explained(query, headers, &failure),
            None => failure.into_response(),
        },
    }
}

fn redirect(url: &str) -> Response {
    // Nobody may store it: there is a ticket in it.
    let headers = [(header::LOCATION, url), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::FOUND, headers).into_response()
}

/// The page on which the platform itself explains the failure.
fn error_page(query: &Query, failure: &Failure) -> Option<String> {
    let mut url = Url::parse(&web_address(query.get("errorRedirectUrl"))?).ok()?;
    let errors = json!([{"key": failure.key, "message": failure.message}]).to_string();
    url.query_pairs_mut().append_pair("errors", &errors);
    Some(url.into())
}

/// The way into the meeting.
struct Way {
    url: String,
    /// The internal id of the meeting.
    meeting: String,
    /// The id of this person in `getMeetingInfo`, if the platform gave none.
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

/// Whether a person reads the answer.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// The page that a person sees in their browser. It says what to do.
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
    let open = contract_signed(app, school).await?;
    let person = person(school, &meeting.data, query)?;
    let identity = person.identity;
    if !identity.moderates() && is_full(app, &room, identity.user.as_str()).await {
        return Err(Failure::new(
            "maxParticipantsReached",
            "The meeting has as many participants as it may have.",
        ));
    }
    let user = match query.get("userID") {
        Some(_) => format!("w_{}", random_token::<9>()),
        None => bbb_user(school, identity.user.as_str())
            .unwrap_or_default()
            .to_owned(),
    };
    let waits = identity.role == TicketRole::Guest;
    let ticket = Ticket {
        room: room.id.clone(),
        identity,
        name: person.name.clone(),
        // The platform decides who waits for a moderator. Everybody else may start the conference.
        may_start: !waits,
        meeting: Some(meeting.data.internal_id.clone()),
        return_url: person.return_url,
    };
    let ticket = app
        .tickets
        .sign(&open, &ticket, app.clock.now(), TICKET_LIFETIME)?;
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
        waits,
    })
}

/// Whether the conference would refuse this person because it is full.
async fn is_full(app: &Meetings, room: &Room, user: &str) -> bool {
    let Some(conference) = app.conferences.handle(&room.id) else {
        return false;
    };
    // The policy of the conference, which a moderator may have changed meanwhile.
    let policy = conference.policy().await;
    if policy.is_none_or(|policy| conference.present() < policy.capacity as usize) {
        return false;
    }
    // Somebody who was in it has a seat there.
    let attended = conference.attendance().await;
    !attended.iter().any(|one| one.user.as_deref() == Some(user))
}

fn person(school: &str, meeting: &Meeting, query: &Query) -> Result<Person, Failure> {
    // An unusable name is not the person's mistake: they are asked for another.
    let name = clean(query.need("fullName")?);
    let moderates = match by_role(query) {
        Some(moderates) => moderates,
        None => by_password(meeting, query)?,
    };
    let is_guest = query.is("guest") == Some(true) && !moderates;
    let role = match (moderates, is_guest, meeting.guests) {
        (true, _, _) => TicketRole::Moderator,
        (false, false, _) => TicketRole::Member,
        // Guests typed their names themselves, so the class must not take them for its members.
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
        // Without an id of the platform, everybody is somebody else.
        None => format!("guest {}", random_token::<12>()),
    };
    Ok(Person {
        name,
        identity: Identity {
            user: UserId::of_bbb(school, &user),
            role,
            unidentified: id.is_none(),
        },
        lang: language(query).map(Language::tag),
        return_url: web_address(query.get("logoutURL")).or_else(|| meeting.logout_url.clone()),
    })
}

/// Whether the parameter `role` says moderator. It is signed like everything else, so it goes before the password. An unknown
/// role counts as none.
fn by_role(query: &Query) -> Option<bool> {
    match query.get("role")?.to_ascii_lowercase().as_str() {
        "moderator" => Some(true),
        "viewer" | "attendee" => Some(false),
        _ => None,
    }
}

/// Whether the password is the moderators'.
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

/// The language that the platform asks for. Its codes look like `pt_br`, and the pages exist in two languages.
fn language(query: &Query) -> Option<Language> {
    let code = query.get("userdata-bbb_override_default_locale")?;
    let first = code.trim().split(['_', '-', ',', ';']).next();
    Some(match first.map(str::to_ascii_lowercase).as_deref() {
        Some("de") => Language::German,
        _ => Language::English,
    })
}
