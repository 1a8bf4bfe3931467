//! What a MUG page asked its worker to do (MUG wire notes, §1.9 to 1.11). No request names its
//! frame: the worker's own count of resets and steps does, and a restored state says how many steps
//! came before it. Python on the page's own thread is asked the same way, and its replays name their
//! frames (§1.14).

use std::collections::VecDeque;

use super::executed::Executed;
use super::{MugPage, PLAYERS};
use crate::action::Action;
use crate::frame::Frame;
use crate::observation::Operation;
use crate::session::peer::PeerSession;
use crate::session::records::{Contract, RollbackState};
use crate::session::replies::PendingOperation;
use crate::sorted::SortedMap;
use crate::state::envelope;

/// Longest book beside a state that is read, in bytes.
const MAX_BOOK_BYTES: usize = 1024;

/// Things that the worker did before the tick that they belong to was seen.
const MAX_EARLY: usize = 4096;

/// The worker's own count of frames.
#[derive(Debug, Default)]
pub(super) struct MugWorker {
    /// The worker's channel.
    channel: Option<u32>,
    /// Place of the episode that it steps.
    episode: usize,
    /// The frame that it steps next.
    next: Option<Frame>,
    has_stepped: bool,
    restored: Option<Restored>,
    early: VecDeque<(usize, Executed)>,
    // Steps, by the place of their episode and their frame.
    early_steps: SortedMap<(usize, Frame), Vec<Action>>,
}

/// A state that was restored and not stepped on from yet.
#[derive(Debug, Clone)]
struct Restored {
    snapshot: Option<Frame>,
    digest: Option<u64>,
    // What the page wrote beside the state, as an object of its own, and the request's event.
    books: String,
    seq: u32,
}

// The frame of the first step, where the request says it.
fn first_named(operations: &[Operation<'_>]) -> Option<Frame> {
    operations.iter().find_map(|operation| match operation {
        Operation::Step { frame, .. } => *frame,
        _ => None,
    })
}

// The members of a state text that the page added to it.
fn books_of(text: &str) -> String {
    let mut books = Vec::new();
    for name in ["cumulative_rewards", "step_num"] {
        let member = envelope::member(text, name).filter(|told| told.len() < MAX_BOOK_BYTES);
        books.extend(member.map(|told| format!("\"{name}\":{told}")));
    }
    format!("{{{}}}", books.join(","))
}

/// Where a request belongs.
#[derive(Debug)]
pub(in crate::session) struct Placed {
    /// Place of its episode.
    pub(in crate::session) episode: usize,
    /// Its operations with their frames.
    pub(in crate::session) operations: Vec<PendingOperation>,
    /// Whether it is the steps of a rollback.
    pub(in crate::session) is_rollback: bool,
}

impl PeerSession {
    /// Places a request of a MUG page; `None` for pages of another kind. A request whose steps name
    /// no frame is one of a MUG page, also before the page said anything to its peer.
    pub(in crate::session) fn place_request(
        &mut self,
        worker: u32,
        operations: &[Operation<'_>],
        round_trip: usize,
        seq: u32,
    ) -> Option<Placed> {
        let is_nameless = |operation: &Operation<'_>| {
            matches!(
                operation,
                Operation::Step { frame: None, .. }
                    | Operation::GetState { frame: None }
                    | Operation::SetState { frame: None, .. }
            )
        };
        let begins = operations.iter().any(is_nameless) && self.settings.is_empty();
        // Words of ends and focus are said by this project's own pages too; their requests name frames.
        let is_bare = self.mug.as_ref().is_some_and(|page| page.is_bare());
        if is_bare && first_named(operations).is_some() && !self.is_interpreter(worker) {
            (self.is_native, self.mug) = (true, None);
        }
        if self.is_native || (self.mug.is_none() && !begins) {
            return None;
        }
        let mut page = self.take_page();
        page.configuration.has_worker |= page.interpreter != Some(worker);
        page.worker.turn_to(worker);
        let placed = page.handle_request(self, operations, round_trip, seq);
        self.mug = Some(page);
        Some(placed)
    }
}

impl MugWorker {
    // A worker that the page makes anew stands nowhere yet.
    fn turn_to(&mut self, channel: u32) {
        if self.channel.replace(channel).is_some_and(|before| before != channel) {
            (self.next, self.restored) = (None, None);
        }
    }

    /// Episodes that were not seen stand before the first one.
    pub(super) fn shift(&mut self, episodes: usize) {
        self.episode += episodes;
        self.early.iter_mut().for_each(|(place, _)| *place += episodes);
        let steps = std::mem::take(&mut self.early_steps).into_iter();
        self.early_steps =
            steps.map(|((place, frame), actions)| ((place + episodes, frame), actions)).collect();
    }
}

impl MugPage {
    // Whether nothing was heard that only a page of another kind than this project's own says.
    fn is_bare(&self) -> bool {
        self.named.is_none() && self.waiting.is_empty() && !self.is_assigned && self.held.is_empty()
    }

    /// The channel of Python on the page's own thread, once it was seen.
    pub(in crate::session) fn interpreter(&self) -> Option<u32> {
        self.interpreter
    }

    /// The page calls Python on its own thread.
    pub(in crate::session) fn note_interpreter(&mut self, channel: u32) {
        self.interpreter = Some(channel);
    }

    fn handle_request(
        &mut self,
        peer: &mut PeerSession,
        operations: &[Operation<'_>],
        round_trip: usize,
        seq: u32,
    ) -> Placed {
        let is_step = |operation: &&Operation<'_>| matches!(operation, Operation::Step { .. });
        let steps = operations.iter().filter(is_step).count() as u32;
        let mut placed = Placed {
            episode: self.worker.episode,
            operations: operations.iter().map(PendingOperation::from).collect(),
            is_rollback: false,
        };
        match operations {
            [Operation::Reset] => {
                self.worker.episode += usize::from(self.worker.has_stepped);
                self.worker.has_stepped = false;
                self.worker.next = Some(Frame::ZERO);
                self.worker.restored = None;
                placed.episode = self.worker.episode;
            }
            [Operation::SetState { text, .. }] => {
                let snapshot = envelope::member(text, "step_num").and_then(|n| n.parse().ok());
                let digest = super::states::state_hash(text);
                let (snapshot, books) = (snapshot.map(Frame), books_of(text));
                self.worker.restored = Some(Restored { snapshot, digest, books, seq });
            }
            [Operation::GetState { .. }] => {
                placed.operations = vec![PendingOperation::GetState(self.snapshot_frame())];
            }
            [Operation::Step { frame: None, actions }] => {
                // An attached page's first step is that of its open tick.
                let open = || peer.newest_episode()?.next_frame().previous();
                if let Some(frame) = self.worker.next.or_else(open) {
                    self.infer_delay_from_step(frame);
                    self.worker.next = Some(frame.next());
                    self.worker.has_stepped = true;
                    placed.operations = vec![PendingOperation::Step(Some(frame))];
                    let place = self.worker.episode;
                    self.lay_step(peer, place, frame, actions);
                }
            }
            // A step whose actions cannot be read is one all the same.
            [Operation::Other("step")] => {
                self.worker.next = self.worker.next.map(Frame::next);
                self.worker.has_stepped = true;
            }
            _ if steps > 0 => match self.worker.restored.take() {
                Some(restored) => {
                    self.place_rollback(peer, operations, &restored, round_trip, seq, &mut placed);
                }
                None => self.place_catch_up(peer, operations, steps, &mut placed),
            },
            _ => {}
        }
        placed
    }

    // Snapshots stand on the page's grid; anything else that is saved is a dump for people.
    fn snapshot_frame(&self) -> Option<Frame> {
        let interval = self.configuration.interval_frames();
        self.worker.next.filter(|next| next.is_multiple_of(interval))
    }

    fn place_rollback(
        &mut self,
        peer: &mut PeerSession,
        operations: &[Operation<'_>],
        restored: &Restored,
        round_trip: usize,
        seq: u32,
        placed: &mut Placed,
    ) {
        let steps = operations.iter().filter_map(|operation| match operation {
            Operation::Step { actions, .. } => Some(actions.clone()),
            _ => None,
        });
        let replay: Vec<Vec<Action>> = steps.collect();
        let count = replay.len() as u32;
        // The page's own number drifts where it miscounts its steps; the worker's steps do not lie.
        let by_count = self.worker.next.map(|next| next.minus(count));
        // Code on the page's own thread names its frames.
        let known = first_named(operations).or(by_count);
        let Some(snapshot) = known.or(restored.snapshot) else {
            return;
        };
        if let Some(record) = peer.episodes.get_mut(placed.episode).filter(|_| known.is_some()) {
            record.accounts.note_restored(snapshot, &restored.books, restored.seq);
        }
        let current = snapshot.plus(count);
        if restored.snapshot.is_some() || first_named(operations).is_some() {
            self.infer_delay_from(current);
        }
        self.worker.next = Some(current);
        self.worker.has_stepped = true;
        let mut frame = snapshot;
        for (operation, pending) in operations.iter().zip(&mut placed.operations) {
            match operation {
                Operation::GetState { .. } => *pending = PendingOperation::GetState(Some(frame)),
                Operation::Step { .. } => {
                    *pending = PendingOperation::Step(Some(frame));
                    frame = frame.next();
                }
                _ => {}
            }
        }
        placed.is_rollback = true;
        let digest = restored.digest;
        let executed = Executed { current, snapshot, digest, replay, round_trip, seq };
        self.lay_rollback(peer, placed.episode, executed);
    }

    // Steps without a restore: the page catches up.
    fn place_catch_up(
        &mut self,
        peer: &mut PeerSession,
        operations: &[Operation<'_>],
        steps: u32,
        placed: &mut Placed,
    ) {
        let first = first_named(operations).or(self.worker.next);
        if let Some(first) = first {
            let mut frame = first;
            for (operation, pending) in operations.iter().zip(&mut placed.operations) {
                if let Operation::Step { actions, .. } = operation {
                    *pending = PendingOperation::Step(Some(frame));
                    self.lay_step(peer, placed.episode, frame, actions);
                    frame = frame.next();
                }
            }
        }
        self.worker.next = first.map(|first| first.plus(steps));
        self.worker.has_stepped = true;
    }

    /// Takes a state that was saved before its episode was seen to begin.
    pub(in crate::session) fn note_early_state(
        &mut self,
        place: usize,
        frame: Frame,
        hash: Option<u64>,
        seq: u32,
    ) {
        if self.early_states.len() < MAX_EARLY {
            self.early_states.push((place, frame, hash, seq));
        }
    }

    /// Takes what the worker did before the tick of `frame` was seen.
    pub(super) fn lay_early(&mut self, peer: &mut PeerSession, frame: Frame) {
        let place = peer.episodes.len().saturating_sub(1);
        let is_due = |(of, one): &(usize, Executed)| *of == place && one.current == frame;
        let mut rest = VecDeque::new();
        for early in std::mem::take(&mut self.worker.early) {
            if is_due(&early) {
                self.lay_rollback(peer, place, early.1);
            } else {
                rest.push_back(early);
            }
        }
        self.worker.early = rest;
        self.lay_early_step(peer, frame);
    }

    /// Takes a frame's step that was posted before the frame was known to be stepped.
    pub(super) fn lay_early_step(&mut self, peer: &mut PeerSession, frame: Frame) {
        let place = peer.episodes.len().saturating_sub(1);
        if let Some(actions) = self.worker.early_steps.remove(&(place, frame)) {
            self.lay_step(peer, place, frame, &actions);
        }
    }

    fn lay_rollback(&mut self, peer: &mut PeerSession, place: usize, executed: Executed) {
        // Its reply may have come before its tick was seen.
        let trip = peer.round_trips.get(executed.round_trip);
        let state = match trip.map(|trip| (trip.replied, trip.contract)) {
            None | Some((None, _)) => RollbackState::Running,
            Some((_, Contract::FailedProperly | Contract::FailedUnclearly)) => {
                RollbackState::Failed
            }
            Some(_) => RollbackState::Executed,
        };
        let record = peer.episodes.get_mut(place);
        match record.filter(|record| record.next_frame() > executed.current) {
            Some(record) => {
                for (offset, actions) in (0..).zip(&executed.replay) {
                    let frame = executed.snapshot.plus(offset);
                    record.accounts.note_actions(frame, actions, PLAYERS);
                }
                record.lay_rollback(executed, state);
            }
            None if self.worker.early.len() < MAX_EARLY => {
                self.worker.early.push_back((place, executed));
            }
            None => {}
        }
    }

    fn lay_step(&mut self, peer: &mut PeerSession, place: usize, frame: Frame, actions: &[Action]) {
        if actions.is_empty() {
            return;
        }
        if let (Some(local), Some(record)) = (peer.local, peer.episodes.get_mut(place))
            && record.next_frame() > frame
        {
            record.accounts.note_actions(frame, actions, PLAYERS);
            record.lay_step(local, frame, actions);
            return;
        }
        self.worker.early_steps.insert((place, frame), actions.to_vec());
        if self.worker.early_steps.len() > MAX_EARLY {
            self.worker.early_steps.pop_first();
        }
    }
}
