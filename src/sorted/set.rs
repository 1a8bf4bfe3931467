//! A sorted set: a sorted map of keys alone.

use super::SortedMap;

/// A set whose items stand in order; it offers what [`std::collections::BTreeSet`] does under the same names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedSet<K>(SortedMap<K, ()>);

impl<K> Default for SortedSet<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> SortedSet<K> {
    /// An empty set, which holds no memory.
    #[must_use]
    pub const fn new() -> Self {
        Self(SortedMap::new())
    }

    /// The number of items.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no item.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets go of all items.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// All items in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.0.keys()
    }
}

impl<K: Ord> SortedSet<K> {
    /// Whether an item is in the set.
    pub fn contains(&self, item: &K) -> bool {
        self.0.contains_key(item)
    }

    /// Puts an item into the set; returns whether it was not there.
    pub fn insert(&mut self, item: K) -> bool {
        self.0.insert(item, ()).is_none()
    }

    /// Takes an item out of the set; returns whether it was there.
    pub fn remove(&mut self, item: &K) -> bool {
        self.0.remove(item).is_some()
    }

    /// Takes out the least item.
    pub fn pop_first(&mut self) -> Option<K> {
        self.0.pop_first().map(|(item, ())| item)
    }

    /// Takes out `item` and all greater ones, as a set.
    pub fn split_off(&mut self, item: &K) -> Self {
        Self(self.0.split_off(item))
    }
}

impl<K: Ord> FromIterator<K> for SortedSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(items: I) -> Self {
        Self(items.into_iter().map(|item| (item, ())).collect())
    }
}

impl<K> IntoIterator for SortedSet<K> {
    type Item = K;
    type IntoIter = std::iter::Map<<SortedMap<K, ()> as IntoIterator>::IntoIter, fn((K, ())) -> K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(item, ())| item)
    }
}
