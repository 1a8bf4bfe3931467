//! Saved states by frame: the best one to load, and which may be let go.

use std::collections::VecDeque;

use crate::frame::Frame;

/// A saved state with its hash.
#[derive(Debug, Clone)]
pub(super) struct Snapshot<S> {
    pub(super) state: S,
    pub(super) hash: u64,
}

/// Snapshots in order of frame. `S` is whatever the caller saves: a text, a handle, a digest.
#[derive(Debug, Clone)]
pub struct SnapshotStore<S> {
    saved: VecDeque<(Frame, S)>,
}

impl<S> Default for SnapshotStore<S> {
    fn default() -> Self {
        Self { saved: VecDeque::with_capacity(64) }
    }
}

impl<S> SnapshotStore<S> {
    /// Saves the state of `frame`, replacing an older one of the same frame.
    pub fn save(&mut self, frame: Frame, state: S) {
        let place = self.saved.partition_point(|(saved, _)| *saved < frame);
        match self.saved.get_mut(place) {
            Some(entry) if entry.0 == frame => entry.1 = state,
            _ => self.saved.insert(place, (frame, state)),
        }
    }

    /// The newest snapshot at or before `frame`; `None` if there is none.
    #[must_use]
    pub fn best_at_or_before(&self, frame: Frame) -> Option<(Frame, &S)> {
        let end = self.saved.partition_point(|(saved, _)| *saved <= frame);
        self.saved.get(end.checked_sub(1)?).map(|(frame, state)| (*frame, state))
    }

    /// The snapshot of exactly `frame`.
    #[must_use]
    pub fn get(&self, frame: Frame) -> Option<&S> {
        self.best_at_or_before(frame).filter(|(found, _)| *found == frame).map(|(_, state)| state)
    }

    /// Lets go of snapshots after `frame`: a misprediction there made them wrong.
    pub fn discard_after(&mut self, frame: Frame) {
        let end = self.saved.partition_point(|(saved, _)| *saved <= frame);
        self.saved.truncate(end);
    }

    /// Lets go of the snapshots behind the anchor, the newest one at or before `frame`, which
    /// stays; returns the anchor's frame.
    pub fn discard_behind_anchor(&mut self, frame: Frame) -> Option<Frame> {
        let anchor = self.best_at_or_before(frame)?.0;
        while self.saved.front().is_some_and(|(saved, _)| *saved < anchor) {
            self.saved.pop_front();
        }
        Some(anchor)
    }

    /// Number of snapshots held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.saved.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.saved.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anchor_is_never_let_go() {
        let mut store = SnapshotStore::default();
        for frame in [0, 5, 10, 15] {
            store.save(Frame(frame), frame);
        }
        assert_eq!(store.best_at_or_before(Frame(9)), Some((Frame(5), &5)));
        assert_eq!(store.discard_behind_anchor(Frame(12)), Some(Frame(10)));
        assert_eq!(store.len(), 2);
        assert_eq!(store.best_at_or_before(Frame(9)), None);
        store.discard_after(Frame(10));
        assert_eq!(store.get(Frame(15)), None);
        assert_eq!(store.get(Frame(10)), Some(&10));
    }
}
