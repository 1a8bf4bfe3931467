//! What an operation of a worker does to its state, as far as the determinism oracle must know.

use std::hash::{DefaultHasher, Hasher};

use crate::action::Action;
use crate::frame::Frame;
use crate::observation::Operation;
use crate::state::{PortableReader, PortableState};

/// What an operation does to the state.
#[derive(Debug, Clone, Copy)]
pub(super) enum Move {
    /// Restore a state, `None` if it is not readable, of a frame.
    Restore(Option<PortableState>, Option<Frame>),
    /// Save the state of a frame.
    Save(Option<Frame>),
    /// Step a frame with actions of this digest.
    Step(u64, Option<Frame>),
    /// Hash the state.
    Hash,
    /// Nothing.
    Harmless,
    /// Anything.
    Unknown,
}

impl Move {
    /// What an operation does.
    pub(super) fn of(operation: &Operation<'_>, states: &mut PortableReader) -> Self {
        match operation {
            Operation::SetState { text, frame } => Self::Restore(states.read(text), *frame),
            Operation::GetState { frame } => Self::Save(*frame),
            // A step whose actions could not be read.
            Operation::Step { actions, .. } if actions.is_empty() => Self::Unknown,
            Operation::Step { actions, frame } => Self::Step(digest_of(actions), *frame),
            Operation::ComputeHash => Self::Hash,
            Operation::HashText { .. } | Operation::Other("render" | "computeHash") => {
                Self::Harmless
            }
            _ => Self::Unknown,
        }
    }

    /// Whether the state may be another one afterwards.
    pub(super) fn changes_state(self) -> bool {
        matches!(self, Self::Restore(..) | Self::Step(..) | Self::Unknown)
    }
}

fn digest_of(actions: &[Action]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for action in actions {
        hasher.write_u32(action.0);
    }
    hasher.finish()
}
