//! The reference server: REST API, signalling and the browser client in one binary.
//!
//! It is a library so that tests start it in their own process; `main.rs` only reads the command line.

#![allow(
    clippy::explicit_auto_deref,
    reason = "the store was behind a trait, and most calls still say so: `&*app.store`"
)]

pub mod accounts;
pub mod admin;
pub mod api;
pub mod app;
pub mod attendance;
pub mod auth;
pub mod bbb;
pub mod clock;
pub mod config;
mod csp;
pub mod data_dir;
pub mod deliveries;
pub mod demo;
pub mod edge;
pub mod framing;
pub mod housekeeping;
mod html_text;
mod json;
pub mod language;
pub mod logging;
pub mod lti;
pub mod page;
pub mod rooms;
pub mod school_settings;
pub mod secrets;
pub mod serve;
pub mod signaling;
pub mod store;
pub mod time_zone;
pub mod turns;
pub mod user_id;
pub mod web;
pub mod webhooks;
