//! Who is heard, and who is seen how large.

pub mod allocator;
pub mod speakers;
pub mod watched;
