//! Requests to workers: round trips, and what rollbacks and steps they ask for.

use super::episode::EpisodeRecord;
use super::peer::PeerSession;
use super::records::{Contract, Match, OperationKind, RollbackState, RoundTrip};
use super::replies::{PendingOperation, PendingRequest, StateText};
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::issue::IssueLog;
use crate::observation::Operation;
use crate::time::Micros;

/// Requests that may wait for an answer; the oldest are given up beyond it.
const MAX_PENDING_REQUESTS: usize = 1024;

impl PeerSession {
    /// Takes a request, for everything that follows requests.
    pub(super) fn handle_worker_request(
        &mut self,
        (worker, request): (u32, u32),
        operations: &[Operation<'_>],
        seq: u32,
        time: Micros,
        issues: &mut IssueLog,
    ) {
        if matches!(operations.first(), Some(Operation::Reset)) {
            self.note_reset();
        }
        let newest = self.newest_episode();
        let episode = newest.map(|record| record.number);
        let next = newest.map(EpisodeRecord::next_frame);
        self.oracle.handle_request(worker, request, operations, episode);
        self.worker_order.handle_request((worker, request), operations, next, seq);
        self.handle_request(worker, request, operations, seq, time, issues);
    }

    // A page whose messages name their episode makes the first state of the next one before it says
    // anything of it. One that has not played has nothing to leave.
    fn note_reset(&mut self) {
        let Some(newest) = self.newest_episode().filter(|record| !record.frames.is_empty()) else {
            return;
        };
        let number = newest.number;
        if self.own_episode == Some(number) {
            let next = Episode(number.0.saturating_add(1));
            self.own_episode = Some(next);
            self.begin_episode(next);
        }
    }

    fn handle_request(
        &mut self,
        worker: u32,
        request: u32,
        operations: &[Operation<'_>],
        seq: u32,
        time: Micros,
        issues: &mut IssueLog,
    ) {
        if self.ended_workers.contains(&worker) {
            self.note_worker_stop("the page ended it and asks it on".to_owned(), seq);
        }
        let round_trip = self.round_trips.len();
        let placed = self.place_request(worker, operations, round_trip, seq);
        let is_of_engine = placed.is_none();
        if is_of_engine {
            self.leave_ended_episode(operations);
        }
        let resync = self.resync_of(operations).filter(|_| is_of_engine);
        let restores =
            matches!(operations.first(), Some(Operation::SetState { .. })) && resync.is_none();
        let is_rollback = placed.as_ref().is_some_and(|placed| placed.is_rollback)
            || restores
                && operations.iter().any(|operation| matches!(operation, Operation::Step { .. }));
        // Python on the page's own thread has no batches.
        if restores && !is_rollback && !self.is_interpreter(worker) {
            self.lone_restores.0 += 1;
            self.lone_restores.1.get_or_insert(seq);
        }
        if self.pending.iter().any(|open| (open.worker, open.request) == (worker, request)) {
            self.reused_ids.0 += 1;
            self.reused_ids.1.get_or_insert(seq);
        }
        self.round_trips.push(&RoundTrip {
            worker,
            request,
            operations: operations.len() as u32,
            first_operation: self.operations.len() as u32,
            is_rollback,
            posted: time,
            handled: None,
            replied: None,
            contract: Contract::Open,
            request_seq: seq,
            reply_seq: None,
        });
        self.operations.extend(operations.iter().map(OperationKind::from));
        let (episode, pending) = match placed {
            Some(placed) => (Some(placed.episode), placed.operations),
            None => (None, operations.iter().map(PendingOperation::from).collect()),
        };
        let operations_of_reply = pending;
        self.pending.push_back(PendingRequest {
            worker,
            request,
            round_trip,
            episode,
            operations: operations_of_reply,
        });
        if self.pending.len() > MAX_PENDING_REQUESTS {
            self.pending.pop_front();
        }
        if !is_of_engine {
            return;
        }
        if let Some(frame) = resync {
            self.note_resync(frame, operations);
        } else if is_rollback {
            self.note_rollback(operations, round_trip, seq, issues);
        } else {
            self.note_live_steps(operations, time, issues);
        }
    }

    // Own messages that were held back name the episode before to an observation that begins just then.
    // But a page that was about to step a frame when it sent one steps up to none before it later, unless
    // it is in the next episode.
    fn leave_ended_episode(&mut self, operations: &[Operation<'_>]) {
        let last = operations.iter().rev().find_map(|operation| match operation {
            Operation::Step { frame, .. } => *frame,
            _ => None,
        });
        let Some((last, record)) = last.zip(self.newest_episode()) else { return };
        let is_unseen = record.frames.is_empty() && record.rollbacks.is_empty();
        let is_behind = record.own_current.is_some_and(|current| last.next() < current);
        let next = record.number.0.checked_add(1).map(Episode);
        if let Some(next) = next.filter(|_| is_unseen && is_behind) {
            self.own_episode = self.own_episode.max(Some(next));
            self.begin_episode(next);
        }
    }

    fn note_rollback(
        &mut self,
        operations: &[Operation<'_>],
        round_trip: usize,
        seq: u32,
        issues: &mut IssueLog,
    ) {
        let players = self.settings.len();
        let Some(record) = self.newest_episode_mut() else {
            return;
        };
        let mut replay: Vec<(Frame, &[Action])> = Vec::with_capacity(operations.len());
        let (mut snapshot, mut restored) = (None, Match::Unknown);
        for operation in operations {
            match operation {
                Operation::SetState { frame: Some(frame), text } => {
                    snapshot = Some(*frame);
                    record.accounts.note_restored(*frame, text, seq);
                    let saved = record.hashes.slot(*frame).and_then(|slot| slot.text_digest);
                    restored = match saved {
                        Some(digest) if digest == StateText(text).digest() => Match::Same,
                        Some(_) => Match::Different,
                        None => Match::Unknown,
                    };
                }
                Operation::Step { frame: Some(frame), actions } => {
                    record.accounts.note_actions(*frame, actions, players);
                    replay.push((*frame, actions));
                }
                _ => {}
            }
        }
        let Some(snapshot) = snapshot.or_else(|| replay.first().map(|(frame, _)| *frame)) else {
            issues.push("session", "a rollback whose request names no frame");
            return;
        };
        record.handle_rollback(snapshot, restored, &replay, round_trip, seq);
    }

    // A peer's state that came in takes the place of the page's own, which has another text.
    fn resync_of(&self, operations: &[Operation<'_>]) -> Option<Frame> {
        let Some(Operation::SetState { frame: Some(frame), text }) = operations.first() else {
            return None;
        };
        let record = self.newest_episode().filter(|record| record.has_state_offer(*frame))?;
        let saved = record.hashes.slot(*frame).and_then(|slot| slot.text_digest);
        (saved != Some(StateText(text).digest())).then_some(*frame)
    }

    fn note_resync(&mut self, frame: Frame, operations: &[Operation<'_>]) {
        let steps = operations.iter().filter_map(|operation| match operation {
            Operation::Step { frame: Some(frame), actions } => Some((*frame, actions.as_slice())),
            _ => None,
        });
        let steps: Vec<(Frame, &[Action])> = steps.collect();
        if let Some(record) = self.newest_episode_mut() {
            record.handle_resync(frame, &steps);
        }
    }

    fn note_live_steps(
        &mut self,
        operations: &[Operation<'_>],
        time: Micros,
        issues: &mut IssueLog,
    ) {
        let (Some(local), players) = (self.local, self.settings.len()) else {
            return;
        };
        let Some(record) = self.newest_episode_mut() else {
            return;
        };
        for operation in operations {
            let Operation::Step { frame: Some(frame), actions } = operation else {
                continue;
            };
            record.accounts.note_actions(*frame, actions, players);
            if !record.handle_step(local, *frame, actions, time) {
                issues.push("session", "a step whose frame does not follow the one before");
            }
        }
    }

    pub(super) fn note_rollback_reply(&mut self, round_trip: usize, state: RollbackState) {
        for record in self.episodes.iter_mut().rev() {
            record.handle_rollback_reply(round_trip, state);
        }
    }
}
