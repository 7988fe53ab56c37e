//! Ids that others give: of people, courses and links. Short ones are kept as they are. A longer one is kept as its hash,
//! for two of them may differ at their ends only, and what is cut off would make them one.

use crate::random::hash;

/// Longest id that is kept as it is, in bytes. LTI 1.3 (core, 5.3.6) and BigBlueButton's clients stay below it.
const KEPT: usize = 256;
/// An id beyond this is no id.
const LONGEST: usize = 4_096;
/// How a kept hash begins. An id that begins so is hashed too, so nobody's id is another one's hash.
const MARK: &str = "sha256 ";

/// An id as it is kept; `None` when it is longer than any id can be.
#[must_use]
pub fn kept_id(id: &str) -> Option<String> {
    if id.len() > LONGEST {
        None
    } else if id.len() > KEPT || is_hashed(id) {
        Some(format!("{MARK}{}", hash(id)))
    } else {
        Some(id.to_owned())
    }
}

/// Whether a kept id is not the one that was given: whoever gave it does not know it.
#[must_use]
pub fn is_hashed(kept: &str) -> bool {
    kept.starts_with(MARK)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_of_every_length_are_kept_apart_and_short() {
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
        assert!(kept.iter().all(|id| id.len() <= KEPT));
    }

    #[test]
    fn id_that_is_short_is_kept_as_it_is() {
        for id in ["4", "anna@school.example", &"u".repeat(KEPT)] {
            assert_eq!(kept_id(id).as_deref(), Some(id));
            assert!(!is_hashed(id));
        }
    }

    #[test]
    fn id_beyond_all_bounds_is_none() {
        assert!(kept_id(&"u".repeat(LONGEST)).is_some_and(|id| is_hashed(&id)));
        assert_eq!(kept_id(&"u".repeat(LONGEST + 1)), None);
        assert_eq!(kept_id(&"\u{e4}".repeat(LONGEST)), None);
    }
}
