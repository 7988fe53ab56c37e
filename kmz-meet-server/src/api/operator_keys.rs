//! Operators' keys, to which schools seal their lists of teachers. They are made in an operator's browser.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::{self, Action};
use crate::auth::Caller;
use crate::clock::Clock;
use crate::drops::{self, NewKey, Opens, is_recipient, opens};
use crate::http::Problem;
use crate::http::given::{self, read};
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::http::texts::Label;
use crate::state::sub_state;
use crate::store::{AddError, KeyNeeded, OperatorKey as Kept, SharedStore};

sub_state! {
    /// What handlers of operators' keys reach.
    pub struct OperatorKeys {
        store: SharedStore,
        clock: Arc<dyn Clock>,
    }
}

/// A key to which schools seal.
#[derive(Serialize, ToSchema)]
pub struct OperatorKey {
    id: String,
    /// What people call it. Whoever has a link of a sealed drop sees it.
    label: String,
    /// The public half: an X25519 recipient of age.
    recipient: String,
    /// The private half: base64 of an age file that only its passphrase opens.
    identity: String,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// Milliseconds since the Unix epoch; nothing new is sealed to it since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_at: Option<i64>,
}

impl From<Kept> for OperatorKey {
    fn from(key: Kept) -> Self {
        Self {
            id: key.id,
            label: key.label,
            recipient: key.recipient,
            identity: key.identity,
            created_at: key.created_at,
            retired_at: key.retired_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OperatorKeyList {
    /// The newest first.
    keys: Vec<OperatorKey>,
}

/// A key that a browser made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOperatorKey {
    label: given::Label,
    /// The public half: an X25519 recipient of age.
    #[schema(
        min_length = 62,
        max_length = 62,
        pattern = "^age1[02-9ac-hj-np-z]{58}$"
    )]
    recipient: String,
    /// The private half: base64 of an age file that only its passphrase opens.
    #[schema(min_length = 200, max_length = 1_000)]
    identity: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OperatorKeyChange {
    label: Option<given::Label>,
    /// Whether nothing new is to be sealed to it.
    #[schema(value_type = bool, required = false)]
    retired: Option<bool>,
}

/// A private key has 74 characters; the file around it some 200 bytes.
const MAX_IDENTITY_CHARS: usize = 1_000;

fn too_many() -> Problem {
    Problem::too_many("There are as many keys as there may be. Retire or delete one first.")
}

/// Operators' keys
#[utoipa::path(get, path = "/api/v1/operator-keys", tag = "operator_keys", responses((status = 200, body = OperatorKeyList)))]
pub async fn list(
    State(app): State<OperatorKeys>,
    caller: Caller,
) -> Result<Json<OperatorKeyList>, Problem> {
    caller.operates()?;
    let keys = app.store.operator_keys().await?;
    let keys = keys.into_iter().map(OperatorKey::from).collect();
    Ok(Json(OperatorKeyList { keys }))
}

/// Keep a key that was made in the browser
#[utoipa::path(
    post, path = "/api/v1/operator-keys", extensions(("x-repetition" = json!("refusal"))), tag = "operator_keys",
    request_body = NewOperatorKey,
    responses(
        (status = 201, body = OperatorKey),
        (status = 409, body = Problem, description = "`too_many`: there are 50 keys, or 8 active ones"),
        (status = 422, body = Problem, description = "`invalid`: it is no such key, or its private half is not protected"),
    )
)]
pub async fn create(
    State(app): State<OperatorKeys>,
    caller: Caller,
    Body(new): Body<NewOperatorKey>,
) -> Result<(StatusCode, Json<OperatorKey>), Problem> {
    let by = &caller.operates()?.id;
    let label = new.label.read("label")?;
    if !is_recipient(&new.recipient) {
        return Err(Problem::invalid(
            "recipient: it must be an X25519 recipient of age.",
        ));
    }
    let file = Some(&new.identity)
        .filter(|identity| identity.len() <= MAX_IDENTITY_CHARS)
        .and_then(|identity| STANDARD.decode(identity).ok());
    // What everybody who reads the database could use must not come into it.
    if file.and_then(|file| opens(&file).ok()) != Some(Opens::Passphrase) {
        return Err(Problem::invalid(
            "identity: it must be base64 of an age file that only a passphrase opens.",
        ));
    }
    let key = NewKey {
        label: label.as_str(),
        recipient: &new.recipient,
        identity: &new.identity,
    };
    let added = drops::add_key(&app.store, app.clock.now(), by, key).await?;
    let key = added.map_err(|error| match error {
        AddError::AlreadyExists => Problem::invalid("recipient: this key is here already."),
        AddError::TooMany => too_many(),
    })?;
    let what = (Action::OperatorKeyMade, key.id.as_str());
    audit::note(&app.store, app.clock.now(), &caller.as_actor(), None, what).await?;
    Ok((StatusCode::CREATED, Json(key.into())))
}

/// Call a key otherwise, retire it, or make it active again
#[utoipa::path(
    patch, path = "/api/v1/operator-keys/{id}", tag = "operator_keys", params(("id" = String, Path)),
    request_body = OperatorKeyChange,
    responses(
        (status = 200, body = OperatorKey),
        (status = 409, body = Problem, description = "`too_many`: there are 8 active ones"),
    )
)]
pub async fn change(
    State(app): State<OperatorKeys>,
    caller: Caller,
    Path(id): Path<String>,
    Body(change): Body<OperatorKeyChange>,
) -> Result<Json<OperatorKey>, Problem> {
    caller.operates()?;
    let by = caller.as_actor();
    let label = read(change.label, "label")?;
    let wanted = (label.as_ref().map(Label::as_str), change.retired);
    let changed = drops::change_key(&app.store, app.clock.now(), &by, &id, wanted).await?;
    let key = changed.ok_or_else(Problem::not_found)?;
    let key = key.map_err(|_| too_many())?;
    Ok(Json(key.into()))
}

/// Delete a key. What was sealed to it alone must be opened or deleted before
#[utoipa::path(
    delete, path = "/api/v1/operator-keys/{id}", tag = "operator_keys", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 409, body = Problem, description = "`key_needed`: lists lie here that no other key opens"),
    )
)]
pub async fn delete(
    State(app): State<OperatorKeys>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.operates()?;
    let by = caller.as_actor();
    let deleted = drops::delete_key(&app.store, app.clock.now(), &by, &id).await?;
    match deleted.ok_or_else(Problem::not_found)? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(KeyNeeded(lists)) => Err(Problem::key_needed(format!(
            "No other key opens {lists} of the sealed lists. Open or delete them first."
        ))),
    }
}
