//! A spectator's session: it steps what the players have confirmed in its own worker, without any
//! I/O.
//!
//! Messages of the page that feeds it, replies of the worker and the time come in; messages,
//! requests and pictures go out by `poll_*`, as those of [`crate::session`] do. One batch is under
//! way at a time. Nobody waits for it, and nothing that it says changes what players do.

use std::ops::{Deref, DerefMut};

use rollscope::frame::{Episode, Frame};
use rollscope::message::{MessageError, PeerMessage};
use rollscope::player::PlayerId;
use rollscope::rollback::{Request as Step, Spectator};
use rollscope::time::Micros;
use rollscope::worker::{Command, Operation, Reply, ReplyBody};
use serde_json::json;

use crate::batch::{operations_from, read_results};
use crate::pace::{Pace, Timestep};
use crate::session::{Phase, SessionConfig};
use crate::session_base::SessionBase;

/// Time between two pings.
const PING_MICROS: u64 = 500_000;

/// Frames that may wait before two are stepped at once: what jitter brings together.
const CALM_FRAMES: u32 = 6;

/// Frames that may wait before all are stepped in one batch.
const LATE_FRAMES: u32 = 20;

/// Most frames of one batch.
const MAX_BATCH_FRAMES: u32 = 120;

/// The session of one spectator.
#[derive(Debug)]
pub struct Watching {
    base: SessionBase,
    config: SessionConfig,
    engine: Spectator<String>,
    episode: Episode,
    feeder: Option<PlayerId>,
    pace: Pace,
    posted: Option<(u32, Vec<Operation>)>,
    next_ping: Micros,
    round_trip_micros: Option<u64>,
}

/// What sessions have in common is asked of them as of their base.
impl Deref for Watching {
    type Target = SessionBase;

    fn deref(&self) -> &SessionBase {
        &self.base
    }
}

impl DerefMut for Watching {
    fn deref_mut(&mut self) -> &mut SessionBase {
        &mut self.base
    }
}

impl Watching {
    /// A session of a spectator, before the first episode. Of `config.settings` the frames per
    /// second, the snapshot interval (frames whose hashes are logged) and the seed count.
    #[must_use]
    pub fn new(config: SessionConfig) -> Self {
        let mut base = SessionBase::new();
        base.log.write(&json!({
            "event": "session",
            "role": "spectator",
            "players": config.players,
            "episode": config.episode,
            "seed": config.settings.seed,
        }));
        Self {
            base,
            engine: Spectator::new(config.players, config.episode),
            episode: config.episode,
            feeder: None,
            pace: Pace::new(config.settings.frames_per_second, Timestep::Fixed),
            posted: None,
            next_ping: Micros(0),
            round_trip_micros: None,
            config,
        }
    }

    /// Has the worker prepare the game, then make its first state.
    pub fn prepare(&mut self, operations: impl IntoIterator<Item = Operation>) {
        self.base.prepare(operations);
        self.reset();
    }

    /// Names the player whose page feeds this one, for the first time or another one.
    pub fn set_feeder(&mut self, player: PlayerId) {
        self.feeder = Some(player);
    }

    /// Takes one message as it came from the page of `from`, in any form.
    pub fn handle_message(&mut self, now: Micros, from: PlayerId, bytes: &[u8]) {
        let message = match PeerMessage::decode_any(bytes) {
            Ok((message, _)) => message,
            Err(error @ MessageError::Version { .. }) => {
                return self.fail(&format!("This page cannot watch the other ones: {error}."));
            }
            Err(_) => return self.counts.unreadable += 1,
        };
        if self.feeder != Some(from) || message.speaker().is_some_and(|speaker| speaker != from) {
            self.counts.foreign += 1;
            return;
        }
        match message {
            PeerMessage::Ping { stamp_micros } => self.send(&PeerMessage::Pong { stamp_micros }),
            PeerMessage::Pong { stamp_micros } => {
                self.round_trip_micros = Some(now.since(Micros(stamp_micros)));
            }
            _ if self.has_ended() => {}
            message => self.engine.handle_message(&message),
        }
    }

    /// Takes one reply of the worker.
    pub fn handle_reply(&mut self, reply: Reply) {
        let Some(reply) = self.base.take_opening_reply(reply) else {
            return;
        };
        if let Some((_, operations)) = self.posted.take_if(|(id, _)| *id == reply.id) {
            self.handle_batch(&operations, reply.body);
            if self.is_stop_asked {
                self.stop();
            }
        }
    }

    /// Does everything that is due at `now`.
    pub fn advance(&mut self, now: Micros) {
        self.base.give_up_worker(now);
        if self.has_ended() {
            return;
        }
        if now >= self.next_ping {
            self.next_ping = now.plus(PING_MICROS);
            self.send(&PeerMessage::Ping { stamp_micros: now.0 });
        }
        self.pace.handle_time(now);
        while self.can_tick() && self.pace.take_tick() {
            self.tick();
        }
    }

    /// Asks the session to end when the worker's reply has come; it is waited for five seconds.
    pub fn stop(&mut self) {
        let is_idle = self.posted.is_none();
        self.base.ask_stop(is_idle);
    }

    /// The next frame to step.
    #[must_use]
    pub fn current(&self) -> Frame {
        self.engine.current()
    }

    /// The newest frame that may be stepped.
    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        self.current().plus(self.engine.waiting_frames()).previous()
    }

    /// The episode that is watched.
    #[must_use]
    pub fn episode(&self) -> Episode {
        self.episode
    }

    /// The newest measured round trip.
    #[must_use]
    pub fn round_trip_micros(&self) -> Option<u64> {
        self.round_trip_micros
    }

    /// Whether the last of the configured episodes was stepped to its end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let played = self.episode.0.saturating_sub(self.config.episode.0).saturating_add(1);
        self.engine.has_ended() && self.posted.is_none() && played >= self.config.num_episodes
    }

    fn can_tick(&self) -> bool {
        self.phase == Phase::Playing && !self.is_stop_asked && self.posted.is_none()
    }

    fn tick(&mut self) {
        let waiting = self.engine.waiting_frames();
        if let Some(later) = self.engine.later_episode()
            && (self.engine.has_ended() || waiting == 0)
        {
            return self.begin_episode(later);
        }
        let frames = match waiting {
            0..=CALM_FRAMES => 1,
            late if late > LATE_FRAMES => MAX_BATCH_FRAMES,
            _ => 2,
        };
        let interval = self.config.settings.snapshot_interval_frames.max(1);
        let mut steps = Vec::new();
        for step in self.engine.tick(frames) {
            // Not to go back to: so that the log can be laid beside a player's.
            if let Step::AdvanceFrame { frame, .. } = *step
                && frame.is_multiple_of(interval)
            {
                steps.push(Step::SaveSnapshot { frame });
            }
            steps.push(*step);
        }
        while let Some(message) = self.engine.poll_message() {
            self.send(&message);
        }
        if steps.is_empty() {
            return;
        }
        match operations_from(&steps, |frame| self.engine.snapshot(frame)) {
            Ok(mut operations) => {
                operations.push(Operation::Render {});
                let id = self.base.post(Command::Batch(operations.clone()));
                self.posted = Some((id, operations));
            }
            Err(error) => self.fail(&format!("The spectator lost its way: {error}.")),
        }
    }

    fn begin_episode(&mut self, episode: Episode) {
        self.engine = Spectator::new(self.config.players, episode);
        self.episode = episode;
        self.log.write(&json!({"event": "episode", "episode": episode}));
        self.reset();
    }

    fn reset(&mut self) {
        let after = self.episode.0.saturating_sub(self.config.episode.0);
        self.base.reset(self.config.settings.seed.wrapping_add(after));
    }

    fn handle_batch(&mut self, operations: &[Operation], body: ReplyBody) {
        let results = match body {
            ReplyBody::Result { result } => result,
            ReplyBody::Error { error } => {
                return self.fail(&format!("The worker refused a batch: {}.", error.message));
            }
        };
        let outcome = match read_results(operations, results) {
            Ok(outcome) => outcome,
            Err(error) => {
                return self.fail(&format!("The worker answered a batch wrongly: {error}."));
            }
        };
        let episode = self.episode;
        for operation in operations {
            match operation {
                Operation::SetState { frame, .. } => {
                    self.counts.resyncs += 1;
                    let line = json!({"event": "state_taken", "episode": episode, "frame": frame});
                    self.log.write(&line);
                }
                Operation::Step { frame, .. } => {
                    self.log.write(&json!({"event": "frame", "episode": episode, "frame": frame}));
                }
                _ => {}
            }
        }
        for saved in outcome.saved {
            let (frame, hash) = (saved.frame, format!("{:016x}", saved.hash));
            let line = json!({"event": "hash", "episode": episode, "frame": frame, "hash": hash});
            self.log.write(&line);
        }
        self.base.render_state = outcome.render_state.or(self.base.render_state.take());
    }

    fn send(&mut self, message: &PeerMessage) {
        let Some(feeder) = self.feeder else { return };
        let mut bytes = Vec::with_capacity(64);
        message.encode_as(self.config.form, &mut bytes);
        self.base.outgoing.push_back((feeder, bytes));
    }
}
