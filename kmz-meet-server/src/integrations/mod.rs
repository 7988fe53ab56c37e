//! Integrations: other platforms lead into rooms, and get something back. They do not know each other.

pub mod bbb;
pub mod jitsi;
pub mod lti;
pub mod oidc;
