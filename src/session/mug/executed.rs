//! What a worker really did, held against what the page's rules demand: rollbacks and first steps.

use std::collections::VecDeque;

use crate::action::Action;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::rollback::FrameInputs;
use crate::session::episode::EpisodeRecord;
use crate::session::frames::FrameFlags;
use crate::session::records::{Match, RollbackRecord, RollbackState};

/// A rollback as requests show it.
#[derive(Debug, Clone)]
pub(in crate::session) struct Executed {
    /// The frame that was about to be stepped.
    pub(super) current: Frame,
    /// The frame that was restored.
    pub(super) snapshot: Frame,
    /// Hash of the restored state.
    pub(super) digest: Option<u64>,
    /// The replayed steps.
    pub(super) replay: Vec<Vec<Action>>,
    /// The request's place in the peer's round trips.
    pub(super) round_trip: usize,
    /// The request's capture sequence number.
    pub(super) seq: u32,
}

/// What the rules demand of rollbacks whose requests were not seen yet: their place in the episode's
/// list, and the inputs of the replayed frames.
#[derive(Debug, Clone, Default)]
pub(in crate::session) struct Demands(VecDeque<(usize, Vec<FrameInputs>)>);

/// Demands that wait for their requests.
const MAX_DEMANDS: usize = 4096;

impl Demands {
    pub(super) fn push(&mut self, rollback: usize, replay: Vec<FrameInputs>) {
        self.0.push_back((rollback, replay));
        if self.0.len() > MAX_DEMANDS {
            self.0.pop_front();
        }
    }

    fn take(&mut self, rollback: usize) -> Option<Vec<FrameInputs>> {
        let place = self.0.iter().position(|(of, _)| *of == rollback)?;
        self.0.remove(place).map(|(_, replay)| replay)
    }
}

impl EpisodeRecord {
    /// Lays the requests of a rollback beside the one that the rules demand.
    pub(super) fn lay_rollback(&mut self, executed: Executed, state: RollbackState) {
        let Executed { current, snapshot, digest, replay, round_trip, seq } = executed;
        let saved = self.hashes.slot(snapshot).and_then(|slot| slot.recomputed);
        let restored = match (saved, digest) {
            (Some(saved), Some(digest)) if saved == digest => Match::Same,
            (Some(_), Some(_)) => Match::Different,
            _ => Match::Unknown,
        };
        let mut newest_first = self.rollbacks.iter().enumerate().rev();
        let due = newest_first.find(|(_, one)| one.current == current && one.round_trip.is_none());
        let place = due.map(|(place, _)| place);
        let demanded = place.and_then(|place| self.demands.take(place));
        let mut wrong_actions = 0;
        for (offset, actions) in replay.iter().enumerate() {
            let frame = snapshot.plus(offset as u32);
            let expected = match &demanded {
                Some(demanded) => demanded.get(offset).copied(),
                None => self.frames.inputs(frame),
            };
            let Some(expected) = expected else { continue };
            let pairs = expected.actions().iter().zip(actions);
            let wrong = pairs.filter(|(expected, used)| expected != used).count() as u32;
            if wrong > 0 {
                if self.may_hold_unseen() {
                    self.lose_anchor();
                }
                wrong_actions += wrong;
                self.note_used(frame, FrameInputs::new(actions, expected.predicted));
            }
        }
        let is_known = self.anchor.is_some();
        let record = RollbackRecord {
            cause: None,
            cause_seq: None,
            current,
            snapshot,
            resimulated: replay.len() as u32,
            state,
            restored,
            wrong_actions: is_known.then_some(wrong_actions),
            is_complete: true,
            seq,
            round_trip: Some(round_trip),
        };
        match place.and_then(|place| self.rollbacks.get_mut(place)) {
            Some(due) => {
                *due = RollbackRecord { cause: due.cause, cause_seq: due.cause_seq, ..record };
            }
            // Nothing demanded it.
            None => {
                for offset in 0..replay.len() as u32 {
                    let frame = snapshot.plus(offset);
                    if let Some(inputs) = self.frames.inputs(frame) {
                        self.frames.step_again(frame, inputs);
                    }
                }
                self.push_rollback(record);
            }
        }
    }

    /// Lays the request of a first step beside what the rules say that it uses.
    pub(super) fn lay_step(&mut self, local: PlayerId, frame: Frame, actions: &[Action]) {
        let is_due = |one: &&RollbackRecord| {
            one.current == frame && one.state == RollbackState::Due && one.round_trip.is_none()
        };
        let missed = self.rollbacks.iter().rev().find(is_due).and_then(|one| one.cause);
        if let Some(missed) = missed {
            self.frames.mark(missed.frame, FrameFlags::MISSED_ROLLBACK);
        }
        let Some(expected) = self.frames.inputs(frame) else {
            return;
        };
        if self.frames.resimulated(frame) > 0 || expected.actions() == actions {
            return;
        }
        let players = (0_u8..).map(PlayerId).zip(expected.actions().iter().zip(actions));
        let is_other = |(player, (expected, used)): (PlayerId, (&Action, &Action))| {
            player != local && expected != used
        };
        if self.may_hold_unseen() && players.clone().any(is_other) {
            self.lose_anchor();
            return self.note_used(frame, FrameInputs::new(actions, expected.predicted));
        }
        for (player, (expected_action, used)) in players {
            let is_real = !expected.predicted.contains(player);
            if expected_action != used && player != local && is_real {
                self.announcements.note_ignored(frame, player);
            }
        }
        self.note_used(frame, FrameInputs::new(actions, expected.predicted));
    }

    // What a frame was really simulated with.
    fn note_used(&mut self, frame: Frame, inputs: FrameInputs) {
        self.frames.set_inputs(frame, inputs);
        if let Some(ledger) = self.mug_ledger_mut() {
            ledger.correct_used(frame, inputs);
        }
    }
}
