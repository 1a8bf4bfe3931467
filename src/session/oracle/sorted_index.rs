//! Places by key in little memory: sorted keys that take twelve bytes each, and the newest ones beside
//! them until they are enough to be sorted in.
//!
//! Keys are digests; nothing here knows of what.

use crate::sorted::SortedMap;

/// Newest keys that are always kept apart before they are sorted in.
const FEWEST: usize = 1024;

/// Of the sorted keys, the part that the newest ones may grow to.
const PART: usize = 16;

/// Places by key.
#[derive(Debug, Clone, Default)]
pub(super) struct SortedIndex {
    keys: Vec<u64>,
    places: Vec<u32>,
    newest: SortedMap<u64, u32>,
}

impl SortedIndex {
    /// The place of a key.
    pub(super) fn get(&self, key: u64) -> Option<u32> {
        if let Some(place) = self.newest.get(&key) {
            return Some(*place);
        }
        self.places.get(self.keys.binary_search(&key).ok()?).copied()
    }

    /// Adds a key that it does not hold.
    pub(super) fn insert(&mut self, key: u64, place: u32) {
        self.newest.insert(key, place);
        if self.newest.len() >= FEWEST.max(self.keys.len() / PART) {
            self.seal();
        }
    }

    /// Sorts the newest keys in.
    pub(super) fn seal(&mut self) {
        let newest = std::mem::take(&mut self.newest);
        if newest.is_empty() {
            return;
        }
        let len = self.keys.len() + newest.len();
        let (mut keys, mut places) = (Vec::with_capacity(len), Vec::with_capacity(len));
        for (key, place) in merged(self.sorted(), newest.into_iter()) {
            keys.push(key);
            places.push(place);
        }
        (self.keys, self.places) = (keys, places);
    }

    /// The places of all keys that both hold, here and there, in the order of the keys.
    pub(super) fn shared_with<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (u32, u32)> + 'a {
        let mut theirs = other.iter().peekable();
        self.iter().filter_map(move |(key, here)| {
            while theirs.next_if(|(other, _)| *other < key).is_some() {}
            theirs.next_if(|(other, _)| *other == key).map(|(_, there)| (here, there))
        })
    }

    fn iter(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        merged(self.sorted(), self.newest.iter().map(|(key, place)| (*key, *place)))
    }

    fn sorted(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.keys.iter().copied().zip(self.places.iter().copied())
    }
}

fn merged(
    left: impl Iterator<Item = (u64, u32)>,
    right: impl Iterator<Item = (u64, u32)>,
) -> impl Iterator<Item = (u64, u32)> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(one), Some(other)) if other < one => right.next(),
        (Some(_), _) => left.next(),
        (None, _) => right.next(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::link::SplitMix64;

    #[test]
    fn every_key_is_found_and_no_other() {
        let mut random = SplitMix64(5);
        let (mut index, mut all) = (SortedIndex::default(), BTreeMap::new());
        let (mut half, mut known) = (SortedIndex::default(), Vec::new());
        for place in 0..20_000_u32 {
            let key = random.next_u64();
            index.insert(key, place);
            all.insert(key, place);
            if place % 2 == 0 {
                half.insert(key, place + 1);
                known.push((key, (place, place + 1)));
            }
            if place % 6000 == 0 {
                index.seal();
            }
        }
        for (key, place) in &all {
            assert_eq!(index.get(*key), Some(*place));
            assert_eq!(index.get(key ^ 1).is_some(), all.contains_key(&(key ^ 1)));
        }
        known.sort_unstable();
        let places: Vec<(u32, u32)> = known.into_iter().map(|(_, places)| places).collect();
        assert_eq!(index.shared_with(&half).collect::<Vec<_>>(), places);
    }
}
