//! One's own account: the password, and where one is signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::{self, EndedSessions, tell_owner};
use crate::auth::{AnySession, OwnSession, is_second_factor_required, session_id};
use crate::clock::Clock;
use crate::config::Config;
use crate::credentials::LoginSource;
use crate::credentials::one_time_link;
use crate::credentials::{Passkeys, Passwords, SecondFactors};
use crate::credentials::{Weak, check_new_password};
use crate::email_address::EmailAddress;
use crate::http::Problem;
use crate::http::json_body::Body;
use crate::http::path::Path;
use crate::language::Language;
use crate::limits::FailureBackoff;
use crate::mail::{SharedMailer, Template};
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{StoreError, User};

sub_state! {
    /// What handlers of the own account reach.
    pub struct Account {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        passwords: Arc<Passwords>,
        sign_in_failures: Arc<FailureBackoff<(String, LoginSource)>>,
        second_factors: Arc<SecondFactors>,
        passkeys: Arc<Passkeys>,
        mailer: SharedMailer,
        config: Arc<Config>,
    }
}

/// One's own account.
#[derive(Serialize, ToSchema)]
pub struct OwnAccount {
    username: String,
    name: String,
    /// Where mails reach one; `null` where none is known.
    email: Option<String>,
    second_factor: OwnSecondFactor,
}

#[derive(Serialize, ToSchema)]
struct OwnSecondFactor {
    /// Whether signing in takes more than the password.
    on: bool,
    /// Whether there is an authenticator app.
    app: bool,
    /// How many passkeys there are.
    passkeys: usize,
    /// Whether it cannot be removed.
    required: bool,
    /// Recovery codes that were not used yet.
    recovery_codes: u64,
}

/// Another address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddress {
    #[schema(max_length = 254)]
    email: String,
    current_password: String,
}

/// A link as it came by mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmedAddress {
    /// What is behind the `#`.
    #[schema(max_length = 64)]
    token: String,
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

/// One's own account
#[utoipa::path(
    get, path = "/api/v1/account", tag = "account",
    responses((status = 200, body = OwnAccount), (status = 401, body = Problem, description = "`not_signed_in`"))
)]
pub async fn show(
    State(app): State<Account>,
    own: OwnSession,
) -> Result<Json<OwnAccount>, Problem> {
    let kinds = SecondFactors::kinds(&app.store, &own.user.id).await?;
    let second_factor = OwnSecondFactor {
        on: kinds.app || kinds.passkeys,
        app: kinds.app,
        passkeys: app.store.passkeys_of(&own.user.id).await?.len(),
        required: is_second_factor_required(&app.store, &app.config, &own.user).await?,
        recovery_codes: app.store.recovery_codes_of(&own.user.id).await?,
    };
    Ok(Json(OwnAccount {
        username: own.user.username,
        name: own.user.name,
        email: own.user.email.map(|email| email.to_string()),
        second_factor,
    }))
}

/// Change one's address. It counts when the link that is mailed to it was followed; the former one is told
#[utoipa::path(
    put, path = "/api/v1/account/address", tag = "account", request_body = NewAddress,
    responses(
        (status = 202, description = "A link is on its way, unless the address is another account's"),
        (status = 401, body = Problem, description = "`not_signed_in`"),
        (status = 403, body = Problem, description = "`wrong_password`: the present one is another"),
        (status = 409, body = Problem, description = "`no_mail`: this server sends no mail"),
        (status = 422, body = Problem, description = "`invalid`: it is no address"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn change_address(
    State(app): State<Account>,
    own: OwnSession,
    headers: HeaderMap,
    Body(new): Body<NewAddress>,
) -> Result<StatusCode, Problem> {
    if !app.mailer.is_set_up() {
        return Err(Problem::no_mail());
    }
    let address = new.email.parse::<EmailAddress>();
    let address = address.map_err(|error| Problem::invalid(format!("email: {error}.")))?;
    prove_password(&app, &own, &new.current_password).await?;
    let language = Language::wanted(&headers);
    let now = app.clock.now();
    let wished =
        accounts::address::wish(&app.store, &app.mailer, now, &own.user, address, language).await;
    match wished {
        Ok(accounts::address::Wished::Accepted) => Ok(StatusCode::ACCEPTED),
        Ok(accounts::address::Wished::TooMany)
        | Err(accounts::NotInvited::Mail(crate::mail::NotTaken::TooMany)) => Err(
            Problem::too_many_attempts(accounts::address::WITHIN.as_secs()),
        ),
        Err(error) => Err(Problem::internal(&error)),
    }
}

/// Confirm a new address by the link that was mailed to it
#[utoipa::path(
    post, path = "/api/v1/account/address/confirmation", security(()), tag = "account", request_body = ConfirmedAddress,
    responses(
        (status = 204),
        (status = 409, body = Problem, description = "`address_taken`: another account got it meanwhile"),
        (status = 410, body = Problem, description = "`link_over`"),
    )
)]
pub async fn confirm_address(
    State(app): State<Account>,
    headers: HeaderMap,
    Body(confirmed): Body<ConfirmedAddress>,
) -> Result<StatusCode, Problem> {
    use crate::store::LinkPurpose::ConfirmAddress;
    let now = app.clock.now();
    let link = one_time_link::find(&app.store, &confirmed.token, now).await?;
    let link = link.filter(|link| link.purpose == ConfirmAddress);
    let link = link.ok_or_else(Problem::link_over)?;
    let language = Language::wanted(&headers);
    match accounts::address::confirm(&app.store, &app.mailer, now, &link, language).await? {
        accounts::address::Confirmed::Done => Ok(StatusCode::NO_CONTENT),
        accounts::address::Confirmed::Over => Err(Problem::link_over()),
        accounts::address::Confirmed::OfAnother => Err(Problem::address_taken()),
    }
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
    headers: HeaderMap,
    Body(new): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    let school = app.store.school(&own.user.school).await?;
    let school = school.map(|school| school.name).unwrap_or_default();
    must_be_good(&new.new_password, &own.user, &school)?;
    prove_password(&app, &own, &new.current_password).await?;
    let hash = app.passwords.hash(&new.new_password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    app.store.set_password_hash(&own.user.id, &hash).await?;
    end_all_but(&app, &own).await?;
    let (now, language) = (app.clock.now(), Language::wanted(&headers));
    let template = Template::PasswordChanged;
    tell_owner(&app.store, &app.mailer, now, &own.user, language, template).await;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password that others would not guess.
pub(super) fn must_be_good(password: &str, user: &User, school: &str) -> Result<(), Problem> {
    check_new_password(password, &[&user.username, &user.name, school]).map_err(|weak| match weak {
        Weak::Length => Problem::weak_password("It must have from 10 to 128 characters."),
        Weak::Guessable => Problem::weak_password(
            "It is easily guessed. Several words that do not belong together are a good one.",
        ),
    })
}

/// The person at this browser knows the password of the account.
pub(super) async fn prove_password(
    app: &Account,
    own: &OwnSession,
    current: &str,
) -> Result<(), Problem> {
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
    let fits = app.passwords.verify(current, hash).await;
    if !fits.map_err(failed)? {
        return Err(Problem::wrong_password());
    }
    app.sign_in_failures.succeeded(&who);
    Ok(())
}

/// Who has only given their password sets up the first second factor, not a further one.
pub(super) async fn may_set_up(app: &Account, any: &AnySession) -> Result<(), Problem> {
    if any.limited && SecondFactors::is_on(&app.store, &any.own.user.id).await? {
        return Err(Problem::second_factor_exists());
    }
    Ok(())
}

/// Tells the owner of an account by mail what happened to it.
pub(super) async fn tell(app: &Account, user: &User, headers: &HeaderMap, template: Template) {
    let (now, language) = (app.clock.now(), Language::wanted(headers));
    tell_owner(&app.store, &app.mailer, now, user, language, template).await;
}

pub(super) async fn end_all_but(app: &Account, own: &OwnSession) -> Result<(), StoreError> {
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
