//! What every session has, whether it plays or watches: where it stands, its counts and its log, what
//! it asks of its worker, and what waits for the page to take it.
//!
//! Which requests are made, and what replies mean, is each session's own business. No I/O, no clock.

use std::collections::VecDeque;

use rollscope::player::PlayerId;
use rollscope::time::Micros;
use rollscope::worker::{Command, Operation, Reply, ReplyBody, Request};
use serde_json::{Value, json};

use crate::engine_log::EngineLog;
use crate::session::{Counts, Phase};

/// Time that a session which is to stop waits for its worker: longer than any batch takes that is
/// worth waiting for, and short enough that a page whose worker is gone ends.
const STOP_PATIENCE_MICROS: u64 = 5_000_000;

/// The part that sessions have in common.
#[derive(Debug)]
pub struct SessionBase {
    pub(crate) phase: Phase,
    pub(crate) counts: Counts,
    pub(crate) log: EngineLog,
    pub(crate) outgoing: VecDeque<(PlayerId, Vec<u8>)>,
    pub(crate) render_state: Option<Value>,
    pub(crate) is_stop_asked: bool,
    stop_seen: Option<Micros>,
    requests: VecDeque<Request>,
    next_request_id: u32,
    preparing: Vec<u32>,
    reset_id: Option<u32>,
}

impl SessionBase {
    pub(crate) fn new() -> Self {
        Self {
            phase: Phase::Greeting,
            counts: Counts::default(),
            log: EngineLog::default(),
            outgoing: VecDeque::new(),
            render_state: None,
            is_stop_asked: false,
            stop_seen: None,
            requests: VecDeque::new(),
            next_request_id: 1,
            preparing: Vec::new(),
            reset_id: None,
        }
    }

    /// Ends the session by an error; what was logged stays.
    pub fn fail(&mut self, reason: &str) {
        if !matches!(self.phase, Phase::Failed(_)) {
            self.log.write(&json!({"event": "failed", "reason": reason}));
            self.phase = Phase::Failed(reason.to_owned());
        }
    }

    /// The next message for another page, and the player there.
    pub fn poll_message(&mut self) -> Option<(PlayerId, Vec<u8>)> {
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

    /// Its counts so far; of a session that watches, most are the players' business and stay 0.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The engine log as JSON lines.
    #[must_use]
    pub fn log_text(&self) -> String {
        self.log.text()
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Stopped | Phase::Failed(_))
    }

    pub(crate) fn post(&mut self, command: Command) -> u32 {
        let id = self.next_request_id;
        self.next_request_id = id.wrapping_add(1);
        self.requests.push_back(Request { id, command });
        id
    }

    pub(crate) fn prepare(&mut self, operations: impl IntoIterator<Item = Operation>) {
        for operation in operations {
            let id = self.post(Command::Single(operation));
            self.preparing.push(id);
        }
    }

    /// Has the worker make the first state of an episode.
    pub(crate) fn reset(&mut self, seed: u32) {
        self.phase = Phase::Resetting;
        self.reset_id = Some(self.post(Command::Single(Operation::Reset { seed: Some(seed) })));
    }

    /// Takes a reply to what was asked before the game runs; gives any other one back.
    pub(crate) fn take_opening_reply(&mut self, reply: Reply) -> Option<Reply> {
        if let Some(place) = self.preparing.iter().position(|id| *id == reply.id) {
            self.preparing.remove(place);
            if let ReplyBody::Error { error } = reply.body {
                self.fail(&format!("The worker could not prepare the game: {}.", error.message));
            }
            return None;
        }
        if self.reset_id != Some(reply.id) {
            return Some(reply);
        }
        self.reset_id = None;
        match reply.body {
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
        None
    }

    /// Notes that the session is to end; it does once nothing of the worker is awaited.
    pub(crate) fn ask_stop(&mut self, is_idle: bool) {
        self.is_stop_asked = true;
        if is_idle {
            self.finish_stop();
        }
    }

    pub(crate) fn finish_stop(&mut self) {
        if !matches!(self.phase, Phase::Failed(_)) {
            self.phase = Phase::Stopped;
        }
    }

    /// Ends a session that is to stop and whose worker does not answer any more.
    pub(crate) fn give_up_worker(&mut self, now: Micros) {
        if !self.is_stop_asked || self.has_ended() {
            return;
        }
        if now.since(*self.stop_seen.get_or_insert(now)) >= STOP_PATIENCE_MICROS {
            self.log
                .write(&json!({"event": "worker_silent", "waited_micros": STOP_PATIENCE_MICROS}));
            self.finish_stop();
        }
    }
}
