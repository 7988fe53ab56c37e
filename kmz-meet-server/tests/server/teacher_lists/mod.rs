//! Lists of teachers that are odd, and lists that mean harm.

mod corpus;
mod files;
mod rows;
mod written_elsewhere;
