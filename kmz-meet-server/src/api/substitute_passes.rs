//! Substitute passes: a link by which somebody without an account moderates one room for a limited time.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rooms::contract_signed;
use super::second_factor::{QrPicture, qr};
use crate::audit::{self, Action};
use crate::auth::{Caller, Who};
use crate::clock::{Clock, Timestamp};
use crate::config::{Entry, PublicUrl};
use crate::credentials::{Scope, Tickets};
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::http::texts::Label;
use crate::state::sub_state;
use crate::store::{Record, SharedStore};
use crate::substitutes::{
    self, MAX_LIFETIME, MAX_OF_ROOM, MIN_LIFETIME, NewPass, NotOpened, Opened, PassMaker,
    SubstitutePass, TooManyOfRoom,
};

sub_state! {
    /// What handlers of substitute passes reach.
    pub struct SubstitutePasses {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        tickets: Arc<Tickets>,
    }
}

/// The page behind the link; its token is in the fragment, which browsers do not send.
const PAGE: &str = "substitute";

/// A pass of a room, without what opens it. Times are in milliseconds since the Unix epoch.
#[derive(Serialize, ToSchema)]
pub struct RoomPass {
    id: String,
    /// For whom, in the words of who made it.
    label: Option<String>,
    created_at: i64,
    /// From this moment on it opens nothing.
    until: i64,
    /// How often its link was opened.
    uses: u32,
    used_at: Option<i64>,
}

impl From<Record<SubstitutePass>> for RoomPass {
    fn from(pass: Record<SubstitutePass>) -> Self {
        Self {
            id: pass.id,
            label: pass.data.label,
            created_at: pass.created_at,
            until: pass.data.until,
            uses: pass.data.uses,
            used_at: pass.data.used_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RoomPassList {
    /// Those that are not over, the oldest first.
    passes: Vec<RoomPass>,
}

/// For whom, and for how long.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoomPass {
    #[serde(default)]
    label: Option<given::Label>,
    /// From now on.
    #[schema(minimum = 10, maximum = 20160)]
    valid_minutes: i64,
}

/// A pass with its link, once.
#[derive(Serialize, ToSchema)]
pub struct MadeRoomPass {
    pass: RoomPass,
    /// It is not shown again.
    url: String,
    /// The same as a picture.
    qr: QrPicture,
}

/// What is behind the `#` of the link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassToken {
    #[schema(max_length = 100)]
    token: String,
}

/// The way into the room.
#[derive(Serialize, ToSchema)]
pub struct PassEntry {
    /// What the holder opens. A ticket is in its fragment, which browsers do not send.
    url: String,
    /// From this moment on the pass opens nothing. Milliseconds since the Unix epoch.
    until: i64,
}

fn too_many() -> Problem {
    Problem::too_many(format!(
        "The room has {MAX_OF_ROOM} passes. Take one back first."
    ))
}

/// How long a pass is to be valid.
fn lifetime(minutes: i64) -> Result<Duration, Problem> {
    let (least, most) = (MIN_LIFETIME.as_secs() / 60, MAX_LIFETIME.as_secs() / 60);
    match u64::try_from(minutes) {
        Ok(minutes) if (least..=most).contains(&minutes) => Ok(Duration::from_mins(minutes)),
        _ => Err(Problem::invalid(format!(
            "valid_minutes: it must be from {least} to {most}."
        ))),
    }
}

/// The substitute passes of a room
#[utoipa::path(
    get, path = "/api/v1/rooms/{id}/substitute-passes", tag = "substitute_passes", params(("id" = String, Path)),
    responses((status = 200, body = RoomPassList), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn list(
    State(app): State<SubstitutePasses>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RoomPassList>, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    let passes = substitutes::of_room(&app.store, app.clock.now(), &room).await?;
    let passes = passes.into_iter().map(RoomPass::from).collect();
    Ok(Json(RoomPassList { passes }))
}

/// Let somebody without an account moderate the room for a time
#[utoipa::path(
    post, path = "/api/v1/rooms/{id}/substitute-passes", extensions(("x-repetition" = json!("refusal"))),
    tag = "substitute_passes", params(("id" = String, Path)), request_body = NewRoomPass,
    responses(
        (status = 201, body = MadeRoomPass),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`too_many`: the room has 10 passes"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn create(
    State(app): State<SubstitutePasses>,
    caller: Caller,
    Path(id): Path<String>,
    Body(new): Body<NewRoomPass>,
) -> Result<(StatusCode, Json<MadeRoomPass>), Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    let now = app.clock.now();
    let school = contract_signed(&app.store, now, &room.school).await?;
    let label = read(new.label, "label")?;
    let made_by = match &caller.who {
        Who::User(user) => PassMaker::Account(&user.id),
        Who::Key { id, .. } => PassMaker::Key(id),
        // They have only what attendance takes.
        Who::Moderator(_) => return Err(Problem::not_permitted(Scope::TicketsWrite)),
    };
    let pass = NewPass {
        room: &room,
        label: label.as_ref().map(Label::as_str),
        made_by,
        lifetime: lifetime(new.valid_minutes)?,
    };
    let made = substitutes::make(&app.store, now, &school, pass).await?;
    let (pass, token) = made.map_err(|TooManyOfRoom| too_many())?;
    note(&app, &caller, now, (Action::SubstitutePassMade, &pass)).await?;
    let url = format!("{}/{PAGE}#{token}", app.public_url.as_str());
    let made = MadeRoomPass {
        qr: qr(&url)?,
        pass: pass.into(),
        url,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// In the log of the room's school, whoever did it.
async fn note(
    app: &SubstitutePasses,
    caller: &Caller,
    now: Timestamp,
    (action, pass): (Action, &Record<SubstitutePass>),
) -> Result<(), Problem> {
    let done = (action, pass.id.as_str());
    let school = pass.school.as_deref();
    audit::note(&app.store, now, &caller.as_actor(), school, done).await?;
    Ok(())
}

/// Take a substitute pass back: whoever is in by it leaves at once
#[utoipa::path(
    delete, path = "/api/v1/rooms/{id}/substitute-passes/{pass_id}", tag = "substitute_passes",
    params(("id" = String, Path), ("pass_id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem, description = "`not_found`"))
)]
pub async fn delete(
    State(app): State<SubstitutePasses>,
    caller: Caller,
    Path((id, pass_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::TicketsWrite)?;
    let room = caller.room(&app.store, &id).await?;
    let pass = Record::<SubstitutePass>::of_school(&app.store, &room.school, &pass_id).await?;
    let pass = pass.filter(|pass| pass.parent.as_ref() == Some(&room.id));
    let pass = pass.ok_or_else(Problem::not_found)?;
    let now = app.clock.now();
    if !substitutes::revoke(&app.store, now, &pass).await? {
        return Err(Problem::not_found());
    }
    note(&app, &caller, now, (Action::SubstitutePassRevoked, &pass)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Exchange a substitute pass for the way into its room
#[utoipa::path(
    post, path = "/api/v1/substitute-passes/entry", tag = "substitute_passes", security(()), request_body = PassToken,
    responses(
        (status = 200, body = PassEntry),
        (status = 403, body = Problem, description = "`no_contract`"),
        (status = 404, body = Problem, description = "`not_found`: it is over, was taken back, or never was"),
    )
)]
pub async fn enter(
    State(app): State<SubstitutePasses>,
    Body(pass): Body<PassToken>,
) -> Result<Json<PassEntry>, Problem> {
    let now = app.clock.now();
    let opened = substitutes::open(&app.store, now, &pass.token).await;
    let opened = opened.map_err(|error| match error {
        NotOpened::Over => Problem::not_found(),
        NotOpened::NoContract => Problem::no_contract(),
        NotOpened::Store(error) => error.into(),
    })?;
    let Opened {
        room,
        school,
        ticket,
        until,
    } = opened;
    let left = Duration::from_millis(u64::try_from(until - now).unwrap_or_default());
    let ticket = app.tickets.sign(&school, &ticket, now, left)?;
    let entry = Entry {
        ticket: &ticket,
        name: None,
        title: room.title.as_deref(),
        lang: None,
    };
    let url = app.public_url.entry(&room.name, &entry);
    Ok(Json(PassEntry { url, until }))
}
