//! A distribution that takes one value after the other: exact as long as few different values come,
//! with a stated error beyond.

use crate::sorted::SortedMap;

/// Different values that are told apart exactly.
const MAX_DISTINCT: usize = 1024;

/// Counts of values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Distribution {
    // By value without its last `shift` bits.
    counts: SortedMap<u32, u64>,
    shift: u32,
    n: u64,
    sum: u64,
    max: u32,
}

impl Distribution {
    /// Takes one value.
    pub fn add(&mut self, value: u32) {
        self.n += 1;
        self.sum += u64::from(value);
        self.max = self.max.max(value);
        self.count(value >> self.shift, 1);
        while self.counts.len() > MAX_DISTINCT {
            self.shift += 1;
            let finer = std::mem::take(&mut self.counts);
            for (value, count) in finer {
                self.count(value >> 1, count);
            }
        }
    }

    fn count(&mut self, value: u32, more: u64) {
        self.counts.change(value, || 0, |count| *count += more);
    }

    /// How many values came.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// The sum of all values.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The highest value; 0 of none.
    #[must_use]
    pub const fn max(&self) -> u32 {
        self.max
    }

    /// How far a quantile may lie above the true one; 0 where all are exact.
    #[must_use]
    pub const fn error(&self) -> u32 {
        (1 << self.shift) - 1
    }

    /// The value at `percent` of the values in order, by the nearest rank, at most [`Self::error`]
    /// too high; `None` of no values.
    #[must_use]
    pub fn quantile(&self, percent: u64) -> Option<u32> {
        let rank = (self.n * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (value, count) in &self.counts {
            seen += count;
            if seen >= rank {
                return Some(((value << self.shift) + self.error()).min(self.max));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::SplitMix64;

    #[test]
    fn few_values_are_exact() {
        let mut seen = Distribution::default();
        (1..=100).for_each(|value| seen.add(value));
        let quantiles = [50, 95, 99, 100].map(|percent| seen.quantile(percent).unwrap());
        assert_eq!(quantiles, [50, 95, 99, 100]);
        assert_eq!((seen.n(), seen.sum(), seen.max(), seen.error()), (100, 5050, 100, 0));
        assert_eq!(Distribution::default().quantile(50), None);
    }

    #[test]
    fn many_values_stay_within_the_stated_error_and_in_bounds() {
        let (mut random, mut seen, mut all) = (SplitMix64(3), Distribution::default(), Vec::new());
        for _ in 0..20_000 {
            let value = (random.next_u64() % 1_000_000) as u32;
            seen.add(value);
            all.push(value);
        }
        all.sort_unstable();
        assert!(seen.counts.len() <= MAX_DISTINCT && seen.error() > 0);
        for percent in [1, 50, 95, 99, 100] {
            let exact = all[(all.len() * percent as usize).div_ceil(100) - 1];
            let found = seen.quantile(percent).unwrap();
            assert!(found >= exact && found - exact <= seen.error(), "{percent}: {found} {exact}");
        }
    }
}
