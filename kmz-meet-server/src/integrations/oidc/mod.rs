//! Signing in by a provider of the school (OpenID Connect): the way there and back, whose account it is, and signing out there.

mod accounts;
mod counted;
mod paths;
mod refusal;
mod router;
mod sign_out;
mod state;
mod under_way;
mod waiting_link;

pub use accounts::MAX_ACCOUNTS_OF_PROVIDER;
pub use paths::{BEGIN, CALLBACK, SIGNED_OUT};
pub use router::routes;
pub use sign_out::sign_out_url;
pub use state::SignOn;
pub use waiting_link::link_waiting;
