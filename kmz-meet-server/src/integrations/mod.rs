//! How other platforms lead into rooms, and what they get back. They do not know each other.

pub mod bbb;
pub mod jitsi;
pub mod lti;
