//! Apps whose Jitsi tokens open rooms.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::Action;
use crate::auth::Caller;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::credentials::Scope;
use crate::http::Problem;
use crate::http::given;
use crate::http::json_body::Body;
use crate::http::page::{Page, QueryParams, next};
use crate::http::path::Path;
use crate::integrations::jitsi::{
    BadProof, Claimant, JitsiAlgorithm, JitsiApp, JitsiKey, MAX_SAME_NAME_APPS, PROOF_FOR,
};
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{AlreadyExists, Record, RecordFilter};

sub_state! {
    /// What handlers of Jitsi apps reach.
    pub struct JitsiApps {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
    }
}

/// An app, without its secret.
#[derive(Serialize, ToSchema)]
pub struct RegisteredApp {
    id: String,
    /// `iss` of its tokens.
    app_id: String,
    algorithm: JitsiAlgorithm,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct JitsiAppList {
    apps: Vec<RegisteredApp>,
    /// For the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJitsiApp {
    /// `iss` of its tokens; unique on the server.
    app_id: given::JitsiAppId,
    algorithm: JitsiAlgorithm,
    /// The secret (HS256, from 16 characters on) or the public key as PEM (RS256).
    key: given::JitsiAppKey,
    /// With RS256: a JWT that shows that you can sign with the private key, signed with it by RS256. Its claims: `iss` the
    /// `app_id`, `sub` the id of your school (`GET /api/v1/school`), `aud` the address of this call (such as
    /// `https://meet.example/api/v1/jitsi/apps`), `exp` at most an hour from now. A public key is public: without this anybody
    /// could register it. With HS256 the secret is proof enough.
    #[schema(max_length = 8192)]
    proof: Option<String>,
}

fn to_response(record: Record<JitsiApp>) -> RegisteredApp {
    RegisteredApp {
        app_id: record.data.id(record.key.as_deref()).to_owned(),
        id: record.id,
        algorithm: record.data.algorithm,
        created_at: record.created_at,
    }
}

/// The school's apps
#[utoipa::path(
    get, path = "/api/v1/jitsi/apps", tag = "embedding", params(Page), responses((status = 200, body = JitsiAppList))
)]
pub async fn list(
    State(app): State<JitsiApps>,
    caller: Caller,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<JitsiAppList>, Problem> {
    caller.may(Scope::SchoolWrite)?;
    let limit = page.limit()?;
    let filter = RecordFilter {
        school: Some(&caller.school),
        after: page.after.as_deref(),
        limit: limit + 1,
        ..RecordFilter::default()
    };
    let mut apps = Record::<JitsiApp>::list(&app.store, filter).await?;
    let next = next(&mut apps, limit, |app| &app.id);
    let apps = apps.into_iter().map(to_response).collect();
    Ok(Json(JitsiAppList { apps, next }))
}

/// Let an app's tokens open rooms
#[utoipa::path(
    post, path = "/api/v1/jitsi/apps", extensions(("x-repetition" = json!("same_answer"))), tag = "embedding", request_body = NewJitsiApp,
    responses(
        (status = 201, body = RegisteredApp),
        (status = 409, body = Problem, description = "`app_taken`: your school has an app with this id; `key_taken`: another school showed before that it can sign with this key"),
        (status = 422, body = Problem, description = "`proof_needed`: the proof is missing or wrong, and what it has to be; `invalid`"),
    )
)]
pub async fn create(
    State(app): State<JitsiApps>,
    caller: Caller,
    Body(new): Body<NewJitsiApp>,
) -> Result<(StatusCode, Json<RegisteredApp>), Problem> {
    caller.may(Scope::SchoolWrite)?;
    let mut data = JitsiApp {
        app_id: new.app_id.read("app_id")?.into(),
        algorithm: new.algorithm,
        key: new.key.read("key")?.into(),
        proven: false,
    };
    let Some(key) = JitsiKey::of(&data) else {
        return Err(Problem::invalid(
            "key: it is no RSA public key in PEM form.",
        ));
    };
    if data.algorithm == JitsiAlgorithm::RS256 {
        let audience = format!("{}{PROOF_FOR}", app.public_url);
        let claimant = Claimant {
            school: &caller.school,
            app: &data,
            audience: &audience,
        };
        claimant
            .check(new.proof.as_deref(), app.clock.now())
            .map_err(|wrong| proof_needed(&claimant, wrong))?;
        data.proven = true;
    }
    // Another school may have an app of the same id: whose a token is, its signature tells. So the key must be another one.
    let others = JitsiApp::called(&app.store, &data.app_id).await?;
    let is_own = |other: &Record<JitsiApp>| other.school.as_deref() == Some(&caller.school);
    if others.len() as u64 >= MAX_SAME_NAME_APPS || others.iter().any(is_own) {
        return Err(Problem::app_taken());
    }
    // Who registered the key of another school in earlier versions, without a proof, gives way.
    let is_same = |other: &Record<JitsiApp>| {
        other.data.is_proven() && JitsiKey::of(&other.data).as_ref() == Some(&key)
    };
    if others.iter().any(is_same) {
        return Err(Problem::key_taken());
    }
    let now = app.clock.now();
    let record = JitsiApp::record(caller.school.clone(), now, data);
    if let Err(AlreadyExists) = record.add(&app.store).await? {
        return Err(Problem::app_taken());
    }
    caller
        .note(&app.store, now, Action::JitsiAppMade, &record.id)
        .await?;
    Ok((StatusCode::CREATED, Json(to_response(record))))
}

/// What the proof has to be, in the very words of this registration.
fn proof_needed(claimant: &Claimant<'_>, wrong: BadProof) -> Problem {
    let Claimant {
        school,
        app,
        audience,
    } = claimant;
    Problem::proof_needed(format!(
        "proof: {wrong}. Send a JWT signed by RS256 with the private key of this public key, with the claims iss \"{}\", sub \
         \"{school}\", aud \"{audience}\" and exp at most an hour from now. docs/embedding.md has programs that make it.",
        app.app_id
    ))
}

/// From now on the app's tokens open nothing
#[utoipa::path(
    delete, path = "/api/v1/jitsi/apps/{id}", tag = "embedding", params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<JitsiApps>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.may(Scope::SchoolWrite)?;
    let record = Record::<JitsiApp>::of_school(&app.store, &caller.school, &id).await?;
    let record = record.ok_or_else(Problem::not_found)?;
    record.delete(&app.store).await?;
    let now = app.clock.now();
    caller
        .note(&app.store, now, Action::JitsiAppDeleted, &id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
