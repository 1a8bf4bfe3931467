//! Frame numbers: one simulation step each, counted from 0 in every episode.
//!
//! A browser's own frames are never meant here. No frame yet is `Option<Frame>`, never -1.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One simulation step, counted from 0 per episode.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Frame(pub u32);

impl Frame {
    /// The first frame of an episode.
    pub const ZERO: Self = Self(0);

    /// The frame after this one; stays at the highest number instead of wrapping.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The frame before this one; `None` before frame 0.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// This frame moved later by `frames`; stays at the highest number instead of wrapping.
    #[must_use]
    pub const fn plus(self, frames: u32) -> Self {
        Self(self.0.saturating_add(frames))
    }

    /// This frame moved earlier by `frames`, at the earliest frame 0.
    #[must_use]
    pub const fn minus(self, frames: u32) -> Self {
        Self(self.0.saturating_sub(frames))
    }

    /// Frames from `earlier` up to this one; 0 if `earlier` is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whether this frame stands on the grid of every `interval` frames; an interval of 0 has no grid.
    #[must_use]
    pub const fn is_multiple_of(self, interval: u32) -> bool {
        interval != 0 && self.0.is_multiple_of(interval)
    }

    /// This frame as an index into per-frame columns.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Episode number, counted from 0 per game.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Episode(pub u32);

impl fmt::Display for Episode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Frame(u32::MAX).next(), Frame(u32::MAX));
        assert_eq!(Frame(3).minus(5), Frame::ZERO);
        assert_eq!(Frame(3).previous(), Some(Frame(2)));
        assert_eq!(Frame::ZERO.previous(), None);
        assert_eq!(Frame(3).since(Frame(5)), 0);
    }

    #[test]
    fn grid_of_zero_holds_no_frame() {
        assert!(!Frame(0).is_multiple_of(0));
        assert!(Frame(10).is_multiple_of(5));
    }
}
