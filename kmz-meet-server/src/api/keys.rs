//! API keys. A key is shown once, when it is made.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rooms::contract_signed;
use crate::audit::Action;
use crate::auth::{Caller, Who};
use crate::clock::Clock;
use crate::credentials::ApiTokens;
use crate::credentials::api_key::{KEY_LIFETIME, make};
use crate::credentials::{ApiKey, Scope};
use crate::http::Problem;
use crate::http::given;
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{Record, RecordFilter};

sub_state! {
    /// What handlers of API keys reach.
    pub struct Keys {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        api_tokens: Arc<ApiTokens>,
    }
}

/// A key, without its token.
#[derive(Serialize, ToSchema)]
pub struct Key {
    id: String,
    name: String,
    scopes: Vec<Scope>,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// Milliseconds since the Unix epoch.
    expires_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct KeyList {
    keys: Vec<Key>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct MadeKey {
    #[serde(flatten)]
    key: Key,
    /// For `Authorization: Bearer`. It is not shown again.
    token: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What people call it.
    name: given::Label,
    #[schema(min_items = 1, max_items = 14)]
    scopes: Vec<Scope>,
    /// A year when absent.
    #[schema(minimum = 1, maximum = 730)]
    valid_days: Option<i64>,
}

fn to_response(record: Record<ApiKey>) -> Key {
    Key {
        id: record.id,
        name: record.data.name,
        scopes: record.data.scopes,
        created_at: record.created_at,
        expires_at: record.expires_at,
    }
}

/// The school's keys
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", params(Page), responses((status = 200, body = KeyList)))]
pub async fn list(
    State(app): State<Keys>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<KeyList>, Problem> {
    caller.may(Scope::KeysWrite)?;
    let limit = page.limit()?;
    let filter = RecordFilter {
        school: Some(&caller.school),
        after: page.after.as_deref(),
        limit: limit + 1,
        ..RecordFilter::default()
    };
    let mut keys = Record::<ApiKey>::list(&app.store, filter).await?;
    let next = next(&mut keys, limit, |key| &key.id);
    let keys = keys.into_iter().map(to_response).collect();
    Ok(Json(KeyList { keys, next }))
}

/// Make a key. Nobody can give it more than they have
#[utoipa::path(
    post, path = "/api/v1/keys", extensions(("x-repetition" = json!("refusal"))), tag = "keys", request_body = NewKey,
    responses((status = 201, body = MadeKey), (status = 403, body = Problem, description = "`no_contract`; `not_permitted`"))
)]
pub async fn create(
    State(app): State<Keys>,
    caller: Caller,
    Body(new): Body<NewKey>,
) -> Result<(StatusCode, Json<MadeKey>), Problem> {
    caller.may(Scope::KeysWrite)?;
    for scope in &new.scopes {
        caller.may(*scope)?;
    }
    let now = app.clock.now();
    let name = new.name.read("name")?;
    if !(1..=Scope::ALL.len()).contains(&new.scopes.len()) {
        return Err(Problem::invalid(format!(
            "scopes: name from 1 to {} of them.",
            Scope::ALL.len()
        )));
    }
    let lifetime = match new.valid_days.map(u64::try_from) {
        None => KEY_LIFETIME,
        Some(Ok(days @ 1..=730)) => Duration::from_hours(24 * days),
        Some(_) => return Err(Problem::invalid("valid_days: it must be from 1 to 730.")),
    };
    let school = contract_signed(&app.store, now, &caller.school).await?;
    let made = make(
        &app.store,
        &app.api_tokens,
        &school,
        (name.as_str(), new.scopes),
        (now, lifetime),
    );
    let (key, token) = made.await?;
    caller
        .note(&app.store, now, Action::KeyMade, &key.id)
        .await?;
    let key = to_response(key);
    Ok((StatusCode::CREATED, Json(MadeKey { key, token })))
}

/// Take a key back: from now on it opens nothing
#[utoipa::path(
    delete, path = "/api/v1/keys/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 204))
)]
pub async fn delete(
    State(app): State<Keys>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::KeysWrite)?;
    if matches!(&caller.who, Who::Key { id: own, .. } if *own == id) {
        return Err(Problem::own_key());
    }
    let key = Record::<ApiKey>::of_school(&app.store, &caller.school, &id).await?;
    let key = key.ok_or_else(Problem::not_found)?;
    key.delete(&app.store).await?;
    let now = app.clock.now();
    caller
        .note(&app.store, now, Action::KeyDeleted, &id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
