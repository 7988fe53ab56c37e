//! The reference server: REST API, signalling and the browser client in one binary.
//!
//! It is a library so that tests start it in their own process; `main.rs` only reads the command line.

pub mod api;
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod demo;
pub mod logging;
pub mod secrets;
pub mod serve;
pub mod signaling;
pub mod store;
pub mod web;
