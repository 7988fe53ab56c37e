//! The parts of a running server. `start` makes them; handlers and extractors take those that they need, by a [`sub_state`].

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, Weak};

use axum::extract::FromRef;
use guarded_http::GuardedClient;
use kmz_meet_core::sfu::Media;
use lti_bridge::Bridge;

use crate::accounts::Forgotten;
use crate::class_cards::{CardGuesses, CardSecrets};
use crate::clock::Clock;
use crate::conferences::Registry;
use crate::config::{Config, PublicUrl};
use crate::contracts::Vault;
use crate::credentials::{
    ApiTokens, BbbSecrets, Devices, KnownBrowsers, LoginSource, Passkeys, Passwords, Seats,
    SecondFactors, Tickets,
};
use crate::deliveries::Deliveries;
use crate::drops::DropLimits;
use crate::frame_ancestors::FrameAncestors;
use crate::limits::{FailureBackoff, InTurn, KeyedLock, RequestLimit, WaitingLimits};
use crate::mail::SharedMailer;
use crate::openid::{Discoveries, Shown};
use crate::sealing::Sealing;
use crate::self_tests::SelfTests;
use crate::store::SharedStore;
use crate::teacher_imports::TeacherImports;
use crate::teacher_requests::TeacherRequests;

/// The parts of a running server.
pub struct App {
    /// As the operator set it.
    pub config: Arc<Config>,
    /// Under which browsers reach this server.
    pub public_url: PublicUrl,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is kept.
    pub store: SharedStore,
    /// The media of all conferences.
    pub media: Media,
    /// Self tests that run.
    pub self_tests: SelfTests,
    /// Signs and checks seats in conferences.
    pub seats: Arc<Seats>,
    /// Signs and checks tickets.
    pub tickets: Arc<Tickets>,
    /// Makes and reads what opens by pupil cards.
    pub card_secrets: Arc<CardSecrets>,
    /// Limits those who try codes of pupil cards.
    pub card_guesses: Arc<CardGuesses>,
    /// Signs and checks API keys.
    pub api_tokens: Arc<ApiTokens>,
    /// Requests to others, guarded.
    pub outgoing: GuardedClient,
    /// The LTI tool.
    pub lti: Arc<Bridge>,
    /// The shared secrets of the BigBlueButton-compatible API.
    pub bbb_secrets: Arc<BbbSecrets>,
    /// What has to reach others.
    pub deliveries: Arc<Deliveries>,
    /// Takes requests of those who forgot their password.
    pub forgotten: Arc<Forgotten>,
    /// Passkeys, and what browsers are asked for them.
    pub passkeys: Arc<Passkeys>,
    /// Codes of authenticator apps.
    pub second_factors: Arc<SecondFactors>,
    /// Writes mails and leaves them to be sent.
    pub mailer: SharedMailer,
    /// Which pages may show ours in frames: the directive `frame-ancestors`.
    pub frame_ancestors: Arc<FrameAncestors>,
    /// How many requests callers of the API may make.
    pub request_limit: Arc<RequestLimit>,
    /// Work for callers without an account, one after the other for each address.
    pub in_turn: InTurn,
    /// Changes of rooms.
    pub room_changes: Arc<KeyedLock>,
    /// Encrypts signed contracts.
    pub contract_vault: Arc<Vault>,
    /// Compares passwords, one after the other.
    pub passwords: Arc<Passwords>,
    /// Failed sign-ins, by account and source.
    pub sign_in_failures: Arc<FailureBackoff<(String, LoginSource)>>,
    /// Browsers that have signed in before.
    pub known_browsers: Arc<KnownBrowsers>,
    /// Seals what concerns signing in by a provider.
    pub sign_in_sealing: Arc<Sealing>,
    /// What is known of providers of sign-ins.
    pub discoveries: Arc<Discoveries>,
    /// The providers that everybody sees.
    pub shown_providers: Arc<Shown>,
    /// Tells browsers apart.
    pub devices: Arc<Devices>,
    /// Imports of teachers that are worked on, and lists that are read.
    pub teacher_imports: Arc<TeacherImports>,
    /// Teachers who ask for an account: proofs, the register, limits.
    pub teacher_requests: Arc<TeacherRequests>,
    /// The conferences that run here.
    pub conferences: Arc<Registry>,
    /// Limits those who have a link of a sealed drop, or invent one.
    pub drop_limits: Arc<DropLimits>,
    /// Limits those who want to join a room.
    pub waiting_limits: Arc<WaitingLimits>,
}

/// The state of the routes: all parts, of which each handler takes its own.
#[derive(Clone)]
pub struct AppState(Arc<App>);

impl From<Arc<App>> for AppState {
    fn from(app: Arc<App>) -> Self {
        Self(app)
    }
}

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

impl FromRef<AppState> for PublicUrl {
    fn from_ref(state: &AppState) -> Self {
        state.public_url.clone()
    }
}

impl FromRef<AppState> for SharedStore {
    fn from_ref(state: &AppState) -> Self {
        state.store.clone()
    }
}

impl FromRef<AppState> for Arc<Config> {
    fn from_ref(state: &AppState) -> Self {
        state.config.clone()
    }
}

impl FromRef<AppState> for Arc<Devices> {
    fn from_ref(state: &AppState) -> Self {
        state.devices.clone()
    }
}

/// Parts of a server for a task that runs beside it: the task does not keep the server from stopping.
pub struct WhileRunning<T> {
    app: Weak<App>,
    parts: PhantomData<fn() -> T>,
}

impl<T> Clone for WhileRunning<T> {
    fn clone(&self) -> Self {
        Self {
            app: self.app.clone(),
            parts: PhantomData,
        }
    }
}

impl<T: for<'a> From<&'a App>> WhileRunning<T> {
    /// Of this server.
    pub fn of(app: &Arc<App>) -> Self {
        Self {
            app: Arc::downgrade(app),
            parts: PhantomData,
        }
    }

    /// The parts; `None` once the server has stopped.
    pub fn get(&self) -> Option<T> {
        Some(T::from(&*self.app.upgrade()?))
    }
}

/// Declares what some handlers or extractors reach of the state, and nothing else: fields that are called as in [`App`].
macro_rules! sub_state {
    ($(#[$doc:meta])* $visibility:vis struct $name:ident { $($field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[allow(clippy::struct_field_names, reason = "they are called as in the whole state")]
        #[derive(Clone)]
        $visibility struct $name {
            $(pub(crate) $field: $type,)+
        }

        impl From<&crate::state::App> for $name {
            fn from(app: &crate::state::App) -> Self {
                Self {
                    $($field: app.$field.clone(),)+
                }
            }
        }

        impl axum::extract::FromRef<crate::state::AppState> for $name {
            fn from_ref(state: &crate::state::AppState) -> Self {
                Self::from(&**state)
            }
        }
    };
}

pub(crate) use sub_state;
