//! The one-time link of a sealed drop: for whoever has it, without an account.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::sealed_drops::{AgeFile, SealedDropState};
use crate::clock::Clock;
use crate::drops::{
    self, DropLimits, MAX_ACTIVE_KEYS, MAX_CIPHERTEXT_BYTES, MAX_FILE_BYTES, NotAge, NotTaken,
    Unsealed,
};
use crate::http::Problem;
use crate::http::page::QueryParams;
use crate::limits::ClientAddress;
use crate::state::sub_state;
use crate::store::{DropState, NotSealed, SealedDrop, SharedStore};

sub_state! {
    /// What handlers of links reach.
    pub struct DropLinks {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        drop_limits: Arc<DropLimits>,
    }
}

/// What is behind the `#` of a link: never in a path, which servers and proxies write into their logs.
const TOKEN: HeaderName = HeaderName::from_static("drop-token");
/// Where all places for an upload are taken, one may be free by then. In seconds.
const BUSY_SECONDS: u64 = 5;
/// A link that was tried too often takes nothing any more; a new one is made in less than that. In seconds.
const DAY_SECONDS: u64 = 86_400;

/// A key to which the list is to be sealed.
#[derive(Serialize, ToSchema)]
pub struct DropKey {
    id: String,
    /// Whose it is.
    label: String,
    /// The public half: an X25519 recipient of age.
    recipient: String,
}

/// What a link is for.
#[derive(Serialize, ToSchema)]
pub struct DropLink {
    /// Name of the school whose list is wanted.
    school: String,
    state: SealedDropState,
    /// Milliseconds since the Unix epoch.
    expires_at: i64,
    /// The largest file that the page seals.
    max_file_bytes: usize,
    /// The list is sealed to all of them. None when the link takes nothing any more.
    keys: Vec<DropKey>,
}

/// For which keys a list was sealed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SealedTo {
    /// Their ids, with commas between them.
    #[param(
        min_length = 36,
        max_length = 295,
        pattern = "^[0-9a-f-]{36}(,[0-9a-f-]{36}){0,7}$"
    )]
    keys: String,
}

impl SealedTo {
    fn read(&self) -> Result<Vec<String>, Problem> {
        let mut keys: Vec<String> = self.keys.split(',').map(str::to_owned).collect();
        let fit = keys
            .iter()
            .all(|key| uuid::Uuid::try_parse(key).is_ok_and(|id| id.to_string() == *key));
        if !fit || keys.len() > MAX_ACTIVE_KEYS {
            return Err(Problem::bad_request("keys: they must be ids of keys."));
        }
        let named = keys.len();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() == named {
            Ok(keys)
        } else {
            Err(Problem::bad_request("keys: one is there twice."))
        }
    }
}

/// The drop of a link; of those who invent links each network has a few tries.
async fn of_link(
    app: &DropLinks,
    address: ClientAddress,
    headers: &HeaderMap,
) -> Result<SealedDrop, Problem> {
    let counted = app.drop_limits.count(address.network(), Instant::now());
    counted.map_err(|wait| Problem::too_many_requests(wait.as_secs() + 1))?;
    let token = headers.get(TOKEN).and_then(|token| token.to_str().ok());
    let drop = drops::of_link(&app.store, app.clock.now(), token.unwrap_or_default()).await?;
    drop.ok_or_else(Problem::not_found)
}

/// What a link is for, and to which keys the list is to be sealed
#[utoipa::path(
    get, path = "/api/v1/drop-link", security(()), tag = "drop_links",
    params(("Drop-Token" = String, Header, description = "What is behind the `#` of the link.")),
    responses(
        (status = 200, body = DropLink),
        (status = 404, body = Problem, description = "`not_found`: there is no such link, or it is over"),
    )
)]
pub async fn show(
    State(app): State<DropLinks>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<Json<DropLink>, Problem> {
    let drop = of_link(&app, address, &headers).await?;
    let school = app.store.school(&drop.school).await?;
    let keys = if drop.state == DropState::Waiting {
        drops::active_keys(&app.store).await?
    } else {
        Vec::new()
    };
    Ok(Json(DropLink {
        school: school.map(|school| school.name).unwrap_or_default(),
        state: drop.state.into(),
        expires_at: drop.expires_at,
        max_file_bytes: MAX_FILE_BYTES,
        keys: keys
            .into_iter()
            .map(|key| DropKey {
                id: key.id,
                label: key.label,
                recipient: key.recipient,
            })
            .collect(),
    }))
}

fn larger() -> Problem {
    Problem::larger("The sealed list is larger than 11 MiB.")
}

/// Hand over a sealed list; the link is used up by it
#[utoipa::path(
    put, path = "/api/v1/drop-link/content", security(()), tag = "drop_links",
    params(("Drop-Token" = String, Header, description = "What is behind the `#` of the link."), SealedTo),
    request_body(content = AgeFile, content_type = "application/octet-stream"),
    responses(
        (status = 204),
        (status = 403, body = Problem, description = "`no_contract`: nothing about this school's people may come here"),
        (status = 404, body = Problem, description = "`not_found`: there is no such link, or it is over"),
        (status = 409, body = Problem, description = "`link_used`; `keys_changed`: read the link again and seal it anew; `too_many`: as much lies here as may"),
        (status = 413, body = Problem, description = "`too_large`: larger than 11 MiB"),
        (status = 415, body = Problem, description = "`unsupported_media_type`: it must be `application/octet-stream`"),
        (status = 422, body = Problem, description = "`invalid`: it is no age file, or not one for these keys"),
        (status = 429, body = Problem, description = "`too_many_attempts`: this link was tried too often; `too_many_requests`: others hand over lists right now, or somebody does for this school"),
    )
)]
pub async fn upload(
    State(app): State<DropLinks>,
    address: ClientAddress,
    QueryParams(sealed_to): QueryParams<SealedTo>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let drop = of_link(&app, address, request.headers()).await?;
    let keys = sealed_to.read()?;
    let (parts, body) = request.into_parts();
    check_kind(&parts.headers)?;
    let Some(_place) = app.drop_limits.upload(&drop.school) else {
        return Err(Problem::too_many_requests(BUSY_SECONDS));
    };
    drops::begin_upload(&app.store, app.clock.now(), &drop)
        .await
        .map_err(|error| match error {
            NotTaken::Used => Problem::link_used(),
            NotTaken::NoContract => Problem::no_contract(),
            NotTaken::TooManyTries => Problem::too_many_attempts(DAY_SECONDS),
            NotTaken::Store(error) => error.into(),
        })?;
    let content = read(&parts.headers, body).await?;
    let stored = drops::seal(&app.store, app.clock.now(), &drop, (&content, &keys)).await;
    stored.map_err(|error| match error {
        Unsealed::Unfit(NotAge(why)) => {
            Problem::invalid(format!("This is no sealed list: {why}. Nothing was kept."))
        }
        Unsealed::Refused(NotSealed::Used) => Problem::link_used(),
        Unsealed::Refused(NotSealed::KeyGone) => Problem::keys_changed(),
        Unsealed::Refused(NotSealed::SchoolFull | NotSealed::Full) => Problem::too_many(
            "As many sealed lists lie here as may. They go when an operator opens them.",
        ),
        Unsealed::Store(error) => error.into(),
    })?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    match kind.and_then(|kind| kind.to_str().ok()) {
        Some("application/octet-stream") => Ok(()),
        _ => Err(Problem::other_media_type(
            "The body must be an age file, with `Content-Type: application/octet-stream`.",
        )),
    }
}

/// The whole body. One that says that it is too large is not read.
async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let told = headers.get(header::CONTENT_LENGTH);
    let told = told.and_then(|told| told.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > MAX_CIPHERTEXT_BYTES) {
        return Err(larger());
    }
    let mut read = Vec::with_capacity(told.unwrap_or_default());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("The body cannot be read."))?;
        if read.len() + chunk.len() > MAX_CIPHERTEXT_BYTES {
            return Err(larger());
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read)
}
