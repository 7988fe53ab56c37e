//! Conferences that run now: who is in them, and what a moderator would do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kmz_meet_core::conference::ConferenceHandle;
use kmz_meet_core::room::Refusal;
use kmz_meet_core::signal::{self, ClientMessage, MAX_LIST, ParticipantId, Role, Source, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::policy;
use crate::auth::Caller;
use crate::conferences::Registry;
use crate::config::Config;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::{Body, object_or_null};
use crate::http::path::Path;
use crate::http::texts::RoomPassword;
use crate::state::sub_state;
use crate::store::Room;
use crate::store::SharedStore;

sub_state! {
    /// What handlers of conferences reach.
    pub struct Conferences {
        store: SharedStore,
        config: Arc<Config>,
        conferences: Arc<Registry>,
    }
}

/// A conference in a list.
#[derive(Serialize, ToSchema)]
pub struct RunningConference {
    id: String,
    room: String,
    room_name: String,
    title: Option<String>,
    participants: u32,
}

#[derive(Serialize, ToSchema)]
pub struct ConferenceList {
    conferences: Vec<RunningConference>,
}

/// Someone in a conference.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Person {
    id: String,
    name: String,
    /// `moderator` or `participant`
    role: &'static str,
    /// Whether the server knows who this is.
    verified: bool,
    /// Whether they belong to the room: by its list, or by a moderator's word.
    listed: bool,
    /// Whether a moderator said so.
    marked: bool,
    /// Whether a moderator gave them this name.
    renamed: bool,
    /// What they send: `microphone`, `camera`, `screen`.
    sources: Vec<&'static str>,
    /// Place in the queue of raised hands, from 1.
    hand: Option<u32>,
    /// False while their connection is lost and their seat is kept.
    connected: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Conference {
    id: String,
    room: String,
    #[schema(value_type = policy::Policy)]
    policy: signal::Policy,
    participants: Vec<Person>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConferenceChange {
    #[serde(deserialize_with = "object_or_null")]
    #[schema(value_type = Option<policy::PolicyChange>)]
    policy: Option<signal::PolicyChange>,
    /// An empty one takes the password away.
    password: Option<given::RoomPassword>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MutedSource {
    Microphone,
    Camera,
    Screen,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    source: MutedSource,
    /// Everyone but moderators when absent.
    #[schema(max_items = 256)]
    participants: Option<Vec<String>>,
}

pub(super) fn person(participant: signal::Participant) -> Person {
    let name = |source| match source {
        Source::Microphone => "microphone",
        Source::Camera => "camera",
        Source::Screen => "screen",
    };
    Person {
        id: participant.id.0,
        name: participant.name,
        role: match participant.role {
            Role::Moderator => "moderator",
            Role::Participant => "participant",
        },
        verified: participant.verified,
        listed: participant.listed,
        marked: participant.marked,
        renamed: participant.renamed,
        sources: participant.sources.into_iter().map(name).collect(),
        hand: participant.hand,
        connected: participant.connected,
    }
}

/// The room's conference; what does not run is not found.
pub(super) async fn running(
    app: &Conferences,
    caller: &Caller,
    id: &str,
) -> Result<(Room, ConferenceHandle), Problem> {
    let room = caller.room(&app.store, id).await?;
    let conference = app.conferences.running(&room).await?;
    Ok((room, conference.ok_or_else(Problem::not_found)?))
}

pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::UnknownParticipant => Problem::not_found(),
        Refusal::NotPermitted => Problem::owner(),
        Refusal::Full => Problem::full(),
        Refusal::BadMessage => Problem::invalid("A value is out of range."),
    }
}

/// Conferences that run now
#[utoipa::path(
    get, path = "/api/v1/conferences", tag = "conferences", responses((status = 200, body = ConferenceList))
)]
pub async fn list(
    State(app): State<Conferences>,
    caller: Caller,
) -> Result<Json<ConferenceList>, Problem> {
    caller.may(Scope::ConferencesRead)?;
    let mut conferences = Vec::new();
    for room in app.store.rooms_by_id(&app.conferences.rooms()).await? {
        let Some(handle) = app.conferences.handle(&room.id) else {
            continue;
        };
        if caller.sees(&room) {
            conferences.push(RunningConference {
                id: handle.id().0.clone(),
                room: room.id,
                room_name: room.name,
                title: room.title,
                participants: u32::try_from(handle.present()).unwrap_or(u32::MAX),
            });
        }
    }
    Ok(Json(ConferenceList { conferences }))
}

/// The conference that runs in a room
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}/conference", tag = "conferences", params(("id" = String, Path)),
    responses((status = 200, body = Conference))
)]
pub async fn show(
    State(app): State<Conferences>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Conference>, Problem> {
    caller.may(Scope::ConferencesRead)?;
    let (room, handle) = running(&app, &caller, &id).await?;
    to_response(&room, &handle).await
}

async fn to_response(room: &Room, handle: &ConferenceHandle) -> Result<Json<Conference>, Problem> {
    let policy = handle.policy().await.ok_or_else(Problem::not_found)?;
    let participants = handle.participants().await;
    Ok(Json(Conference {
        id: handle.id().0.clone(),
        room: room.id.clone(),
        policy,
        participants: participants.into_iter().map(person).collect(),
    }))
}

/// Close the door, lock sources, set the password of a running conference
#[utoipa::path(
    patch, path = "/api/v1/rooms/{id}/conference", tag = "conferences", params(("id" = String, Path)),
    request_body = ConferenceChange, responses((status = 200, body = Conference))
)]
pub async fn change(
    State(app): State<Conferences>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<ConferenceChange>,
) -> Result<Json<Conference>, Problem> {
    caller.may(Scope::ConferencesWrite)?;
    let (room, handle) = running(&app, &caller, &id).await?;
    if let Some(change) = &change.policy {
        policy::check_capacity(change, app.config.capacity)?;
    }
    if let Some(password) = read(change.password, "password")?.map(RoomPassword::kept) {
        let action = ClientMessage::SetPassword { password };
        handle.act(action).await.map_err(refused)?;
    }
    if let Some(change) = change.policy {
        let action = ClientMessage::SetPolicy { change };
        handle.act(action).await.map_err(refused)?;
    }
    to_response(&room, &handle).await
}

/// Turn sources off. Nothing can turn them on from outside
#[utoipa::path(
    post, path = "/api/v1/rooms/{id}/conference/mute", tag = "conferences", params(("id" = String, Path)),
    request_body = Mute, responses((status = 204))
)]
pub async fn mute(
    State(app): State<Conferences>,
    caller: Caller,
    Path(id): Path<String>,
    Body(mute): Body<Mute>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::ConferencesWrite)?;
    let (_, handle) = running(&app, &caller, &id).await?;
    let target = match mute.participants {
        None => Target::All,
        Some(ids) if ids.len() <= MAX_LIST => {
            Target::These(ids.into_iter().map(ParticipantId).collect())
        }
        Some(_) => return Err(Problem::invalid("participants: there are too many.")),
    };
    let source = match mute.source {
        MutedSource::Microphone => Source::Microphone,
        MutedSource::Camera => Source::Camera,
        MutedSource::Screen => Source::Screen,
    };
    let action = ClientMessage::Mute { target, source };
    handle.act(action).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a person; they cannot come back to this conference
#[utoipa::path(
    delete, path = "/api/v1/rooms/{id}/conference/participants/{participant}", tag = "conferences",
    params(("id" = String, Path), ("participant" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Conferences>,
    caller: Caller,
    Path((id, participant)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::ConferencesWrite)?;
    let (_, handle) = running(&app, &caller, &id).await?;
    let target = Target::These(vec![ParticipantId(participant)]);
    let action = ClientMessage::Remove { target };
    handle.act(action).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the conference for all
#[utoipa::path(
    delete, path = "/api/v1/rooms/{id}/conference", tag = "conferences", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn end(
    State(app): State<Conferences>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::ConferencesWrite)?;
    let (_, handle) = running(&app, &caller, &id).await?;
    handle
        .act(ClientMessage::EndForAll)
        .await
        .map_err(refused)?;
    handle.ended().await;
    Ok(StatusCode::NO_CONTENT)
}
