//! The course of a game: when a tick runs, what it takes in and gives out, how a page that was away
//! catches up, and how one episode follows the other.

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::message::{Form, PeerStatus};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineEvent};
use rollscope::worker::Command;
use serde_json::json;

use std::collections::VecDeque;

use super::{Heard, Phase, Session, audience, encoded};

/// Frames behind the fastest peer from which a page catches up in one batch: more than jitter makes,
/// less than a prediction window.
const CATCH_UP_FRAMES: u32 = 10;

impl Session {
    /// Says whether the page can be seen. Hidden, it holds the game up if it was configured to, and
    /// else plays on.
    pub fn set_hidden(&mut self, is_hidden: bool) {
        self.is_hidden = is_hidden;
        if let Some(recorder) = &mut self.recorder {
            recorder.note_hidden(is_hidden, self.now);
        }
        self.tell_status();
    }

    pub(super) fn tell_status(&mut self) {
        let status = match (self.is_hidden, self.config.pause_when_hidden) {
            (false, _) => PeerStatus::Running,
            (true, true) => PeerStatus::Paused,
            (true, false) => PeerStatus::Background,
        };
        if let Some(engine) = self.engine.as_mut() {
            engine.set_status(status);
        }
    }

    pub(super) fn can_tick(&self) -> bool {
        self.phase == Phase::Playing && !self.is_stop_asked && self.in_flight.is_idle()
    }

    /// Whether a tick is due, by the clock and by what the engine advises.
    pub(super) fn take_tick(&mut self) -> bool {
        if let Some(engine) = self.engine.as_mut()
            && let Some(waited) = self.pace.handle_advice(engine.pace_advice())
        {
            engine.note_waited(waited);
        }
        self.pace.take_tick()
    }

    pub(super) fn tick(&mut self, local_action: &mut dyn FnMut(Frame) -> Action) {
        let Some(engine) = self.engine.as_mut() else {
            return;
        };
        while let Some(heard) = self.inbox.pop_front() {
            match heard {
                Heard::Message(message) => engine.handle_message(&message),
                Heard::Returned(player) => {
                    engine.readmit(player);
                    self.peers.greet_again(player);
                }
            }
        }
        while let Some((place, message)) = self.audience.pop_front() {
            engine.handle_spectator_message(place, &message);
        }
        let applies_to = engine.current().plus(self.config.settings.input_delay_frames);
        let behind = engine.frames_behind();
        let frames = if behind > CATCH_UP_FRAMES { behind } else { 1 };
        let batches = self.in_flight.begin(engine, local_action(applies_to), frames);
        encode_messages(engine, self.config.form, &mut self.base.outgoing);
        let batches = match batches {
            Ok(batches) => batches,
            Err(problem) => return self.fail(&problem),
        };
        for (role, operations) in batches {
            let id = self.base.post(Command::Batch(operations.clone()));
            self.in_flight.note_posted(role, id, operations);
        }
        if self.in_flight.is_idle() {
            self.finish_tick();
        }
    }

    pub(super) fn finish_tick(&mut self) {
        let Some(engine) = self.engine.as_mut() else {
            return;
        };
        engine.handle_tick_done();
        let executed = self.in_flight.finish();
        self.base.render_state = executed.render_state.or(self.base.render_state.take());
        while let Some(event) = engine.poll_event() {
            match event {
                EngineEvent::Rollback { .. } if !executed.rollback => continue,
                EngineEvent::Frame { .. } | EngineEvent::FastForwarded { .. } if !executed.live => {
                    continue;
                }
                EngineEvent::Rollback { resimulated, target, current, .. } => {
                    if let Some(recorder) = &mut self.recorder {
                        recorder.note_rollback(current.0.saturating_sub(target.0));
                    }
                    self.base.counts.rollbacks += 1;
                    self.base.counts.resimulated_frames += resimulated;
                }
                EngineEvent::FastForwarded { frames, .. } => {
                    self.base.counts.fast_forwarded_frames += frames;
                }
                EngineEvent::Held { .. } => self.base.counts.held += 1,
                EngineEvent::Stalled { .. } => self.base.counts.stalls += 1,
                EngineEvent::Resynced { .. } => self.base.counts.resyncs += 1,
                EngineEvent::Desync { .. } => {
                    self.base.counts.desyncs += 1;
                    if let Some(recorder) = &mut self.recorder {
                        recorder.note_desync();
                    }
                }
                _ => {}
            }
            self.base.log.write(&event);
        }
        encode_messages(engine, self.config.form, &mut self.base.outgoing);
        if self.base.is_stop_asked {
            self.base.finish_stop();
            self.hand_over_rest();
        } else if engine.may_leave_episode() {
            self.leave_episode();
        } else {
            self.follow_missed_episode();
        }
    }

    // Every peer has all that it needs of this episode, and may say so late: a message of the next
    // episode tells it as well, and the last one is never left.
    fn leave_episode(&mut self) {
        self.hand_over_episode();
        let Some(engine) = self.engine.as_mut() else {
            return;
        };
        let next = Episode(engine.episode().0.saturating_add(1));
        if next.0.saturating_sub(self.config.episode.0) >= self.config.num_episodes {
            self.is_over = true;
            return;
        }
        self.enter_episode(next);
    }

    pub(super) fn enter_episode(&mut self, next: Episode) {
        let seed = self.seed_of(next);
        let Some(engine) = self.engine.as_mut() else {
            return;
        };
        for settings in &mut self.settings {
            settings.seed = seed;
        }
        if !engine.begin_episode(next, &self.settings) {
            return self.fail("The next episode has other players than this one.");
        }
        self.enter_rows(next);
        self.log.write(&json!({"event": "episode", "episode": next, "seed": seed}));
        self.base.reset(seed);
    }
}

// Sent messages go back to the engine, which makes its next ones of their lists.
fn encode_messages(
    engine: &mut Engine<String>,
    form: Form,
    outgoing: &mut VecDeque<(PlayerId, Vec<u8>)>,
) {
    while let Some((to, message)) = engine.poll_message() {
        outgoing.push_back((to, encoded(&message, form)));
        engine.recycle_message(message);
    }
    while let Some((to, message)) = audience::poll(engine) {
        outgoing.push_back((to, encoded(&message, form)));
        engine.recycle_spectator_message(message);
    }
}
