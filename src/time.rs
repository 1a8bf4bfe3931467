//! Times of observed pages. The core never reads a clock; times come in with the events.

use serde::{Deserialize, Serialize};

/// Microseconds on one page's own clock, from its time origin.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl Micros {
    /// From milliseconds as browsers give them; negative, infinite and missing times become 0.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        // The cast saturates, and NaN becomes 0: both are what an observed number deserves.
        Self((millis * 1000.0).round() as u64)
    }

    /// As milliseconds, for people and for browsers.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Microseconds from `earlier` up to this time; 0 if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This time moved later by `micros`.
    #[must_use]
    pub const fn plus(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_times_that_are_no_times_become_zero() {
        assert_eq!(Micros::from_millis(f64::NAN), Micros(0));
        assert_eq!(Micros::from_millis(-4.0), Micros(0));
        assert_eq!(Micros::from_millis(1.5), Micros(1500));
    }
}
