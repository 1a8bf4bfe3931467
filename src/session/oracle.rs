//! The determinism oracle: the same state and the same actions must give the same state.
//!
//! A rollback steps frames again, so a session repeats itself all the time. What a worker was asked
//! and what it answered comes in; every stretch from a known state over known actions to a known
//! state or hash is kept, and a stretch that comes again is held against the first time. Frames are
//! not needed: states are recognised by their contents.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hasher};

use super::moves::Move;
use super::stretches::{Divergence, End, Held, MAX_KEPT, Place, Stretch, Stretches};
use super::worker_order::Tally;
use crate::frame::{Episode, Frame};
use crate::observation::{Operation, OperationResult, Outcome};
use crate::state::{PortableReader, PortableState};
use crate::time::Micros;

/// Requests that may wait for their reply.
const MAX_OPEN: usize = 1024;

/// Saved states with large whole numbers that are remembered.
const MAX_LARGE: usize = 512;

/// Saved states whose contents are remembered by frame.
const MAX_SAVED: usize = 1 << 18;

/// Everything that one observed page's workers repeated.
#[derive(Debug, Clone, Default)]
pub struct Oracle {
    stretches: Stretches,
    workers: BTreeMap<u32, Trail>,
    open: VecDeque<OpenRequest>,
    states: PortableReader,
    /// Stretches that came again.
    pub repeats: u32,
    /// Of these, with another end than the first time.
    pub diverged: u32,
    /// The first of them.
    pub divergences: Vec<Divergence>,
    /// Stretches that were not kept because there are too many.
    pub unkept: u32,
    /// Saved states that are strict JSON.
    pub readable: u32,
    /// Saved states that are no strict JSON.
    pub unreadable: Tally,
    /// Restored states whose large whole numbers are not the saved ones any more.
    pub lost_integers: Tally,
    // The newest saved states with such numbers: as JavaScript gives them back, and as written.
    large: VecDeque<(u64, u64)>,
    /// Restored states that were saved again before any step: as restored, and otherwise.
    pub restored: (u32, u32),
    /// Where a worker held another state than the restored one: episode, frame, evidence.
    pub restored_wrong: Vec<(Option<Episode>, Option<Frame>, u32)>,
    /// States and hashes that were read again before anything was asked to change the state.
    pub reread: u32,
    /// Of these, those that came out otherwise.
    pub reread_otherwise: Tally,
    /// The newest saved state by episode and frame: its contents, and the event that brought it.
    pub saved: BTreeMap<(Option<Episode>, Frame), (u64, u32)>,
}

/// What one worker's state is known to be.
#[derive(Debug, Clone, Default)]
struct Trail {
    start: Option<Start>,
    actions: u64,
    steps: u32,
    // The known states before that: two workers save at different frames, and what they both did is
    // seen only from a state that both saved.
    earlier: [Option<Earlier>; EARLIER],
    is_diverged: bool,
    finished: Micros,
    read: Readings,
}

/// Known states before the newest one that are followed too.
const EARLIER: usize = 3;

/// An earlier known state, and what was stepped since.
#[derive(Debug, Clone, Copy)]
struct Earlier {
    start: Start,
    actions: u64,
    steps: u32,
}

/// What was read of a state since it last changed: its contents and its hash, each with its event.
#[derive(Debug, Clone, Copy, Default)]
struct Readings {
    state: Option<(u64, u32)>,
    hash: Option<(u64, u32)>,
}

#[derive(Debug, Clone, Copy)]
struct Start {
    state: PortableState,
    is_restored: bool,
    episode: Option<Episode>,
    frame: Option<Frame>,
}

/// What must be remembered of a request until its reply.
#[derive(Debug, Clone)]
struct OpenRequest {
    worker: u32,
    request: u32,
    episode: Option<Episode>,
    moves: Vec<Move>,
    has_overlap: bool,
}

impl Oracle {
    /// Takes a request, in the order of posting.
    pub fn handle_request(
        &mut self,
        worker: u32,
        request: u32,
        operations: &[Operation<'_>],
        episode: Option<Episode>,
    ) {
        let states = &mut self.states;
        let moves: Vec<Move> = operations.iter().map(|one| Move::of(one, states)).collect();
        let changes = |moves: &[Move]| moves.iter().any(|one| one.changes_state());
        let mut has_overlap = false;
        // Two requests that both change the state: only the worker knows in which order.
        for other in self.open.iter_mut().filter(|other| other.worker == worker) {
            if changes(&moves) || changes(&other.moves) {
                other.has_overlap = true;
                has_overlap = true;
            }
        }
        self.open.push_back(OpenRequest { worker, request, episode, moves, has_overlap });
        if self.open.len() > MAX_OPEN {
            self.open.pop_front();
            self.workers.clear();
        }
    }

    /// Takes a reply, in the order of arrival; `handled` is when the worker took the request up and
    /// was done, where it says so.
    pub fn handle_reply(
        &mut self,
        worker: u32,
        request: u32,
        outcome: &Outcome<'_>,
        handled: Option<(Micros, Micros)>,
        seq: u32,
    ) {
        let is_asked = |open: &OpenRequest| (open.worker, open.request) == (worker, request);
        let open = self.open.iter().position(is_asked).and_then(|place| self.open.remove(place));
        let mut trail = self.workers.remove(&worker).unwrap_or_default();
        let Some(open) = open else {
            // A reply to an unknown request may have changed anything.
            return;
        };
        // Overlapping requests are in order only where the worker's own times show it.
        let is_in_order =
            !open.has_overlap || handled.is_some_and(|(started, _)| started >= trail.finished);
        trail.finished = handled.map_or(trail.finished, |(_, finished)| finished);
        let results = match outcome {
            Outcome::Results(results) if results.len() == open.moves.len() => results.as_slice(),
            _ => &[],
        };
        if !is_in_order || results.is_empty() {
            trail.lose();
        } else {
            for (index, (one, result)) in open.moves.iter().zip(results).enumerate() {
                self.follow(&mut trail, *one, result, open.episode, (seq, index as u32));
            }
        }
        if !is_in_order {
            trail.lose();
        }
        self.workers.insert(worker, trail);
    }

    /// Stretches that both pages stepped: how many, and those that ended otherwise here than there.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> (u32, Vec<Divergence>) {
        self.stretches.shared_with(&other.stretches)
    }

    /// Takes what a page found when it compared a restored state with the saved one itself.
    pub(super) fn note_own_comparison(
        &mut self,
        is_same: bool,
        episode: Option<Episode>,
        seq: u32,
    ) {
        if is_same {
            self.restored.0 = self.restored.0.saturating_add(1);
            return;
        }
        self.restored.1 = self.restored.1.saturating_add(1);
        if self.restored_wrong.len() < MAX_KEPT {
            self.restored_wrong.push((episode, None, seq));
        }
    }

    fn follow(
        &mut self,
        trail: &mut Trail,
        one: Move,
        result: &OperationResult<'_>,
        episode: Option<Episode>,
        (seq, operation): (u32, u32),
    ) {
        if one.changes_state() {
            trail.read = Readings::default();
        }
        match (one, result) {
            (Move::Restore(Some(state), frame), OperationResult::Done) => {
                let frame = frame.or(state.step_number.map(Frame));
                let saved = self.large.iter().find(|(as_read, _)| *as_read == state.portable);
                if saved.is_some_and(|(_, as_written)| *as_written != state.spelled) {
                    self.lost_integers.add(frame, [seq]);
                }
                trail.begin(Start { state, is_restored: true, episode, frame });
            }
            (Move::Save(frame), OperationResult::State(text)) => {
                let Some(state) = self.states.read(text) else {
                    self.unreadable.add(frame, [seq]);
                    trail.lose();
                    return;
                };
                self.readable = self.readable.saturating_add(1);
                if state.loses_integers {
                    self.large.truncate(MAX_LARGE);
                    self.large.push_front((state.portable, state.spelled));
                }
                let frame = frame.or_else(|| trail.next_frame());
                self.note_read(trail.read.state, state.portable, frame, seq);
                trail.read.state = Some((state.portable, seq));
                self.note_saved(episode, frame, state.portable, seq);
                let start = trail.start.filter(|_| trail.steps == 0);
                if let Some(start) = start.filter(|start| start.is_restored) {
                    self.note_restored(&start, &state, seq);
                    trail.begin(Start { state, frame, ..start });
                    return;
                }
                self.note_end(trail, End::State, state.portable, seq, operation);
                trail.begin(Start { state, is_restored: false, episode, frame });
            }
            (Move::Step(actions, frame), OperationResult::Stepped(_)) => {
                if let Some(start) = trail.start.as_mut().filter(|_| trail.steps == 0) {
                    start.frame = start.frame.or(frame);
                }
                trail.step(actions);
            }
            (Move::Hash, OperationResult::Hash(Some(hash))) => {
                self.note_read(trail.read.hash, *hash, trail.next_frame(), seq);
                trail.read.hash = Some((*hash, seq));
                let is_apart = |start: Start| start.is_restored && start.state.has_number_keys;
                let is_apart = trail.start.is_some_and(is_apart);
                let end = if is_apart { End::HashAfterRestore } else { End::Hash };
                self.note_end(trail, end, *hash, seq, operation);
            }
            (Move::Harmless, _) => {}
            _ => {
                trail.lose();
            }
        }
    }

    // Reading a state twice must give it twice.
    fn note_read(
        &mut self,
        before: Option<(u64, u32)>,
        digest: u64,
        frame: Option<Frame>,
        seq: u32,
    ) {
        if let Some((known, first)) = before {
            self.reread = self.reread.saturating_add(1);
            if known != digest {
                self.reread_otherwise.add(frame, [first, seq]);
            }
        }
    }

    fn note_saved(&mut self, episode: Option<Episode>, frame: Option<Frame>, state: u64, seq: u32) {
        let Some(frame) = frame else { return };
        if self.saved.len() < MAX_SAVED || self.saved.contains_key(&(episode, frame)) {
            self.saved.insert((episode, frame), (state, seq));
        }
    }

    fn note_restored(&mut self, start: &Start, state: &PortableState, seq: u32) {
        if start.state.portable == state.portable {
            self.restored.0 += 1;
            return;
        }
        self.restored.1 += 1;
        if self.restored_wrong.len() < MAX_KEPT {
            self.restored_wrong.push((start.episode, start.frame, seq));
        }
    }

    fn note_end(&mut self, trail: &mut Trail, end: End, digest: u64, seq: u32, operation: u32) {
        let Some(start) = trail.start.filter(|_| trail.steps > 0) else {
            return;
        };
        let newest = Earlier { start, actions: trail.actions, steps: trail.steps };
        // Hashes come after every step of a replay: the newest state is enough for them.
        let earlier = trail.earlier.into_iter().flatten().filter(|_| end == End::State);
        let mut is_repeat = false;
        for since in [newest].into_iter().chain(earlier) {
            let begin = match end {
                End::State => since.start.state.portable,
                End::Hash | End::HashAfterRestore => since.start.state.spelled,
            };
            let Earlier { start, actions, steps } = since;
            let place = Place { episode: start.episode, first: start.frame, seq, operation };
            let stretch = Stretch { start: begin, actions, steps, end };
            match self.stretches.hold(stretch, digest, place) {
                // The shortest stretch that came again says it all.
                Held::Known(before) if !is_repeat => {
                    is_repeat = true;
                    self.repeats += 1;
                    if before.digest != digest && !trail.is_diverged {
                        trail.is_diverged = true;
                        self.diverged += 1;
                        if self.divergences.len() < MAX_KEPT {
                            let before = before.place;
                            self.divergences.push(Divergence { before, after: place, steps });
                        }
                    }
                }
                Held::Full => self.unkept += 1,
                Held::Known(_) | Held::New => {}
            }
        }
    }
}

impl Trail {
    fn begin(&mut self, start: Start) {
        let is_continued = !start.is_restored && self.steps > 0;
        if let (Some(before), true) = (self.start, is_continued) {
            self.earlier.rotate_right(1);
            let since = Earlier { start: before, actions: self.actions, steps: self.steps };
            self.earlier[0] = Some(since);
        } else if !is_continued {
            self.earlier = [None; EARLIER];
        }
        self.start = Some(start);
        self.actions = 0;
        self.steps = 0;
        self.is_diverged = false;
    }

    fn step(&mut self, actions: u64) {
        let added = |before: u64| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(before);
            hasher.write_u64(actions);
            hasher.finish()
        };
        self.actions = added(self.actions);
        self.steps = self.steps.saturating_add(1);
        for since in self.earlier.iter_mut().flatten() {
            since.actions = added(since.actions);
            since.steps = since.steps.saturating_add(1);
        }
    }

    /// Nothing is known of the state any more.
    fn lose(&mut self) {
        self.start = None;
        self.earlier = [None; EARLIER];
        self.read = Readings::default();
    }

    fn next_frame(&self) -> Option<Frame> {
        self.start?.frame.map(|first| first.plus(self.steps))
    }
}

#[cfg(test)]
mod tests {
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
        assert!(worker.oracle.saved.contains_key(&(Some(Episode(0)), Frame(5))));
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
            vec![
                OperationResult::State("[1]"),
                stepped(),
                stepped(),
                OperationResult::State("[3.5]"),
            ],
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
}
