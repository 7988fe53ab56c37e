//! What handlers of HTTP share: problem documents, bodies, pages of lists, preconditions, forms of texts.

pub mod formats;
pub mod json_body;
pub mod page;
pub mod path;
pub mod preconditions;
mod problem;
pub mod texts;

pub use problem::{Problem, spoken};
mod problem_code;
pub(crate) use problem_code::described_codes;
