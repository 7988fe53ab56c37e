//! Files that are read into memory as a whole: so many at the same time.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Places for files.
pub struct FilePlaces(Semaphore);

/// A file's place, until this is dropped.
pub struct FilePlace<'a> {
    _permit: SemaphorePermit<'a>,
}

impl FilePlaces {
    #[must_use]
    pub const fn new(places: usize) -> Self {
        Self(Semaphore::const_new(places))
    }

    /// A place; `None`: others have all of them now.
    #[must_use]
    pub fn take(&self) -> Option<FilePlace<'_>> {
        let permit = self.0.try_acquire().ok()?;
        Some(FilePlace { _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_beyond_the_places_waits_for_one() {
        let places = FilePlaces::new(2);
        let one = places.take();
        let two = places.take();
        assert!(one.is_some() && two.is_some() && places.take().is_none());
        drop(two);
        assert!(places.take().is_some());
    }
}
