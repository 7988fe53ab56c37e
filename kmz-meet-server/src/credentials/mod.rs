//! What proves who somebody is: passwords, keys, tickets, seats, cookies. Nothing here knows HTTP.

pub(crate) mod api_key;
pub(crate) mod bbb_secret;
pub(crate) mod decaying_use;
pub(crate) mod device;
pub(crate) mod fair_queue;
mod identity;
pub(crate) mod known_browser;
mod login_source;
pub(crate) mod new_password;
pub(crate) mod one_time_link;
pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod random;
pub(crate) mod seat;
pub(crate) mod second_factor;
mod signed;
pub(crate) mod ticket;

pub use api_key::{ApiKey, ApiTokens, KeyNotMade, Scope};
pub use bbb_secret::{BbbSecret, BbbSecrets};
pub use device::Devices;
pub use fair_queue::LoginAttempt;
pub use identity::{Identity, TicketRole};
pub use known_browser::KnownBrowsers;
pub use login_source::LoginSource;
pub use new_password::{Weak, check_new_password, new_password};
pub use passkeys::{Asserted, MAX_PASSKEY_NAME_CHARS, MAX_PASSKEYS, NotAsked, Passkeys, Purpose};
pub use password::{Compared, HashError, Passwords};
pub(crate) use random::fingerprint;
pub use random::random_token;
pub use seat::Seats;
pub use second_factor::{Checked, Kinds, NewCodes, SecondFactors, Setup, Step};
pub use signed::SigningFailed;
pub use ticket::{MAX_RETURN_URL_BYTES, MAX_TICKET_LIFETIME, TICKET_LIFETIME, Ticket, Tickets};
