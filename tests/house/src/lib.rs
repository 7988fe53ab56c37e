//! Two checks of the source itself, without compiling it.
//!
//! - **Floors**: ARCHITECTURE.md gives every module a floor. A module uses lower floors only, and no files use each other in
//!   a circle. See [`floors`].
//! - **Words**: `docs/glossary.md` lists words that we no longer use. No name contains one. See [`words`].
//!
//! The reader is a walk over tokens, not a syntax tree: what stands in the body of a macro is read like everything else.
//! Calls of methods on values (`store.room(id)`) name no module, so they are no use of one.

mod circles;
mod error;
pub mod floors;
mod graph;
mod items;
mod names;
mod reader;
mod resolve;
mod table;
mod tokens;
mod tree;
mod use_tree;
pub mod words;

pub use error::Unreadable;
pub use tree::Tree;
