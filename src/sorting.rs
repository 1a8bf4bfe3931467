//! Sorting where time does not matter much: a few sorts for all types, which move places and not items.
//!
//! The standard library's sort is compiled once for each type and comparison, each 5 to 8 KB of the
//! panel. What sorts while a capture is read, or while a view is drawn, uses that one all the same.

use std::cmp::Ordering;

/// Sorts `items` as [`slice::sort_by`] does: equal items keep their order.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let places =
        sorted_places(items.len(), &mut |left, right| match (items.get(left), items.get(right)) {
            (Some(left), Some(right)) => compare(left, right),
            _ => Ordering::Equal,
        });
    arrange(items, places);
}

/// Sorts `items` by a key as [`slice::sort_by_key`] does: equal items keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |left, right| key(left).cmp(&key(right)));
}

/// Sorts `items` by a number of each, which is asked once: the quickest of these sorts. Equal items keep
/// their order.
pub fn sort_by_number<T>(items: &mut [T], number: impl FnMut(&T) -> u64) {
    arrange(items, places_by_number(items.iter().map(number).collect()));
}

/// The places of `count` items in their sorted order.
fn sorted_places(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|left, right| compare(*left, *right));
    places
}

/// The places of items with these numbers in their sorted order.
fn places_by_number(numbers: Vec<u64>) -> Vec<usize> {
    let mut placed: Vec<(u64, usize)> = numbers.into_iter().zip(0..).collect();
    placed.sort_unstable();
    placed.into_iter().map(|(_, place)| place).collect()
}

/// Puts the item of `places[n]` at place n, for every n.
fn arrange<T>(items: &mut [T], mut places: Vec<usize>) {
    // Along each cycle of places every item is swapped to where it belongs; a place that is done
    // names itself.
    for start in 0..items.len() {
        let mut at = start;
        while let Some(place) = places.get_mut(at) {
            let from = std::mem::replace(place, at);
            if from == start || from == at {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_every_short_list_as_the_standard_library_does() {
        for count in 0..=5_u32 {
            for coded in 0..4_u32.pow(count) {
                let items: Vec<(u32, u32)> =
                    (0..count).map(|at| (coded / 4_u32.pow(at) % 4, at)).collect();
                let mut expected = items.clone();
                expected.sort_by_key(|(key, _)| *key);
                let mut sorted = items.clone();
                sort_by_key(&mut sorted, |(key, _)| *key);
                assert_eq!(sorted, expected, "of {items:?}");
                let mut by_number = items.clone();
                sort_by_number(&mut by_number, |(key, _)| u64::from(*key));
                assert_eq!(by_number, expected, "of {items:?}, by number");
            }
        }
    }

    #[test]
    fn it_sorts_a_long_list_backwards() {
        let mut items: Vec<u32> = (0..1000).map(|at| at * 7919 % 1000).collect();
        sort_by(&mut items, |left, right| right.cmp(left));
        assert!(items.iter().copied().eq((0..1000).rev()));
    }
}
