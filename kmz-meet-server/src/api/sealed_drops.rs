//! Sealed drops for operators: links for schools, and what came by them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::drops::{self, NotInvited};
use crate::http::Problem;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::state::sub_state;
use crate::store::{Closed, DropState, NoLink, School, SealedDrop as Kept, SharedStore};

sub_state! {
    /// What handlers of sealed drops reach.
    pub struct SealedDrops {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
    }
}

/// Where the page of a link is. Behind the `#` a token comes into no log of this server or of a proxy.
const PAGE: &str = "/drop#";

/// What a drop is now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SealedDropState {
    /// The link waits for an upload.
    Waiting,
    /// A sealed list lies here.
    Sealed,
    /// The link was taken back.
    Withdrawn,
    /// The list was deleted.
    Deleted,
}

impl From<DropState> for SealedDropState {
    fn from(state: DropState) -> Self {
        match state {
            DropState::Waiting => Self::Waiting,
            DropState::Sealed => Self::Sealed,
            DropState::Closed(Closed::Withdrawn) => Self::Withdrawn,
            DropState::Closed(Closed::Deleted) => Self::Deleted,
        }
    }
}

/// A link of a school, and what came by it. Times are in milliseconds since the Unix epoch.
#[derive(Serialize, ToSchema)]
pub struct SealedDrop {
    id: String,
    school_id: String,
    school_name: String,
    state: SealedDropState,
    created_at: i64,
    /// When the link, or what came by it, is deleted by itself.
    expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    uploaded_at: Option<i64>,
    /// Of the ciphertext, in bytes; the list itself is smaller.
    size: u64,
    /// Ids of the operators' keys that open it.
    keys: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SealedDropList {
    /// The newest first.
    drops: Vec<SealedDrop>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A link, once.
#[derive(Serialize, ToSchema)]
pub struct NewSealedDrop {
    drop: SealedDrop,
    /// For the school. It is not shown again.
    url: String,
}

/// An age file (age-encryption.org/v1).
pub struct AgeFile;

impl PartialSchema for AgeFile {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An age file (age-encryption.org/v1)."))
            .content_media_type("application/octet-stream")
            .into()
    }
}

impl ToSchema for AgeFile {}

fn to_response(drop: Kept, school_name: String) -> SealedDrop {
    SealedDrop {
        id: drop.id,
        school_id: drop.school,
        school_name,
        state: drop.state.into(),
        created_at: drop.created_at,
        expires_at: drop.expires_at,
        uploaded_at: drop.uploaded_at,
        size: drop.size,
        keys: drop.keys,
    }
}

/// A school, for operators.
async fn school(store: &SharedStore, id: &str) -> Result<School, Problem> {
    let school = store.school(id).await?;
    school.ok_or_else(Problem::not_found)
}

/// Links of all schools, and what came by them
#[utoipa::path(get, path = "/api/v1/sealed-drops", tag = "sealed_drops", params(Page), responses((status = 200, body = SealedDropList)))]
pub async fn list(
    State(app): State<SealedDrops>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<SealedDropList>, Problem> {
    caller.operates()?;
    let limit = page.limit()?;
    let now = app.clock.now();
    let mut kept = app
        .store
        .sealed_drops(now, page.after.as_deref(), limit + 1)
        .await?;
    let next = next(&mut kept, limit, |drop| &drop.id);
    let mut names = HashMap::new();
    let mut drops = Vec::new();
    for drop in kept {
        if !names.contains_key(&drop.school) {
            let school = app.store.school(&drop.school).await?;
            let name = school.map(|school| school.name).unwrap_or_default();
            names.insert(drop.school.clone(), name);
        }
        let name = names.get(&drop.school).cloned().unwrap_or_default();
        drops.push(to_response(drop, name));
    }
    Ok(Json(SealedDropList { drops, next }))
}

/// Make a one-time link for a school
#[utoipa::path(
    post, path = "/api/v1/schools/{school_id}/sealed-drops", extensions(("x-repetition" = json!("refusal"))),
    tag = "sealed_drops", params(("school_id" = String, Path)),
    responses(
        (status = 201, body = NewSealedDrop),
        (status = 403, body = Problem, description = "`no_contract`: nothing about this school's people may come here"),
        (status = 409, body = Problem, description = "`no_operator_key`: nobody could open it; `too_many`: 5 links of the school wait, or 20 were made in a day"),
    )
)]
pub async fn invite(
    State(app): State<SealedDrops>,
    caller: Caller,
    Path(school_id): Path<String>,
) -> Result<(StatusCode, Json<NewSealedDrop>), Problem> {
    let by = &caller.operates()?.id;
    let school = school(&app.store, &school_id).await?;
    let invited = drops::invite(&app.store, app.clock.now(), by, &school).await;
    let (drop, token) = invited.map_err(|error| match error {
        NotInvited::NoContract => Problem::no_contract(),
        NotInvited::NoKey => Problem::no_operator_key(),
        NotInvited::Bound(NoLink::Waiting) => {
            Problem::too_many("Five links of this school wait for a list. Take one back first.")
        }
        NotInvited::Bound(NoLink::Recent) => {
            Problem::too_many("Twenty links were made for this school in a day. Go on tomorrow.")
        }
        NotInvited::Store(error) => error.into(),
    })?;
    let url = format!("{}{PAGE}{token}", app.public_url.as_str());
    let what = (Action::DropInvited, drop.id.as_str());
    let by = caller.as_actor();
    audit::note(&app.store, app.clock.now(), &by, Some(&school.id), what).await?;
    let drop = to_response(drop, school.name);
    Ok((StatusCode::CREATED, Json(NewSealedDrop { drop, url })))
}

/// What came by a link: ciphertext
#[utoipa::path(
    get, path = "/api/v1/sealed-drops/{id}/content", tag = "sealed_drops", params(("id" = String, Path)),
    responses((status = 200, body = AgeFile, content_type = "application/octet-stream"))
)]
pub async fn content(
    State(app): State<SealedDrops>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.operates()?;
    let drop = app.store.sealed_drop(&id, app.clock.now()).await?;
    let drop = drop.filter(|drop| drop.state == DropState::Sealed);
    let drop = drop.ok_or_else(Problem::not_found)?;
    let content = app.store.drop_content(&drop.id).await?;
    let content = content.ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    Ok((headers, content).into_response())
}

/// Take a link back, or delete what came by it
#[utoipa::path(
    delete, path = "/api/v1/sealed-drops/{id}", tag = "sealed_drops", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<SealedDrops>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.operates()?;
    let now = app.clock.now();
    let drop = app.store.sealed_drop(&id, now).await?;
    let drop = drop.ok_or_else(Problem::not_found)?;
    if drops::close(&app.store, now, &caller.as_actor(), &drop).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}
