//! Things in places that are given again: a key stays the same as long as its thing is there.

use std::marker::PhantomData;

use crate::sfu::ids::{ConferenceKey, MemberKey};

/// The place of something in a [`Table`].
pub trait Key: Copy {
    fn from_index(index: usize) -> Self;
    fn index(self) -> usize;
}

impl Key for MemberKey {
    fn from_index(index: usize) -> Self {
        Self::from_index(index)
    }
    fn index(self) -> usize {
        self.index()
    }
}

impl Key for ConferenceKey {
    fn from_index(index: usize) -> Self {
        Self::from_index(index)
    }
    fn index(self) -> usize {
        self.index()
    }
}

/// See the module.
pub struct Table<K, T> {
    places: Vec<Option<T>>,
    key: PhantomData<K>,
}

impl<K, T> Default for Table<K, T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            key: PhantomData,
        }
    }
}

impl<K: Key, T> Table<K, T> {
    /// Puts something into the first free place.
    pub fn insert(&mut self, thing: T) -> K {
        let index = self.places.iter().position(Option::is_none);
        let index = index.unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.places[index] = Some(thing);
        K::from_index(index)
    }

    pub fn get(&self, key: K) -> Option<&T> {
        self.places.get(key.index())?.as_ref()
    }

    pub fn get_mut(&mut self, key: K) -> Option<&mut T> {
        self.places.get_mut(key.index())?.as_mut()
    }

    /// Two things at once; `None` also when both are the same.
    pub fn get_two_mut(&mut self, one: K, other: K) -> Option<(&mut T, &mut T)> {
        match self
            .places
            .get_disjoint_mut([one.index(), other.index()])
            .ok()?
        {
            [Some(one), Some(other)] => Some((one, other)),
            _ => None,
        }
    }

    pub fn remove(&mut self, key: K) -> Option<T> {
        self.places.get_mut(key.index())?.take()
    }

    /// The place after this one in which something is; `None` begins. For loops whose steps change the table.
    pub fn next(&self, after: Option<K>) -> Option<K> {
        let start = after.map_or(0, |key| key.index() + 1);
        (start..self.places.len())
            .find(|index| self.places[*index].is_some())
            .map(K::from_index)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insert_after_a_removal_takes_the_free_place_and_leaves_the_others() {
        let mut table = Table::<MemberKey, &str>::default();
        let [anna, ben, carla] = ["anna", "ben", "carla"].map(|name| table.insert(name));
        assert_eq!(table.remove(ben), Some("ben"));
        assert_eq!((table.get(ben), table.get(carla)), (None, Some(&"carla")));
        assert_eq!(table.next(Some(anna)), Some(carla), "holes are passed over");
        assert_eq!(table.insert("dora"), ben);
        assert_eq!(table.get(anna), Some(&"anna"));
        assert!(table.get_two_mut(anna, anna).is_none());
        assert!(table.get_two_mut(anna, carla).is_some());
    }
}
