//! The conferences that run here, and what they keep beyond a restart.

mod persistence;
mod registry;

pub use registry::Registry;
