//! The parts of a running server, which handlers and tasks reach. `start` makes them.

use std::sync::Arc;

use kmz_meet_core::sfu::Media;
use lti_bridge::Bridge;
use lti_bridge::outgoing::Outgoing;

use crate::clock::Clock;
use crate::conferences::Registry;
use crate::config::{Config, PublicUrl};
use crate::credentials::{
    ApiTokens, BbbSecrets, Devices, Guesser, KnownBrowsers, Passwords, Seats, Tickets,
};
use crate::deliveries::Deliveries;
use crate::framing::Framing;
use crate::limits::{Backoff, InTurn, RequestLimit, Throttle, Turns};
use crate::store::SharedStore;

/// The parts of a running server.
pub struct App {
    /// As the operator set it.
    pub config: Config,
    /// Under which browsers reach this server.
    pub public_url: PublicUrl,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is kept.
    pub store: SharedStore,
    /// The media of all conferences.
    pub media: Media,
    /// Signs and checks seats in conferences.
    pub seats: Arc<Seats>,
    /// Signs and checks tickets.
    pub tickets: Arc<Tickets>,
    /// Signs and checks API keys.
    pub api_tokens: ApiTokens,
    /// Requests to others, guarded.
    pub outgoing: Outgoing,
    /// The LTI tool.
    pub lti: Arc<Bridge>,
    /// The shared secrets of the BigBlueButton-compatible API.
    pub bbb_secrets: BbbSecrets,
    /// What has to reach others.
    pub deliveries: Arc<Deliveries>,
    /// Which pages may show ours in frames.
    pub framing: Arc<Framing>,
    /// How many requests callers of the API may make.
    pub request_limit: RequestLimit,
    /// What those who need no account make us do.
    pub in_turn: InTurn,
    /// Changes of rooms.
    pub room_changes: Turns,
    /// Compares passwords, one after the other.
    pub passwords: Passwords,
    /// By account and whence.
    pub sign_in_failures: Backoff<(String, Guesser)>,
    /// Browsers that have signed in before.
    pub known_browsers: KnownBrowsers,
    /// Tells browsers apart.
    pub devices: Devices,
    /// The conferences that run here.
    pub conferences: Arc<Registry>,
    /// Slows those who guess rooms and passwords.
    pub throttle: Throttle,
}
