//! What stands in packets: headers, payload descriptors, feedback. No state of people.

pub mod header;
pub mod payload_types;
pub mod report;
pub mod transport_feedback;
pub mod vp8;
