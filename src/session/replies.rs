//! Replies of the worker: matched with their requests, held against the contract, states hashed.

use std::hash::{DefaultHasher, Hasher};

use super::mug::{game_part, state_hash};
use super::peer::PeerSession;
use super::records::{Contract, RollbackState};
use crate::frame::Frame;
use crate::observation::{Operation, OperationResult, Outcome};
use crate::state::HashRule;
use crate::time::Micros;

/// What must be remembered of a request until its reply comes.
#[derive(Debug, Clone)]
pub(super) struct PendingRequest {
    pub(super) worker: u32,
    pub(super) request: u32,
    pub(super) round_trip: usize,
    /// Place of its episode, where the page's own count tells it.
    pub(super) episode: Option<usize>,
    pub(super) operations: Vec<PendingOperation>,
}

/// The kind of an operation, with the frame that a saved state belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PendingOperation {
    SetState,
    GetState(Option<Frame>),
    /// Steps a frame.
    Step(Option<Frame>),
    Hash,
    /// Hashes a text; its hash by MUG's rule.
    HashText(Option<u64>),
    Other,
}

impl From<&Operation<'_>> for PendingOperation {
    fn from(operation: &Operation<'_>) -> Self {
        match operation {
            Operation::SetState { .. } => Self::SetState,
            Operation::GetState { frame } => Self::GetState(*frame),
            Operation::Step { frame, .. } => Self::Step(*frame),
            Operation::ComputeHash => Self::Hash,
            Operation::HashText { text } => Self::HashText(state_hash(text)),
            Operation::Reset | Operation::Other(_) => Self::Other,
        }
    }
}

impl PendingRequest {
    /// Whether it steps or restores: while it is open, the page is in the middle of a tick.
    pub(super) fn steps_or_restores(&self) -> bool {
        let is_one = |one: &PendingOperation| {
            matches!(one, PendingOperation::Step(_) | PendingOperation::SetState)
        };
        self.operations.iter().any(is_one)
    }
}

impl PendingOperation {
    fn accepts(self, result: &OperationResult<'_>) -> bool {
        if *result == OperationResult::NotSeen {
            return true;
        }
        match self {
            Self::SetState => matches!(result, OperationResult::Done),
            Self::GetState(_) => matches!(result, OperationResult::State(_)),
            Self::Step(_) => matches!(result, OperationResult::Stepped(_)),
            Self::Hash | Self::HashText(_) => matches!(result, OperationResult::Hash(Some(_))),
            Self::Other => !matches!(result, OperationResult::Unreadable),
        }
    }
}

/// A state text that is recognised again by a digest of 64 bits.
pub(super) struct StateText<'a>(pub(super) &'a str);

impl StateText<'_> {
    pub(super) fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.0.as_bytes());
        hasher.finish()
    }
}

impl PeerSession {
    pub(super) fn handle_reply(
        &mut self,
        worker: u32,
        request: u32,
        outcome: &Outcome<'_>,
        handled: Option<(Micros, Micros)>,
        seq: u32,
        time: Micros,
    ) {
        let place =
            self.pending.iter().position(|open| (open.worker, open.request) == (worker, request));
        let Some(pending) = place.and_then(|place| self.pending.remove(place)) else {
            // Replies to requests from before the capture are nobody's fault.
            if self.round_trips.first_request_of(worker).is_some_and(|first| first <= request) {
                self.orphan_replies.0 += 1;
                self.orphan_replies.1.get_or_insert(seq);
            }
            return;
        };
        let contract = match outcome {
            // A call of Python is no batch, whatever it steps.
            Outcome::Failed { .. } if self.is_interpreter(worker) => Contract::FailedProperly,
            _ => judge(&pending.operations, outcome),
        };
        if let Some(mut trip) = self.round_trips.get(pending.round_trip) {
            trip.replied = Some(time);
            trip.reply_seq = Some(seq);
            trip.contract = contract;
            trip.handled = handled.and_then(|handled| fitted(handled, trip.posted, time));
            self.round_trips.set(pending.round_trip, &trip);
            if trip.is_rollback {
                let state = match outcome {
                    Outcome::Results(_) => RollbackState::Executed,
                    Outcome::Failed { .. } => RollbackState::Failed,
                };
                self.note_rollback_reply(pending.round_trip, state);
            }
        }
        if let (Contract::Kept, Outcome::Results(results)) = (contract, outcome) {
            match pending.episode {
                Some(episode) => self.note_mug_states(episode, &pending.operations, results, seq),
                None => self.note_states(&pending.operations, results, seq),
            }
        } else {
            self.forget_states(pending.episode, &pending.operations);
        }
    }

    // A MUG page hashes the states that it saved as JavaScript writes them, by requests of their own.
    fn note_mug_states(
        &mut self,
        episode: usize,
        operations: &[PendingOperation],
        results: &[OperationResult<'_>],
        seq: u32,
    ) {
        for (operation, result) in operations.iter().zip(results) {
            let record = self.episodes.get_mut(episode);
            let Some(record) = record else {
                if let (
                    PendingOperation::GetState(Some(frame)),
                    OperationResult::State(text),
                    Some(page),
                ) = (operation, result, self.mug.as_mut())
                {
                    page.note_early_state(episode, *frame, state_hash(text), seq);
                }
                continue;
            };
            match (operation, result) {
                (PendingOperation::GetState(Some(frame)), OperationResult::State(text)) => {
                    let hash = state_hash(text);
                    record.hashes.note_state(*frame, hash, hash.unwrap_or_default(), seq);
                    record.states.note(*frame, game_part(text), seq);
                }
                (PendingOperation::Step(Some(frame)), OperationResult::Stepped(rewards)) => {
                    record.accounts.note_step(*frame, rewards);
                }
                (PendingOperation::HashText(recomputed), OperationResult::Hash(Some(hash))) => {
                    record.hashes.note_text(*recomputed, *hash, seq);
                }
                _ => {}
            }
        }
    }

    // What a broken or failed reply did to the states of its frames is not known.
    fn forget_states(&mut self, episode: Option<usize>, operations: &[PendingOperation]) {
        let newest = self.episodes.len().saturating_sub(1);
        let Some(record) = self.episodes.get_mut(episode.unwrap_or(newest)) else {
            return;
        };
        for operation in operations {
            if let PendingOperation::GetState(Some(frame)) = operation {
                record.hashes.forget_state(*frame);
            }
        }
    }

    fn note_states(
        &mut self,
        operations: &[PendingOperation],
        results: &[OperationResult<'_>],
        seq: u32,
    ) {
        let Some(record) = self.newest_episode_mut() else {
            return;
        };
        let mut saved = None;
        for (operation, result) in operations.iter().zip(results) {
            match (operation, result) {
                (PendingOperation::GetState(Some(frame)), OperationResult::State(text)) => {
                    let digest = StateText(text).digest();
                    let hash = HashRule::NATIVE.hash_text(text).ok().map(|hash| hash.leading_u64());
                    record.hashes.note_state(*frame, hash, digest, seq);
                    record.states.note(*frame, text, seq);
                    saved = Some(*frame);
                }
                (PendingOperation::Hash, OperationResult::Hash(Some(hash))) => {
                    if let Some(frame) = saved {
                        record.hashes.note_computed(frame, *hash, seq);
                    }
                }
                // A step or a restored state makes a later hash another state's.
                (PendingOperation::Step(frame), result) => {
                    saved = None;
                    if let (Some(frame), OperationResult::Stepped(rewards)) = (frame, result) {
                        record.accounts.note_step(*frame, rewards);
                    }
                }
                (PendingOperation::SetState, _) => saved = None,
                _ => {}
            }
        }
    }
}

/// Clocks of page and worker are rounded by browsers, each on its own.
const CLOCK_SLACK_MICROS: u64 = 1_000;

// The worker's times between posting and reply; `None` if they lie outside by more than rounding.
fn fitted(
    (started, finished): (Micros, Micros),
    posted: Micros,
    replied: Micros,
) -> Option<(Micros, Micros)> {
    let is_near = posted.0 <= started.0.saturating_add(CLOCK_SLACK_MICROS)
        && started <= finished
        && finished.0 <= replied.0.saturating_add(CLOCK_SLACK_MICROS);
    let fit = |time: Micros| time.max(posted).min(replied);
    is_near.then(|| (fit(started), fit(finished)))
}

fn judge(operations: &[PendingOperation], outcome: &Outcome<'_>) -> Contract {
    match outcome {
        Outcome::Results(results) if results.len() != operations.len() => {
            Contract::WrongCount { results: results.len() as u32 }
        }
        Outcome::Results(results) => {
            let mut pairs = operations.iter().zip(results);
            match pairs.position(|(operation, result)| !operation.accepts(result)) {
                Some(index) => Contract::WrongKind { index: index as u32 },
                None => Contract::Kept,
            }
        }
        Outcome::Failed { failed_index, partial_results, .. } => {
            let is_single = operations.len() == 1 && failed_index.is_none();
            let says_where = failed_index.is_some()
                && failed_index == partial_results
                && failed_index.is_some_and(|index| (index as usize) < operations.len());
            if is_single || says_where {
                Contract::FailedProperly
            } else {
                Contract::FailedUnclearly
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worker_times_are_fitted_only_within_the_rounding_of_clocks() {
        let fit = |started, finished| {
            fitted((Micros(started), Micros(finished)), Micros(10_000), Micros(20_000))
        };
        assert_eq!(fit(12_000, 15_000), Some((Micros(12_000), Micros(15_000))));
        assert_eq!(fit(9_500, 20_400), Some((Micros(10_000), Micros(20_000))));
        assert_eq!(fit(8_000, 15_000), None);
        assert_eq!(fit(15_000, 14_000), None);
        assert_eq!(fit(15_000, 22_000), None);
    }
}
