//! JSON as platforms write it: what PHP makes of empty objects, and `null` for what is not there. A host that takes tokens of other
//! PHP programs meets the same.

use serde::{Deserialize, Deserializer};

/// An object. PHP makes a list of an empty one: then it is absent, as `null` is.
///
/// # Errors
/// When it is anything else.
pub fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written<T> {
        // The first one that fits holds, and fields of an object may stand in a list, too.
        Empty([(); 0]),
        Object(T),
    }
    Ok(match Option::<Written<T>>::deserialize(deserializer)? {
        Some(Written::Object(object)) => Some(object),
        Some(Written::Empty([])) | None => None,
    })
}

/// A list; `null` is an empty one.
///
/// # Errors
/// When it is anything else.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
