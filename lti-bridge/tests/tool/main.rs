//! The tool between a platform and a browser that the tests play. One program, as linking it takes longer than the tests.

mod claims;
mod deep_linking;
mod frames;
mod hostile_platforms;
mod hostile_tokens;
mod launches;
mod login_state;
mod registration;
mod services;
mod tool_keys;
mod world;
