//! One's own account: the password, and where one is signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::{self, EndedSessions};
use crate::auth::{OwnSession, session_id};
use crate::clock::Clock;
use crate::credentials::LoginSource;
use crate::credentials::Passwords;
use crate::credentials::{Weak, check_new_password};
use crate::http::Problem;
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::limits::FailureBackoff;
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::StoreError;

sub_state! {
    /// What handlers of the own account reach.
    pub struct Account {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        passwords: Arc<Passwords>,
        sign_in_failures: Arc<FailureBackoff<(String, LoginSource)>>,
    }
}

/// Where someone is signed in.
#[derive(Serialize, ToSchema)]
pub struct AccountSession {
    id: String,
    /// The kind of browser, such as `Firefox, Windows`; `null` where it is not known.
    browser: Option<String>,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// Milliseconds since the Unix epoch, to within a quarter of an hour.
    used_at: i64,
    /// Whether it is the one that asks.
    current: bool,
}

#[derive(Serialize, ToSchema)]
pub struct AccountSessions {
    /// Newest first.
    sessions: Vec<AccountSession>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    current_password: String,
    #[schema(min_length = 10, max_length = 128)]
    new_password: String,
}

/// Where one is signed in
#[utoipa::path(
    get, path = "/api/v1/account/sessions", tag = "account",
    responses((status = 200, body = AccountSessions), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn list(
    State(app): State<Account>,
    own: OwnSession,
) -> Result<Json<AccountSessions>, Problem> {
    let sessions = app.store.sessions_of(&own.user.id, app.clock.now()).await?;
    let sessions = sessions.into_iter().map(|session| AccountSession {
        id: session_id(&session),
        current: session.token_hash == own.token_hash,
        browser: session.browser,
        created_at: session.created_at,
        used_at: session.used_at,
    });
    Ok(Json(AccountSessions {
        sessions: sessions.collect(),
    }))
}

/// End one of one's sessions. Who came into a conference by it is put out
#[utoipa::path(
    delete, path = "/api/v1/account/sessions/{id}", tag = "account", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 401, body = Problem, description = "`not_signed_in`"),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub async fn end(
    State(app): State<Account>,
    own: OwnSession,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let sessions = app.store.sessions_of(&own.user.id, app.clock.now()).await?;
    let session = sessions.into_iter().find(|one| session_id(one) == id);
    let session = session.ok_or_else(Problem::not_found)?;
    app.store.delete_session(&session.token_hash).await?;
    signed_out(&app, &own, EndedSessions::One(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of one's sessions but this one. Who came into a conference by them is put out
#[utoipa::path(
    delete, path = "/api/v1/account/sessions", tag = "account",
    responses((status = 204), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn end_others(
    State(app): State<Account>,
    own: OwnSession,
) -> Result<StatusCode, Problem> {
    end_all_but(&app, &own).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change one's password. All other sessions end
#[utoipa::path(
    put, path = "/api/v1/account/password", tag = "account", request_body = NewPassword,
    responses(
        (status = 204),
        (status = 401, body = Problem, description = "`not_signed_in`"),
        (status = 403, body = Problem, description = "`wrong_password`: the present one is another"),
        (status = 422, body = Problem, description = "`weak_password`: too short, too long or easily guessed"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn change_password(
    State(app): State<Account>,
    own: OwnSession,
    Body(new): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    let school = app.store.school(&own.user.school).await?;
    let school = school.map(|school| school.name).unwrap_or_default();
    check_new_password(
        &new.new_password,
        &[&own.user.username, &own.user.name, &school],
    )
    .map_err(|weak| match weak {
        Weak::Length => Problem::weak_password("It must have from 10 to 128 characters."),
        Weak::Guessable => Problem::weak_password(
            "It is easily guessed. Several words that do not belong together are a good one.",
        ),
    })?;
    let now = app.clock.now();
    // Whoever finds an open session must not find the password by it. Nobody else can use this up.
    let who = (
        own.user.username.clone(),
        LoginSource::Session(own.token_hash.clone()),
    );
    if let Some(wait) = app.sign_in_failures.wait(&who, now) {
        return Err(Problem::too_many_attempts(wait.as_secs()));
    }
    app.sign_in_failures.failed(who.clone(), now);
    let failed = |error| Problem::internal(&error);
    let hash = own.user.password_hash();
    let fits = app.passwords.verify(&new.current_password, hash).await;
    if !fits.map_err(failed)? {
        return Err(Problem::wrong_password());
    }
    app.sign_in_failures.succeeded(&who);
    let hash = app
        .passwords
        .hash(&new.new_password)
        .await
        .map_err(failed)?;
    app.store.set_password_hash(&own.user.id, &hash).await?;
    end_all_but(&app, &own).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_all_but(app: &Account, own: &OwnSession) -> Result<(), StoreError> {
    let but = Some(own.token_hash.as_str());
    if app.store.delete_sessions_of(&own.user.id, but).await? > 0 {
        signed_out(app, own, EndedSessions::AllBut(own.id())).await?;
    }
    Ok(())
}

async fn signed_out(
    app: &Account,
    own: &OwnSession,
    ended: EndedSessions,
) -> Result<(), StoreError> {
    accounts::signed_out(&app.store, &own.user.id, ended, app.clock.now()).await
}
