//! What the determinism oracle must notice, and what it must not.

use super::*;
use crate::action::Action;
use crate::observation::Rewards;

/// A worker whose state is one number; a step adds the first action.
#[derive(Default)]
struct Worker {
    oracle: Oracle,
    next: u32,
}

impl Worker {
    fn ask(&mut self, operations: &[Operation<'_>], results: Vec<OperationResult<'_>>) {
        self.next += 1;
        self.oracle.handle_request(1, self.next, operations, Some(Episode(0)));
        self.oracle.handle_reply(1, self.next, &Outcome::Results(results), None, self.next);
    }

    fn replay(&mut self, from: &str, action: u32, to: &str) {
        let step = Operation::Step { frame: None, actions: vec![Action(action)] };
        self.ask(
            &[
                Operation::SetState { frame: Some(Frame(5)), text: from },
                step,
                Operation::GetState { frame: None },
            ],
            vec![
                OperationResult::Done,
                OperationResult::Stepped(Rewards::default()),
                OperationResult::State(to),
            ],
        );
    }
}

#[test]
fn the_same_stretch_must_end_alike_whatever_the_spelling() {
    let mut worker = Worker::default();
    worker.replay("[1]", 2, "[3]");
    worker.replay("[1.0]", 2, "[3.0]");
    worker.replay("[1]", 3, "[4]");
    assert_eq!((worker.oracle.repeats, worker.oracle.diverged), (1, 0));
    worker.replay("[1]", 2, "[3.5]");
    assert_eq!((worker.oracle.repeats, worker.oracle.diverged), (2, 1));
    let found = worker.oracle.divergences[0];
    assert_eq!((found.before.seq, found.after.seq, found.steps), (1, 4, 1));
    assert_eq!((found.after.first, found.after.operation), (Some(Frame(5)), 2));
}

#[test]
fn a_worker_that_holds_another_state_than_the_restored_one_is_noted() {
    let mut worker = Worker::default();
    let ask = [
        Operation::SetState { frame: Some(Frame(5)), text: "[1]" },
        Operation::GetState { frame: Some(Frame(5)) },
    ];
    worker.ask(&ask, vec![OperationResult::Done, OperationResult::State("[1.0]")]);
    worker.ask(&ask, vec![OperationResult::Done, OperationResult::State("[2]")]);
    assert_eq!(worker.oracle.restored, (1, 1));
    assert_eq!(worker.oracle.restored_wrong, [(Some(Episode(0)), Some(Frame(5)), 2)]);
}

#[test]
fn a_state_that_nobody_changed_reads_the_same() {
    let mut worker = Worker::default();
    let state = |text| vec![OperationResult::State(text)];
    let hash = |hash| vec![OperationResult::Hash(Some(hash))];
    let (save, step) = (
        [Operation::GetState { frame: Some(Frame(5)) }],
        [Operation::Step { frame: None, actions: vec![Action(1)] }],
    );
    worker.ask(&save, state("[1.0]"));
    worker.ask(&[Operation::ComputeHash], hash(7));
    worker.ask(&save, state("[1]"));
    worker.ask(&[Operation::ComputeHash], hash(7));
    assert_eq!((worker.oracle.reread, worker.oracle.reread_otherwise.count), (2, 0));
    worker.ask(&step, vec![OperationResult::Stepped(Rewards::default())]);
    worker.ask(&[Operation::ComputeHash], hash(8));
    assert_eq!(worker.oracle.reread, 2, "a step may change it");
    worker.ask(&[Operation::ComputeHash], hash(9));
    assert_eq!(worker.oracle.reread_otherwise.seqs, [6, 7]);
    assert_eq!(worker.oracle.reread_otherwise.frames, Some((Frame(6), Frame(6))));
    assert!(worker.oracle.saved.get(Some(Episode(0)), Frame(5)).is_some());
}

#[test]
fn overlapping_requests_and_errors_prove_nothing() {
    let mut worker = Worker::default();
    worker.replay("[1]", 2, "[3]");
    let step = [Operation::Step { frame: None, actions: vec![Action(2)] }];
    worker.oracle.handle_request(1, 50, &step, None);
    worker.replay("[1]", 2, "[9]");
    assert_eq!(worker.oracle.repeats, 0);
    let failed = Outcome::Failed { message: "", failed_index: None, partial_results: None };
    worker.oracle.handle_reply(1, 50, &failed, None, 60);
    worker.replay("[1]", 2, "[3]");
    assert_eq!((worker.oracle.repeats, worker.oracle.diverged), (1, 0));
}

#[test]
fn pages_that_save_at_different_frames_are_held_against_each_other() {
    let (mut here, mut there) = (Worker::default(), Worker::default());
    let step = || Operation::Step { frame: None, actions: vec![Action(1)] };
    let save = || Operation::GetState { frame: None };
    let stepped = || OperationResult::Stepped(Rewards::default());
    here.ask(
        &[save(), step(), save(), step(), save()],
        vec![
            OperationResult::State("[1]"),
            stepped(),
            OperationResult::State("[2]"),
            stepped(),
            OperationResult::State("[3]"),
        ],
    );
    there.ask(
        &[save(), step(), step(), save()],
        vec![OperationResult::State("[1]"), stepped(), stepped(), OperationResult::State("[3.5]")],
    );
    let (shared, divergences) = here.oracle.shared_with(&there.oracle);
    assert_eq!((shared, divergences.len()), (1, 1));
    assert_eq!(divergences[0].steps, 2);
    assert_eq!((here.oracle.repeats, there.oracle.repeats), (0, 0));
}

#[test]
fn two_pages_are_held_against_each_other() {
    let (mut here, mut there) = (Worker::default(), Worker::default());
    here.replay("[1]", 2, "[3]");
    here.replay("[4]", 2, "[6]");
    there.replay("[1]", 2, "[3.0]");
    there.replay("[4]", 2, "[7]");
    let (shared, divergences) = here.oracle.shared_with(&there.oracle);
    assert_eq!((shared, divergences.len()), (2, 1));
}
