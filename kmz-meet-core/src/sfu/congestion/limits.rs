//! The rates between which every estimate stays, in bits per second.

/// Enough for a voice and the smallest picture.
pub const MIN_BITRATE: f64 = 100_000.0;
/// More than the largest gallery takes.
pub const MAX_BITRATE: f64 = 60_000_000.0;
