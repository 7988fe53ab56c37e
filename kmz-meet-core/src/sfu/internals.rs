//! What fuzz targets, benches and tests of others reach of the inside. Nothing in here is promised to anybody.

pub use super::congestion::estimate::SendSideEstimate;
pub use super::net::demux::{Kind, kind};
pub use super::relay::access::Access;
pub use super::relay::frame::{Frame, next, write_channel};
pub use super::relay::outbox::{Lane, Outbox};
pub use super::relay::session::{Event, REALM, Session};
pub use super::rtp::header::{Header, Unwrapper, primary_of_red};
pub use super::rtp::transport_feedback::SentLog;
pub use super::rtp::vp8::{Descriptor, Shift};
pub use super::sdp::offer::Offer;
pub use super::transport::stun::{answer, local_ufrag};
