//! Sessions: who is signed in at this browser.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::user_agent::browser;
use crate::auth::{Connection, Cookies};
use crate::clock::{Clock, Timestamp, millis};
use crate::config::Config;
use crate::config::PublicUrl;
use crate::credentials::ApiTokens;
use crate::credentials::Devices;
use crate::credentials::KnownBrowsers;
use crate::credentials::LoginSource;
use crate::credentials::Passwords;
use crate::credentials::Tickets;
use crate::credentials::{Checked, Kinds, SecondFactors, Step};
use crate::credentials::{Compared, LoginAttempt, fingerprint, random_token};
use crate::http::Problem;
use crate::limits::ClientAddress;
use crate::limits::FailureBackoff;
use crate::school_settings::SchoolSettings;
use crate::state::sub_state;
use crate::store::SharedStore;
use crate::store::{KeptSession, StoreError, User, UserRole};

sub_state! {
    /// What it takes to find out who calls.
    pub struct Callers {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        tickets: Arc<Tickets>,
        api_tokens: Arc<ApiTokens>,
    }
}

sub_state! {
    /// What signing in and out reach.
    pub struct SignIn {
        store: SharedStore,
        clock: Arc<dyn Clock>,
        public_url: PublicUrl,
        devices: Arc<Devices>,
        known_browsers: Arc<KnownBrowsers>,
        passwords: Arc<Passwords>,
        sign_in_failures: Arc<FailureBackoff<(String, LoginSource)>>,
        second_factors: Arc<SecondFactors>,
        config: Arc<Config>,
    }
}

/// A session ends after this time without a request: a school day.
const MAX_IDLE: Duration = Duration::from_hours(12);
/// A session ends at this age, used or not.
const MAX_AGE: Duration = Duration::from_hours(7 * 24);
/// The time of its last use is stored at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(15);
/// Sessions of one account. A new one ends the oldest.
const MAX_SESSIONS: usize = 50;
/// Longest user name and password that are looked at.
const MAX_CHARS: usize = 200;
/// The longest wait, in seconds, that we announce after failed attempts: others at the same address caused part of it.
const MAX_RETRY_AFTER_SECONDS: u64 = 5;

/// The session that asks and its user; others get 401.
#[derive(Clone, Debug)]
pub struct OwnSession {
    pub user: User,
    pub token_hash: String,
}

impl OwnSession {
    /// As [`session_id`].
    pub fn id(&self) -> String {
        fingerprint(&self.token_hash)
    }

    /// Whether it has not ended since it was read.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn holds(&self, store: &SharedStore, now: Timestamp) -> Result<bool, StoreError> {
        let session = store.session(&self.token_hash, now).await?;
        Ok(session.is_some_and(|(user, _)| user.id == self.user.id))
    }
}

/// The session of the browser, if it has one.
pub struct MaybeSession(pub Option<OwnSession>);

/// The signed-in user, if there is one.
pub struct MaybeSignedIn(pub Option<User>);

/// A session that may set up a second factor: also one that opens nothing else yet. Others get 401.
#[derive(Clone)]
pub struct AnySession {
    pub own: OwnSession,
    pub limited: bool,
}

impl<S> FromRequestParts<S> for AnySession
where
    Callers: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let any = any_session_of(&Callers::from_ref(state), parts).await?;
        any.ok_or_else(Problem::not_signed_in)
    }
}

/// Who has signed in by their password at this browser and has to set up a second factor before anything else.
pub struct MaybeSettingUp(pub Option<User>);

impl<S> FromRequestParts<S> for MaybeSettingUp
where
    Callers: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let any = any_session_of(&Callers::from_ref(state), parts).await?;
        Ok(Self(any.filter(|any| any.limited).map(|any| any.own.user)))
    }
}

impl<S> FromRequestParts<S> for OwnSession
where
    Callers: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let own = session_of(&Callers::from_ref(state), parts).await?;
        own.ok_or_else(Problem::not_signed_in)
    }
}

impl<S> FromRequestParts<S> for MaybeSession
where
    Callers: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let own = session_of(&Callers::from_ref(state), parts).await?;
        Ok(Self(own))
    }
}

impl<S> FromRequestParts<S> for MaybeSignedIn
where
    Callers: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let own = session_of(&Callers::from_ref(state), parts).await?;
        Ok(Self(own.map(|own| own.user)))
    }
}

/// The session of a request, if it opens more than the setting up of a second factor.
pub(super) async fn session_of(
    app: &Callers,
    parts: &mut Parts,
) -> Result<Option<OwnSession>, StoreError> {
    let any = any_session_of(app, parts).await?;
    Ok(any.filter(|any| !any.limited).map(|any| any.own))
}

/// What was found of the session of a request.
#[derive(Clone)]
struct Found(Option<AnySession>);

/// The session of a request: it is looked for once, by whoever asks first.
async fn any_session_of(
    app: &Callers,
    parts: &mut Parts,
) -> Result<Option<AnySession>, StoreError> {
    if let Some(Found(known)) = parts.extensions.get() {
        return Ok(known.clone());
    }
    let found = find_session(app, &parts.headers).await?;
    parts.extensions.insert(Found(found.clone()));
    Ok(found)
}

async fn find_session(
    app: &Callers,
    headers: &HeaderMap,
) -> Result<Option<AnySession>, StoreError> {
    let Some(token) = Cookies::of(&app.public_url).token(headers) else {
        return Ok(None);
    };
    let hash = fingerprint(&token);
    let now = app.clock.now();
    let Some((user, session)) = app.store.any_session(&hash, now).await? else {
        return Ok(None);
    };
    // Not with every request.
    if !session.limited && now - session.used_at >= millis(NOTED_EVERY) {
        let until = (now + millis(MAX_IDLE)).min(session.created_at + millis(MAX_AGE));
        let until = until.max(session.expires_at);
        app.store.extend_session(&hash, now, until).await?;
    }
    Ok(Some(AnySession {
        own: OwnSession {
            user,
            token_hash: hash,
        },
        limited: session.limited,
    }))
}

/// By what a session is called: nobody signs in by it.
pub fn session_id(session: &KeptSession) -> String {
    fingerprint(&session.token_hash)
}

/// What a right password gives.
pub enum SignedIn {
    Session(Box<NewSession>),
    /// A second factor is needed, too: this proves that the password was right, and says which there are.
    NeedsMore(String, Kinds),
}

/// What signing in gives.
pub struct NewSession {
    pub user: User,
    /// It opens nothing but the setting up of a second factor.
    pub limited: bool,
    /// For the session's cookie.
    pub token: String,
    /// For the cookie by which this browser is known the next time.
    pub known: String,
}

/// From where someone signs in.
pub struct Whence {
    pub address: ClientAddress,
    pub connection: Connection,
}

/// Starts a session. Whoever is wrong too often is told to wait, but a right password is never refused for what its own
/// address did before: it waits for its turn, and where so many wait that there is none, it is to be tried again.
///
/// # Errors
/// Wrong credentials; or so many wait that there was no turn.
pub async fn sign_in(
    app: &SignIn,
    whence: Whence,
    headers: &HeaderMap,
    username: &str,
    password: &str,
) -> Result<SignedIn, Problem> {
    let username = username.trim().to_lowercase();
    if username.chars().count() > MAX_CHARS || password.chars().count() > MAX_CHARS {
        return Err(Problem::wrong_credentials());
    }
    let now = app.clock.now();
    let cookies = Cookies::of(&app.public_url);
    let kept = cookies.known_token(headers);
    let user = app.store.user_by_username(&username).await?;
    let known = user
        .as_ref()
        .and_then(|user| app.known_browsers.browser(kept.as_deref(), user, now));
    let device = cookies.device(headers, &app.devices);
    let attempt = LoginAttempt {
        account: username.clone(),
        group: whence.address.group(),
        network: whence.address.network(),
        aged: device
            .as_deref()
            .is_some_and(|device| app.devices.is_aged(device, now)),
        device,
        connection: whence.connection.0,
        known: known.clone(),
    };
    let source = known.map_or(LoginSource::Address(attempt.group), LoginSource::Browser);
    let who = (username, source);
    let told_to_wait = app.sign_in_failures.wait(&who, now);
    // Counted before the work: many guesses at once must not all pass the line above.
    app.sign_in_failures.failed(who.clone(), now);
    let hash = user.as_ref().and_then(|user| user.password_hash());
    let compared = app
        .passwords
        .verify_for(&attempt, password, hash)
        .await
        .map_err(|error| Problem::internal(&error))?;
    let user = match (compared, user) {
        (Compared::Right, Some(user)) => user,
        (Compared::NoRoom, _) => return Err(Problem::no_turn()),
        _ => {
            return Err(
                told_to_wait.map_or_else(Problem::wrong_credentials, |wait| {
                    Problem::too_many_attempts(wait.as_secs().min(MAX_RETRY_AFTER_SECONDS))
                }),
            );
        }
    };
    app.sign_in_failures.succeeded(&who);
    // Told only to who knows the password.
    if app.store.locked_at(&user.id).await?.is_some() {
        return Err(Problem::account_locked());
    }
    match next_step(app, &user).await? {
        Some(Step::Code) => {
            let step = app.second_factors.sign_step(&user, now)?;
            let kinds = SecondFactors::kinds(&app.store, &user.id).await?;
            Ok(SignedIn::NeedsMore(step, kinds))
        }
        step => {
            let limited = step == Some(Step::SetUp);
            let new = new_session(app, headers, user, limited, now).await?;
            Ok(SignedIn::Session(Box::new(new)))
        }
    }
}

/// Whose first step it was, if it holds.
///
/// # Errors
/// `second_step_over` where it was not done or is too long ago, or `account_locked`.
pub async fn after_first_step(app: &SignIn, step: &str) -> Result<User, Problem> {
    let now = app.clock.now();
    let user = app.second_factors.verify_step(&app.store, step, now);
    let user = user.await?.ok_or_else(Problem::second_step_over)?;
    if app.store.locked_at(&user.id).await?.is_some() {
        return Err(Problem::account_locked());
    }
    Ok(user)
}

/// Goes on after a right password, by a code.
///
/// # Errors
/// `wrong_code`, `too_many_attempts`, or `second_step_over` where the first step was not done or is too long ago.
pub async fn sign_in_by_code(
    app: &SignIn,
    headers: &HeaderMap,
    step: &str,
    code: &str,
) -> Result<NewSession, Problem> {
    let now = app.clock.now();
    let user = after_first_step(app, step).await?;
    let checked = app
        .second_factors
        .check(&app.store, &user.id, code, now)
        .await
        .map_err(|error| Problem::internal(&error))?;
    match checked {
        Checked::Right => new_session(app, headers, user, false, now).await,
        Checked::Wrong => Err(Problem::wrong_code()),
        Checked::Wait(wait) => Err(Problem::too_many_attempts(wait.as_secs().max(1))),
        // It was removed since: the password alone is enough again.
        Checked::Nothing => Err(Problem::second_step_over()),
    }
}

/// What signing in asks for after the password.
async fn next_step(app: &SignIn, user: &User) -> Result<Option<Step>, StoreError> {
    if SecondFactors::is_on(&app.store, &user.id).await? {
        return Ok(Some(Step::Code));
    }
    let required = is_second_factor_required(&app.store, &app.config, user).await?;
    Ok(required.then_some(Step::SetUp))
}

/// Whether an account is opened with a second factor only.
///
/// # Errors
/// When the store fails.
pub async fn is_second_factor_required(
    store: &SharedStore,
    config: &Config,
    user: &User,
) -> Result<bool, StoreError> {
    if user.role == UserRole::Operator && config.operators_need_second_factor {
        return Ok(true);
    }
    let settings = SchoolSettings::of(store, &user.school).await?;
    Ok(settings.second_factor_required)
}

/// Starts the session of somebody whose second factor was looked at: by a passkey, or by a provider of their school.
///
/// # Errors
/// When the store fails.
pub async fn start_session(
    app: &SignIn,
    headers: &HeaderMap,
    user: User,
) -> Result<NewSession, Problem> {
    new_session(app, headers, user, false, app.clock.now()).await
}

async fn new_session(
    app: &SignIn,
    headers: &HeaderMap,
    user: User,
    limited: bool,
    now: Timestamp,
) -> Result<NewSession, Problem> {
    let cookies = Cookies::of(&app.public_url);
    let kept = cookies.known_token(headers);
    app.store.delete_expired_sessions(now).await?;
    let token = random_token::<32>();
    let session = KeptSession {
        token_hash: fingerprint(&token),
        user: user.id.clone(),
        created_at: now,
        used_at: now,
        expires_at: now + millis(MAX_IDLE),
        browser: browser(headers),
        limited,
    };
    app.store.add_session(&session).await?;
    for old in app
        .store
        .sessions_of(&user.id, now)
        .await?
        .iter()
        .skip(MAX_SESSIONS)
    {
        app.store.delete_session(&old.token_hash).await?;
    }
    let known = app.known_browsers.sign(kept.as_deref(), &user, now)?;
    Ok(NewSession {
        user,
        limited,
        token,
        known,
    })
}

/// Ends the session of this browser, if there is one.
///
/// # Errors
/// When the store fails.
pub async fn sign_out(app: &SignIn, headers: &HeaderMap) -> Result<(), StoreError> {
    match Cookies::of(&app.public_url).token(headers) {
        Some(token) => app.store.delete_session(&fingerprint(&token)).await,
        None => Ok(()),
    }
}
