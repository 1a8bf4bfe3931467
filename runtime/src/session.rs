//! One peer's game session: handshake, ticks, the worker's batches and the log, without any I/O.
//!
//! Messages of the other peer, replies of the worker and the time come in; messages, requests and
//! pictures go out by `poll_*`. The order inside a tick is a promise to observers: all messages
//! that came before a tick are handed to the engine at its start, then the rollback batch and the
//! live batch leave together, and no message reaches the engine at any other moment.

mod header;
mod tick;

use std::collections::VecDeque;

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::message::{PeerMessage, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, EngineEvent};
use rollscope::time::Micros;
use rollscope::worker::{Command, Operation, Reply, ReplyBody, Request};
use serde_json::{Value, json};

use crate::engine_log::EngineLog;
use crate::handshake::Handshake;
use crate::pace::Pace;
use header::header;
use tick::TickInFlight;

/// Time between two pings.
const PING_MICROS: u64 = 500_000;

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
    /// The episode to play.
    pub episode: Episode,
    /// This peer's settings.
    pub settings: SessionSettings,
}

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// It looks for the other peer.
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
    /// State hashes of the other peer that differ from ours.
    pub desyncs: u32,
    /// Messages that could not be read.
    pub unreadable: u32,
    /// Messages dropped because too many waited.
    pub dropped: u32,
}

/// The session of one peer.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    phase: Phase,
    handshake: Handshake,
    pace: Pace,
    engine: Option<Engine<String>>,
    inbox: VecDeque<PeerMessage>,
    outgoing: VecDeque<Vec<u8>>,
    requests: VecDeque<Request>,
    next_request_id: u32,
    reset_id: Option<u32>,
    in_flight: TickInFlight,
    render_state: Option<Value>,
    is_stop_asked: bool,
    next_ping: Micros,
    round_trip_micros: Option<u64>,
    counts: Counts,
    log: EngineLog,
}

impl Session {
    /// A session that has not said anything yet.
    #[must_use]
    pub fn new(config: SessionConfig) -> Self {
        let SessionConfig { player, players, episode, settings } = config;
        Self {
            config,
            phase: Phase::Greeting,
            handshake: Handshake::new(episode, player, players, settings),
            pace: Pace::new(settings.frames_per_second),
            engine: None,
            inbox: VecDeque::new(),
            outgoing: VecDeque::new(),
            requests: VecDeque::new(),
            next_request_id: 1,
            reset_id: None,
            in_flight: TickInFlight::default(),
            render_state: None,
            is_stop_asked: false,
            next_ping: Micros(0),
            round_trip_micros: None,
            counts: Counts::default(),
            log: EngineLog::default(),
        }
    }

    /// Takes one message as it came. Messages for the engine wait for the next tick; greetings and
    /// pings are the connection's business and are answered at once.
    pub fn handle_message(&mut self, now: Micros, bytes: &[u8]) {
        match PeerMessage::decode(bytes) {
            Ok(PeerMessage::Ping { stamp_micros }) => {
                self.send(&PeerMessage::Pong { stamp_micros });
            }
            Ok(PeerMessage::Pong { stamp_micros }) => {
                let micros = now.since(Micros(stamp_micros));
                self.round_trip_micros = Some(micros);
                self.pace.handle_round_trip(micros);
            }
            // A session that has ended stays as it is, but still answers pings.
            _ if self.has_ended() => {}
            Ok(hello @ PeerMessage::Hello { .. }) => self.handle_hello(&hello),
            Ok(message) if self.inbox.len() < MAX_WAITING_MESSAGES => {
                self.handshake.handle_play(&message);
                self.inbox.push_back(message);
                self.begin_when_open();
            }
            Ok(_) => {
                self.counts.dropped += 1;
                self.log.write(&json!({"event": "message_dropped", "total": self.counts.dropped}));
            }
            Err(error @ rollscope::message::MessageError::Version { .. }) => {
                self.fail(&format!("The other page cannot play with this one: {error}."));
            }
            Err(_) => self.counts.unreadable += 1,
        }
    }

    /// Takes one reply of the worker.
    pub fn handle_reply(&mut self, reply: Reply) {
        if self.reset_id == Some(reply.id) {
            self.reset_id = None;
            self.handle_reset(reply.body);
        } else if let Err(problem) = self.in_flight.handle_reply(reply, self.engine.as_mut()) {
            self.finish_tick();
            self.fail(&problem);
        } else if self.in_flight.is_complete() {
            self.finish_tick();
        }
    }

    /// Does everything that is due at `now`. `local_action` is asked for the local player's action
    /// once per tick, with the frame that it will apply to.
    pub fn advance(&mut self, now: Micros, local_action: &mut dyn FnMut(Frame) -> Action) {
        if self.has_ended() {
            return;
        }
        if let Some(hello) = self.handshake.poll(now) {
            self.send(&hello);
        }
        if now >= self.next_ping {
            self.next_ping = now.plus(PING_MICROS);
            self.send(&PeerMessage::Ping { stamp_micros: now.0 });
        }
        if self.phase == Phase::Playing {
            self.pace.handle_time(now);
        }
        while self.can_tick() && self.pace.take_tick() {
            self.tick(local_action);
        }
    }

    /// Asks the session to end at the next tick boundary, when all replies have come.
    pub fn stop(&mut self) {
        self.is_stop_asked = true;
        if self.in_flight.is_idle() && !matches!(self.phase, Phase::Failed(_)) {
            self.phase = Phase::Stopped;
        }
    }

    /// Ends the session by an error; what was logged stays.
    pub fn fail(&mut self, reason: &str) {
        if !matches!(self.phase, Phase::Failed(_)) {
            self.log.write(&json!({"event": "failed", "reason": reason}));
            self.phase = Phase::Failed(reason.to_owned());
        }
    }

    /// The next message for the other peer.
    pub fn poll_message(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    /// The next request for the worker.
    pub fn poll_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    /// The newest render state, if there is one that was not taken yet.
    pub fn poll_render_state(&mut self) -> Option<Value> {
        self.render_state.take()
    }

    /// Where the session stands.
    #[must_use]
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Its counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
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

    /// The newest measured round trip to the other peer.
    #[must_use]
    pub fn round_trip_micros(&self) -> Option<u64> {
        self.round_trip_micros
    }

    /// Frames that this peer is ahead of the other, smoothed.
    #[must_use]
    pub fn advantage_frames(&self) -> f64 {
        self.pace.advantage_frames()
    }

    /// The engine log as JSON lines.
    #[must_use]
    pub fn log_text(&self) -> String {
        self.log.text()
    }

    fn handle_hello(&mut self, hello: &PeerMessage) {
        match self.handshake.handle_hello(hello) {
            Ok(answer) => {
                if let Some(answer) = answer {
                    self.send(&answer);
                }
                self.begin_when_open();
            }
            Err(error) => self.fail(&format!("The other page cannot play with this one: {error}.")),
        }
    }

    // Only once the other peer has heard this one: so an observer of either page has seen both
    // peers' settings on the wire before the first frame.
    fn begin_when_open(&mut self) {
        if let Some(theirs) = self.handshake.settings_when_open()
            && self.phase == Phase::Greeting
        {
            self.begin(theirs);
        }
    }

    fn begin(&mut self, theirs: SessionSettings) {
        let ours = self.config.settings;
        let settings: Vec<_> = (0..self.config.players)
            .map(|player| if PlayerId(player) == self.config.player { ours } else { theirs })
            .collect();
        self.log.write(&header(&self.config, &settings));
        let (local, episode) = (self.config.player, self.config.episode);
        self.engine = Engine::new(&EngineConfig { local, settings, episode });
        if self.engine.is_none() {
            self.fail("The session has no player of this page's index.");
            return;
        }
        self.phase = Phase::Resetting;
        let reset = Command::Single(Operation::Reset { seed: Some(ours.seed) });
        self.reset_id = Some(self.post(reset));
    }

    fn handle_reset(&mut self, body: ReplyBody) {
        match body {
            ReplyBody::Result { mut result } => {
                self.render_state = result.get_mut("renderState").map(Value::take);
                if self.phase == Phase::Resetting {
                    self.phase = Phase::Playing;
                }
            }
            ReplyBody::Error { error } => {
                self.fail(&format!("The worker could not start the game: {}.", error.message));
            }
        }
    }

    fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Stopped | Phase::Failed(_))
    }

    fn can_tick(&self) -> bool {
        self.phase == Phase::Playing && !self.is_stop_asked && self.in_flight.is_idle()
    }

    fn tick(&mut self, local_action: &mut dyn FnMut(Frame) -> Action) {
        let Some(engine) = self.engine.as_mut() else {
            return;
        };
        while let Some(message) = self.inbox.pop_front() {
            if let PeerMessage::Inputs { current, .. } = &message {
                self.pace.handle_peer_frame(engine.current(), *current);
            }
            engine.handle_message(&message);
        }
        let applies_to = engine.current().plus(self.config.settings.input_delay_frames);
        let batches = self.in_flight.begin(engine, local_action(applies_to));
        encode_messages(engine, &mut self.outgoing);
        let batches = match batches {
            Ok(batches) => batches,
            Err(problem) => return self.fail(&problem),
        };
        for (role, operations) in batches {
            let id = self.post(Command::Batch(operations.clone()));
            self.in_flight.note_posted(role, id, operations);
        }
        if self.in_flight.is_idle() {
            self.finish_tick();
        }
    }

    fn finish_tick(&mut self) {
        let Some(engine) = self.engine.as_mut() else {
            return;
        };
        engine.handle_tick_done();
        let executed = self.in_flight.finish();
        self.render_state = executed.render_state.or(self.render_state.take());
        while let Some(event) = engine.poll_event() {
            match event {
                EngineEvent::Rollback { .. } if !executed.rollback => continue,
                EngineEvent::Frame { .. } if !executed.live => continue,
                EngineEvent::Rollback { resimulated, .. } => {
                    self.counts.rollbacks += 1;
                    self.counts.resimulated_frames += resimulated;
                }
                EngineEvent::Stalled { .. } => self.counts.stalls += 1,
                EngineEvent::Desync { .. } => self.counts.desyncs += 1,
                _ => {}
            }
            self.log.write(&event);
        }
        encode_messages(engine, &mut self.outgoing);
        if self.is_stop_asked && !matches!(self.phase, Phase::Failed(_)) {
            self.phase = Phase::Stopped;
        }
    }

    fn post(&mut self, command: Command) -> u32 {
        let id = self.next_request_id;
        self.next_request_id = id.wrapping_add(1);
        self.requests.push_back(Request { id, command });
        id
    }

    fn send(&mut self, message: &PeerMessage) {
        self.outgoing.push_back(message.encoded());
    }
}

// Sent messages go back to the engine, which makes its next ones of their lists.
fn encode_messages(engine: &mut Engine<String>, outgoing: &mut VecDeque<Vec<u8>>) {
    while let Some((_, message)) = engine.poll_message() {
        outgoing.push_back(message.encoded());
        engine.recycle_message(message);
    }
}
