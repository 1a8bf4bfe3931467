//! What a page with faults knows of its own play from what it asked and heard: states and hashes by
//! frame, the actions of steps, and the others' inputs.

use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::message::PeerMessage;
use rollscope::player::PlayerId;
use rollscope::worker::Operation;
use rollscope_runtime::batch::hash_number;
use serde_json::{Value, json};

/// Frames that are remembered: more than any rollback reaches back.
const KEPT_FRAMES: u32 = 300;

/// Actions of a step, by player.
pub(super) type Actions = BTreeMap<String, Action>;

/// What is known of the running episode.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The player at this page, once it has introduced itself.
    pub(super) local: Option<PlayerId>,
    pub(super) input_delay_frames: u32,
    /// The page's introduction.
    pub(super) hello: Option<PeerMessage>,
    /// The newest message with hashes.
    pub(super) said: Option<PeerMessage>,
    /// Newest saved states and their hashes.
    pub(super) texts: BTreeMap<u32, String>,
    pub(super) hashes: BTreeMap<u32, u64>,
    // Saved states as the session was told them last.
    told: BTreeMap<u32, String>,
    /// What frames were stepped with last.
    pub(super) used: BTreeMap<u32, Actions>,
    received: BTreeMap<(u32, PlayerId), Action>,
    // By player: the first frame whose input is missing.
    missing: BTreeMap<PlayerId, u32>,
}

impl Known {
    /// Forgets the episode.
    pub(super) fn begin_episode(&mut self) {
        let (local, delay, hello) = (self.local, self.input_delay_frames, self.hello.take());
        *self = Self { local, input_delay_frames: delay, hello, ..Self::default() };
    }

    /// Notes what an operation answered.
    pub(super) fn note_results(&mut self, operations: &[Operation], results: &[Value]) {
        let mut saved = None;
        for (operation, result) in operations.iter().zip(results) {
            match operation {
                Operation::GetState { frame } => {
                    saved = *frame;
                    let text = result.get("stateJson").and_then(Value::as_str);
                    if let (Some(frame), Some(text)) = (frame, text) {
                        self.texts.insert(frame.0, text.to_owned());
                    }
                }
                Operation::ComputeHash { .. } => {
                    let hash = result.get("hash").and_then(Value::as_str).and_then(hash_number);
                    if let (Some(frame), Some(hash)) = (saved.take(), hash) {
                        self.hashes.insert(frame.0, hash);
                    }
                }
                _ => {}
            }
        }
    }

    /// Notes which states the session is told.
    pub(super) fn note_told(&mut self, operations: &[Operation], answers: &[Value]) {
        for (operation, answer) in operations.iter().zip(answers) {
            let text = answer.get("stateJson").and_then(Value::as_str);
            if let (Operation::GetState { frame: Some(frame) }, Some(text)) = (operation, text) {
                self.told.insert(frame.0, text.to_owned());
            }
        }
    }

    /// The newest state of a frame, if `text` is the one that the session was told: after a fault it
    /// may hold an older one than the page saved. A state that came from another page is none of these.
    pub(super) fn newest(&self, frame: u32, text: &str) -> Option<&String> {
        let was_told = self.told.get(&frame).is_some_and(|told| told == text);
        self.texts.get(&frame).filter(|_| was_told)
    }

    /// Lets go of what lies far behind `frame`.
    pub(super) fn forget_before(&mut self, frame: u32) {
        let Some(oldest) = frame.checked_sub(KEPT_FRAMES) else {
            return;
        };
        self.texts = self.texts.split_off(&oldest);
        self.told = self.told.split_off(&oldest);
        self.hashes = self.hashes.split_off(&oldest);
        self.used = self.used.split_off(&oldest);
        self.received = self.received.split_off(&(oldest, PlayerId(0)));
    }

    /// Notes inputs of another page.
    pub(super) fn note_received(&mut self, message: &PeerMessage) {
        let PeerMessage::Inputs { player, first, actions, .. } = message else {
            return;
        };
        for (frame, action) in (first.0..).zip(actions) {
            self.received.entry((frame, *player)).or_insert(*action);
        }
        let mut next = *self.missing.entry(*player).or_insert(first.0);
        while self.received.contains_key(&(next, *player)) {
            next += 1;
        }
        self.missing.insert(*player, next);
    }

    /// Whether another player's input is held, and which it is.
    pub(super) fn held(&self, frame: u32, player: &str) -> Option<Action> {
        let player = PlayerId(player.parse().ok()?);
        self.received.get(&(frame, player)).copied()
    }

    /// The first frame that a page cannot be certain of.
    pub(super) fn first_guessed(&self) -> u32 {
        self.missing.values().copied().min().unwrap_or(0)
    }

    /// Whether an action of a step is another page's.
    pub(super) fn is_other(&self, player: &str) -> bool {
        self.local.is_some_and(|local| player != local.0.to_string())
    }

    /// What the worker would have answered, as far as the page can tell.
    pub(super) fn made_up(&self, operations: &[Operation]) -> Vec<Value> {
        let mut saved: Option<Frame> = None;
        let of = |operation: &Operation| match operation {
            Operation::GetState { frame } => {
                saved = *frame;
                let text = frame.and_then(|frame| self.texts.get(&frame.0));
                json!({"stateJson": text.map_or("{}", String::as_str)})
            }
            Operation::ComputeHash { .. } => {
                let hash = saved.take().and_then(|frame| self.hashes.get(&frame.0));
                json!({"hash": format!("{:016x}", hash.copied().unwrap_or(0))})
            }
            Operation::Step { .. } => json!({"rewards": {}, "terminateds": {}}),
            Operation::Render {} => json!({"renderState": null}),
            _ => json!({"ok": true}),
        };
        operations.iter().map(of).collect()
    }
}
