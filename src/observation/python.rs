//! What a page had its Python do, call by call, and what came back.
//!
//! Made by the dialect of Python on the page's own thread; frames are there only where the page's
//! own code names them.

use std::borrow::Cow;

use super::Rewards;
use crate::action::Action;
use crate::frame::Frame;

/// One call, by what it is for.
#[derive(Debug, Clone, PartialEq)]
pub enum PythonRoutine<'a> {
    /// Starts an episode.
    Reset,
    /// Seeds the generators.
    Seed,
    /// Asks whether states can be saved.
    Probe,
    /// Hashes the first state of an episode.
    HashEpisodeStart,
    /// Hashes a state for the page's own log.
    HashForLog,
    /// Steps one frame; its number is not said.
    Step {
        /// One action per player in order of their names; `None` if they could not be read.
        actions: Option<Vec<Action>>,
    },
    /// Saves the state.
    SaveSnapshot,
    /// Restores a state.
    LoadSnapshot {
        /// Its text; `None` if it could not be told from the code around it.
        text: Option<&'a str>,
        /// The steps that the text says were made before it.
        step_number: Option<u32>,
    },
    /// Steps frames again.
    Replay {
        /// Frame and actions of each step.
        steps: Vec<(Frame, Vec<Action>)>,
    },
    /// Steps frames that were missed in the background.
    FastForward {
        /// Frame and actions of each step.
        steps: Vec<(Frame, Vec<Action>)>,
    },
    /// Hashes the saved state of a confirmed frame.
    HashConfirmed {
        /// Its text; `None` if it could not be told from the code around it.
        text: Option<&'a str>,
    },
    /// Writes the state down after a difference.
    Dump,
    /// Takes over the other peer's state.
    Resync,
    /// Draws.
    Render,
    /// Anything else.
    Other,
}

impl PythonRoutine<'_> {
    /// Its name; routines that a worker has too have the worker's.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Seed => "seedRng",
            Self::Probe => "probe",
            Self::HashEpisodeStart | Self::HashForLog | Self::HashConfirmed { .. } => "computeHash",
            Self::Step { .. } => "step",
            Self::SaveSnapshot => "getState",
            Self::LoadSnapshot { .. } => "setState",
            Self::Replay { .. } => "replay",
            Self::FastForward { .. } => "fastForward",
            Self::Dump => "dump",
            Self::Resync => "resync",
            Self::Render => "render",
            Self::Other => "python",
        }
    }
}

/// What a call brought.
#[derive(Debug, Clone, PartialEq)]
pub enum PythonOutcome<'a> {
    /// A state text.
    State(Cow<'a, str>),
    /// A hash, as it stands.
    Hash(Cow<'a, str>),
    /// A restored state, and whether the page found it to be the saved one.
    Restored {
        /// What the page's own comparison says.
        is_same: Option<bool>,
    },
    /// Steps that were made.
    Stepped {
        /// Their number, where it is said.
        steps: Option<u32>,
        /// The rewards of each of them; empty where they are not said.
        rewards: Vec<Rewards>,
    },
    /// Nothing that is read.
    Done,
    /// Something that the hook could not copy.
    NotCaptured,
    /// An error of Python or of the page.
    Failed {
        /// Its message.
        message: Cow<'a, str>,
    },
}
