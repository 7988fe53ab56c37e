//! The reference server: REST API, signalling and the browser client in one binary.
//!
//! It is a library so that tests start it in their own process, and so that its asynchronous code is compiled once; `main.rs` only
//! calls `cli.rs`.

pub mod accounts;
pub mod admin;
pub mod api;
pub mod attendance;
pub mod auth;
pub mod capacity;
pub mod cli;
pub mod clock;
pub mod conferences;
pub mod config;
pub mod contracts;
pub mod credentials;
mod csp;
mod csv_cell;
pub mod data_dir;
pub mod deliveries;
pub mod demo;
pub mod edge;
pub mod events;
pub mod frame_ancestors;
pub mod housekeeping;
mod html_text;
pub mod http;
pub mod integrations;
pub mod language;
pub mod limits;
pub mod logging;
pub mod page;
pub mod pdf;
pub mod probe;
pub mod rooms;
pub mod router;
pub mod school_settings;
pub mod schools;
pub mod secrets;
pub mod self_tests;
pub mod serve;
pub mod signaling;
pub mod start;
pub mod state;
pub mod store;
pub mod time_zone;
pub mod user_id;
pub mod web;
pub mod webhooks;
