//! Tables whose keys are up to others: whoever has many addresses or cookies makes as many keys.

use std::collections::HashMap;
use std::hash::Hash;

/// Keys of one table.
pub(crate) const MAX_KEYS: usize = 20_000;
/// Room that is made at least. With less of it a crowd that comes as fast as its keys are over would make us look at the
/// whole table for each of them.
const MIN_ROOM: usize = MAX_KEYS / 16;

/// Makes room in a table that is full, before a key is added: entries that are over go, and if that is not enough, the half
/// with the lowest rank. So memory stays bounded, and what limits somebody most is remembered.
pub(crate) fn make_room<K: Hash + Eq, V, R: Ord + Copy>(
    table: &mut HashMap<K, V>,
    is_over: impl Fn(&V) -> bool,
    rank: impl Fn(&V) -> R,
) {
    if table.len() < MAX_KEYS {
        return;
    }
    table.retain(|_, value| !is_over(value));
    if table.len() <= MAX_KEYS - MIN_ROOM {
        return;
    }
    let mut ranks: Vec<R> = table.values().map(&rank).collect();
    let half = ranks.len() / 2;
    let (lower, middle, _) = ranks.select_nth_unstable(half);
    let middle = *middle;
    // Of many with the same rank no more than the half go.
    let mut equal = lower.iter().filter(|one| **one == middle).count();
    table.retain(|_, value| {
        let rank = rank(value);
        let goes = rank < middle || (rank == middle && equal > 0);
        equal -= usize::from(goes && rank == middle);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn make_room_in_a_full_table_leaves_the_higher_half() {
        let mut table: HashMap<usize, usize> = (0..MAX_KEYS).map(|key| (key, key)).collect();
        make_room(&mut table, |_| false, |rank| *rank);
        assert_eq!(table.len(), MAX_KEYS / 2);
        assert!(table.keys().all(|key| *key >= MAX_KEYS / 2));
    }

    #[test]
    fn make_room_among_equals_leaves_half() {
        let mut table: HashMap<usize, u8> = (0..MAX_KEYS).map(|key| (key, 1)).collect();
        make_room(&mut table, |_| false, |rank| *rank);
        assert_eq!(table.len(), MAX_KEYS / 2);
    }

    #[test]
    fn make_room_with_entries_that_are_over_forgets_only_these() {
        let mut table: HashMap<usize, usize> = (0..MAX_KEYS).map(|key| (key, key)).collect();
        make_room(&mut table, |rank| *rank < MIN_ROOM, |rank| *rank);
        assert_eq!(table.len(), MAX_KEYS - MIN_ROOM);
    }

    #[test]
    fn make_room_with_few_entries_that_are_over_is_not_needed_again_at_once() {
        let mut table: HashMap<usize, usize> = (0..MAX_KEYS).map(|key| (key, key)).collect();
        make_room(&mut table, |rank| *rank == 7, |rank| *rank);
        assert!(table.len() <= MAX_KEYS - MIN_ROOM, "{}", table.len());
        assert!(table.contains_key(&(MAX_KEYS - 1)), "the highest stays");
    }
}
