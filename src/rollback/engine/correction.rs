//! What a tick repairs before it steps on: wrong guesses, a state that was received, frames past
//! the end. Each is one batch that begins with a snapshot and ends at the current frame.

use super::super::event::EngineEvent;
use super::super::plan::{Correction, Request, RollbackPlan};
use super::super::saved::SavedState;
use super::super::snapshots::Snapshot;
use super::super::transfer::StateName;
use super::Engine;
use crate::frame::Frame;

impl<S: SavedState> Engine<S> {
    pub(super) fn plan_rollback(&mut self) -> Option<RollbackPlan> {
        let cause = self.ledger.earliest_misprediction()?;
        let snapshot = self.snapshots.best_at_or_before(cause.frame)?.0;
        self.ledger.take_misprediction();
        self.snapshots.discard_after(cause.frame);
        self.rollback_requests.push(Request::LoadSnapshot { frame: snapshot });
        self.step_again(snapshot);
        let depth = self.current.since(cause.frame);
        if depth > self.settings.max_prediction_frames / 2 {
            self.hash_pace.handle_trouble();
        }
        self.log(EngineEvent::Rollback {
            episode: self.episode,
            target: cause.frame,
            current: self.current,
            snapshot,
            resimulated: self.current.since(snapshot),
            cause_player: cause.player,
            predicted: cause.predicted,
            actual: cause.actual,
        });
        Some(RollbackPlan { cause, current: self.current, snapshot })
    }

    /// A received state first, because it makes everything else of this episode right again.
    pub(super) fn plan_correction(&mut self) -> Option<Correction> {
        self.plan_resync().or_else(|| self.plan_rewind())
    }

    fn plan_resync(&mut self) -> Option<Correction> {
        if !self.knows_own_inputs() {
            return None;
        }
        let (name, state) = self.repair.as_mut()?.ready.take()?;
        let StateName { frame, hash, is_end, .. } = name;
        self.repair = None;
        let has_returned = self.take_own_inputs(frame);
        self.snapshots.clear();
        self.snapshots.save(frame, Snapshot { state, hash });
        self.ledger.skip_to(frame);
        let end = is_end.then_some(frame);
        if end.is_some() {
            self.ledger.forget_from(frame);
        }
        self.current = end.unwrap_or(self.current.max(frame));
        self.next_hash = frame;
        self.resynced_at = frame;
        self.hashes.retract_from(frame);
        self.rollback_requests.push(Request::LoadSnapshot { frame });
        // Saved again, so that the hash that goes out is of what was really restored.
        self.rollback_requests.push(Request::SaveSnapshot { frame });
        self.resimulate(frame);
        self.ending.replace(end, frame < self.current);
        let (current, resimulated) = (self.current, self.current.since(frame));
        if !has_returned {
            self.log(EngineEvent::Resynced { episode: self.episode, frame, current, resimulated });
        }
        Some(Correction::Resync { frame, current })
    }

    // Steps of a batch go on past an end that only their results tell.
    fn plan_rewind(&mut self) -> Option<Correction> {
        let end = self.ending.end().filter(|end| *end < self.current)?;
        if self.repair.is_some() || self.ending.is_certain() {
            return None;
        }
        let Some((snapshot, _)) = self.snapshots.best_at_or_before(end) else {
            // A peer's earlier end, told too late: its state cannot be made any more.
            self.ending.end_without_state(end);
            self.log(EngineEvent::EpisodeEnded { episode: self.episode, frame: end });
            return None;
        };
        if self.ledger.earliest_misprediction().is_some_and(|wrong| wrong.frame < end) {
            return None;
        }
        let overshot = self.current;
        self.snapshots.discard_after(snapshot);
        self.ledger.forget_from(end);
        self.current = end;
        self.rollback_requests.push(Request::LoadSnapshot { frame: snapshot });
        self.resimulate(snapshot);
        self.log(EngineEvent::Rewound { episode: self.episode, end, overshot, snapshot });
        Some(Correction::Rewind { end, snapshot })
    }

    // An end in the frames that are stepped again is known anew when their results are.
    fn step_again(&mut self, snapshot: Frame) {
        self.ending.forget_from(snapshot);
        self.resimulate(snapshot);
    }

    fn resimulate(&mut self, snapshot: Frame) {
        let mut frame = snapshot;
        while frame < self.current {
            let is_on_grid = frame.is_multiple_of(self.settings.snapshot_interval_frames);
            if is_on_grid && frame != snapshot {
                self.rollback_requests.push(Request::SaveSnapshot { frame });
            }
            let inputs = self.ledger.inputs_for(frame);
            self.ledger.note_simulated(frame, inputs);
            self.rollback_requests.push(Request::AdvanceFrame { frame, inputs });
            frame = frame.next();
        }
    }
}
