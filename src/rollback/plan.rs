//! What the engine asks the game to do: ordered lists of requests, each list one batch.

use super::ledger::{FrameInputs, Misprediction};
use crate::frame::Frame;

/// One step of a batch for the game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Restore the snapshot that was saved for this frame.
    LoadSnapshot {
        /// Frame of the snapshot.
        frame: Frame,
    },
    /// Save the state as it is before this frame is stepped, with its hash.
    SaveSnapshot {
        /// The frame about to be stepped.
        frame: Frame,
    },
    /// Step the game by one frame.
    AdvanceFrame {
        /// The frame that is stepped.
        frame: Frame,
        /// The actions to step it with.
        inputs: FrameInputs,
    },
}

/// Why and how far a rollback goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollbackPlan {
    /// The wrong guess that the rollback repairs; its frame is the target.
    pub cause: Misprediction,
    /// The next frame to simulate, where the rollback ends.
    pub current: Frame,
    /// The snapshot that the resimulation starts from.
    pub snapshot: Frame,
}

/// What else than wrong guesses a tick repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    /// A peer's state replaces ours, and the frames after it are stepped again.
    Resync {
        /// Frame of the state.
        frame: Frame,
        /// The next frame to simulate, where the repair ends.
        current: Frame,
    },
    /// Frames past the end of the episode are taken back.
    Rewind {
        /// The first frame that the episode does not have.
        end: Frame,
        /// The snapshot that the state at the end is made of.
        snapshot: Frame,
    },
}

/// What one tick asks for. Both lists are empty when the engine waits for inputs.
#[derive(Debug, Clone, Copy)]
pub struct Tick<'a> {
    /// The repair, if one was due, and its batch.
    pub rollback: Option<(RollbackPlan, &'a [Request])>,
    /// Another repair and its batch; never together with a rollback. It comes only with a resync
    /// rule, or after an episode's end was told late.
    pub correction: Option<(Correction, &'a [Request])>,
    /// The batch of the live frames; empty when the engine waits.
    pub live: &'a [Request],
}
