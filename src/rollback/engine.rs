//! The live engine of one peer: one call per tick, requests for the game and messages for the peers.
//!
//! A tick first repairs what arrived inputs proved wrong (one rollback, from the earliest wrong
//! frame), then simulates one frame. Both come out as ordered lists of requests, each meant to
//! run as one batch. The caller answers `SaveSnapshot` through [`Engine::handle_snapshot`] before
//! the next tick, so that every snapshot that a rollback may need is there.

use std::collections::VecDeque;

use super::event::EngineEvent;
use super::hashes::HashExchange;
use super::input_queue::Inserted;
use super::ledger::InputLedger;
use super::outbox::Outbox;
use super::plan::{Request, RollbackPlan, Tick};
use super::snapshots::{Snapshot, SnapshotStore};
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::{
    MAX_HASHES_PER_MESSAGE, MAX_INPUTS_PER_MESSAGE, PeerMessage, SessionSettings,
};
use crate::player::{MAX_PLAYERS, PlayerId};

/// What the engine needs to know of the game before its first frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineConfig {
    /// The player at this peer.
    pub local: PlayerId,
    /// The settings of every player by index, the local one's included.
    pub settings: Vec<SessionSettings>,
    /// The episode that begins.
    pub episode: Episode,
}

/// The rollback engine of one peer. `S` is a saved state as the game hands it over.
///
/// In steady state a frame allocates nothing, whatever it rolls back, if the caller polls events
/// and messages every tick and gives the messages back ([`Engine::recycle_message`]).
#[derive(Debug, Clone)]
pub struct Engine<S> {
    local: PlayerId,
    settings: SessionSettings,
    episode: Episode,
    ledger: InputLedger,
    snapshots: SnapshotStore<Snapshot<S>>,
    current: Frame,
    // The next frame on the snapshot grid whose confirmed hash has not been sent.
    next_hash: Frame,
    hashes: HashExchange,
    // Per player: newest frame up to which that peer holds our inputs.
    acknowledged: Vec<Option<Frame>>,
    rollback_requests: Vec<Request>,
    live_requests: Vec<Request>,
    outbox: Outbox,
    events: VecDeque<EngineEvent>,
}

/// Events that wait to be polled; older ones are let go.
const WAITING_EVENTS: usize = 4096;

/// Messages that may wait when one more hash is acknowledged, so that a flood of hashes is bounded.
const MAX_WAITING_FOR_ACKNOWLEDGEMENT: usize = 64;

impl<S> Engine<S> {
    /// An engine before frame 0 of an episode. Players past [`MAX_PLAYERS`] are left out.
    #[must_use]
    pub fn new(config: &EngineConfig) -> Option<Self> {
        let settings = *config.settings.get(config.local.index())?;
        let delays: Vec<u32> =
            config.settings.iter().take(MAX_PLAYERS).map(|s| s.input_delay_frames).collect();
        Some(Self {
            local: config.local,
            settings,
            episode: config.episode,
            ledger: InputLedger::new(&delays, settings.prediction, settings.default_action),
            snapshots: SnapshotStore::default(),
            current: Frame::ZERO,
            next_hash: Frame::ZERO,
            hashes: HashExchange::new(),
            acknowledged: vec![None; delays.len()],
            rollback_requests: Vec::with_capacity(128),
            live_requests: Vec::with_capacity(4),
            outbox: Outbox::default(),
            events: VecDeque::with_capacity(64),
        })
    }

    /// The next frame that will be simulated.
    #[must_use]
    pub fn current(&self) -> Frame {
        self.current
    }

    /// Highest frame for which the real inputs of all players are held.
    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        self.ledger.confirmed_frame()
    }

    /// Takes one message of a peer. Messages of other episodes and about other players' inputs
    /// change nothing; `Hello`, `Ping` and `Pong` are the connection's business.
    pub fn handle_message(&mut self, message: &PeerMessage) {
        match message {
            PeerMessage::Inputs { episode, player, received_through, first, actions, .. }
                if *episode == self.episode && *player != self.local =>
            {
                for (offset, action) in actions.iter().enumerate() {
                    let frame = first.plus(offset as u32);
                    let arrival = self.ledger.handle_input(*player, frame, *action);
                    if arrival.is_some_and(|a| matches!(a.inserted, Inserted::Conflict { .. })) {
                        let (episode, player) = (self.episode, *player);
                        self.log(EngineEvent::Conflict { episode, frame, player });
                    }
                }
                if let Some(known) = self.acknowledged.get_mut(player.index()) {
                    *known = (*known).max(*received_through);
                }
            }
            PeerMessage::StateHashes { episode, player, hashes }
                if *episode == self.episode && *player != self.local =>
            {
                for &(frame, hash) in hashes {
                    let episode = self.episode;
                    self.hashes.handle_peer_hash(frame, hash, |ours| {
                        let theirs = hash;
                        log(&mut self.events, EngineEvent::Desync { episode, frame, ours, theirs });
                    });
                }
                self.acknowledge_hashes(*player, hashes);
            }
            PeerMessage::HashesReceived { episode, player, first, last }
                if *episode == self.episode =>
            {
                self.hashes.handle_acknowledgement(*player, *first, *last);
            }
            _ => {}
        }
    }

    /// Runs one tick: reads the local input `action`, repairs, simulates one frame, and queues the
    /// messages. Call it only when the results of the tick before have been handed in.
    pub fn tick(&mut self, action: Action) -> Tick<'_> {
        self.rollback_requests.clear();
        self.live_requests.clear();
        let is_stalled = self.is_window_used_up();
        if !is_stalled {
            let frame = self.current.plus(self.settings.input_delay_frames);
            self.ledger.handle_input(self.local, frame, action);
        }
        let plan = self.plan_rollback();
        if is_stalled {
            let (episode, frame) = (self.episode, self.current);
            self.log(EngineEvent::Stalled { episode, frame });
        } else {
            let frame = self.current;
            if frame.is_multiple_of(self.settings.snapshot_interval_frames) {
                self.live_requests.push(Request::SaveSnapshot { frame });
            }
            let inputs = self.ledger.inputs_for(frame);
            self.ledger.note_simulated(frame, inputs);
            self.live_requests.push(Request::AdvanceFrame { frame, inputs });
            self.current = frame.next();
            let (episode, confirmed) = (self.episode, self.ledger.confirmed_frame());
            self.log(EngineEvent::Frame { episode, frame, confirmed });
        }
        self.queue_inputs();
        Tick {
            rollback: plan.map(|plan| (plan, self.rollback_requests.as_slice())),
            live: &self.live_requests,
        }
    }

    /// Takes the answer to a `SaveSnapshot`.
    pub fn handle_snapshot(&mut self, frame: Frame, state: S, hash: u64) {
        self.snapshots.save(frame, Snapshot { state, hash });
    }

    /// Says that all results of a tick have been handed in: sends hashes that are final now and
    /// lets go of what no rollback can need any more.
    pub fn handle_tick_done(&mut self) {
        let announced = self.announce_settled_hashes();
        if self.hashes.is_due(announced) {
            self.queue_hashes();
        }
        if let Some(settled) = self.settled_frame()
            && let Some(anchor) = self.snapshots.discard_behind_anchor(settled.min(self.current))
        {
            self.ledger.discard_before(self.oldest_unacknowledged().min(anchor));
        }
    }

    /// A saved state that no rollback can need any more, so that the next one is saved in its
    /// memory; `None` if there is none.
    pub fn take_spare_state(&mut self) -> Option<S> {
        self.snapshots.take_spare().map(|snapshot| snapshot.state)
    }

    /// The saved state of a frame, for `LoadSnapshot`.
    #[must_use]
    pub fn snapshot(&self, frame: Frame) -> Option<&S> {
        self.snapshots.get(frame).map(|snapshot| &snapshot.state)
    }

    /// The next message to send, with the player whose peer it is for.
    pub fn poll_message(&mut self) -> Option<(PlayerId, PeerMessage)> {
        self.outbox.poll()
    }

    /// Takes back a message that was sent, so that a later one is made of its list.
    pub fn recycle_message(&mut self, message: PeerMessage) {
        self.outbox.recycle(message);
    }

    /// The next entry of the engine's log.
    pub fn poll_event(&mut self) -> Option<EngineEvent> {
        self.events.pop_front()
    }

    fn is_window_used_up(&self) -> bool {
        let next_needed = self.ledger.confirmed_frame().map_or(Frame::ZERO, Frame::next);
        self.current.since(next_needed) >= self.settings.max_prediction_frames
    }

    fn plan_rollback(&mut self) -> Option<RollbackPlan> {
        let cause = self.ledger.earliest_misprediction()?;
        let snapshot = self.snapshots.best_at_or_before(cause.frame)?.0;
        self.ledger.take_misprediction();
        self.snapshots.discard_after(cause.frame);
        self.rollback_requests.push(Request::LoadSnapshot { frame: snapshot });
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

    fn peers(&self) -> impl Iterator<Item = PlayerId> + use<S> {
        let local = self.local;
        (0..self.ledger.players() as u8).map(PlayerId).filter(move |player| *player != local)
    }

    fn queue_inputs(&mut self) {
        let Some(newest) = self.ledger.queue(self.local).and_then(|q| q.confirmed_through()) else {
            return;
        };
        for peer in self.peers() {
            let acknowledged = self.acknowledged.get(peer.index()).copied().flatten();
            let delay = Frame(self.settings.input_delay_frames);
            let first = acknowledged.map_or(delay, Frame::next).max(delay);
            let Some(queue) = self.ledger.queue(self.local) else {
                return;
            };
            let mut actions = self.outbox.actions();
            let frames = (first.0..=newest.0).take(MAX_INPUTS_PER_MESSAGE);
            actions.extend(frames.map_while(|frame| queue.get(Frame(frame))));
            let received_through = self.ledger.queue(peer).and_then(|q| q.confirmed_through());
            let message = PeerMessage::Inputs {
                episode: self.episode,
                player: self.local,
                current: self.current,
                received_through,
                first,
                actions,
            };
            self.outbox.push(peer, message);
        }
    }

    fn oldest_unacknowledged(&self) -> Frame {
        let held = |peer: PlayerId| {
            let through = self.acknowledged.get(peer.index()).copied().flatten();
            through.map_or(Frame::ZERO, Frame::next)
        };
        self.peers().map(held).min().unwrap_or(self.current)
    }

    /// Highest frame whose state, as it was simulated last, nothing can change any more.
    fn settled_frame(&self) -> Option<Frame> {
        let confirmed = self.ledger.confirmed_frame()?;
        let wrong = self.ledger.earliest_misprediction();
        Some(wrong.map_or(confirmed, |wrong| wrong.frame.min(confirmed)))
    }

    /// Notes the hashes that are final now and returns how many there are.
    fn announce_settled_hashes(&mut self) -> usize {
        let settled = self.settled_frame();
        let mut announced = 0;
        while Some(self.next_hash) <= settled {
            let Some(hash) = self.snapshots.get(self.next_hash).map(|snapshot| snapshot.hash)
            else {
                break;
            };
            let (episode, frame) = (self.episode, self.next_hash);
            log(&mut self.events, EngineEvent::Hash { episode, frame, hash });
            self.hashes.announce(frame, hash, |theirs| {
                let ours = hash;
                log(&mut self.events, EngineEvent::Desync { episode, frame, ours, theirs });
            });
            announced += 1;
            self.next_hash = frame.plus(self.settings.snapshot_interval_frames.max(1));
        }
        announced
    }

    /// Says to every peer the hashes that it has not acknowledged.
    fn queue_hashes(&mut self) {
        for peer in self.peers() {
            let mut to_send = self.hashes.to_send(peer).peekable();
            while to_send.peek().is_some() {
                let mut hashes = self.outbox.hashes();
                hashes.extend(to_send.by_ref().take(MAX_HASHES_PER_MESSAGE));
                let (episode, player) = (self.episode, self.local);
                self.outbox.push(peer, PeerMessage::StateHashes { episode, player, hashes });
            }
        }
    }

    // What a flood leaves unacknowledged is said again.
    fn acknowledge_hashes(&mut self, peer: PlayerId, hashes: &[(Frame, u64)]) {
        if let (Some((first, _)), Some((last, _))) = (hashes.first(), hashes.last())
            && self.outbox.len() < MAX_WAITING_FOR_ACKNOWLEDGEMENT
            && peer.index() < self.acknowledged.len()
        {
            let (episode, player, first, last) = (self.episode, self.local, *first, *last);
            let message = PeerMessage::HashesReceived { episode, player, first, last };
            self.outbox.push(peer, message);
        }
    }

    fn log(&mut self, event: EngineEvent) {
        log(&mut self.events, event);
    }
}

fn log(events: &mut VecDeque<EngineEvent>, event: EngineEvent) {
    if events.len() >= WAITING_EVENTS {
        events.pop_front();
    }
    events.push_back(event);
}
