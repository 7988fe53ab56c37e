//! Lists within a column.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// Reads a column of the row with this id.
pub(super) fn read<T: DeserializeOwned>(
    what: &'static str,
    id: &str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Damaged {
        what,
        id: id.to_owned(),
        source,
    })
}

/// What such a column holds.
pub(super) fn write<T: Serialize + ?Sized>(
    what: &'static str,
    id: &str,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Damaged {
        what,
        id: id.to_owned(),
        source,
    })
}

/// Reads a column that holds one of the names of an enumeration.
pub(super) fn read_name<T: DeserializeOwned>(
    what: &'static str,
    id: &str,
    name: &str,
) -> Result<T, StoreError> {
    let value = serde_json::Value::from(name);
    serde_json::from_value(value).map_err(|source| StoreError::Damaged {
        what,
        id: id.to_owned(),
        source,
    })
}
