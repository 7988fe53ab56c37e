//! Files that are read into memory as a whole: so many at the same time, and one of each sender.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Places for files. A file may come slowly, so nobody gets a second place: whoever sends many at once keeps nobody else waiting.
pub struct FilePlaces {
    most: usize,
    /// Who has a place.
    taken: Mutex<HashSet<String>>,
}

/// A sender's place, until this is dropped.
pub struct FilePlace<'a> {
    all: &'a FilePlaces,
    who: String,
}

impl FilePlaces {
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self {
            most: places,
            taken: Mutex::default(),
        }
    }

    fn taken(&self) -> MutexGuard<'_, HashSet<String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for `who`; `None`: they have one, or others have all of them now.
    #[must_use]
    pub fn take(&self, who: &str) -> Option<FilePlace<'_>> {
        let mut taken = self.taken();
        let is_free = taken.len() < self.most && taken.insert(who.to_owned());
        // Made only if it was free: to drop one gives the place back.
        is_free.then(|| FilePlace {
            all: self,
            who: who.to_owned(),
        })
    }
}

impl Drop for FilePlace<'_> {
    fn drop(&mut self) {
        self.all.taken().remove(&self.who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_beyond_the_places_waits_for_one() {
        let places = FilePlaces::new(2);
        let one = places.take("a");
        let two = places.take("b");
        assert!(one.is_some() && two.is_some() && places.take("c").is_none());
        drop(two);
        assert!(places.take("c").is_some());
    }

    #[test]
    fn second_file_of_a_sender_waits_for_the_first_and_those_of_others_do_not() {
        let places = FilePlaces::new(3);
        let one = places.take("a");
        assert!(one.is_some() && places.take("a").is_none());
        assert!(places.take("b").is_some());
        drop(one);
        assert!(places.take("a").is_some());
    }
}
