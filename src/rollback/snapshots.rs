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
    // Snapshots let go, for a caller that reuses them; stays empty for one that never asked.
    spare: Vec<S>,
    max_spare: usize,
}

/// Snapshots kept for reuse: a rollback lets go of a whole prediction window of them at once.
const MAX_SPARE: usize = 64;

impl<S> Default for SnapshotStore<S> {
    fn default() -> Self {
        Self { saved: VecDeque::with_capacity(64), spare: Vec::new(), max_spare: 0 }
    }
}

impl<S> SnapshotStore<S> {
    /// Saves the state of `frame`, replacing an older one of the same frame.
    pub fn save(&mut self, frame: Frame, state: S) {
        self.save_over(frame, state, |_| {});
    }

    /// Saves the state of `frame`; `compare` sees the one that it replaces, if there is one.
    pub(super) fn save_over(&mut self, frame: Frame, state: S, compare: impl FnOnce(&S)) {
        // A live frame comes after all others.
        if self.saved.back().is_none_or(|(newest, _)| *newest < frame) {
            self.saved.push_back((frame, state));
            return;
        }
        let place = self.saved.partition_point(|(saved, _)| *saved < frame);
        match self.saved.get_mut(place) {
            Some(entry) if entry.0 == frame => {
                compare(&entry.1);
                let replaced = std::mem::replace(&mut entry.1, state);
                self.let_go(replaced);
            }
            _ => self.saved.insert(place, (frame, state)),
        }
    }

    /// A snapshot that was let go, so that the next one is made in its memory; `None` if there is
    /// none. The first call makes the store keep some.
    pub fn take_spare(&mut self) -> Option<S> {
        if self.max_spare == 0 {
            self.max_spare = MAX_SPARE;
            self.spare.reserve(MAX_SPARE);
        }
        self.spare.pop()
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
        if self.saved.back().is_none_or(|(newest, _)| *newest < frame) {
            return None;
        }
        self.best_at_or_before(frame).filter(|(found, _)| *found == frame).map(|(_, state)| state)
    }

    /// Lets go of snapshots after `frame`: a misprediction there made them wrong.
    pub fn discard_after(&mut self, frame: Frame) {
        while self.saved.back().is_some_and(|(saved, _)| *saved > frame) {
            if let Some((_, state)) = self.saved.pop_back() {
                self.let_go(state);
            }
        }
    }

    /// Lets go of the snapshots behind the anchor, the newest one at or before `frame`, which
    /// stays; returns the anchor's frame.
    pub fn discard_behind_anchor(&mut self, frame: Frame) -> Option<Frame> {
        let anchor = self.best_at_or_before(frame)?.0;
        while self.saved.front().is_some_and(|(saved, _)| *saved < anchor) {
            if let Some((_, state)) = self.saved.pop_front() {
                self.let_go(state);
            }
        }
        Some(anchor)
    }

    /// Lets go of all snapshots.
    pub fn clear(&mut self) {
        while let Some((_, state)) = self.saved.pop_front() {
            self.let_go(state);
        }
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

    fn let_go(&mut self, state: S) {
        if self.spare.len() < self.max_spare {
            self.spare.push(state);
        }
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

    #[test]
    fn snapshots_let_go_are_handed_out_again_only_to_a_caller_that_asks() {
        let mut store = SnapshotStore::default();
        store.save(Frame(0), 10);
        store.save(Frame(0), 11);
        assert_eq!(store.take_spare(), None);
        store.save(Frame(0), 12);
        store.save(Frame(1), 20);
        store.discard_after(Frame(0));
        assert_eq!((store.take_spare(), store.take_spare()), (Some(20), Some(11)));
        assert_eq!(store.take_spare(), None);
        assert_eq!(store.get(Frame(0)), Some(&12));
    }
}
