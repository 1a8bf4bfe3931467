//! Python on the page's own thread: its calls as requests, so that everything that is known of a
//! worker's requests is known of them too (MUG wire notes, §1.14).
//!
//! A call runs to its end before the next one begins, so results come in the order of execution. When
//! one began is not told: only the whole of a round trip is known.

use super::peer::PeerSession;
use super::replies::PendingOperation;
use crate::issue::IssueLog;
use crate::observation::{
    Operation, OperationResult, Outcome, PythonOutcome, PythonRoutine, Rewards,
};
use crate::time::Micros;

impl PeerSession {
    /// Whether the page's Python runs on its own thread and its calls were seen.
    #[must_use]
    pub fn runs_python_itself(&self) -> bool {
        self.mug.as_ref().is_some_and(|page| page.interpreter().is_some())
    }

    /// Whether a channel is that of Python on the page's own thread.
    pub(super) fn is_interpreter(&self, channel: u32) -> bool {
        self.mug.as_ref().is_some_and(|page| page.interpreter() == Some(channel))
    }

    pub(super) fn handle_python_call(
        &mut self,
        (interpreter, call): (u32, u32),
        routine: &PythonRoutine<'_>,
        seq: u32,
        time: Micros,
        issues: &mut IssueLog,
    ) {
        if self.is_native {
            return;
        }
        let mut page = self.take_page();
        page.note_interpreter(interpreter);
        self.mug = Some(page);
        self.handle_worker_request((interpreter, call), &operations(routine), seq, time, issues);
    }

    pub(super) fn handle_python_result(
        &mut self,
        (interpreter, call): (u32, u32),
        outcome: &PythonOutcome<'_>,
        seq: u32,
        time: Micros,
    ) {
        let mut open = self.pending.iter();
        let Some(open) = open.find(|open| (open.worker, open.request) == (interpreter, call))
        else {
            return;
        };
        if let PythonOutcome::Restored { is_same: Some(is_same) } = outcome {
            let episode = open.episode.and_then(|place| self.episodes.get(place));
            let episode = episode.map(|record| record.number);
            self.oracle.note_own_comparison(*is_same, episode, seq);
        }
        let results = results(&open.operations, outcome);
        let outcome = match outcome {
            PythonOutcome::Failed { message } => {
                Outcome::Failed { message, failed_index: None, partial_results: None }
            }
            _ => Outcome::Results(results),
        };
        // The order of results is that of execution.
        let done = Some((time, time));
        self.oracle.handle_reply(interpreter, call, &outcome, done, seq);
        self.worker_order.handle_reply((interpreter, call), &outcome, done, seq, time);
        self.handle_reply(interpreter, call, &outcome, None, seq, time);
    }
}

// What a call does, in the words of a worker's protocol.
fn operations<'a>(routine: &PythonRoutine<'a>) -> Vec<Operation<'a>> {
    let all = |steps: &[(crate::frame::Frame, Vec<crate::action::Action>)]| {
        let steps = steps.iter().map(|(frame, actions)| Operation::Step {
            frame: Some(*frame),
            actions: actions.clone(),
        });
        steps.collect()
    };
    let one = match routine {
        PythonRoutine::Replay { steps } | PythonRoutine::FastForward { steps } => {
            return all(steps);
        }
        PythonRoutine::Reset => Operation::Reset,
        PythonRoutine::HashConfirmed { text: Some(text) } => Operation::HashText { text },
        PythonRoutine::Step { actions } => {
            Operation::Step { frame: None, actions: actions.clone().unwrap_or_default() }
        }
        PythonRoutine::SaveSnapshot => Operation::GetState { frame: None },
        PythonRoutine::LoadSnapshot { text, .. } => {
            Operation::SetState { frame: None, text: text.unwrap_or_default() }
        }
        // Hashes among them are made by another rule than those of confirmed states.
        other => Operation::Other(other.name()),
    };
    vec![one]
}

// What a call brought, operation by operation; what was not captured or could not be read stays open.
fn results<'o>(
    operations: &[PendingOperation],
    outcome: &'o PythonOutcome<'_>,
) -> Vec<OperationResult<'o>> {
    let (count, rewards) = match outcome {
        PythonOutcome::Stepped { steps: Some(steps), rewards } => {
            (*steps as usize, rewards.as_slice())
        }
        PythonOutcome::Stepped { steps: None, rewards } => (operations.len(), rewards.as_slice()),
        _ => (operations.len(), &[][..]),
    };
    let of = |(index, operation): (usize, &PendingOperation)| match (operation, outcome) {
        (PendingOperation::SetState, _) => OperationResult::Done,
        (PendingOperation::Step(_), _) => {
            OperationResult::Stepped(rewards.get(index).copied().unwrap_or_default())
        }
        (PendingOperation::GetState(_), PythonOutcome::State(text)) => OperationResult::State(text),
        (PendingOperation::HashText(_), PythonOutcome::Hash(hash)) => {
            OperationResult::Hash(u64::from_str_radix(hash, 16).ok().filter(|_| hash.len() == 16))
        }
        _ => OperationResult::NotSeen,
    };
    let mut results: Vec<_> = operations.iter().enumerate().take(count).map(of).collect();
    // More steps than were asked for: one is enough to show it.
    let is_more = count > operations.len();
    results.extend(is_more.then(|| OperationResult::Stepped(Rewards::default())));
    results
}
