//! The streams: what comes in, what is kept of it, and what goes out. They know packets and each other's keys, but neither
//! members nor conferences.

pub mod bitrate_meter;
pub mod incoming_stream;
pub mod key_frame_limiter;
pub mod missing;
pub mod outgoing_stream;
pub mod packet_cache;
pub mod packet_map;
pub mod reception;
pub mod sender_stats;
pub mod slots;
