//! One participant's connection: ICE, DTLS, SRTP.

pub mod dtls;
pub mod paths;
pub mod rtx_limiter;
pub mod session;
pub mod srtp;
pub mod stun;
