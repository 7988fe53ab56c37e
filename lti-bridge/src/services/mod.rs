//! What the platform does for the tool: access tokens, class lists, gradebooks.

mod access_token;
mod error;
mod gradebook;
mod membership;
mod request;

pub use error::ServiceError;
