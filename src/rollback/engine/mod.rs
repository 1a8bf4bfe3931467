//! The live engine of one peer: one call per tick, requests for the game and messages for the peers.
//!
//! A tick first repairs what arrived inputs or states proved wrong (one batch, from the earliest
//! wrong frame), then simulates one frame, or several to catch up. Both come out as ordered lists
//! of requests, each meant to run as one batch. The caller answers `SaveSnapshot` through
//! [`Engine::handle_snapshot`] before the next tick, so that every snapshot that a rollback may
//! need is there.

mod correction;
mod ending;
mod hearing;
mod letting_go;
mod pace;
mod resync;
mod returning;
mod speaking;
mod watching;

use std::collections::VecDeque;

use super::drops::{DropCounts, DropReason};
use super::event::EngineEvent;
use super::feed::Feed;
use super::hash_pace::HashPace;
use super::hashes::HashExchange;
use super::ledger::InputLedger;
use super::options::EngineOptions;
use super::outbox::Outbox;
use super::peer_track::PeerTrack;
use super::plan::{Request, Tick};
use super::saved::SavedState;
use super::snapshots::{Snapshot, SnapshotStore};
use super::transfer::Outgoing;
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::{PeerMessage, PeerStatus, SessionSettings};
use crate::player::{MAX_PLAYERS, PlayerId};
use ending::Ending;
use resync::Repair;
use returning::{Returning, kept_frames};

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

/// Events that wait to be polled; older ones are let go.
const WAITING_EVENTS: usize = 4096;

/// Most frames that one batch steps to catch up.
const MAX_FAST_FORWARD_FRAMES: u32 = 120;

/// The rollback engine of one peer. `S` is a saved state as the game hands it over.
///
/// In steady state a frame allocates nothing, whatever it rolls back, if the caller polls events
/// and messages every tick and gives the messages back ([`Engine::recycle_message`]).
#[derive(Debug, Clone)]
pub struct Engine<S> {
    local: PlayerId,
    settings: SessionSettings,
    options: EngineOptions,
    episode: Episode,
    ledger: InputLedger,
    snapshots: SnapshotStore<Snapshot<S>>,
    current: Frame,
    // The next frame on the snapshot grid whose confirmed hash has not been noted.
    next_hash: Frame,
    hashes: HashExchange,
    hash_pace: HashPace,
    // One per player; the local one's stays as it is.
    peers: Vec<PeerTrack>,
    ending: Ending,
    repair: Option<Repair<S>>,
    // Of a page that was loaded anew and does not play yet.
    returning: Option<Returning>,
    // Inputs kept behind what no rollback needs, for such pages.
    kept_frames: u32,
    resyncs: u32,
    // Frame of the newest state that was received.
    resynced_at: Frame,
    outgoing: Vec<Option<Outgoing>>,
    feed: Feed,
    status: PeerStatus,
    has_changed_status: bool,
    ticks: u32,
    // Ticks in which a frame sync goes out whatever the options say.
    urgent_syncs: u32,
    rollback_requests: Vec<Request>,
    live_requests: Vec<Request>,
    outbox: Outbox,
    events: VecDeque<EngineEvent>,
    drops: DropCounts,
}

impl<S: SavedState> Engine<S> {
    /// An engine before frame 0 of an episode, with the default options. Players past
    /// [`MAX_PLAYERS`] are left out.
    #[must_use]
    pub fn new(config: &EngineConfig) -> Option<Self> {
        Self::with_options(config, EngineOptions::default())
    }

    /// An engine before frame 0 of an episode; `None` if the settings have no local player.
    #[must_use]
    pub fn with_options(config: &EngineConfig, options: EngineOptions) -> Option<Self> {
        let settings = *config.settings.get(config.local.index())?;
        let ledger = ledger_of(&config.settings, &settings);
        let players = ledger.players();
        Some(Self {
            local: config.local,
            settings,
            options,
            episode: config.episode,
            ledger,
            snapshots: SnapshotStore::default(),
            current: Frame::ZERO,
            next_hash: Frame::ZERO,
            hashes: HashExchange::new(players),
            hash_pace: HashPace::new(options.hash_rate, settings.snapshot_interval_frames),
            peers: vec![PeerTrack::new(config.episode); players],
            ending: Ending::new(options.episode_frames),
            repair: None,
            returning: None,
            kept_frames: kept_frames(&config.settings),
            resyncs: 0,
            resynced_at: Frame::ZERO,
            outgoing: vec![None; players],
            feed: Feed::new(options.spectators),
            status: PeerStatus::Running,
            has_changed_status: false,
            ticks: 0,
            urgent_syncs: 0,
            rollback_requests: Vec::with_capacity(128),
            live_requests: Vec::with_capacity(4),
            outbox: Outbox::new(options.send_order, options.bytes_per_tick),
            events: VecDeque::with_capacity(64),
            drops: DropCounts::default(),
        })
    }

    /// Begins another episode before its frame 0; everything of the one before is forgotten, and
    /// late messages of it change nothing. Begin it when [`Engine::may_leave_episode`] says so.
    ///
    /// Returns whether `settings` has the same players as before; if not, nothing changes.
    pub fn begin_episode(&mut self, episode: Episode, settings: &[SessionSettings]) -> bool {
        let ledger = settings.get(self.local.index()).map(|own| (own, ledger_of(settings, own)));
        let Some((own, ledger)) = ledger.filter(|(_, l)| l.players() == self.peers.len()) else {
            return false;
        };
        self.settings = *own;
        self.episode = episode;
        self.ledger = ledger;
        self.snapshots.clear();
        self.current = Frame::ZERO;
        self.next_hash = Frame::ZERO;
        self.hashes = HashExchange::new(self.peers.len());
        self.hash_pace = HashPace::new(self.options.hash_rate, own.snapshot_interval_frames);
        self.peers.iter_mut().for_each(PeerTrack::begin_episode);
        self.ending = Ending::new(self.options.episode_frames);
        self.repair = None;
        self.resyncs = 0;
        self.resynced_at = Frame::ZERO;
        self.outgoing.iter_mut().for_each(|outgoing| *outgoing = None);
        self.feed.begin_episode();
        self.outbox.clear();
        if self.returning.is_some() {
            self.begin_return();
        }
        true
    }

    /// The next frame that will be simulated.
    #[must_use]
    pub fn current(&self) -> Frame {
        self.current
    }

    /// The episode that is played.
    #[must_use]
    pub fn episode(&self) -> Episode {
        self.episode
    }

    /// Highest frame for which the real inputs of all players are held.
    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        self.ledger.confirmed_frame()
    }

    /// What of the peers' messages was dropped.
    #[must_use]
    pub fn drops(&self) -> &DropCounts {
        &self.drops
    }

    /// Runs one tick: reads the local input `action`, repairs, simulates one frame, and queues the
    /// messages. Call it only when the results of the tick before have been handed in.
    pub fn tick(&mut self, action: Action) -> Tick<'_> {
        self.run(action, 1)
    }

    /// Runs one tick that simulates up to `frames` frames (at most 120) in one batch, with the same
    /// local input in each: for a page that was away. It never passes the fastest peer or the
    /// prediction window.
    pub fn fast_forward(&mut self, action: Action, frames: u32) -> Tick<'_> {
        let most = frames.min(MAX_FAST_FORWARD_FRAMES).min(self.frames_behind()).max(1);
        self.run(action, most)
    }

    fn run(&mut self, action: Action, most: u32) -> Tick<'_> {
        self.rollback_requests.clear();
        self.live_requests.clear();
        self.ticks = self.ticks.wrapping_add(1);
        self.outbox.handle_tick();
        self.hash_pace.handle_tick();
        self.handle_silence();
        let correction = self.plan_correction();
        let plan = if correction.is_none() { self.plan_rollback() } else { None };
        // A replay may bring an end: it is known when its results are.
        if !self.ending.was_forgotten() && self.returning.is_none() {
            self.step_live(action, most);
        }
        self.speak();
        let requests = self.rollback_requests.as_slice();
        Tick {
            rollback: plan.map(|plan| (plan, requests)),
            correction: correction.map(|correction| (correction, requests)),
            live: &self.live_requests,
        }
    }

    fn step_live(&mut self, action: Action, most: u32) {
        let first = self.current;
        for _ in 0..most {
            let (episode, frame) = (self.episode, self.current);
            // An end that is in doubt stops nobody: the others may need the inputs after it.
            if self.ending.is_at_or_before(frame) && self.repair.is_none() {
                self.save_end_state();
                break;
            }
            if let Some(player) = self.paused_player() {
                self.log(EngineEvent::Held { episode, frame, player });
                break;
            }
            if self.is_window_used_up() {
                self.log(EngineEvent::Stalled { episode, frame });
                self.hash_pace.handle_trouble();
                break;
            }
            self.hold_own_input(frame.plus(self.settings.input_delay_frames), action);
            if frame.is_multiple_of(self.settings.snapshot_interval_frames) {
                self.live_requests.push(Request::SaveSnapshot { frame });
            }
            let inputs = self.ledger.inputs_for(frame);
            self.ledger.note_simulated(frame, inputs);
            self.live_requests.push(Request::AdvanceFrame { frame, inputs });
            self.current = frame.next();
            let confirmed = self.ledger.confirmed_frame();
            self.log(EngineEvent::Frame { episode, frame, confirmed });
        }
        let frames = self.current.since(first);
        if frames > 1 {
            let episode = self.episode;
            self.log(EngineEvent::FastForwarded { episode, first, frames });
        }
    }

    // One input a frame as a rule; after a jump ahead by a received state also those between.
    fn hold_own_input(&mut self, frame: Frame, action: Action) {
        let missing = |ledger: &InputLedger, local| {
            let through = ledger.queue(local).and_then(|queue| queue.confirmed_through());
            through.map_or(Frame::ZERO, Frame::next)
        };
        let mut next = missing(&self.ledger, self.local);
        while next <= frame {
            self.ledger.handle_input(self.local, next, action);
            next = next.next();
        }
    }

    /// Takes the answer to a `SaveSnapshot`.
    pub fn handle_snapshot(&mut self, frame: Frame, state: S, hash: u64) {
        self.snapshots.save(frame, Snapshot { state, hash });
    }

    /// Says that all results of a tick have been handed in: sends hashes that are final now and
    /// lets go of what no rollback can need any more.
    pub fn handle_tick_done(&mut self) {
        self.ending.handle_tick_done();
        let said = self.note_settled_hashes() + self.note_end();
        if self.hashes.is_due(said) {
            self.queue_hashes();
        }
        self.feed_spectators();
        self.let_go();
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

    /// The next message to send, with the player whose peer it is for. `None` also when this tick
    /// has sent what the options let it.
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

    fn others(&self) -> impl Iterator<Item = (PlayerId, &PeerTrack)> {
        let players = (0..self.peers.len() as u8).map(PlayerId);
        players.zip(&self.peers).filter(|(player, _)| *player != self.local)
    }

    /// Highest frame whose state, as it was simulated last, nothing can change any more.
    fn settled_frame(&self) -> Option<Frame> {
        let confirmed = self.ledger.confirmed_frame()?;
        let wrong = self.ledger.earliest_misprediction();
        Some(wrong.map_or(confirmed, |wrong| wrong.frame.min(confirmed)))
    }

    fn drop_for(&mut self, reason: DropReason) {
        self.drops.note(reason);
    }

    fn log(&mut self, event: EngineEvent) {
        log(&mut self.events, event);
    }
}

fn ledger_of(settings: &[SessionSettings], own: &SessionSettings) -> InputLedger {
    let delays: Vec<u32> =
        settings.iter().take(MAX_PLAYERS).map(|player| player.input_delay_frames).collect();
    InputLedger::new(&delays, own.prediction, own.default_action)
}

fn log(events: &mut VecDeque<EngineEvent>, event: EngineEvent) {
    if events.len() >= WAITING_EVENTS {
        events.pop_front();
    }
    events.push_back(event);
}
