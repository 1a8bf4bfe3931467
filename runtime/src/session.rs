//! One peer's game session: handshake, ticks, the worker's batches and the log, without any I/O.
//!
//! Messages of the other peers, replies of the worker and the time come in; messages, requests and
//! pictures go out by `poll_*`. The order inside a tick is a promise to observers: all messages
//! that came before a tick are handed to the engine at its start, then the rollback batch and the
//! live batch leave together, and no message reaches the engine at any other moment.

mod audience;
mod clock;
mod header;
mod messages;
mod peers;
mod play;
mod returning;
mod rows;
mod tick;

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::message::{Form, PeerMessage, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineOptions};
use rollscope::time::Micros;
use rollscope::worker::{Operation, Reply};

use crate::pace::{Pace, Timestep};
use crate::rows::{Handover, Recorder};
use crate::session_base::SessionBase;
use peers::Peers;
use tick::TickInFlight;

/// Messages that wait for the next tick: half a minute of them. What comes on top is dropped,
/// counted and logged; the other peer repeats its inputs anyway.
const MAX_WAITING_MESSAGES: usize = 2_048;

/// What a session needs to know before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionConfig {
    /// The player at this peer.
    pub player: PlayerId,
    /// Number of players; their indices count from 0.
    pub players: u8,
    /// The first episode to play.
    pub episode: Episode,
    /// How many episodes are played; the last one is not left.
    pub num_episodes: u32,
    /// Whether the page was loaded anew while the game runs: it takes the game from the others.
    pub is_returning: bool,
    /// Whether a hidden page holds the game up. If not, it plays on and catches up what it missed.
    pub pause_when_hidden: bool,
    /// How steps follow the clock.
    pub timestep: Timestep,
    /// This peer's settings.
    pub settings: SessionSettings,
    /// What this peer's engine does differently without the others' knowledge.
    pub options: EngineOptions,
    /// The form of its messages.
    pub form: Form,
}

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// It looks for the other peers.
    Greeting,
    /// The worker makes the first state.
    Resetting,
    /// It plays.
    Playing,
    /// It ended on request or because a peer left.
    Stopped,
    /// It ended by an error; the text is for people.
    Failed(String),
}

/// Counts of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rollbacks that the worker executed.
    pub rollbacks: u32,
    /// Frames that rollbacks stepped again.
    pub resimulated_frames: u32,
    /// Ticks without a step.
    pub stalls: u32,
    /// State hashes of other peers that differ from ours.
    pub desyncs: u32,
    /// States of other peers that replaced ours.
    pub resyncs: u32,
    /// Ticks in which a paused page held the game up.
    pub held: u32,
    /// Frames that were stepped several in one tick, to catch up.
    pub fast_forwarded_frames: u32,
    /// Messages that could not be read.
    pub unreadable: u32,
    /// Messages dropped because too many waited.
    pub dropped: u32,
    /// Messages that name another speaker than the peer that they came from.
    pub foreign: u32,
}

/// What waits for the next tick, in the order in which it came.
#[derive(Debug)]
enum Heard {
    /// A message of another peer.
    Message(PeerMessage),
    /// Another peer's page was loaded anew.
    Returned(PlayerId),
}

/// The session of one peer.
#[derive(Debug)]
pub struct Session {
    base: SessionBase,
    config: SessionConfig,
    peers: Peers,
    pace: Pace,
    engine: Option<Engine<String>>,
    // Of all players by index, once all have greeted.
    settings: Vec<SessionSettings>,
    is_hidden: bool,
    now: Micros,
    is_over: bool,
    inbox: VecDeque<Heard>,
    // What spectators say, with their places.
    audience: VecDeque<(u8, PeerMessage)>,
    in_flight: TickInFlight,
    // Where the page hands its rows to the server, and what waits for that.
    recorder: Option<Recorder>,
    handovers: VecDeque<Handover>,
}

/// What sessions have in common is asked of them as of their base.
impl Deref for Session {
    type Target = SessionBase;

    fn deref(&self) -> &SessionBase {
        &self.base
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut SessionBase {
        &mut self.base
    }
}

impl Session {
    /// A session that has not said anything yet.
    #[must_use]
    pub fn new(config: SessionConfig) -> Self {
        Self {
            base: SessionBase::new(),
            config,
            peers: Peers::new(&config),
            pace: Pace::new(config.settings.frames_per_second, config.timestep),
            engine: None,
            settings: Vec::new(),
            is_hidden: false,
            now: Micros(0),
            is_over: false,
            inbox: VecDeque::new(),
            audience: VecDeque::new(),
            in_flight: TickInFlight::default(),
            recorder: None,
            handovers: VecDeque::new(),
        }
    }

    /// Has the worker prepare the game: packages, environment. It may take its time while peers
    /// look for each other.
    pub fn prepare(&mut self, operations: impl IntoIterator<Item = Operation>) {
        self.base.prepare(operations);
    }

    /// Takes one reply of the worker.
    pub fn handle_reply(&mut self, reply: Reply) {
        let Some(reply) = self.base.take_opening_reply(reply) else {
            return;
        };
        if let Err(problem) = self.take_in(reply) {
            self.finish_tick();
            self.fail(&problem);
        } else if self.in_flight.is_complete() {
            self.finish_tick();
        }
    }

    /// Does everything that is due at `now`. `local_action` is asked for the local player's action
    /// once per tick, with the frame that it will apply to.
    pub fn advance(&mut self, now: Micros, local_action: &mut dyn FnMut(Frame) -> Action) {
        self.now = now;
        self.base.give_up_worker(now);
        if self.has_ended() {
            return;
        }
        for (to, message) in self.peers.due(now) {
            self.send(to, &message);
        }
        if self.phase == Phase::Playing {
            self.pace.handle_time(now);
        }
        while self.can_tick() && self.take_tick() {
            self.tick(local_action);
        }
    }

    /// Asks the session to end at the next tick boundary, when all replies have come; a worker that
    /// does not answer is waited for five seconds.
    pub fn stop(&mut self) {
        let is_idle = self.in_flight.is_idle();
        self.base.ask_stop(is_idle);
        self.hand_over_rest();
    }

    /// The next frame to simulate; `None` before the game runs.
    #[must_use]
    pub fn current(&self) -> Option<Frame> {
        self.engine.as_ref().map(Engine::current)
    }

    /// Highest frame with all players' real inputs.
    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        self.engine.as_ref().and_then(Engine::confirmed_frame)
    }

    /// The newest saved state of a confirmed frame, and its frame.
    #[must_use]
    pub fn confirmed_state(&self) -> Option<(Frame, &str)> {
        let engine = self.engine.as_ref()?;
        let confirmed = engine.confirmed_frame()?.min(engine.current());
        let interval = self.config.settings.snapshot_interval_frames.max(1);
        let frame = Frame(confirmed.0 - confirmed.0 % interval);
        Some((frame, engine.snapshot(frame)?.as_str()))
    }

    /// The newest measured round trip, to the peer where it takes longest.
    #[must_use]
    pub fn round_trip_micros(&self) -> Option<u64> {
        self.peers.round_trip_micros()
    }

    /// Microseconds by which the clock of another player's page is ahead of this one's; `None`
    /// before anything was measured.
    #[must_use]
    pub fn clock_offset_micros(&self, player: PlayerId) -> Option<i64> {
        self.peers.clock_offset_micros(player)
    }

    /// Frames that this peer is ahead of the one that is furthest behind, smoothed; 0 before enough
    /// was heard.
    #[must_use]
    pub fn advantage_frames(&self) -> f64 {
        self.engine.as_ref().and_then(Engine::advantage_frames).unwrap_or(0.0)
    }

    /// The episode that is played; `None` before the game runs.
    #[must_use]
    pub fn episode(&self) -> Option<Episode> {
        self.engine.as_ref().map(Engine::episode)
    }

    /// Whether all episodes have ended and every page has what it needs of them. The session goes
    /// on answering until it is stopped.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    fn send(&mut self, to: PlayerId, message: &PeerMessage) {
        let bytes = encoded(message, self.config.form);
        self.base.outgoing.push_back((to, bytes));
    }
}

fn encoded(message: &PeerMessage, form: Form) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    message.encode_as(form, &mut bytes);
    bytes
}
