//! A map and a set in the order of their keys, as the standard library's B-trees are, in a quarter of their
//! code. Any layer may keep its books in one.
//!
//! Each kind of B-tree is 6 KB of the panel; a kind of these is 1.4 KB, because it is made of vectors: the
//! items lie sorted in blocks, and the blocks lie sorted in a list. What is looked up is found by two
//! binary searches; what is added moves the items of one block, and once in a while the list.

mod items;
mod set;

use std::borrow::Borrow;
use std::ops::{Bound, RangeBounds};

pub use items::Items;
use items::following;
pub use set::SortedSet;

/// Most items of a block. Two neighbours that have half of it together become one.
const BLOCK_ITEMS: usize = 64;

/// A map whose items stand in the order of their keys; it offers what [`std::collections::BTreeMap`] does
/// under the same names.
#[derive(Clone)]
pub struct SortedMap<K, V> {
    /// No block is empty.
    blocks: Vec<Vec<(K, V)>>,
    len: usize,
}

/// Where an item stands, or the end: one past the last block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    block: usize,
    at: usize,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> SortedMap<K, V> {
    /// An empty map, which holds no memory.
    #[must_use]
    pub const fn new() -> Self {
        Self { blocks: Vec::new(), len: 0 }
    }

    /// The number of items.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no item.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Lets go of all items.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// All items in the order of their keys.
    #[must_use]
    pub fn iter(&self) -> Items<'_, K, V> {
        Items { blocks: &self.blocks, front: Place { block: 0, at: 0 }, back: self.end() }
    }

    /// All keys in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// All values in the order of their keys, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.blocks.iter_mut().flatten().map(|(_, value)| value)
    }

    /// The item of the least key.
    #[must_use]
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The item of the greatest key.
    #[must_use]
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next_back()
    }

    /// Takes out the item of the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        self.take(Place { block: 0, at: 0 })
    }

    /// Takes out the item of the greatest key.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        let block = self.blocks.len().checked_sub(1)?;
        let at = self.blocks.get(block)?.len().checked_sub(1)?;
        self.take(Place { block, at })
    }

    const fn end(&self) -> Place {
        Place { block: self.blocks.len(), at: 0 }
    }

    /// Takes out the item at a place, if there is one.
    fn take(&mut self, place: Place) -> Option<(K, V)> {
        let items = self.blocks.get_mut(place.block).filter(|items| place.at < items.len())?;
        let taken = items.remove(place.at);
        self.len -= 1;
        if items.is_empty() {
            self.blocks.remove(place.block);
        } else {
            self.join(place.block);
        }
        if let Some(before) = place.block.checked_sub(1) {
            self.join(before);
        }
        Some(taken)
    }

    /// Makes one block of this one and the next if they are short, so that blocks with few items do not
    /// pile up.
    fn join(&mut self, block: usize) {
        if let Some([first, second]) = self.blocks.get_mut(block..block + 2)
            && first.len() + second.len() <= BLOCK_ITEMS / 2
        {
            first.append(second);
            self.blocks.remove(block + 1);
        }
    }

    /// Puts an item at the place that its key was looked for at.
    fn put(&mut self, place: Place, key: K, value: V) {
        let Place { mut block, mut at } = place;
        if block == self.blocks.len() {
            // Behind everything: the last block is filled, so that growing in order leaves full blocks.
            match self.blocks.last() {
                Some(last) if last.len() < BLOCK_ITEMS => (block, at) = (block - 1, last.len()),
                _ => self.blocks.push(Vec::new()),
            }
        } else if let Some(items) = self.blocks.get_mut(block)
            && items.len() >= BLOCK_ITEMS
        {
            let upper = items.split_off(BLOCK_ITEMS / 2);
            self.blocks.insert(block + 1, upper);
            if at > BLOCK_ITEMS / 2 {
                (block, at) = (block + 1, at - BLOCK_ITEMS / 2);
            }
        }
        if let Some(items) = self.blocks.get_mut(block) {
            items.insert(at, (key, value));
            self.len += 1;
        }
    }

    fn value_mut(&mut self, place: Place) -> Option<&mut V> {
        self.blocks.get_mut(place.block)?.get_mut(place.at).map(|(_, value)| value)
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The place of a key's item; or why there is none: the place of the next greater key.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        let is_before =
            |items: &Vec<(K, V)>| items.last().is_some_and(|(last, _)| last.borrow() < key);
        let block = self.blocks.partition_point(is_before);
        match self
            .blocks
            .get(block)
            .map(|items| items.binary_search_by(|(one, _)| one.borrow().cmp(key)))
        {
            Some(Ok(at)) => Ok(Place { block, at }),
            Some(Err(at)) => Err(Place { block, at }),
            None => Err(self.end()),
        }
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        self.blocks.get(place.block)?.get(place.at).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        self.value_mut(place)
    }

    /// Whether there is an item of this key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Puts an item into the map; returns the value that its key had before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(place) => self.value_mut(place).map(|held| std::mem::replace(held, value)),
            Err(place) => {
                self.put(place, key, value);
                None
            }
        }
    }

    /// Puts an item into the map unless its key has one already.
    pub fn insert_new(&mut self, key: K, value: V) {
        if let Err(place) = self.find(&key) {
            self.put(place, key, value);
        }
    }

    /// Changes the value of a key, or a new one that `make` gives where the key has none; returns what
    /// `change` returns.
    pub fn change<R>(
        &mut self,
        key: K,
        make: impl FnOnce() -> V,
        change: impl FnOnce(&mut V) -> R,
    ) -> R {
        let place = self.find(&key);
        if let Ok(place) = place
            && let Some(value) = self.value_mut(place)
        {
            return change(value);
        }
        let mut value = make();
        let result = change(&mut value);
        self.put(place.unwrap_or_else(|place| place), key, value);
        result
    }

    /// Takes out a key's item and returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        self.take(place).map(|(_, value)| value)
    }

    /// The items whose keys lie in a range, in order; none when the range is the wrong way round.
    pub fn range(&self, range: impl RangeBounds<K>) -> Items<'_, K, V> {
        let front = match range.start_bound() {
            Bound::Included(key) => self.find(key).unwrap_or_else(|place| place),
            Bound::Excluded(key) => self.after(key),
            Bound::Unbounded => Place { block: 0, at: 0 },
        };
        let back = match range.end_bound() {
            Bound::Included(key) => self.after(key),
            Bound::Excluded(key) => self.find(key).unwrap_or_else(|place| place),
            Bound::Unbounded => self.end(),
        };
        Items { blocks: &self.blocks, front, back }
    }

    /// The place of the first item whose key is greater.
    fn after(&self, key: &K) -> Place {
        match self.find(key) {
            Ok(place) => following(&self.blocks, place),
            Err(place) => place,
        }
    }

    /// Takes out the items of `key` and of all greater keys, as a map.
    pub fn split_off(&mut self, key: &K) -> Self {
        let Place { block, at } = self.find(key).unwrap_or_else(|place| place);
        let mut blocks = self.blocks.split_off(block);
        if let Some(first) = blocks.first_mut().filter(|_| at > 0) {
            let upper = first.split_off(at);
            self.blocks.push(std::mem::replace(first, upper));
        }
        let len = blocks.iter().map(Vec::len).sum();
        self.len -= len;
        Self { blocks, len }
    }
}

#[cfg(test)]
mod tests;
