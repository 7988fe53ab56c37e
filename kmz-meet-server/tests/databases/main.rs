//! What is behind the REST API, the pages and the integrations, on either database: on SQLite, and on PostgreSQL
//! (`make test-postgres`). One program, as linking the server takes longer than most of these tests.

#[path = "../common/mod.rs"]
mod common;

mod account;
mod api_tokens;
mod bbb;
mod contract_gate;
mod demo;
mod edge;
mod integrations;
mod migration;
mod rooms;
mod self_tests;
mod sign_in;
mod single_sign_on;
mod store;
mod store_migration;
mod tenancy;
mod tenancy_matrix;
mod webhooks;
