//! The streams: what comes in, what is kept, what goes out.

pub mod incoming_stream;
pub mod key_frame_limiter;
pub mod outgoing_stream;
pub mod packet_cache;
