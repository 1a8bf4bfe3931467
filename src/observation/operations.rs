//! What workers are asked to do, and what they answer.
//!
//! Made by the dialects of workers, and by `session` of calls of Python on the page's own thread.

use super::Rewards;
use crate::action::Action;
use crate::frame::Frame;

/// One operation of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation<'a> {
    /// Restore a state.
    SetState {
        /// Frame that it stands before.
        frame: Option<Frame>,
        /// Its text.
        text: &'a str,
    },
    /// Save the state.
    GetState {
        /// Frame about to be stepped.
        frame: Option<Frame>,
    },
    /// Step one frame.
    Step {
        /// The frame.
        frame: Option<Frame>,
        /// One action per player.
        actions: Vec<Action>,
    },
    /// Start an episode.
    Reset,
    /// Hash the current state.
    ComputeHash,
    /// Hash a text.
    HashText {
        /// The text.
        text: &'a str,
    },
    /// Anything else that the protocol knows, by its name.
    Other(&'a str),
}

/// What one operation returned.
#[derive(Debug, Clone, PartialEq)]
pub enum OperationResult<'a> {
    /// A state text.
    State(&'a str),
    /// A state hash as 64 bits; `None` if the text is no such hash.
    Hash(Option<u64>),
    /// What a step brought.
    Stepped(Rewards),
    /// An acknowledgement without content.
    Done,
    /// Something to draw.
    Rendered,
    /// Something that the capture does not hold.
    NotSeen,
    /// Nothing that the protocol knows.
    Unreadable,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<'a> {
    /// One result per operation.
    Results(Vec<OperationResult<'a>>),
    /// An error.
    Failed {
        /// The worker's message.
        message: &'a str,
        /// Index of the failed operation, where the worker says it.
        failed_index: Option<u32>,
        /// Number of results before it, where the worker says them.
        partial_results: Option<u32>,
    },
}
