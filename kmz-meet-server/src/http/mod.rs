//! What handlers of HTTP share: problem documents, bodies, pages of lists, preconditions, texts
//! and addresses of requests.

pub mod addresses;
pub mod file_body;
pub mod formats;
pub mod given;
pub mod json_body;
pub mod page;
pub mod path;
pub mod preconditions;
mod problem;
mod problem_code;
pub mod school_texts;
pub mod texts;

pub use problem::{Problem, spoken};
pub(crate) use problem_code::described_codes;
