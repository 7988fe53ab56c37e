//! Passwords by one-time links: for new accounts, and for those whose password was forgotten. Nobody is signed in here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::must_be_good;
use crate::accounts::Forgotten;
use crate::accounts::forgotten::{MAX_CHARS, NotNow};
use crate::accounts::password::{Opened, choose, open};
use crate::auth::Cookies;
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::credentials::{Devices, Passwords, one_time_link};
use crate::http::Problem;
use crate::http::json_body::Body;
use crate::language::Language;
use crate::limits::ClientAddress;
use crate::mail::SharedMailer;
use crate::state::sub_state;
use crate::store::{KeptLink, School, SharedStore, User};

sub_state! {
    /// What handlers of passwords by links reach.
    pub struct PasswordLinks {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        devices: Arc<Devices>,
        passwords: Arc<Passwords>,
        mailer: SharedMailer,
        forgotten: Arc<Forgotten>,
    }
}

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// Their user name or address.
    #[schema(min_length = 1, max_length = 254)]
    user: String,
}

/// A link as it came by mail or letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordLink {
    /// What is behind the `#`.
    #[schema(max_length = 64)]
    token: String,
}

/// What a link opens.
#[derive(Serialize, ToSchema)]
pub struct OpenedLink {
    /// `first_password` or `password_reset`
    purpose: &'static str,
    username: String,
    name: String,
    school: String,
}

/// A password that is chosen by a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenPassword {
    /// What is behind the `#`.
    #[schema(max_length = 64)]
    token: String,
    #[schema(min_length = 10, max_length = 128)]
    new_password: String,
}

/// Ask for a link to choose a new password. The answer is the same whether there is such an account or not
#[utoipa::path(
    post, path = "/api/v1/password/forgotten", security(()), tag = "account", request_body = ForgottenPassword,
    responses(
        (status = 202, description = "If there is such an account, and it has an address, a link is on its way to it"),
        (status = 409, body = Problem, description = "`no_mail`: this server sends no mail"),
        (status = 422, body = Problem, description = "`invalid`: it is empty or too long"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn forgotten(
    State(app): State<PasswordLinks>,
    address: ClientAddress,
    headers: HeaderMap,
    Body(forgotten): Body<ForgottenPassword>,
) -> Result<StatusCode, Problem> {
    if !app.mailer.is_set_up() {
        return Err(Problem::no_mail());
    }
    let length = forgotten.user.trim().chars().count();
    if !(1..=MAX_CHARS).contains(&length) {
        return Err(Problem::invalid(format!(
            "user: it must have from 1 to {MAX_CHARS} characters."
        )));
    }
    let language = Language::wanted(&headers);
    let device = Cookies::of(&app.public_url).device(&headers, &app.devices);
    let known = device.filter(|device| app.devices.is_aged(device, app.clock.now()));
    let asker = (address.network(), known.as_deref());
    let asked = app.forgotten.ask(asker, &forgotten.user, language);
    match asked {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(NotNow::Network(wait)) => Err(Problem::too_many_attempts(wait.as_secs() + 1)),
        Err(NotNow::Full) => Err(Problem::too_many_attempts(60)),
    }
}

/// Whose password a link opens. It is not used up by that
#[utoipa::path(
    post, path = "/api/v1/password/link", security(()), tag = "account", request_body = PasswordLink,
    responses(
        (status = 200, body = OpenedLink),
        (status = 403, body = Problem, description = "`no_contract`: the school has none that is valid"),
        (status = 410, body = Problem, description = "`link_over`"),
    )
)]
pub async fn link(
    State(app): State<PasswordLinks>,
    Body(link): Body<PasswordLink>,
) -> Result<Json<OpenedLink>, Problem> {
    let (link, user, school) = opened(&app, &link.token).await?;
    Ok(Json(OpenedLink {
        purpose: link.purpose.as_str(),
        username: user.username,
        name: user.name,
        school: school.name,
    }))
}

/// Choose a password by a link, which is used up by it. All sessions of the account end
#[utoipa::path(
    put, path = "/api/v1/password", security(()), tag = "account", request_body = ChosenPassword,
    responses(
        (status = 204),
        (status = 403, body = Problem, description = "`no_contract`: the school has none that is valid"),
        (status = 410, body = Problem, description = "`link_over`"),
        (status = 422, body = Problem, description = "`weak_password`: too short, too long or easily guessed"),
    )
)]
pub async fn choose_password(
    State(app): State<PasswordLinks>,
    headers: HeaderMap,
    Body(chosen): Body<ChosenPassword>,
) -> Result<StatusCode, Problem> {
    let (link, user, school) = opened(&app, &chosen.token).await?;
    must_be_good(&chosen.new_password, &user, &school.name)?;
    let hash = app.passwords.hash(&chosen.new_password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    let (now, language) = (app.clock.now(), Language::wanted(&headers));
    let done = choose(
        &app.store,
        &app.mailer,
        now,
        (&link, &user),
        &hash,
        language,
    )
    .await?;
    done.then_some(StatusCode::NO_CONTENT)
        .ok_or_else(Problem::link_over)
}

async fn opened(app: &PasswordLinks, token: &str) -> Result<(KeptLink, User, School), Problem> {
    let link = one_time_link::find(&app.store, token, app.clock.now()).await?;
    match (
        open(&app.store, app.clock.now(), link.as_ref()).await?,
        link,
    ) {
        (Opened::Of(whose), Some(link)) => {
            let (user, school) = *whose;
            Ok((link, user, school))
        }
        (Opened::NoContract, _) => Err(Problem::no_contract()),
        _ => Err(Problem::link_over()),
    }
}
