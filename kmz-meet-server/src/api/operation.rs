//! What an operation says of itself at its handler, beside what `utoipa` knows: in `extensions(...)` of `#[utoipa::path]`.
//!
//! - `"x-repetition"`: what a repeated creation gets (`Idempotency-Key`); see [`Repetition`]. Operations without it make nothing.
//! - `"x-entity-tag"`: the answer has an `ETag`, which `If-Match` names.
//!
//! An operation that needs nobody to be known says `security(())`. The description that integrators read has the headers and
//! parameters that follow from these words, and not the words.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const REPETITION: &str = "x-repetition";
const ENTITY_TAG: &str = "x-entity-tag";

/// What a creation gets that is asked for again with the same `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repetition {
    /// The first answer: it has neither secrets nor people in it, and is kept for a day.
    SameAnswer,
    /// A refusal: the first answer has a secret or people in it, and is not kept. It happens once.
    Refusal,
    /// An answer of its own: what is made is a text that we sign, and is signed again.
    NewAnswer,
}

/// What an operation says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    pub repetition: Option<Repetition>,
    pub entity_tag: bool,
    /// Needs nobody to be known.
    pub open: bool,
}

/// Reads what an operation of the description says of itself, and takes it out: integrators read what follows from it.
pub fn take_declared(operation: &mut Map<String, Value>) -> Declared {
    let repetition = operation.remove(REPETITION);
    let entity_tag = operation.remove(ENTITY_TAG);
    let open = operation.remove("security");
    Declared {
        repetition: repetition.and_then(|value| serde_json::from_value(value).ok()),
        entity_tag: entity_tag == Some(Value::Bool(true)),
        open: open.is_some(),
    }
}
