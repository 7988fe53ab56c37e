//! What is behind the REST API, the pages and the integrations, on either database: on SQLite, and on PostgreSQL
//! (`make test-postgres`). One program, as linking the server takes longer than most of these tests.

#[path = "../common/mod.rs"]
mod common;

mod account;
mod account_bound;
mod api_tokens;
mod audit;
mod backups;
mod bbb;
mod class_cards;
mod commands;
mod console;
mod contract_gate;
mod contracts;
mod demo;
mod edge;
mod erasure;
mod incidents;
mod integrations;
mod leaving;
mod mail;
mod migration;
mod passkeys;
mod password_links;
mod privacy;
mod retention;
mod rooms;
mod sealed_drops;
mod second_factor;
mod self_tests;
mod sign_in;
mod single_sign_on;
mod slow_files;
mod store;
mod store_migration;
mod substitutes;
mod teacher_accounts;
mod teacher_imports;
mod teacher_requests;
mod tenancy;
mod tenancy_matrix;
mod webhooks;
