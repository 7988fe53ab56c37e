//! Incident records: what a school keeps of an emergency stop, or of a report that something is wrong. No content, no name, no
//! address (`room::Incident` of core); who was on which seat, the teacher writes on the printed record by hand.

mod document;
mod record;

pub use document::document;
pub use record::{IncidentRecord, keep, list, of_school};
