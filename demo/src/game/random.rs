//! The game's random numbers: part of its state, so that a restored state draws the same again.

use rollscope::link::SplitMix64;
use serde::{Deserialize, Serialize};

/// xoshiro128** (Blackman, Vigna 2018); its four words stand in the state text as small integers,
/// exact in every JSON reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Random([u32; 4]);

impl Random {
    pub(super) fn new(seed: u32) -> Self {
        let mut mixer = SplitMix64(u64::from(seed));
        let (first, second) = (mixer.next_u64(), mixer.next_u64());
        let words = [first, first >> 32, second, second >> 32];
        Self(words.map(|word| word as u32))
    }

    pub(super) fn next_u32(&mut self) -> u32 {
        let [a, b, c, d] = &mut self.0;
        let drawn = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 9;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(11);
        drawn
    }

    /// A number from -1 up to but not including 1.
    pub(super) fn signed_unit(&mut self) -> f64 {
        f64::from(self.next_u32()) / 2_147_483_648.0 - 1.0
    }

    /// A number from 0 up to but not including `end`; 0 if `end` is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.next_u32().checked_rem(end).unwrap_or(0)
    }
}
