//! The determinism oracle: the same state and the same actions must give the same state.
//!
//! A rollback steps frames again, so a session repeats itself all the time. What a worker was asked
//! and what it answered comes in; every stretch from a known state over known actions to a known
//! state or hash is kept, and a stretch that comes again is held against the first time. Frames are
//! not needed: states are recognised by their contents.

mod moves;
mod renumber;
mod saved;
mod sorted_index;
mod stretches;
mod trail;

use std::collections::VecDeque;

use moves::Move;
pub use saved::Saved;
pub use stretches::{Divergence, Place};
use stretches::{End, Held, MAX_KEPT, Stretch, Stretches};
use trail::{Earlier, Readings, Start, Trail};

use super::worker_order::Tally;
use crate::frame::{Episode, Frame};
use crate::observation::{Operation, OperationResult, Outcome};
use crate::sorted::SortedMap;
use crate::state::{PortableReader, PortableState};
use crate::time::Micros;

/// Requests that may wait for their reply.
const MAX_OPEN: usize = 1024;

/// Saved states with large whole numbers that are remembered.
const MAX_LARGE: usize = 512;

/// Everything that one observed page's workers repeated.
#[derive(Debug, Clone, Default)]
pub struct Oracle {
    stretches: Stretches,
    workers: SortedMap<u32, Trail>,
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
    pub saved: Saved,
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

    /// Packs what is known, because hardly anything more will come.
    pub(super) fn close(&mut self) {
        self.stretches.seal();
        self.saved.seal();
        self.states = PortableReader::default();
        self.large = VecDeque::new();
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
                if let Some(frame) = frame {
                    self.saved.note(episode, frame, state.portable, seq);
                }
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
        let mut is_repeat = false;
        for since in trail.since(end == End::State) {
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

#[cfg(test)]
mod tests;
