//! One tick under way: its batches, which of them the worker has answered, and what they brought.
//!
//! The session begins and finishes it; replies come in between. A tick without batches (a stall)
//! is idle at once.

use rollscope::action::Action;
use rollscope::rollback::{Engine, Request};
use rollscope::worker::{Operation, Reply, ReplyBody};
use serde_json::Value;

use crate::batch::{operations, read_results};

/// Which batch of a tick is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Rollback,
    Correction,
    Live,
}

/// What the worker really executed of a tick.
#[derive(Debug, Default)]
pub(super) struct Executed {
    pub(super) rollback: bool,
    pub(super) live: bool,
    pub(super) render_state: Option<Value>,
}

#[derive(Debug)]
struct Posted {
    role: Role,
    id: u32,
    operations: Vec<Operation>,
}

/// The tick under way, if there is one.
#[derive(Debug, Default)]
pub(super) struct TickInFlight {
    posted: Vec<Posted>,
    executed: Executed,
    is_begun: bool,
}

impl TickInFlight {
    /// Runs the engine's tick of up to so many frames and returns its batches in order of posting.
    pub(super) fn begin(
        &mut self,
        engine: &mut Engine<String>,
        action: Action,
        frames: u32,
    ) -> Result<Vec<(Role, Vec<Operation>)>, String> {
        self.is_begun = true;
        let tick = match frames {
            0 | 1 => engine.tick(action),
            _ => engine.fast_forward(action, frames),
        };
        let rollback: Option<Vec<Request>> = tick.rollback.map(|(_, requests)| requests.to_vec());
        let correction: Option<Vec<Request>> =
            tick.correction.map(|(_, requests)| requests.to_vec());
        let live = tick.live.to_vec();
        let in_words = |error| format!("The rollback engine lost its way: {error}.");
        let mut batches = Vec::with_capacity(2);
        for (role, requests) in [(Role::Rollback, rollback), (Role::Correction, correction)] {
            if let Some(requests) = requests {
                batches.push((role, operations(&requests, engine).map_err(in_words)?));
            }
        }
        if !live.is_empty() {
            let mut live = operations(&live, engine).map_err(in_words)?;
            live.push(Operation::Render {});
            batches.push((Role::Live, live));
        }
        Ok(batches)
    }

    pub(super) fn note_posted(&mut self, role: Role, id: u32, operations: Vec<Operation>) {
        self.posted.push(Posted { role, id, operations });
    }

    /// What the worker was asked by a request that is under way.
    pub(super) fn asked(&self, id: u32) -> Option<&[Operation]> {
        let posted = self.posted.iter().find(|posted| posted.id == id);
        posted.map(|posted| posted.operations.as_slice())
    }

    /// Takes a reply; replies to nothing that is under way change nothing. The error is for people.
    pub(super) fn handle_reply(
        &mut self,
        reply: Reply,
        engine: Option<&mut Engine<String>>,
    ) -> Result<(), String> {
        let place = self.posted.iter().position(|posted| posted.id == reply.id);
        let (Some(place), Some(engine)) = (place, engine) else {
            return Ok(());
        };
        let posted = self.posted.remove(place);
        let results = match reply.body {
            ReplyBody::Result { result } => result,
            ReplyBody::Error { error } => {
                return Err(format!("The worker refused a batch: {}.", error.message));
            }
        };
        let outcome = read_results(&posted.operations, results)
            .map_err(|error| format!("The worker answered a batch wrongly: {error}."))?;
        for saved in outcome.saved {
            engine.handle_snapshot(saved.frame, saved.state_json, saved.hash);
        }
        if let Some(frame) = outcome.terminal {
            engine.handle_terminal(frame);
        }
        match posted.role {
            Role::Rollback => self.executed.rollback = true,
            Role::Correction => {}
            Role::Live => {
                self.executed.live = true;
                self.executed.render_state = outcome.render_state;
            }
        }
        Ok(())
    }

    /// Whether nothing of a tick is awaited.
    pub(super) fn is_idle(&self) -> bool {
        self.posted.is_empty()
    }

    /// Whether a tick has begun and all of its replies have come.
    pub(super) fn is_complete(&self) -> bool {
        self.is_begun && self.posted.is_empty()
    }

    pub(super) fn finish(&mut self) -> Executed {
        self.posted.clear();
        self.is_begun = false;
        std::mem::take(&mut self.executed)
    }
}
