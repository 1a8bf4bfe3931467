//! Random changes, each made to a sorted map and to the standard library's; both must always agree.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::{BLOCK_ITEMS, SortedMap, SortedSet};
use crate::link::SplitMix64;

/// No block is empty or too long, no two neighbours could be one, and keys ascend.
#[track_caller]
fn check_shape(map: &SortedMap<u32, u64>) {
    assert!(map.blocks.iter().all(|items| (1..=BLOCK_ITEMS).contains(&items.len())));
    assert_eq!(map.len(), map.blocks.iter().map(Vec::len).sum::<usize>());
    let keys: Vec<u32> = map.keys().copied().collect();
    assert!(keys.is_sorted_by(|left, right| left < right));
}

#[track_caller]
fn check_equal(map: &SortedMap<u32, u64>, known: &BTreeMap<u32, u64>) {
    check_shape(map);
    assert!(map.iter().eq(known.iter()));
    assert!(map.iter().rev().eq(known.iter().rev()));
    assert!(map.values().eq(known.values()));
    assert_eq!((map.len(), map.is_empty()), (known.len(), known.is_empty()));
    assert_eq!(map.first_key_value(), known.first_key_value());
    assert_eq!(map.last_key_value(), known.last_key_value());
}

/// A range of the keys from `from` to `to`, its bounds chosen by a number.
fn bounds(from: u32, to: u32, kind: u64) -> (Bound<u32>, Bound<u32>) {
    let bound = |key, kind| match kind % 3 {
        0 => Bound::Included(key),
        1 => Bound::Excluded(key),
        _ => Bound::Unbounded,
    };
    (bound(from, kind), bound(to, kind / 3))
}

#[test]
fn a_map_holds_what_a_b_tree_holds_whatever_is_done_to_it() {
    let mut random = SplitMix64(3);
    for round in 0..40 {
        let (mut map, mut known) = (SortedMap::new(), BTreeMap::new());
        let keys = 1 + random.next_u64() % 2000;
        // Some rounds grow first and shrink then, others stay small.
        for step in 0..1500 {
            let key = (random.next_u64() % keys) as u32;
            let value = random.next_u64();
            let grows = if round % 2 == 0 { step < 900 } else { value.is_multiple_of(2) };
            match random.next_u64() % 16 {
                0..9 if grows => assert_eq!(map.insert(key, value), known.insert(key, value)),
                0..9 => assert_eq!(map.remove(&key), known.remove(&key)),
                9 => {
                    let changed = map.change(key, || 7, |held| std::mem::replace(held, value));
                    let held = known.entry(key).or_insert(7);
                    assert_eq!(changed, std::mem::replace(held, value));
                }
                10 => {
                    map.insert_new(key, value);
                    known.entry(key).or_insert(value);
                }
                11 => assert_eq!(map.get_mut(&key), known.get_mut(&key)),
                12 => assert_eq!(map.pop_first(), known.pop_first()),
                13 => assert_eq!(map.pop_last(), known.pop_last()),
                14 => {
                    let to = key + (random.next_u64() % 200) as u32;
                    let range = bounds(key, to, value);
                    // The standard library's panics where both ends exclude one key.
                    if !matches!(range, (Bound::Excluded(one), Bound::Excluded(other)) if one == other)
                    {
                        assert!(map.range(range).eq(known.range(range)));
                        assert!(map.range(range).rev().eq(known.range(range).rev()));
                    }
                }
                _ => {
                    assert_eq!(map.get(&key), known.get(&key));
                    assert_eq!(map.contains_key(&key), known.contains_key(&key));
                }
            }
            if step % 100 == 0 {
                check_equal(&map, &known);
            }
        }
        map.values_mut().zip(known.values_mut()).for_each(|(one, other)| {
            *one ^= 1;
            *other ^= 1;
        });
        check_equal(&map, &known);
        let at = (random.next_u64() % keys) as u32;
        let (above, known_above) = (map.split_off(&at), known.split_off(&at));
        check_equal(&map, &known);
        check_equal(&above, &known_above);
        assert!(above.into_iter().eq(known_above));
    }
}

#[test]
fn a_set_holds_what_a_b_tree_holds() {
    let mut random = SplitMix64(5);
    let (mut set, mut known) = (SortedSet::new(), BTreeSet::new());
    for _ in 0..5000 {
        let item = (random.next_u64() % 700) as u32;
        match random.next_u64() % 4 {
            0 | 1 => assert_eq!(set.insert(item), known.insert(item)),
            2 => assert_eq!(set.remove(&item), known.remove(&item)),
            _ => assert_eq!(set.contains(&item), known.contains(&item)),
        }
    }
    assert!(set.len() > 2 * BLOCK_ITEMS);
    assert_eq!(set.pop_first(), known.pop_first());
    let (above, known_above) = (set.split_off(&400), known.split_off(&400));
    assert!(set.iter().eq(known.iter()) && above.iter().eq(known_above.iter()));
    assert!(above.clone().into_iter().collect::<SortedSet<u32>>() == above);
    assert!(above.into_iter().eq(known_above));
    set.clear();
    assert!(set.is_empty() && !set.contains(&0));
}

#[test]
fn growing_in_order_fills_the_blocks() {
    let map: SortedMap<u32, u64> = (0..10 * BLOCK_ITEMS as u32).map(|key| (key, 0)).collect();
    assert_eq!(map.blocks.len(), 10);
}

#[test]
fn what_is_left_of_many_items_lies_in_few_blocks() {
    let mut map: SortedMap<u32, u64> = (0..10_000).map(|key| (key, 0)).collect();
    for key in (0..10_000).filter(|key| key % 100 != 0) {
        map.remove(&key);
    }
    check_shape(&map);
    assert_eq!(map.len(), 100);
    assert!(map.blocks.len() <= 6, "{} blocks", map.blocks.len());
}

#[test]
fn maps_with_equal_items_are_equal_however_they_came_about() {
    let upwards: SortedMap<u32, u64> = (0..300).map(|key| (key, 1)).collect();
    let downwards: SortedMap<u32, u64> = (0..300).rev().map(|key| (key, 1)).collect();
    assert_ne!(upwards.blocks.len(), downwards.blocks.len());
    assert_eq!(upwards, downwards);
    let mut other = upwards.clone();
    other.insert(4, 2);
    assert_ne!(upwards, other);
}

#[test]
fn a_range_that_runs_backwards_is_empty() {
    let map: SortedMap<u32, u64> = (0..300).map(|key| (key, 1)).collect();
    let backwards = std::ops::Range { start: 200, end: 100 };
    assert_eq!(map.range(backwards.clone()).next(), None);
    assert_eq!(map.range(backwards).next_back(), None);
}
