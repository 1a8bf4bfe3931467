//! Stretches of play that can be recognised again: from a known state over known actions to a known
//! end. The determinism oracle finds them; here they are kept and held against each other.

use std::collections::BTreeMap;

use crate::frame::{Episode, Frame};

/// Stretches kept for comparison.
const MAX_STRETCHES: usize = 1 << 17;

/// Divergences and wrong restores kept with their evidence.
pub(super) const MAX_KEPT: usize = 64;

/// From which state, over which actions, to what kind of end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) actions: u64,
    pub(super) steps: u32,
    pub(super) end: End,
}

/// What is known of the end of a stretch. A hash after a restore is apart only where the restore may
/// have turned number keys into texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    State,
    Hash,
    HashAfterRestore,
}

/// The end of a stretch as it was seen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) digest: u64,
    pub(super) place: Place,
}

/// Where a stretch was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The episode, where it is known.
    pub episode: Option<Episode>,
    /// The first stepped frame, where it is known.
    pub first: Option<Frame>,
    /// Capture sequence number of the reply.
    pub seq: u32,
    /// Index of the operation whose result shows the end.
    pub operation: u32,
}

/// One stretch with two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divergence {
    /// Where it was seen first.
    pub before: Place,
    /// Where it ended otherwise.
    pub after: Place,
    /// Steps from the common state to the first one after which the states are known to differ.
    pub steps: u32,
}

/// All stretches of one page.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretches(BTreeMap<Stretch, Seen>);

/// Whether a stretch was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// It was not, and is kept.
    New,
    /// It was not, and there is no room.
    Full,
    /// It was.
    Known(Seen),
}

impl Stretches {
    /// Holds a stretch against the first time that it was seen.
    pub(super) fn hold(&mut self, stretch: Stretch, digest: u64, place: Place) -> Held {
        if let Some(known) = self.0.get(&stretch) {
            return Held::Known(*known);
        }
        if self.0.len() >= MAX_STRETCHES {
            return Held::Full;
        }
        self.0.insert(stretch, Seen { digest, place });
        Held::New
    }

    /// Stretches that both pages stepped, those with the same end as one: how many, and those that
    /// ended otherwise here than there.
    pub(super) fn shared_with(&self, other: &Self) -> (u32, Vec<Divergence>) {
        // Of stretches that end with one operation the shortest says most.
        let mut shortest: BTreeMap<(u32, u32), (u32, Seen, Seen)> = BTreeMap::new();
        for (stretch, here) in &self.0 {
            let Some(there) = other.0.get(stretch) else {
                continue;
            };
            let key = (here.place.seq, here.place.operation);
            let known = shortest.entry(key).or_insert((stretch.steps, *here, *there));
            if stretch.steps < known.0 {
                *known = (stretch.steps, *here, *there);
            }
        }
        let shared = shortest.len() as u32;
        let differing =
            shortest.into_values().filter(|(_, here, there)| here.digest != there.digest);
        let divergence = |(steps, here, there): (u32, Seen, Seen)| Divergence {
            before: here.place,
            after: there.place,
            steps,
        };
        let mut divergences: Vec<Divergence> = differing.map(divergence).take(MAX_KEPT).collect();
        divergences.sort_by_key(|one| (one.before, one.steps));
        (shared, divergences)
    }
}
