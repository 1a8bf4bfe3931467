//! Feeds a target and counts.

use crate::random::Random;
use crate::targets::{Tally, Target};

/// What one target was fed with and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Inputs.
    pub inputs: u64,
    /// Facts, events or records that were read.
    pub read: u64,
    /// Issues that were counted.
    pub issues: u64,
}

/// Feeds `inputs` inputs to a target. The same seed feeds the same; a broken promise panics, and the
/// number of the input stands in the message of the target.
#[must_use]
pub fn run(target: &Target, inputs: u64, seed: u64) -> Outcome {
    let mut random = Random::new(seed);
    let mut feed = (target.make)();
    let mut outcome = Outcome::default();
    for _ in 0..inputs {
        let Tally { read, issues } = feed.feed(&mut random);
        outcome.inputs += 1;
        outcome.read += u64::from(read);
        outcome.issues += u64::from(issues);
    }
    outcome
}
