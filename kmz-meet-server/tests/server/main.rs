//! The server in the process of the test, as people, courses and browsers meet it; what is stored is in `databases`.
//! One program, as linking the server takes longer than most of these tests.

#[path = "../common/mod.rs"]
mod common;

mod courses;
mod json_bodies;
mod lessons;
mod no_recording;
mod openapi;
mod origin;
mod pages;
mod pdf;
mod restart;
mod signal;
mod signaling;
mod sqlite;
mod teacher_lists;
