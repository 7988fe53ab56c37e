//! A teacher's rooms. Nobody sees the rooms of others: what is not one's own is not found.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kmz_meet_core::room::{changed, room_name};
use kmz_meet_core::signal::{self, MAX_PASSWORD_CHARS};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::Body;
use super::{Problem, policy};
use crate::app::App;
use crate::auth::SignedIn;
use crate::store::{self, Contract, Origin, Taken, User};

/// A durable room.
#[derive(Serialize, ToSchema)]
pub struct Room {
    id: String,
    /// As in its link.
    name: String,
    /// What people open to come in.
    url: String,
    #[schema(value_type = policy::Policy)]
    policy: signal::Policy,
    password: Option<String>,
    /// Whether a conference runs in it now.
    running: bool,
    /// How many people are in it now.
    participants: u32,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct RoomList {
    rooms: Vec<Room>,
}

#[derive(Serialize, ToSchema)]
pub struct SuggestedName {
    name: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewRoom {
    /// Proposed by the server when absent.
    name: Option<String>,
    password: Option<String>,
    #[schema(value_type = Option<policy::PolicyChange>)]
    policy: Option<signal::PolicyChange>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoomChange {
    /// `null` takes the password away; absent leaves it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    #[allow(
        clippy::option_option,
        reason = "absent and null mean different things"
    )]
    password: Option<Option<String>>,
    #[schema(value_type = Option<policy::PolicyChange>)]
    policy: Option<signal::PolicyChange>,
}

/// `null` is a value here.
#[allow(
    clippy::option_option,
    reason = "absent and null mean different things"
)]
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// My rooms, newest first
#[utoipa::path(
    get, path = "/api/v1/rooms", tag = "rooms",
    responses((status = 200, body = RoomList), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    SignedIn(user): SignedIn,
) -> Result<Json<RoomList>, Problem> {
    let rooms = app.store.rooms_of_owner(&user.id).await?;
    let rooms = rooms.into_iter().map(|room| shown(&app, room)).collect();
    Ok(Json(RoomList { rooms }))
}

/// Make a room
#[utoipa::path(
    post, path = "/api/v1/rooms", tag = "rooms", request_body = NewRoom,
    responses(
        (status = 201, body = Room),
        (status = 401, body = Problem, description = "`not_signed_in`"),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 409, body = Problem, description = "`name_taken`"),
        (status = 422, body = Problem, description = "`weak_name` with the reason and a `suggestion`; `invalid`"),
    )
)]
pub async fn create(
    State(app): State<Arc<App>>,
    SignedIn(user): SignedIn,
    Body(new): Body<NewRoom>,
) -> Result<(StatusCode, Json<Room>), Problem> {
    contract_signed(&app, &user).await?;
    let name = match new.name {
        Some(name) => room_name::check(&name)
            .map_err(|weak| Problem::weak_name(weak.to_string(), room_name::propose()))?,
        None => room_name::propose(),
    };
    let room = store::Room {
        id: Uuid::new_v4().to_string(),
        school: user.school,
        owner: Some(user.id),
        title: None,
        origin: Origin::Own,
        external: None,
        name,
        policy: change_policy(&app, signal::Policy::default(), new.policy)?,
        password: usable_password(new.password)?,
        created_at: app.clock.now(),
    };
    match app.store.add_room(&room).await? {
        Ok(()) => Ok((StatusCode::CREATED, Json(shown(&app, room)))),
        Err(Taken) => Err(Problem::name_taken()),
    }
}

/// A name that can be said and not be guessed
#[utoipa::path(
    get, path = "/api/v1/rooms/suggested-name", tag = "rooms",
    responses((status = 200, body = SuggestedName), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn suggest_name(_user: SignedIn) -> Json<SuggestedName> {
    Json(SuggestedName {
        name: room_name::propose(),
    })
}

/// One of my rooms
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}", tag = "rooms", params(("id" = String, Path)),
    responses((status = 200, body = Room), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    SignedIn(user): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Room>, Problem> {
    let room = own_room(&app, &user, &id).await?;
    Ok(Json(shown(&app, room)))
}

/// Change a room. A conference that runs keeps what it started with
#[utoipa::path(
    patch, path = "/api/v1/rooms/{id}", tag = "rooms", params(("id" = String, Path)), request_body = RoomChange,
    responses(
        (status = 200, body = Room),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn change(
    State(app): State<Arc<App>>,
    SignedIn(user): SignedIn,
    Path(id): Path<String>,
    Body(change): Body<RoomChange>,
) -> Result<Json<Room>, Problem> {
    let mut room = own_room(&app, &user, &id).await?;
    if let Some(password) = change.password {
        room.password = usable_password(password)?;
    }
    room.policy = change_policy(&app, room.policy, change.policy)?;
    app.store
        .set_room(&room.id, &room.policy, room.password.as_deref())
        .await?;
    Ok(Json(shown(&app, room)))
}

/// Delete a room
#[utoipa::path(
    delete, path = "/api/v1/rooms/{id}", tag = "rooms", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`room_running`"),
    )
)]
pub async fn delete(
    State(app): State<Arc<App>>,
    SignedIn(user): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let room = own_room(&app, &user, &id).await?;
    if app.conferences.present(&room.id).is_some() {
        return Err(Problem::room_running());
    }
    app.store.delete_room(&room.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a room exists that is not theirs is nobody's business: both are 404.
async fn own_room(app: &App, user: &User, id: &str) -> Result<store::Room, Problem> {
    let room = app.store.room(id).await?;
    room.filter(|room| {
        room.owner.as_deref() == Some(user.id.as_str()) && room.school == user.school
    })
    .ok_or_else(Problem::not_found)
}

async fn contract_signed(app: &App, user: &User) -> Result<(), Problem> {
    let school = app.store.school(&user.school).await?;
    match school.map(|school| school.contract) {
        Some(Contract::Signed) => Ok(()),
        _ => Err(Problem::no_contract()),
    }
}

fn usable_password(password: Option<String>) -> Result<Option<String>, Problem> {
    let password = password.filter(|password| !password.is_empty());
    match &password {
        Some(text) if text.chars().count() > MAX_PASSWORD_CHARS => Err(Problem::invalid(format!(
            "The password is longer than {MAX_PASSWORD_CHARS} characters."
        ))),
        _ => Ok(password),
    }
}

fn change_policy(
    app: &App,
    policy: signal::Policy,
    change: Option<signal::PolicyChange>,
) -> Result<signal::Policy, Problem> {
    let limit = app.config.capacity;
    let change = change.unwrap_or_default();
    match change.capacity {
        Some(capacity) if !(2..=limit).contains(&capacity) => Err(Problem::invalid(format!(
            "The capacity must be from 2 to {limit}."
        ))),
        _ => Ok(changed(policy, change, limit)),
    }
}

fn shown(app: &App, room: store::Room) -> Room {
    let participants = app.conferences.present(&room.id);
    Room {
        url: app.public_url.room(&room.name),
        running: participants.is_some(),
        participants: participants.unwrap_or(0),
        id: room.id,
        name: room.name,
        policy: room.policy,
        password: room.password,
        created_at: room.created_at,
    }
}
