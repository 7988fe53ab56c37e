//! Passkeys of one's own account, and signing in by one.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::cookie::CookieJar;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::account::{Account, end_all_but, may_set_up, tell};
use super::second_factor::{
    BothFactors, OwnerProof, RecoveryCodes, prove_both, prove_owner, prove_passkey,
};
use super::session::{KnownCookie, Session, after_set_up, begin};
use crate::auth::{
    AnySession, OwnSession, SignIn, after_first_step, is_second_factor_required, start_session,
};
use crate::credentials::{
    MAX_PASSKEY_NAME_CHARS, MAX_PASSKEYS, NewCodes, NotAsked, Purpose, SecondFactors,
};
use crate::http::Problem;
use crate::http::json_body::{Body, object};
use crate::http::path::Path;
use crate::integrations::oidc::SignOn;
use crate::mail::Template;
use crate::store::{KeptPasskey, PasskeyAdded, PasskeyRemoved, User};

/// A passkey of one's own.
#[derive(Serialize, ToSchema)]
pub struct Passkey {
    id: String,
    /// What its owner calls it.
    name: String,
    /// Milliseconds since the Unix epoch.
    created_at: i64,
    /// Milliseconds since the Unix epoch; `null` where it was not used yet.
    used_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct OwnPasskeys {
    /// Whether there can be some: not at a server that is reached by an IP address.
    possible: bool,
    /// Oldest first.
    passkeys: Vec<Passkey>,
}

/// What a browser is asked.
#[derive(Serialize, ToSchema)]
pub struct PasskeyQuestion {
    /// The options of `navigator.credentials.create` or `get`, as JSON (WebAuthn). They hold for five minutes and one answer.
    #[schema(value_type = Object)]
    public_key: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// What one calls it.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// A `RegistrationResponseJSON` of WebAuthn.
    #[serde(deserialize_with = "object")]
    #[schema(value_type = Object)]
    credential: Value,
}

/// The first step of signing in, which was done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstStep {
    #[schema(max_length = 1000)]
    step_token: String,
}

/// The second step of signing in, by a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyStep {
    #[schema(max_length = 1000)]
    step_token: String,
    /// An `AuthenticationResponseJSON` of WebAuthn.
    #[serde(deserialize_with = "object")]
    #[schema(value_type = Object)]
    assertion: Value,
}

impl From<KeptPasskey> for Passkey {
    fn from(kept: KeptPasskey) -> Self {
        Self {
            id: kept.id,
            name: kept.name,
            created_at: kept.created_at,
            used_at: kept.used_at,
        }
    }
}

fn not_asked(why: NotAsked) -> Problem {
    match why {
        NotAsked::NoName => Problem::no_passkeys(),
        NotAsked::Number => too_many(),
        NotAsked::NoRoom => Problem::no_turn(),
        NotAsked::Unusable => Problem::internal(&why),
    }
}

fn too_many() -> Problem {
    Problem::too_many(format!(
        "An account has at most {MAX_PASSKEYS} passkeys. Remove one first."
    ))
}

/// One's own passkeys
#[utoipa::path(
    get, path = "/api/v1/account/passkeys", tag = "account",
    responses((status = 200, body = OwnPasskeys), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn list_passkeys(
    State(app): State<Account>,
    own: OwnSession,
) -> Result<Json<OwnPasskeys>, Problem> {
    let kept = app.store.passkeys_of(&own.user.id).await?;
    Ok(Json(OwnPasskeys {
        possible: app.passkeys.are_possible(),
        passkeys: kept.into_iter().map(Passkey::from).collect(),
    }))
}

/// Begin to add a passkey. Where there is a second factor it takes both factors
#[utoipa::path(
    post, path = "/api/v1/account/passkeys/options", tag = "account", request_body = OwnerProof,
    responses(
        (status = 200, body = PasskeyQuestion),
        (status = 401, body = Problem, description = "`not_signed_in`; `wrong_code`; `wrong_passkey`; `passkey_doubtful`"),
        (status = 403, body = Problem, description = "`wrong_password`: the present one is another"),
        (status = 409, body = Problem, description = "`too_many`; `no_passkeys`: this server is reached by an IP address; `second_factor_exists`: sign in with it first"),
        (status = 422, body = Problem, description = "`invalid`: there is a second factor, and neither a code nor a passkey came"),
        (status = 429, body = Problem, description = "`too_many_attempts`, `no_turn`; `Retry-After` says how long"),
    )
)]
pub async fn ask_to_add_passkey(
    State(app): State<Account>,
    any: AnySession,
    headers: HeaderMap,
    Body(proof): Body<OwnerProof>,
) -> Result<Json<PasskeyQuestion>, Problem> {
    may_set_up(&app, &any).await?;
    let user = &any.own.user;
    let kept = app.store.passkeys_of(&user.id).await?;
    // Before the proof: a recovery code is not used up for nothing.
    if !app.passkeys.are_possible() {
        return Err(Problem::no_passkeys());
    }
    if kept.len() as u64 >= MAX_PASSKEYS {
        return Err(too_many());
    }
    prove_owner(&app, &any, &headers, proof).await?;
    let question = app.passkeys.ask_to_register(user, &kept, app.clock.now());
    Ok(Json(PasskeyQuestion {
        public_key: question.map_err(not_asked)?,
    }))
}

/// Add a passkey. The first second factor of an account gives recovery codes, and ends its other sessions
#[utoipa::path(
    post, path = "/api/v1/account/passkeys", tag = "account", request_body = NewPasskey,
    responses(
        (status = 200, body = RecoveryCodes, description = "Without codes where there was a second factor before"),
        (status = 401, body = Problem, description = "`not_signed_in`; `wrong_passkey`: the answer is not right, or too late"),
        (status = 409, body = Problem, description = "`too_many`; `passkey_exists`; `second_factor_exists`: sign in with it first"),
        (status = 422, body = Problem, description = "`invalid`: the name"),
    )
)]
pub async fn add_passkey(
    State(app): State<Account>,
    State(sign_on): State<SignOn>,
    any: AnySession,
    headers: HeaderMap,
    jar: CookieJar,
    Body(new): Body<NewPasskey>,
) -> Result<(CookieJar, Json<RecoveryCodes>), Problem> {
    may_set_up(&app, &any).await?;
    let name = new.name.trim();
    let chars = name.chars().count();
    if chars == 0 || chars > MAX_PASSKEY_NAME_CHARS || name.contains(char::is_control) {
        return Err(Problem::invalid(format!(
            "name: from 1 to {MAX_PASSKEY_NAME_CHARS} characters."
        )));
    }
    let (user, now) = (&any.own.user, app.clock.now());
    let passkey = app.passkeys.register(user, name, &new.credential, now);
    let passkey = passkey.ok_or_else(Problem::wrong_passkey)?;
    let NewCodes { codes, hashes } = app.second_factors.recovery_codes(&user.id);
    let added = app.store.add_passkey(&passkey, MAX_PASSKEYS, &hashes).await;
    let (jar, recovery_codes) = match added? {
        PasskeyAdded::First => {
            // What is open elsewhere was opened by the password alone.
            end_all_but(&app, &any.own).await?;
            let jar = after_set_up(&sign_on, &headers, jar, &any).await?;
            (jar, codes)
        }
        PasskeyAdded::More => (jar, Vec::new()),
        PasskeyAdded::TooMany => return Err(too_many()),
        PasskeyAdded::AlreadyExists => return Err(Problem::passkey_exists()),
    };
    tell(&app, user, &headers, Template::PasskeyAdded).await;
    Ok((jar, Json(RecoveryCodes::new(recovery_codes))))
}

/// Ask for a passkey of one's own, for what takes both factors
#[utoipa::path(
    post, path = "/api/v1/account/passkeys/proof", tag = "account",
    responses(
        (status = 200, body = PasskeyQuestion),
        (status = 401, body = Problem, description = "`not_signed_in`"),
        (status = 409, body = Problem, description = "`no_second_factor`: there is no passkey; `no_passkeys`"),
        (status = 429, body = Problem, description = "`no_turn`; `Retry-After` says how long"),
    )
)]
pub async fn ask_for_passkey(
    State(app): State<Account>,
    own: OwnSession,
) -> Result<Json<PasskeyQuestion>, Problem> {
    ask(&app, Purpose::Proof, &own.user).await
}

async fn ask(
    app: &Account,
    purpose: Purpose,
    user: &User,
) -> Result<Json<PasskeyQuestion>, Problem> {
    let kept = app.store.passkeys_of(&user.id).await?;
    let asked = app.passkeys.ask(purpose, user, &kept, app.clock.now());
    let question = asked.map_err(|why| match why {
        NotAsked::Number => Problem::no_second_factor(),
        why => not_asked(why),
    })?;
    Ok(Json(PasskeyQuestion {
        public_key: question,
    }))
}

/// Remove a passkey of one's own
#[utoipa::path(
    post, path = "/api/v1/account/passkeys/{id}/removal", tag = "account", params(("id" = String, Path)),
    request_body = BothFactors,
    responses(
        (status = 204),
        (status = 401, body = Problem, description = "`not_signed_in`; `wrong_code`; `wrong_passkey`; `passkey_doubtful`"),
        (status = 403, body = Problem, description = "`wrong_password`: the present one is another"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`no_second_factor`; `second_factor_required`: it is the last one"),
        (status = 422, body = Problem, description = "`invalid`: neither a code nor a passkey"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn remove_passkey(
    State(app): State<Account>,
    own: OwnSession,
    headers: HeaderMap,
    Path(id): Path<String>,
    Body(both): Body<BothFactors>,
) -> Result<StatusCode, Problem> {
    let required = is_second_factor_required(&app.store, &app.config, &own.user).await?;
    // Before the proof: a recovery code is not used up for nothing.
    let kept = app.store.passkeys_of(&own.user.id).await?;
    if !kept.iter().any(|passkey| passkey.id == id) {
        return Err(Problem::not_found());
    }
    let is_last = kept.len() == 1 && !SecondFactors::kinds(&app.store, &own.user.id).await?.app;
    if required && is_last {
        return Err(Problem::second_factor_required());
    }
    prove_both(&app, &own, &headers, &both).await?;
    let template = match app
        .store
        .remove_passkey(&own.user.id, &id, required)
        .await?
    {
        PasskeyRemoved::One => Template::PasskeyRemoved,
        PasskeyRemoved::Last => Template::SecondFactorOff,
        PasskeyRemoved::Required => return Err(Problem::second_factor_required()),
        PasskeyRemoved::NotFound => return Err(Problem::not_found()),
    };
    tell(&app, &own.user, &headers, template).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign in: ask for a passkey in the second step
#[utoipa::path(
    post, path = "/api/v1/session/passkey/options", security(()), tag = "session", request_body = FirstStep,
    responses(
        (status = 200, body = PasskeyQuestion),
        (status = 401, body = Problem, description = "`second_step_over`: begin anew"),
        (status = 403, body = Problem, description = "`account_locked`"),
        (status = 409, body = Problem, description = "`no_second_factor`: there is no passkey; `no_passkeys`"),
        (status = 429, body = Problem, description = "`no_turn`; `Retry-After` says how long"),
    )
)]
pub async fn ask_to_sign_in(
    State(sign_in): State<SignIn>,
    State(app): State<Account>,
    Body(step): Body<FirstStep>,
) -> Result<Json<PasskeyQuestion>, Problem> {
    let user = after_first_step(&sign_in, &step.step_token).await?;
    ask(&app, Purpose::SignIn, &user).await
}

/// Sign in: the second step by a passkey
#[utoipa::path(
    post, path = "/api/v1/session/passkey", security(()), tag = "session", request_body = PasskeyStep,
    responses(
        (status = 200, body = Session, description = "Signed in; the session is a cookie"),
        (status = 401, body = Problem, description = "`wrong_passkey`; `passkey_doubtful`: there may be a copy of it; `second_step_over`: begin anew"),
        (status = 403, body = Problem, description = "`account_locked`"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn by_passkey(
    State(sign_in): State<SignIn>,
    State(sign_on): State<SignOn>,
    State(app): State<Account>,
    headers: HeaderMap,
    jar: CookieJar,
    Body(step): Body<PasskeyStep>,
) -> Result<(CookieJar, KnownCookie, Json<Session>), Problem> {
    let user = after_first_step(&sign_in, &step.step_token).await?;
    let purpose = Purpose::SignIn;
    prove_passkey(&app, &user, purpose, &headers, &step.assertion)
        .await
        // It was removed since: perhaps the password alone is enough again.
        .map_err(|problem| problem.unwrap_or_else(Problem::second_step_over))?;
    let new = start_session(&sign_in, &headers, user).await?;
    begin(&sign_in, &sign_on, &headers, jar, new).await
}
