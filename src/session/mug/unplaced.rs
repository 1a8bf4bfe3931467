//! Messages that cannot be placed yet: where no message lists all inputs of an episode, the input delay
//! is told by the server's configuration, by the worker's steps or by the user, and may come later.

use std::collections::VecDeque;

use super::{MAX_INPUT_DELAY_FRAMES, MugPage};
use crate::action::Action;
use crate::frame::Frame;
use crate::issue::IssueLog;
use crate::observation::{Direction, Evidence, Fact, Observation};
use crate::player::PlayerId;
use crate::session::peer::PeerSession;
use crate::time::Micros;

/// Messages that wait; the oldest are given up beyond it.
const MAX_HELD: usize = 1 << 16;

/// Steps in a row that must lie equally far behind what the page announced last.
const STEPS_IN_A_ROW: u32 = 10;

/// What waits, and how far the page steps behind its announcements.
#[derive(Debug, Default)]
pub(super) struct Held {
    waiting: VecDeque<(Evidence, Micros, Message)>,
    named: Option<Frame>,
    behind: Option<(u32, u32)>,
}

/// The contents of a message, without what they borrow.
#[derive(Debug)]
enum Message {
    Inputs { direction: Direction, player: PlayerId, current: Frame, inputs: Vec<(Frame, Action)> },
    Hash { direction: Direction, is_relayed: bool, frame: Frame, hash: String },
}

impl Message {
    fn of(fact: &Fact<'_>) -> Option<Self> {
        match fact {
            Fact::FrameInputsAnnounced {
                direction,
                player,
                current: Some(current),
                inputs,
                repeats_earlier: false,
            } => {
                let (direction, player, current) = (*direction, *player, *current);
                Some(Self::Inputs { direction, player, current, inputs: inputs.clone() })
            }
            Fact::HashMentioned { direction, is_relayed, frame, hash } => {
                let (direction, is_relayed, frame) = (*direction, *is_relayed, *frame);
                // A hash is short; what is not is none.
                let hash = (*hash).get(..hash.len().min(80)).unwrap_or_default().to_owned();
                Some(Self::Hash { direction, is_relayed, frame, hash })
            }
            _ => None,
        }
    }

    fn fact(&self) -> Fact<'_> {
        match self {
            Self::Inputs { direction, player, current, inputs } => Fact::FrameInputsAnnounced {
                direction: *direction,
                player: *player,
                current: Some(*current),
                inputs: inputs.clone(),
                repeats_earlier: false,
            },
            Self::Hash { direction, is_relayed, frame, hash } => Fact::HashMentioned {
                direction: *direction,
                is_relayed: *is_relayed,
                frame: *frame,
                hash,
            },
        }
    }
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl MugPage {
    /// Keeps a message for later; returns whether it has to wait.
    pub(super) fn hold(&mut self, observation: &Observation<'_>) -> bool {
        if self.configuration.rules().is_some() {
            return false;
        }
        let Some(message) = Message::of(&observation.fact) else {
            return false;
        };
        if let Message::Inputs { direction: Direction::Sent, current, .. } = &message {
            self.held.named = Some(*current);
        }
        self.held.waiting.push_back((observation.evidence, observation.time, message));
        if self.held.waiting.len() > MAX_HELD {
            self.held.waiting.pop_front();
        }
        true
    }

    /// Places what waits, once the page's rules are known.
    pub(super) fn place_held(&mut self, peer: &mut PeerSession, issues: &mut IssueLog) {
        if self.held.waiting.is_empty() || self.configuration.rules().is_none() {
            return;
        }
        for (evidence, time, message) in std::mem::take(&mut self.held.waiting) {
            self.handle(peer, &Observation { evidence, time, fact: message.fact() }, issues);
        }
    }

    /// The page steps a frame for the first time. A page announces the input of a frame in the tick in
    /// which it steps the one before by the delay; where every step says the same delay, it is that.
    pub(super) fn infer_delay_from_step(&mut self, stepping: Frame) {
        if self.configuration.rules().is_some() {
            return;
        }
        let delay = self.held.named.and_then(|named| named.0.checked_sub(stepping.0));
        let delay = delay.filter(|delay| *delay <= MAX_INPUT_DELAY_FRAMES);
        let before = self.held.behind.filter(|(known, _)| Some(*known) == delay);
        self.held.behind = delay.map(|delay| (delay, before.map_or(1, |(_, count)| count + 1)));
        if let Some((delay, STEPS_IN_A_ROW..)) = self.held.behind {
            self.configuration.inferred_input_delay_frames = Some(delay);
        }
    }
}
