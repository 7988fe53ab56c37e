//! One participant's connection: ICE, DTLS, SRTP.

pub mod batch;
pub mod candidate_paths;
pub mod dtls;
pub mod paced;
pub mod packet;
pub mod rtx_limiter;
pub mod session;
pub mod srtp;
pub mod stun;
pub mod voice_repeats;
