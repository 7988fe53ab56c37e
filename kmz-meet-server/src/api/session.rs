//! Signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::AppendHeaders;
use axum_extra::extract::cookie::CookieJar;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::SignIn;
use crate::auth::{
    AnySession, Connection, Cookies, MaybeSettingUp, MaybeSignedIn, NewSession, SignOnCookie,
    SignedIn, Whence, sign_in, sign_in_by_code, sign_out,
};
use crate::http::Problem;
use crate::http::json_body::Body;
use crate::integrations::oidc::{SignOn, link_waiting, sign_out_url};
use crate::limits::ClientAddress;
use crate::store::User;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct Session {
    user: Option<SessionUser>,
    /// What signing in still needs: `code`, the code of a second factor, or `set_up`, a second factor that is set up.
    step: Option<&'static str>,
    /// With the step `code`: goes with the code. It is valid for five minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    step_token: Option<String>,
    /// With the step `code`: what can be given, `passkey` or `app`, a code of an authenticator app. Recovery codes always can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    factors: Vec<&'static str>,
    /// Where a browser goes after its session ended, so that it ends at the provider by which somebody signed in, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_out_path: Option<&'static str>,
}

/// The second step of signing in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondStep {
    #[schema(max_length = 1000)]
    step_token: String,
    /// Six digits of the app, or a recovery code.
    #[schema(max_length = 40)]
    code: String,
}

#[derive(Serialize, ToSchema)]
struct SessionUser {
    id: String,
    name: String,
    username: String,
    /// `operator`, `school_admin` or `moderator`
    role: &'static str,
    school: SessionSchool,
}

#[derive(Serialize, ToSchema)]
struct SessionSchool {
    id: String,
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    username: String,
    password: String,
}

/// Who is signed in at this browser
#[utoipa::path(get, path = "/api/v1/session", security(()), tag = "session", responses((status = 200, body = Session)))]
pub async fn show(
    State(app): State<SignIn>,
    MaybeSignedIn(user): MaybeSignedIn,
    MaybeSettingUp(setting_up): MaybeSettingUp,
    headers: HeaderMap,
) -> Result<Json<Session>, Problem> {
    Ok(Json(match (user, setting_up) {
        (Some(user), _) => Session {
            sign_out_path: sign_out_url(&app.public_url, &headers),
            ..session_of(&app, user).await?
        },
        (None, setting_up) => Session {
            user: None,
            step: setting_up.map(|_| SET_UP),
            step_token: None,
            factors: Vec::new(),
            sign_out_path: None,
        },
    }))
}

/// By which this browser is known the next time.
pub(super) type KnownCookie = AppendHeaders<Vec<(HeaderName, String)>>;

const SET_UP: &str = "set_up";

/// Sign in. Where `step` is `code`, a code follows by `POST /api/v1/session/code`, or a passkey by `POST /api/v1/session/passkey`
#[utoipa::path(
    post, path = "/api/v1/session", security(()), tag = "session", request_body = Credentials,
    responses(
        (status = 200, body = Session, description = "Signed in; the session is a cookie"),
        (status = 401, body = Problem, description = "`wrong_credentials`"),
        (status = 403, body = Problem, description = "`account_locked`"),
        (status = 429, body = Problem, description = "`too_many_attempts`: wrong too often; `no_turn`: so many wait that the password was not looked at, the same again may be right. `Retry-After` says how long"),
    )
)]
pub async fn create(
    State(app): State<SignIn>,
    State(sign_on): State<SignOn>,
    address: ClientAddress,
    connection: Connection,
    headers: HeaderMap,
    jar: CookieJar,
    Body(credentials): Body<Credentials>,
) -> Result<(CookieJar, KnownCookie, Json<Session>), Problem> {
    let Credentials { username, password } = credentials;
    let whence = Whence {
        address,
        connection,
    };
    match sign_in(&app, whence, &headers, &username, &password).await? {
        SignedIn::Session(new) => begin(&app, &sign_on, &headers, jar, *new).await,
        SignedIn::NeedsMore(token, kinds) => {
            let factors = [(kinds.passkeys, "passkey"), (kinds.app, "app")];
            let session = Session {
                user: None,
                step: Some("code"),
                step_token: Some(token),
                factors: factors
                    .iter()
                    .filter(|one| one.0)
                    .map(|one| one.1)
                    .collect(),
                sign_out_path: None,
            };
            Ok((jar, AppendHeaders(Vec::new()), Json(session)))
        }
    }
}

/// Sign in: the second step
#[utoipa::path(
    post, path = "/api/v1/session/code", security(()), tag = "session", request_body = SecondStep,
    responses(
        (status = 200, body = Session, description = "Signed in; the session is a cookie"),
        (status = 401, body = Problem, description = "`wrong_code`; `second_step_over`: begin anew"),
        (status = 403, body = Problem, description = "`account_locked`"),
        (status = 429, body = Problem, description = "`too_many_attempts`; `Retry-After` says how long"),
    )
)]
pub async fn by_code(
    State(app): State<SignIn>,
    State(sign_on): State<SignOn>,
    headers: HeaderMap,
    jar: CookieJar,
    Body(step): Body<SecondStep>,
) -> Result<(CookieJar, KnownCookie, Json<Session>), Problem> {
    let new = sign_in_by_code(&app, &headers, &step.step_token, &step.code).await?;
    begin(&app, &sign_on, &headers, jar, new).await
}

/// Starts the session that was made, at this browser.
pub(super) async fn begin(
    app: &SignIn,
    sign_on: &SignOn,
    headers: &HeaderMap,
    jar: CookieJar,
    new: NewSession,
) -> Result<(CookieJar, KnownCookie, Json<Session>), Problem> {
    // A session that this browser had before ends.
    sign_out(app, headers).await?;
    let session = if new.limited {
        Session {
            user: None,
            step: Some(SET_UP),
            step_token: None,
            factors: Vec::new(),
            sign_out_path: None,
        }
    } else {
        link_waiting(sign_on, headers, &new.user).await?;
        session_of(app, new.user).await?
    };
    let cookies = Cookies::of(&app.public_url);
    // What was left of a sign-in by a provider is over; what waits for everything that the account asks for waits on.
    let left: &[_] = if new.limited {
        &[SignOnCookie::Provider]
    } else {
        &[SignOnCookie::Link, SignOnCookie::Provider]
    };
    let jar = without(jar, cookies, left, headers);
    let known = cookies.known(new.known).to_string();
    Ok((
        jar.add(cookies.session(new.token)),
        AppendHeaders(vec![(header::SET_COOKIE, known)]),
        Json(session),
    ))
}

/// Takes back what a browser has of these cookies.
fn without(
    jar: CookieJar,
    cookies: Cookies,
    left: &[SignOnCookie],
    headers: &HeaderMap,
) -> CookieJar {
    left.iter().fold(jar, |jar, left| {
        if cookies.sign_on_value(*left, headers).is_some() {
            jar.add(cookies.no_sign_on(*left))
        } else {
            jar
        }
    })
}

/// Goes on with a session that opened nothing but the setting up of a second factor, as soon as there is one: it opens
/// everything, and what waited for that at this browser is done.
pub(super) async fn after_set_up(
    sign_on: &SignOn,
    headers: &HeaderMap,
    jar: CookieJar,
    any: &AnySession,
) -> Result<CookieJar, Problem> {
    sign_on.store.open_session(&any.own.token_hash).await?;
    if !any.limited {
        return Ok(jar);
    }
    // The recovery codes are shown once, and the answer has them. The next sign-in by the provider asks again.
    if let Err(error) = link_waiting(sign_on, headers, &any.own.user).await {
        tracing::warn!(%error, "an account at a provider that waited is not linked");
    }
    let cookies = Cookies::of(&sign_on.public_url);
    Ok(without(jar, cookies, &[SignOnCookie::Link], headers))
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/session", security(()), tag = "session", responses((status = 204)))]
pub async fn delete(
    State(app): State<SignIn>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<(CookieJar, StatusCode), Problem> {
    sign_out(&app, &headers).await?;
    let jar = jar.add(Cookies::of(&app.public_url).no_session());
    Ok((jar, StatusCode::NO_CONTENT))
}

async fn session_of(app: &SignIn, user: User) -> Result<Session, Problem> {
    let school = app.store.school(&user.school).await?;
    let school = school.ok_or_else(Problem::not_signed_in)?;
    Ok(Session {
        step: None,
        step_token: None,
        factors: Vec::new(),
        sign_out_path: None,
        user: Some(SessionUser {
            id: user.id,
            name: user.name,
            username: user.username,
            role: user.role.as_str(),
            school: SessionSchool {
                id: school.id,
                name: school.name,
            },
        }),
    })
}
