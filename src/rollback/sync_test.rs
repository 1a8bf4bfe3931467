//! The sync test: rolls every frame back by a fixed distance and compares what comes out.
//!
//! A game that is not deterministic shows it here on one machine, before any network can. The
//! same ledger and snapshots as in the live engine decide; nothing is sent.

use super::ledger::InputLedger;
use super::plan::Request;
use super::snapshots::{Snapshot, SnapshotStore};
use crate::action::Action;
use crate::frame::Frame;
use crate::message::PredictionRule;
use crate::player::{MAX_PLAYERS, PlayerId};

/// A frame whose state came out differently the second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncTestMismatch {
    /// The frame, before it is stepped.
    pub frame: Frame,
    /// Hash of the state that was saved before.
    pub before: u64,
    /// Hash of the state after stepping again from an older snapshot.
    pub again: u64,
}

/// Plays a game of one peer that knows every input and still rolls back every frame.
#[derive(Debug, Clone)]
pub struct SyncTest<S> {
    ledger: InputLedger,
    snapshots: SnapshotStore<Snapshot<S>>,
    check_distance_frames: u32,
    current: Frame,
    earliest: Option<SyncTestMismatch>,
}

impl<S> SyncTest<S> {
    /// A test before frame 0 that steps every frame `check_distance_frames` times again.
    ///
    /// A distance below 2 compares nothing, because the state it loads is the only one that was
    /// saved: 2 is used instead. Players past [`MAX_PLAYERS`] are left out.
    #[must_use]
    pub fn new(players: usize, check_distance_frames: u32) -> Self {
        let delays = [0; MAX_PLAYERS];
        let delays = delays.get(..players).unwrap_or(&delays);
        Self {
            ledger: InputLedger::new(delays, PredictionRule::DefaultAction, Action::default()),
            snapshots: SnapshotStore::default(),
            check_distance_frames: check_distance_frames.max(2),
            current: Frame::ZERO,
            earliest: None,
        }
    }

    /// The next frame that will be simulated.
    #[must_use]
    pub fn current(&self) -> Frame {
        self.current
    }

    /// Runs one tick with one action per player: asks for the rollback, once there are enough
    /// frames to roll back, and for the next frame, in one batch, which replaces what is in
    /// `requests`.
    ///
    /// The caller answers every `SaveSnapshot` through [`SyncTest::handle_snapshot`] before the
    /// next tick.
    pub fn tick(&mut self, actions: &[Action], requests: &mut Vec<Request>) {
        for (player, action) in actions.iter().take(MAX_PLAYERS).enumerate() {
            self.ledger.handle_input(PlayerId(player as u8), self.current, *action);
        }
        requests.clear();
        if let Some(oldest) = self.current.0.checked_sub(self.check_distance_frames).map(Frame) {
            self.snapshots.discard_behind_anchor(oldest);
            self.ledger.discard_before(oldest);
            requests.push(Request::LoadSnapshot { frame: oldest });
            for frame in (oldest.0..self.current.0).map(Frame) {
                if frame != oldest {
                    requests.push(Request::SaveSnapshot { frame });
                }
                requests.push(self.step(frame));
            }
        }
        let frame = self.current;
        requests.push(Request::SaveSnapshot { frame });
        requests.push(self.step(frame));
        self.current = frame.next();
    }

    /// Takes the answer to a `SaveSnapshot` and compares it with the one before, if there was one.
    pub fn handle_snapshot(&mut self, frame: Frame, state: S, hash: u64) {
        let earliest = &mut self.earliest;
        self.snapshots.save_over(frame, Snapshot { state, hash }, |before| {
            let before = before.hash;
            if before != hash && earliest.is_none_or(|known| frame < known.frame) {
                *earliest = Some(SyncTestMismatch { frame, before, again: hash });
            }
        });
    }

    /// A saved state that no rollback can need any more, so that the next one is saved in its
    /// memory; `None` if there is none.
    pub fn take_spare_state(&mut self) -> Option<S> {
        self.snapshots.take_spare().map(|snapshot| snapshot.state)
    }

    /// The saved state of a frame, for `LoadSnapshot`.
    #[must_use]
    pub fn snapshot(&self, frame: Frame) -> Option<&S> {
        self.snapshots.get(frame).map(|snapshot| &snapshot.state)
    }

    /// The earliest frame that came out differently; `None` while all came out equal.
    #[must_use]
    pub fn earliest_mismatch(&self) -> Option<SyncTestMismatch> {
        self.earliest
    }

    fn step(&self, frame: Frame) -> Request {
        Request::AdvanceFrame { frame, inputs: self.ledger.inputs_for(frame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays 50 frames; `step` gets the state, the actions and a count of all steps so far.
    fn played(distance: u32, step: impl Fn(u64, &[Action], u32) -> u64) -> SyncTest<u64> {
        let mut test = SyncTest::new(2, distance);
        let (mut state, mut steps, mut requests) = (0, 0, Vec::new());
        for frame in 0..50 {
            test.tick(&[Action(frame % 3), Action(frame % 5)], &mut requests);
            for request in requests.iter().copied() {
                match request {
                    Request::LoadSnapshot { frame } => state = *test.snapshot(frame).unwrap(),
                    Request::SaveSnapshot { frame } => test.handle_snapshot(frame, state, state),
                    Request::AdvanceFrame { inputs, .. } => {
                        steps += 1;
                        state = step(state, inputs.actions(), steps);
                    }
                }
            }
        }
        test
    }

    fn mix(state: u64, actions: &[Action]) -> u64 {
        actions.iter().fold(state, |mixed, action| {
            mixed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(u64::from(action.0) + 1)
        })
    }

    #[test]
    fn a_deterministic_game_comes_out_equal() {
        for distance in [0, 1, 2, 7] {
            let test = played(distance, |state, actions, _| mix(state, actions));
            assert_eq!(test.earliest_mismatch(), None, "distance {distance}");
        }
    }

    #[test]
    fn a_step_that_depends_on_more_than_the_state_is_found() {
        for distance in [1, 2, 7] {
            let test = played(distance, |state, actions, steps| {
                mix(state, actions) ^ u64::from(steps == 60)
            });
            assert!(test.earliest_mismatch().is_some(), "distance {distance}");
        }
    }

    #[test]
    fn nothing_is_rolled_back_before_there_are_frames_enough() {
        let mut test = SyncTest::<u64>::new(2, 3);
        let mut requests = Vec::new();
        for _ in 0..3 {
            test.tick(&[Action(0), Action(0)], &mut requests);
            assert_eq!(requests.len(), 2);
        }
        test.tick(&[Action(0), Action(0)], &mut requests);
        assert_eq!(requests.len(), 1 + 2 + 3 + 2);
    }
}
