//! The second factor of one's own account, and its removal by an administrator.

use std::fmt::Write;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::cookie::CookieJar;
use qrcodegen::{QrCode, QrCodeEcc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::account::{Account, may_set_up, prove_password, tell};
use super::session::after_set_up;
use crate::accounts::tell_owner;
use crate::audit::{self, Action};
use crate::auth::{AnySession, Caller, OwnSession, is_second_factor_required};
use crate::clock::Clock;
use crate::credentials::{Asserted, Checked, Purpose, Scope, SecondFactors};
use crate::http::Problem;
use crate::http::json_body::{Body, object_or_null};
use crate::http::path::Path;
use crate::integrations::oidc::SignOn;
use crate::language::Language;
use crate::mail::{SharedMailer, Template};
use crate::state::sub_state;
use crate::store::{SharedStore, User, UserRole};

sub_state! {
    /// What an administrator reaches of second factors.
    pub struct OthersSecondFactors {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        mailer: SharedMailer,
    }
}

/// Proves that it is the owner of the account who sits there and adds a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerProof {
    /// Not needed where one has just signed in to set up a second factor.
    #[serde(default)]
    current_password: Option<String>,
    /// Where there is a second factor: of the app, or a recovery code.
    #[serde(default)]
    #[schema(max_length = 40)]
    code: Option<String>,
    /// In its place: an `AuthenticationResponseJSON` of WebAuthn, which answers `POST /api/v1/account/passkeys/proof`.
    #[serde(default, deserialize_with = "object_or_null")]
    #[schema(value_type = Option<Object>)]
    assertion: Option<Value>,
}

/// What an authenticator app takes.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorSetup {
    /// Base32, to be typed in.
    secret: String,
    /// `otpauth://`, as in the picture.
    url: String,
    qr: QrPicture,
}

/// A QR code: black squares on white, with a margin of four.
#[derive(Serialize, ToSchema)]
pub struct QrPicture {
    /// Squares on a side, with the margin.
    size: u32,
    /// The attribute `d` of an SVG path, in squares.
    path: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    #[schema(max_length = 40)]
    code: String,
}

#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each opens the account once in the place of a code. They are not shown again.
    recovery_codes: Vec<String>,
}

impl RecoveryCodes {
    pub(super) fn new(recovery_codes: Vec<String>) -> Self {
        Self { recovery_codes }
    }
}

/// Proof of both factors.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BothFactors {
    current_password: String,
    /// Of the app, or a recovery code.
    #[schema(max_length = 40)]
    code: Option<String>,
    /// In its place: an `AuthenticationResponseJSON` of WebAuthn, which answers `POST /api/v1/account/passkeys/proof`.
    #[serde(default, deserialize_with = "object_or_null")]
    #[schema(value_type = Option<Object>)]
    assertion: Option<Value>,
}

pub(super) fn qr(url: &str) -> Result<QrPicture, Problem> {
    const MARGIN: i32 = 4;
    let code = QrCode::encode_text(url, QrCodeEcc::Medium);
    let code = code.map_err(|error| Problem::internal(&error))?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let begin = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > begin {
                let (left, top, width) = (begin + MARGIN, y + MARGIN, x - begin);
                // Writing into a text does not fail.
                let _ = write!(path, "M{left} {top}h{width}v1h-{width}z");
            }
            x += 1;
        }
    }
    let size = u32::try_from(code.size() + 2 * MARGIN).unwrap_or_default();
    Ok(QrPicture { size, path })
}

pub(super) fn refused(checked: Checked) -> Problem {
    match checked {
        Checked::Wait(wait) => Problem::too_many_attempts(wait.as_secs().max(1)),
        Checked::Nothing => Problem::no_second_factor(),
        Checked::Right | Checked::Wrong => Problem::wrong_code(),
    }
}

/// Begin to set up an authenticator app. It counts when the first code was right. Beside a passkey it takes both factors
#[utoipa::path(
    post, path = "/api/v1/account/second-factor", tag = "account", request_body = OwnerProof,
    responses(
        (status = 200, body = SecondFactorSetup),
        (status = 401, body = Problem, description = "`not_signed_in`; `wrong_code`; `wrong_passkey`; `passkey_doubtful`"),
        (status = 403, body = Problem, description = "`wrong_password`: the present one is another"),
        (status = 409, body = Problem, description = "`second_factor_exists`: remove it first"),
        (status = 422, body = Problem, description = "`invalid`: there are passkeys, and neither a code nor a passkey came"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn begin(
    State(app): State<Account>,
    any: AnySession,
    headers: HeaderMap,
    Body(proof): Body<OwnerProof>,
) -> Result<Json<SecondFactorSetup>, Problem> {
    may_set_up(&app, &any).await?;
    // Before the proof: a recovery code is not used up for nothing.
    if SecondFactors::kinds(&app.store, &any.own.user.id)
        .await?
        .app
    {
        return Err(Problem::second_factor_exists());
    }
    prove_owner(&app, &any, &headers, proof).await?;
    let now = app.clock.now();
    let setup = app.second_factors.begin(&app.store, &any.own.user, now);
    let setup = setup.await.map_err(|error| Problem::internal(&error))?;
    let setup = setup.ok_or_else(Problem::second_factor_exists)?;
    Ok(Json(SecondFactorSetup {
        qr: qr(&setup.url)?,
        secret: setup.secret,
        url: setup.url,
    }))
}

/// Finish setting up a second factor by its first code. Gives the recovery codes
#[utoipa::path(
    put, path = "/api/v1/account/second-factor", tag = "account", request_body = FirstCode,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = 401, body = Problem, description = "`not_signed_in`; `wrong_code`"),
        (status = 409, body = Problem, description = "`no_second_factor`: none is being set up"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn confirm(
    State(app): State<Account>,
    State(sign_on): State<SignOn>,
    any: AnySession,
    headers: HeaderMap,
    jar: CookieJar,
    Body(first): Body<FirstCode>,
) -> Result<(CookieJar, Json<RecoveryCodes>), Problem> {
    may_set_up(&app, &any).await?;
    let now = app.clock.now();
    let user = &any.own.user.id;
    let confirmed = app
        .second_factors
        .confirm(&app.store, user, &first.code, now)
        .await;
    let confirmed = confirmed.map_err(|error| Problem::internal(&error))?;
    let recovery_codes = confirmed.map_err(refused)?;
    // What is open elsewhere was opened by the password alone.
    super::account::end_all_but(&app, &any.own).await?;
    let jar = after_set_up(&sign_on, &headers, jar, &any).await?;
    tell(&app, &any.own.user, &headers, Template::AppAdded).await;
    Ok((jar, Json(RecoveryCodes { recovery_codes })))
}

/// Remove one's authenticator app. Recovery codes go with the last second factor
#[utoipa::path(
    post, path = "/api/v1/account/second-factor/removal", tag = "account", request_body = BothFactors,
    responses(
        (status = 204),
        (status = 401, body = Problem, description = "`not_signed_in`; `wrong_code`; `wrong_passkey`; `passkey_doubtful`"),
        (status = 403, body = Problem, description = "`wrong_password`: the present one is another"),
        (status = 409, body = Problem, description = "`no_second_factor`; `second_factor_required`"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn remove(
    State(app): State<Account>,
    own: OwnSession,
    headers: HeaderMap,
    Body(both): Body<BothFactors>,
) -> Result<StatusCode, Problem> {
    let kinds = SecondFactors::kinds(&app.store, &own.user.id).await?;
    let required = is_second_factor_required(&app.store, &app.config, &own.user).await?;
    if required && !kinds.passkeys {
        return Err(Problem::second_factor_required());
    }
    if !kinds.app {
        return Err(Problem::no_second_factor());
    }
    prove_both(&app, &own, &headers, &both).await?;
    match app.store.remove_app(&own.user.id, required).await? {
        Some(true) => {}
        Some(false) => tell(&app, &own.user, &headers, Template::SecondFactorOff).await,
        None => return Err(Problem::second_factor_required()),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Make new recovery codes in the place of the former ones
#[utoipa::path(
    post, path = "/api/v1/account/second-factor/recovery-codes", tag = "account", request_body = BothFactors,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = 401, body = Problem, description = "`not_signed_in`; `wrong_code`; `wrong_passkey`; `passkey_doubtful`"),
        (status = 403, body = Problem, description = "`wrong_password`: the present one is another"),
        (status = 409, body = Problem, description = "`no_second_factor`"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn new_codes(
    State(app): State<Account>,
    own: OwnSession,
    headers: HeaderMap,
    Body(both): Body<BothFactors>,
) -> Result<Json<RecoveryCodes>, Problem> {
    prove_both(&app, &own, &headers, &both).await?;
    let codes = app.second_factors.new_codes(&app.store, &own.user.id);
    Ok(Json(RecoveryCodes {
        recovery_codes: codes.await?,
    }))
}

/// The person at this browser may add a second factor: they know the password, and have a second factor where there is one.
/// Otherwise whoever finds the password and an open session would add one of their own, and remove the owner's by it.
pub(super) async fn prove_owner(
    app: &Account,
    any: &AnySession,
    headers: &HeaderMap,
    proof: OwnerProof,
) -> Result<(), Problem> {
    // They have just given the password, and there is no second factor.
    if any.limited {
        return Ok(());
    }
    let current_password = proof.current_password.unwrap_or_default();
    if !SecondFactors::is_on(&app.store, &any.own.user.id).await? {
        return prove_password(app, &any.own, &current_password).await;
    }
    let both = BothFactors {
        current_password,
        code: proof.code,
        assertion: proof.assertion,
    };
    prove_both(app, &any.own, headers, &both).await
}

/// The person at this browser knows the password, and has one of the second factors.
pub(super) async fn prove_both(
    app: &Account,
    own: &OwnSession,
    headers: &HeaderMap,
    both: &BothFactors,
) -> Result<(), Problem> {
    if !SecondFactors::is_on(&app.store, &own.user.id).await? {
        return Err(Problem::no_second_factor());
    }
    if both.code.is_some() == both.assertion.is_some() {
        return Err(Problem::invalid("Either `code` or `assertion` is needed."));
    }
    prove_password(app, own, &both.current_password).await?;
    let user = &own.user;
    if let Some(assertion) = &both.assertion {
        let proved = prove_passkey(app, user, Purpose::Proof, headers, assertion).await;
        return proved.map_err(|problem| problem.unwrap_or_else(Problem::no_second_factor));
    }
    let code = both.code.as_deref().unwrap_or_default();
    let now = app.clock.now();
    let checked = app.second_factors.check(&app.store, &user.id, code, now);
    let checked = checked.await.map_err(|error| Problem::internal(&error))?;
    match checked {
        Checked::Right => Ok(()),
        other => Err(refused(other)),
    }
}

/// One of the passkeys of an account is at hand. `None`: there is none.
pub(super) async fn prove_passkey(
    app: &Account,
    user: &User,
    purpose: Purpose,
    headers: &HeaderMap,
    assertion: &Value,
) -> Result<(), Option<Problem>> {
    let now = app.clock.now();
    let asserted = app
        .passkeys
        .check(&app.store, purpose, user, assertion, now);
    match asserted.await.map_err(|error| Some(Problem::from(error)))? {
        Asserted::Checked(Checked::Right) => Ok(()),
        Asserted::Checked(Checked::Wrong) => Err(Some(Problem::wrong_passkey())),
        Asserted::Checked(Checked::Nothing) => Err(None),
        Asserted::Checked(checked @ Checked::Wait(_)) => Err(Some(refused(checked))),
        Asserted::CountedBack => {
            tell(app, user, headers, Template::PasskeyDoubtful).await;
            Err(Some(Problem::passkey_doubtful()))
        }
    }
}

/// Remove the second factor of somebody who lost it. They are told by mail
#[utoipa::path(
    delete, path = "/api/v1/schools/{school_id}/users/{user_id}/second-factor", tag = "account",
    params(("school_id" = String, Path), ("user_id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = Problem, description = "`not_permitted`: only people who administer the school"),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`not_now`: nobody does this to themselves"),
    )
)]
pub async fn remove_of(
    State(app): State<OthersSecondFactors>,
    caller: Caller,
    headers: HeaderMap,
    Path((school_id, user_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.person()?;
    let school = caller
        .school(&app.store, &school_id, Scope::SchoolWrite)
        .await?;
    let is_operator = caller.operates().is_ok();
    let user = app.store.user(&user_id).await?;
    let user = user.filter(|user| user.school == school.id);
    // Whoever runs the service is nobody's to open.
    let user = user.filter(|user| is_operator || user.role != UserRole::Operator);
    let user = user.ok_or_else(Problem::not_found)?;
    if caller.is(&user) {
        // An open session that somebody finds proves none of the factors.
        return Err(Problem::not_now(
            "Nobody removes their own second factor here. Do it in your account, with both factors, or ask another administrator.",
        ));
    }
    if !app.store.delete_second_factor(&user.id).await? {
        return Err(Problem::not_found());
    }
    let (now, language) = (app.clock.now(), Language::wanted(&headers));
    let what = (Action::SecondFactorRemoved, user.id.as_str());
    audit::note(
        &app.store,
        now,
        &caller.as_actor(),
        Some(&user.school),
        what,
    )
    .await?;
    let template = Template::SecondFactorOff;
    tell_owner(&app.store, &app.mailer, now, &user, language, template).await;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qr_of_a_long_name_is_a_picture_of_squares() {
        let url = format!("otpauth://totp/a:{}?secret=ABC", "x".repeat(300));
        let qr = qr(&url).unwrap();
        assert!(
            qr.size > 40 && qr.path.starts_with("M4 4h7v1h-7z"),
            "{}",
            qr.path
        );
        assert!(
            qr.path
                .bytes()
                .all(|byte| b"Mhvz- 0123456789".contains(&byte))
        );
    }
}
