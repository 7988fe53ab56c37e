//! Rooms, of teachers and of integrations. Nobody sees the rooms of others: what is not one's own is not found.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::AppendHeaders;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kmz_meet_core::room::{PolicyLimits, changed, narrowed, room_name};
use kmz_meet_core::signal::{self, ClientMessage};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::policy;
use crate::auth::{Caller, Who};
use crate::clock::Clock;
use crate::clock::Timestamp;
use crate::conferences::Registry;
use crate::config::Config;
use crate::config::PublicUrl;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given::{self, Given, read};
use crate::http::json_body::{Body, object_or_null};
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::http::preconditions::{Conditions, IfMatch};
use crate::http::texts::{RoomPassword, Text};
use crate::limits::KeyedLock;
use crate::rooms;
use crate::school_settings::SchoolSettings;
use crate::schools::may_open;
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{self, AlreadyExists, OpenSchool, RoomSource};

sub_state! {
    /// What handlers of rooms reach.
    pub struct Rooms {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        config: Arc<Config>,
        public_url: PublicUrl,
        conferences: Arc<Registry>,
        room_changes: Arc<KeyedLock>,
    }
}

/// How often a change begins anew when another server changes the same room.
const CHANGE_TRIES: usize = 8;

/// A durable room.
#[derive(Serialize, ToSchema)]
pub struct Room {
    id: String,
    /// As in its link.
    name: String,
    /// What people call it, where that is not its name.
    title: Option<String>,
    origin: RoomSource,
    /// What the integrator calls it.
    external: Option<String>,
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
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which rooms.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoomsPage {
    /// Entries on a page; 50 when absent.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(min_length = 1, max_length = 64, pattern = "^[0-9A-Za-z_-]{1,64}$")]
    after: Option<String>,
    /// Only the room that the integrator calls so.
    #[serde(default)]
    external: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SuggestedName {
    name: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewRoom {
    /// Proposed by the server when absent.
    name: Option<given::RoomName>,
    /// What people call it.
    title: Option<given::RoomTitle>,
    /// What the integrator calls it; unique for the school.
    external: Option<given::ExternalName>,
    password: Option<given::RoomPassword>,
    #[serde(deserialize_with = "object_or_null")]
    #[schema(value_type = Option<policy::PolicyChange>)]
    policy: Option<signal::PolicyChange>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoomChange {
    /// `null` takes the password away; absent leaves it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<given::RoomPassword>)]
    #[allow(
        clippy::option_option,
        reason = "absent and null mean different things"
    )]
    password: Option<Option<given::RoomPassword>>,
    /// `null` takes the title away; absent leaves it.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<given::RoomTitle>)]
    #[allow(
        clippy::option_option,
        reason = "absent and null mean different things"
    )]
    title: Option<Option<given::RoomTitle>>,
    #[serde(deserialize_with = "object_or_null")]
    #[schema(value_type = Option<policy::PolicyChange>)]
    policy: Option<signal::PolicyChange>,
}

/// `null` is a value here.
#[allow(
    clippy::option_option,
    reason = "absent and null mean different things"
)]
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<Given<T>>>, D::Error>
where
    D: Deserializer<'de>,
    T: Text,
{
    Option::deserialize(deserializer).map(Some)
}

/// A room with what `If-Match` compares.
type Tagged = (AppendHeaders<[(HeaderName, String); 1]>, Json<Room>);

/// Rooms: a teacher's own, newest first; with an API key the school's, in pages
#[utoipa::path(
    get, path = "/api/v1/rooms", tag = "rooms", params(RoomsPage),
    responses((status = 200, body = RoomList), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn list(
    State(app): State<Rooms>,
    caller: Caller,
    QueryParams(asked): QueryParams<RoomsPage>,
) -> Result<Json<RoomList>, Problem> {
    caller.may(Scope::RoomsRead)?;
    let page = Page {
        limit: asked.limit,
        after: asked.after,
    };
    let limit = page.limit()?;
    if let Some(external) = &asked.external {
        let origin = match &caller.who {
            Who::User(_) => RoomSource::Own,
            _ => RoomSource::Api,
        };
        let room = app
            .store
            .room_by_external(&caller.school, origin, external)
            .await?;
        let seen = room.filter(|room| caller.sees(room));
        let rooms = seen
            .into_iter()
            .map(|room| to_response(&app, room))
            .collect();
        return Ok(Json(RoomList { rooms, next: None }));
    }
    let (rooms, next) = match &caller.who {
        Who::User(user) if !caller.sees_school() => {
            (app.store.rooms_of_owner(&user.id).await?, None)
        }
        _ => {
            let after = page.after.as_deref();
            let mut rooms = app
                .store
                .rooms_of_school(&caller.school, after, limit + 1)
                .await?;
            let next = next(&mut rooms, limit, |room| &room.id);
            (rooms, next)
        }
    };
    let rooms = rooms
        .into_iter()
        .map(|room| to_response(&app, room))
        .collect();
    Ok(Json(RoomList { rooms, next }))
}

/// Make a room
#[utoipa::path(
    post, path = "/api/v1/rooms", extensions(("x-repetition" = json!("same_answer"))), tag = "rooms", request_body = NewRoom,
    responses(
        (status = 201, body = Room),
        (status = 401, body = Problem, description = "`not_signed_in`"),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 409, body = Problem, description = "`name_taken`; `external_taken`"),
        (status = 422, body = Problem, description = "`weak_name` with the reason and a `suggestion`; `invalid`"),
    )
)]
pub async fn create(
    State(app): State<Rooms>,
    caller: Caller,
    Body(new): Body<NewRoom>,
) -> Result<(StatusCode, Json<Room>), Problem> {
    caller.may(Scope::RoomsWrite)?;
    let now = app.clock.now();
    let school = contract_signed(&app.store, now, &caller.school).await?;
    let name = read(new.name, "name")?;
    let (owner, origin) = match caller.who {
        Who::User(user) => (Some(user), RoomSource::Own),
        _ => (None, RoomSource::Api),
    };
    let limits = SchoolSettings::of(&app.store, &caller.school)
        .await?
        .room_limits;
    let policy = change_policy(&app, signal::Policy::default(), new.policy, limits)?;
    let new = rooms::NewRoom {
        owner,
        name: name.map(String::from),
        title: read(new.title, "title")?.map(String::from),
        external: read(new.external, "external")?.map(String::from),
        password: read(new.password, "password")?.and_then(RoomPassword::kept),
        ..rooms::NewRoom::new(&school, origin, policy)
    };
    match rooms::create(&app.store, now, new.clone()).await? {
        Ok(room) => Ok((StatusCode::CREATED, Json(to_response(&app, room)))),
        Err(AlreadyExists) => match new.existing(&app.store).await? {
            Some(other) => Err(Problem::external_taken(&other.id)),
            None => Err(Problem::name_taken()),
        },
    }
}

/// A name that can be said and not be guessed
#[utoipa::path(
    get, path = "/api/v1/rooms/suggested-name", tag = "rooms",
    responses((status = 200, body = SuggestedName), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn suggest_name(caller: Caller) -> Result<Json<SuggestedName>, Problem> {
    caller.may(Scope::RoomsRead)?;
    Ok(Json(SuggestedName {
        name: room_name::propose(),
    }))
}

/// A room
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}", extensions(("x-entity-tag" = json!(true))), tag = "rooms", params(("id" = String, Path)),
    responses((status = 200, body = Room), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn show(
    State(app): State<Rooms>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    caller.may(Scope::RoomsRead)?;
    let room = caller.room(&app.store, &id).await?;
    Ok(tagged(&app, room))
}

/// Change a room. Password and policy hold at once in a conference that runs there, without touching those inside; the
/// title holds from the next one on
#[utoipa::path(
    patch, path = "/api/v1/rooms/{id}", extensions(("x-entity-tag" = json!(true))), tag = "rooms", request_body = RoomChange,
    params(("id" = String, Path), IfMatch),
    responses(
        (status = 200, body = Room),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 412, body = Problem, description = "`changed_meanwhile`"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn change(
    State(app): State<Rooms>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<RoomChange>,
) -> Result<Tagged, Problem> {
    caller.may(Scope::RoomsWrite)?;
    let conditions = Conditions::of(&headers)?;
    let password = change.password.map(|given| read(given, "password"));
    let password = password.transpose()?;
    let password = password.map(|given| given.and_then(RoomPassword::kept));
    let title = change.title.map(|given| read(given, "title"));
    let title = title.transpose()?.map(|given| given.map(String::from));
    let limits = SchoolSettings::of(&app.store, &caller.school)
        .await?
        .room_limits;
    let _guard = app.room_changes.lock(&id).await;
    // Another server may change it at the same time: then it is looked at again, so that nothing of theirs is lost.
    for _ in 0..CHANGE_TRIES {
        let (room, version) = caller.room_with_version(&app.store, &id).await?;
        let mut changed = room.clone();
        if let Some(password) = &password {
            changed.password.clone_from(password);
        }
        if let Some(title) = &title {
            changed.title.clone_from(title);
        }
        changed.policy = change_policy(&app, room.policy.clone(), change.policy.clone(), limits)?;
        // What could not be done anyway is said first (RFC 9110, 13.2.1).
        conditions.met_by(&tag(&room))?;
        if app.store.change_room(&changed, version).await? {
            let password = password.map(|password| ClientMessage::SetPassword { password });
            let policy = change
                .policy
                .map(|change| ClientMessage::SetPolicy { change });
            let actions = password.into_iter().chain(policy).collect();
            in_conference(&app, &changed, actions).await?;
            return Ok(tagged(&app, changed));
        }
    }
    Err(Problem::timed_out())
}

/// What was changed of a room holds at once in its conference, too.
async fn in_conference(
    app: &Rooms,
    room: &store::Room,
    actions: Vec<ClientMessage>,
) -> Result<(), Problem> {
    if let Some(conference) = app.conferences.running(room).await? {
        for action in actions {
            // One that has just ended needs no change.
            let _ = conference.act(action).await;
        }
    }
    Ok(())
}

/// Delete a room
#[utoipa::path(
    delete, path = "/api/v1/rooms/{id}", tag = "rooms",
    params(("id" = String, Path), IfMatch),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`room_running`"),
    )
)]
pub async fn delete(
    State(app): State<Rooms>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::RoomsWrite)?;
    let conditions = Conditions::of(&headers)?;
    let room = caller.room(&app.store, &id).await?;
    conditions.met_by(&tag(&room))?;
    if app.conferences.present(&room.id).is_some() {
        return Err(Problem::room_running());
    }
    app.store.delete_room(&room.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn contract_signed(
    store: &SharedStore,
    now: Timestamp,
    school: &str,
) -> Result<OpenSchool, Problem> {
    may_open(store, now, school)
        .await?
        .ok_or_else(Problem::no_contract)
}

/// What `If-Match` compares: everything of a room that can be changed.
fn tag(room: &store::Room) -> String {
    let parts = serde_json::json!([room.policy, room.password, room.title]).to_string();
    let digest = digest(&SHA256, parts.as_bytes());
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..12]))
}

fn tagged(app: &Rooms, room: store::Room) -> Tagged {
    let tag = AppendHeaders([(header::ETAG, tag(&room))]);
    (tag, Json(to_response(app, room)))
}

fn change_policy(
    app: &Rooms,
    policy: signal::Policy,
    change: Option<signal::PolicyChange>,
    limits: PolicyLimits,
) -> Result<signal::Policy, Problem> {
    let limit = app.config.capacity;
    let change = change.unwrap_or_default();
    policy::check_capacity(&change, limit)?;
    Ok(narrowed(changed(policy, change, limit), limits))
}

fn to_response(app: &Rooms, room: store::Room) -> Room {
    let participants = app.conferences.present(&room.id);
    Room {
        url: app.public_url.room(&room.name),
        running: participants.is_some(),
        participants: participants.unwrap_or(0),
        id: room.id,
        name: room.name,
        title: room.title,
        origin: room.origin,
        external: room.external,
        policy: room.policy,
        password: room.password,
        created_at: room.created_at,
    }
}
