//! The media thread. Here, and nowhere else, stands `impl Worker`.

pub mod allocate;
pub mod commands;
pub mod conference_media;
pub mod forward;
pub mod member;
pub mod ready_set;
pub mod rtcp_in;
pub mod tick;
pub mod worker;
