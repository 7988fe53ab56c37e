//! How much a viewer's connection carries.

pub mod delay;
pub mod estimate;
