//! Stretches of play that can be recognised again: from a known state over known actions to a known
//! end. The determinism oracle finds them; here they are kept and held against each other.

use std::hash::{DefaultHasher, Hasher};

use super::sorted_index::SortedIndex;
use crate::column::Column;
use crate::frame::{Episode, Frame};
use crate::sorting;

/// Stretches kept for comparison.
const MAX_STRETCHES: usize = 1 << 17;

/// Divergences and wrong restores kept with their evidence.
pub(super) const MAX_KEPT: usize = 64;

/// From which state, over which actions, to what kind of end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) actions: u64,
    pub(super) steps: u32,
    pub(super) end: End,
}

/// What is known of the end of a stretch. A hash after a restore is apart only where the restore may
/// have turned number keys into texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// All stretches of one page, in packed columns: an hour has hundreds of thousands. A stretch is
/// recognised by 64 bits over all that it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretches {
    index: SortedIndex,
    // By stretch: its end, and where it began.
    ends: Column,
    steps: Column,
    pub(super) episodes: Column,
    firsts: Column,
    // By end: several stretches end with one operation.
    digests: Column,
    seqs: Column,
    operations: Column,
}

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
        let key = stretch.key();
        if let Some(known) = self.index.get(key).and_then(|at| self.seen(at)) {
            return Held::Known(known);
        }
        if self.steps.len() >= MAX_STRETCHES {
            return Held::Full;
        }
        self.index.insert(key, self.steps.len() as u32);
        self.steps.push(u64::from(stretch.steps));
        self.episodes.push(place.episode.map_or(0, |episode| 1 + u64::from(episode.0)));
        self.firsts.push(place.first.map_or(0, |first| 1 + u64::from(first.0)));
        let end = (digest, u64::from(place.seq), u64::from(place.operation));
        let newest = self.digests.len().checked_sub(1);
        if newest.and_then(|at| self.end(at)) != Some(end) {
            self.digests.push(end.0);
            self.seqs.push(end.1);
            self.operations.push(end.2);
        }
        self.ends.push(self.digests.len() as u64 - 1);
        Held::New
    }

    /// Packs everything, because hardly anything more will come.
    pub(super) fn seal(&mut self) {
        self.index.seal();
        let Self { ends, steps, episodes, firsts, digests, seqs, operations, .. } = self;
        for column in [ends, steps, episodes, firsts, digests, seqs, operations] {
            column.seal();
        }
    }

    /// Stretches that both pages stepped, those with the same end as one: how many, and those that
    /// ended otherwise here than there.
    pub(super) fn shared_with(&self, other: &Self) -> (u32, Vec<Divergence>) {
        // Of stretches that end with one operation the shortest says most.
        let mut all: Vec<((u32, u32), u32, Seen, Seen)> = Vec::new();
        for (place, there) in self.index.shared_with(&other.index) {
            let both = self.seen(place).zip(other.seen(there));
            let (Some((here, there)), Some(steps)) = (both, self.steps.get(place as usize)) else {
                continue;
            };
            all.push(((here.place.seq, here.place.operation), steps as u32, here, there));
        }
        sorting::sort_by_key(&mut all, |(end, steps, ..)| (*end, *steps));
        all.dedup_by_key(|(end, ..)| *end);
        let shared = all.len() as u32;
        let differing = all.into_iter().filter(|(.., here, there)| here.digest != there.digest);
        let divergence = |(_, steps, here, there): (_, u32, Seen, Seen)| Divergence {
            before: here.place,
            after: there.place,
            steps,
        };
        let mut divergences: Vec<Divergence> = differing.map(divergence).take(MAX_KEPT).collect();
        sorting::sort_by_key(&mut divergences, |one| (one.before, one.steps));
        (shared, divergences)
    }

    fn seen(&self, at: u32) -> Option<Seen> {
        let at = at as usize;
        let (digest, seq, operation) = self.end(self.ends.get(at)? as usize)?;
        let some = |value: u64| value.checked_sub(1).map(|value| value as u32);
        let place = Place {
            episode: some(self.episodes.get(at)?).map(Episode),
            first: some(self.firsts.get(at)?).map(Frame),
            seq: seq as u32,
            operation: operation as u32,
        };
        Some(Seen { digest, place })
    }

    fn end(&self, at: usize) -> Option<(u64, u64, u64)> {
        Some((self.digests.get(at)?, self.seqs.get(at)?, self.operations.get(at)?))
    }
}

impl Stretch {
    fn key(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.start);
        hasher.write_u64(self.actions);
        hasher.write_u32(self.steps);
        hasher.write_u8(self.end as u8);
        hasher.finish()
    }
}
