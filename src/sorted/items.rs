//! The items of a sorted map one after the other, and what maps are made of and compared by.

use std::fmt;

use super::{Place, SortedMap};

/// The place after a place that holds an item.
pub(super) fn following<K, V>(blocks: &[Vec<(K, V)>], place: Place) -> Place {
    let is_last = blocks.get(place.block).is_none_or(|items| place.at + 1 >= items.len());
    match is_last {
        true => Place { block: place.block + 1, at: 0 },
        false => Place { block: place.block, at: place.at + 1 },
    }
}

/// Items of a map in the order of their keys, from either end.
#[derive(Debug)]
pub struct Items<'a, K, V> {
    pub(super) blocks: &'a [Vec<(K, V)>],
    pub(super) front: Place,
    /// The place after the last one.
    pub(super) back: Place,
}

impl<K, V> Clone for Items<'_, K, V> {
    fn clone(&self) -> Self {
        Self { blocks: self.blocks, front: self.front, back: self.back }
    }
}

impl<'a, K, V> Iterator for Items<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        if self.front >= self.back {
            return None;
        }
        let (key, value) = self.blocks.get(self.front.block)?.get(self.front.at)?;
        self.front = following(self.blocks, self.front);
        Some((key, value))
    }
}

impl<K, V> DoubleEndedIterator for Items<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.front >= self.back {
            return None;
        }
        if self.back.at == 0 {
            self.back.block = self.back.block.checked_sub(1)?;
            self.back.at = self.blocks.get(self.back.block)?.len();
        }
        self.back.at = self.back.at.checked_sub(1)?;
        let (key, value) = self.blocks.get(self.back.block)?.get(self.back.at)?;
        Some((key, value))
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Items<'a, K, V>;

    fn into_iter(self) -> Items<'a, K, V> {
        self.iter()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.blocks.into_iter().flatten()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut map = Self::new();
        for (key, value) in items {
            map.insert(key, value);
        }
        map
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for SortedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for SortedMap<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}
