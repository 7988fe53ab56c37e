//! Ids that others give: of people, courses and links. Short ones are kept as they are. A longer one is kept as its hash: two
//! long ids may differ at their ends only, so cutting them would make them one.

use crate::random::hash;

/// Longest id that is kept as it is, in bytes. LTI 1.3 permits 255 characters (core, 5.3.6).
const MAX_KEPT_BYTES: usize = 256;
/// Longest id that is accepted, in bytes.
const MAX_ID_BYTES: usize = 4_096;
/// How a kept hash begins. An id that begins like this is hashed too, so no id equals the hash of another one.
const HASH_PREFIX: &str = "sha256 ";

/// The form in which an id is kept: itself up to 256 bytes, else a hash. `None` when it is longer than 4096 bytes.
#[must_use]
pub fn kept_id(id: &str) -> Option<String> {
    if id.len() > MAX_ID_BYTES {
        None
    } else if id.len() > MAX_KEPT_BYTES || is_hashed(id) {
        Some(format!("{HASH_PREFIX}{}", hash(id)))
    } else {
        Some(id.to_owned())
    }
}

/// Whether a kept id is a hash. Then its giver does not know it: do not send it back.
#[must_use]
pub fn is_hashed(kept: &str) -> bool {
    kept.starts_with(HASH_PREFIX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_of_any_length_stay_distinct_and_short() {
        let mut ids = vec![String::new(), "4".to_owned(), "sha256 x".to_owned()];
        for length in [255, 256, 257, 4_095] {
            for end in ["a", "b", "\u{e4}"] {
                ids.push(format!("{}{end}", "u".repeat(length - end.len())));
            }
            ids.push(format!("b{}", "u".repeat(length - 1)));
        }
        let long = ids.last().and_then(|id| kept_id(id)).unwrap();
        ids.push(long);
        let kept: BTreeSet<String> = ids.iter().filter_map(|id| kept_id(id)).collect();
        assert_eq!(kept.len(), ids.len());
        assert!(kept.iter().all(|id| id.len() <= MAX_KEPT_BYTES));
    }

    #[test]
    fn id_that_is_short_is_kept_unchanged() {
        for id in ["4", "anna@school.example", &"u".repeat(MAX_KEPT_BYTES)] {
            assert_eq!(kept_id(id).as_deref(), Some(id));
            assert!(!is_hashed(id));
        }
    }

    #[test]
    fn id_beyond_the_maximum_is_none() {
        assert!(kept_id(&"u".repeat(MAX_ID_BYTES)).is_some_and(|id| is_hashed(&id)));
        assert_eq!(kept_id(&"u".repeat(MAX_ID_BYTES + 1)), None);
        assert_eq!(kept_id(&"\u{e4}".repeat(MAX_ID_BYTES)), None);
    }
}
