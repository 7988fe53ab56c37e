//! How the environment names the keys of the configuration.

/// Every environment variable of the configuration starts with it.
pub const PREFIX: &str = "KMZ_MEET_";
