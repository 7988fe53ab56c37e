//! The one negotiation of a participant. It runs in the caller's task, off the media thread.

pub mod answer;
pub mod error;
pub mod extensions;
pub mod offer;
pub mod section;
