//! In which order a worker did what it was asked: requests that came in between, steps after a
//! failure, arbitrary code.
//!
//! Requests and replies of one observed page come in; counts with their first events stand ready.

use std::collections::VecDeque;

use crate::frame::Frame;
use crate::observation::{Operation, Outcome};
use crate::sorted::SortedMap;
use crate::time::Micros;

/// How often something occurred, and the events that show the first ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How often.
    pub count: u32,
    /// First and last frame that was about to be stepped, where it is known.
    pub frames: Option<(Frame, Frame)>,
    /// Capture sequence numbers.
    pub seqs: Vec<u32>,
}

impl Tally {
    /// Adds one occurrence.
    pub fn add(&mut self, frame: Option<Frame>, seqs: impl IntoIterator<Item = u32>) {
        self.count = self.count.saturating_add(1);
        if let Some(frame) = frame {
            let (first, last) = self.frames.unwrap_or((frame, frame));
            self.frames = Some((first.min(frame), last.max(frame)));
        }
        let room = MAX_EVENTS.saturating_sub(self.seqs.len());
        self.seqs.extend(seqs.into_iter().take(room));
    }
}

/// Events kept of each kind.
const MAX_EVENTS: usize = 64;

/// Requests that may wait for their reply.
const MAX_OPEN: usize = 1024;

/// What one page's workers did in which order.
#[derive(Debug, Clone, Default)]
pub struct WorkerOrder {
    open: VecDeque<OpenRequest>,
    failed: SortedMap<u32, u32>,
    // When each worker was done with its last request that changes the state.
    finished: SortedMap<u32, Micros>,
    // By worker: the lone restore that waits for its steps, and what came in between.
    restored: SortedMap<u32, (u32, Option<u32>)>,
    /// Batches with steps that were answered.
    pub batches: u32,
    /// Requests that change the state, posted after a batch with steps and answered before it.
    pub interrupted: Tally,
    /// Requests that change the state and were answered.
    pub changes: u32,
    /// Of these, those posted while another one was open, without times of the worker that show
    /// which came first.
    pub overlapping: Tally,
    /// Requests that change the state between a lone restore and the steps that follow it.
    pub between: Tally,
    /// Lone restores that were followed by steps in a request of their own.
    pub split_rollbacks: u32,
    /// Requests that changed the state and failed.
    pub failures: Tally,
    /// Steps after such a failure without a restore or a reset before them.
    pub continued: Tally,
    /// Requests that step with an action that is no whole number.
    pub odd_actions: Tally,
    /// Requests that hand the worker code to run.
    pub code: Tally,
    /// When a request that changes the state failed last without a later step: time and evidence.
    pub dead_since: Option<(Micros, u32)>,
    /// When the page was heard of last.
    pub last_seen: Micros,
}

#[derive(Debug, Clone, Copy)]
struct OpenRequest {
    worker: u32,
    request: u32,
    seq: u32,
    frame: Option<Frame>,
    steps: usize,
    changes_state: bool,
    overlaps: Option<u32>,
}

/// Names of operations that run code which the request brings.
const CODE: [&str; 4] = ["runPython", "runPythonAsync", "eval", "exec"];

impl WorkerOrder {
    /// Takes a request; `frame` is the one about to be stepped, where it is known.
    pub fn handle_request(
        &mut self,
        (worker, request): (u32, u32),
        operations: &[Operation<'_>],
        frame: Option<Frame>,
        seq: u32,
    ) {
        let is_step = |operation: &&Operation<'_>| matches!(operation, Operation::Step { .. });
        let steps = operations.iter().filter(is_step).count();
        let restores =
            matches!(operations.first(), Some(Operation::SetState { .. } | Operation::Reset));
        if operations.iter().any(|one| matches!(one, Operation::Other(name) if CODE.contains(name)))
        {
            self.code.add(frame, [seq]);
        }
        // Steps with actions that can be read are read as steps.
        if operations.iter().any(|one| matches!(one, Operation::Other("step"))) {
            self.odd_actions.add(frame, [seq]);
        }
        if restores {
            self.failed.remove(&worker);
        } else if steps > 0
            && let Some(failure) = self.failed.get(&worker)
        {
            self.continued.add(frame, [*failure, seq]);
        }
        if steps > 0 {
            self.dead_since = None;
        }
        let changes_state = steps > 0 || restores;
        let is_earlier = |open: &&OpenRequest| open.worker == worker && open.changes_state;
        let earlier = self.open.iter().rev().find(is_earlier).filter(|_| changes_state);
        let overlaps = earlier.map(|open| open.seq);
        self.follow_restore(worker, operations, (steps, restores), (frame, seq));
        self.open.push_back(OpenRequest {
            worker,
            request,
            seq,
            frame,
            steps,
            changes_state,
            overlaps,
        });
        if self.open.len() > MAX_OPEN {
            self.open.pop_front();
        }
    }

    // A snapshot may be restored by a request of its own; the batch that steps on from it must be
    // the next request that changes the state.
    fn follow_restore(
        &mut self,
        worker: u32,
        operations: &[Operation<'_>],
        (steps, restores): (usize, bool),
        (frame, seq): (Option<Frame>, u32),
    ) {
        if restores {
            let is_lone = steps == 0
                && matches!(operations, [Operation::SetState { .. }, rest @ ..] if rest.is_empty());
            if is_lone {
                self.restored.insert(worker, (seq, None));
            } else {
                self.restored.remove(&worker);
            }
            return;
        }
        if steps == 0 {
            return;
        }
        let looks_on = |one: &Operation<'_>| {
            matches!(one, Operation::ComputeHash | Operation::GetState { .. })
        };
        let is_replay = operations.len() > 1 && operations.iter().any(looks_on);
        if !is_replay {
            if let Some((_, foreign)) = self.restored.get_mut(&worker) {
                foreign.get_or_insert(seq);
            }
            return;
        }
        if let Some((restore, foreign)) = self.restored.remove(&worker) {
            self.split_rollbacks = self.split_rollbacks.saturating_add(1);
            if let Some(foreign) = foreign {
                self.between.add(frame, [restore, foreign, seq]);
            }
        }
    }

    /// Takes a reply; `handled` is when the worker took the request up and was done, where it says
    /// so.
    pub fn handle_reply(
        &mut self,
        (worker, request): (u32, u32),
        outcome: &Outcome<'_>,
        handled: Option<(Micros, Micros)>,
        seq: u32,
        time: Micros,
    ) {
        let is_asked = |open: &OpenRequest| (open.worker, open.request) == (worker, request);
        let Some(place) = self.open.iter().position(is_asked) else {
            return;
        };
        let Some(open) = self.open.remove(place) else {
            return;
        };
        let mut before = self.open.iter().take(place);
        let waiting = before.find(|other| other.worker == worker && other.steps > 0);
        if let Some(batch) = waiting.filter(|_| open.changes_state) {
            let seqs = [batch.seq, open.seq, seq];
            self.interrupted.add(batch.frame, seqs);
        }
        if open.steps > 0 {
            self.batches += 1;
        }
        if open.changes_state {
            self.changes += 1;
            let finished = self.finished.get(&worker).copied();
            let is_after =
                handled.zip(finished).is_some_and(|((started, _), last)| started >= last);
            if let Some(earlier) = open.overlaps.filter(|_| !is_after) {
                self.overlapping.add(open.frame, [earlier, open.seq]);
            }
            match handled {
                Some((_, finished)) => self.finished.insert(worker, finished),
                None => self.finished.remove(&worker),
            };
        }
        if open.changes_state && matches!(outcome, Outcome::Failed { .. }) {
            self.failures.add(open.frame, [open.seq, seq]);
            self.failed.insert(worker, seq);
            self.dead_since = Some((time, seq));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Operation<'_> = Operation::Step { frame: None, actions: Vec::new() };
    const DONE: Outcome<'_> = Outcome::Results(Vec::new());
    const FAILED: Outcome<'_> =
        Outcome::Failed { message: "", failed_index: None, partial_results: None };

    #[test]
    fn a_step_answered_before_an_earlier_batch_came_in_between() {
        let mut order = WorkerOrder::default();
        order.handle_request((1, 1), &[STEP, STEP], Some(Frame(5)), 10);
        order.handle_request((1, 2), &[STEP], Some(Frame(6)), 11);
        order.handle_request((2, 3), &[STEP], None, 12);
        order.handle_reply((2, 3), &DONE, None, 13, Micros(0));
        assert_eq!(order.interrupted.count, 0, "another worker");
        order.handle_reply((1, 2), &DONE, None, 14, Micros(0));
        order.handle_reply((1, 1), &DONE, None, 15, Micros(0));
        assert_eq!(order.interrupted.seqs, [10, 11, 14]);
        assert_eq!(order.interrupted.frames, Some((Frame(5), Frame(5))));
    }

    #[test]
    fn steps_after_a_failure_need_a_restore() {
        let mut order = WorkerOrder::default();
        let restore = Operation::SetState { frame: None, text: "{}" };
        order.handle_request((1, 1), &[STEP], None, 10);
        order.handle_reply((1, 1), &FAILED, None, 11, Micros(5));
        assert_eq!(order.dead_since, Some((Micros(5), 11)));
        order.handle_request((1, 2), &[STEP], None, 12);
        assert_eq!((order.continued.count, order.dead_since), (1, None));
        order.handle_request((1, 3), &[restore, STEP], None, 13);
        order.handle_request((1, 4), &[STEP], None, 14);
        assert_eq!(order.continued.count, 1);
    }

    #[test]
    fn requests_in_parallel_need_the_workers_times() {
        let (mut timed, mut untimed) = (WorkerOrder::default(), WorkerOrder::default());
        for order in [&mut timed, &mut untimed] {
            order.handle_request((1, 1), &[STEP, STEP], Some(Frame(5)), 10);
            order.handle_request((1, 2), &[STEP], Some(Frame(7)), 11);
        }
        let ran = |from, to| Some((Micros(from), Micros(to)));
        timed.handle_reply((1, 1), &DONE, ran(5, 9), 12, Micros(20));
        timed.handle_reply((1, 2), &DONE, ran(9, 12), 13, Micros(20));
        assert_eq!((timed.changes, timed.overlapping.count), (2, 0));
        untimed.handle_reply((1, 1), &DONE, None, 12, Micros(20));
        untimed.handle_reply((1, 2), &DONE, None, 13, Micros(20));
        assert_eq!(untimed.overlapping.seqs, [10, 11]);
    }

    #[test]
    fn a_lone_restore_is_followed_by_its_own_batch() {
        let mut order = WorkerOrder::default();
        let restore = Operation::SetState { frame: None, text: "{}" };
        let replay = [STEP, Operation::ComputeHash];
        order.handle_request((1, 1), std::slice::from_ref(&restore), None, 10);
        order.handle_request((1, 2), &replay, None, 11);
        assert_eq!((order.split_rollbacks, order.between.count), (1, 0));
        order.handle_request((1, 3), &[restore], None, 12);
        order.handle_request((1, 4), &[STEP], None, 13);
        order.handle_request((1, 5), &replay, None, 14);
        assert_eq!((order.split_rollbacks, order.between.seqs), (2, vec![12, 13, 14]));
    }
}
