//! The records of a peer: rollbacks, worker round trips, and what was right or wrong with each.

use crate::frame::Frame;
use crate::observation::Operation;
use crate::rollback::Misprediction;
use crate::time::Micros;

/// Whether two things that should be the same are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// They are.
    Same,
    /// They are not.
    Different,
    /// One of them was not seen.
    Unknown,
}

/// How far a rollback got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollbackState {
    /// The page's own rule demands it, and no request was seen so far.
    Due,
    /// Posted, not answered yet.
    Running,
    /// Answered without an error: executed.
    Executed,
    /// Answered with an error.
    Failed,
}

/// An input that came when its frame was already stepped with a wrong guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateArrival {
    /// The frame that the page was about to step.
    pub current: Frame,
    /// The guess and the input.
    pub wrong: Misprediction,
}

/// One rollback: a request that restores a snapshot and steps on from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollbackRecord {
    /// The earliest wrong guess known when the request was posted; its frame is the target. Where the
    /// settings of the game were not seen, the first frame that the replay steps otherwise than before.
    /// `None` where nothing known was wrong, or no frame shows it.
    pub cause: Option<Misprediction>,
    /// Capture sequence number of the message that brought the real input.
    pub cause_seq: Option<u32>,
    /// The frame that was about to be stepped.
    pub current: Frame,
    /// Frame of the snapshot that was restored.
    pub snapshot: Frame,
    /// Frames stepped again.
    pub resimulated: u32,
    /// How far it got.
    pub state: RollbackState,
    /// Whether the restored text is the one that was saved for that frame.
    pub restored: Match,
    /// Replayed actions that were not the delivered input or the guess by the rule; `None` where
    /// the settings of the game were not seen.
    pub wrong_actions: Option<u32>,
    /// Whether the replay covers every frame from the snapshot to the current one, in order.
    pub is_complete: bool,
    /// Capture sequence number of the event that shows it: the request, or where no worker was seen,
    /// the message of the tick in which the page's rule demands it.
    pub seq: u32,
    /// Index of its request in the peer's round trips; `None` where no request was seen.
    pub round_trip: Option<usize>,
}

impl RollbackRecord {
    /// `current` − target, in frames; `None` where the target is not known.
    #[must_use]
    pub fn depth_frames(&self) -> Option<u32> {
        self.cause.map(|cause| self.current.since(cause.frame))
    }
}

/// Whether a reply kept the contract of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// Not answered yet.
    Open,
    /// One result per operation, of its kind, in order.
    Kept,
    /// An error that says where, with as many partial results as operations before it.
    FailedProperly,
    /// An error of a batch that does not say where, or whose partial results do not fit.
    FailedUnclearly,
    /// Another number of results than operations.
    WrongCount {
        /// Results in the reply.
        results: u32,
    },
    /// A result of another kind than its operation's.
    WrongKind {
        /// Index of the first such result.
        index: u32,
    },
}

/// A worker that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerStop {
    /// Why, as the browser says it.
    pub reason: String,
    /// The last frame that was stepped before; `None` before the first.
    pub last_frame: Option<Frame>,
    /// Capture sequence number of the failure.
    pub seq: u32,
}

/// What one operation of a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Restores a state.
    SetState,
    /// Saves the state.
    GetState,
    /// Steps one frame.
    Step,
    /// Starts an episode.
    Reset,
    /// Hashes the state.
    ComputeHash,
    /// Anything else.
    Other,
}

impl OperationKind {
    /// Its name, as it stands in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SetState => "setState",
            Self::GetState => "getState",
            Self::Step => "step",
            Self::Reset => "reset",
            Self::ComputeHash => "computeHash",
            Self::Other => "other",
        }
    }
}

impl From<&Operation<'_>> for OperationKind {
    fn from(operation: &Operation<'_>) -> Self {
        match operation {
            Operation::SetState { .. } => Self::SetState,
            Operation::GetState { .. } => Self::GetState,
            Operation::Step { .. } => Self::Step,
            Operation::Reset => Self::Reset,
            Operation::ComputeHash
            | Operation::HashText { .. }
            | Operation::Other("computeHash") => Self::ComputeHash,
            Operation::Other(_) => Self::Other,
        }
    }
}

/// One request to a worker and its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundTrip {
    /// The worker's channel.
    pub worker: u32,
    /// The request id.
    pub request: u32,
    /// Number of operations.
    pub operations: u32,
    /// Place of the first of them in the peer's list of operation kinds.
    pub first_operation: u32,
    /// Whether it restores a snapshot and steps on.
    pub is_rollback: bool,
    /// When the page posted it.
    pub posted: Micros,
    /// When the worker took it up and was done, where the worker says it and it fits.
    pub handled: Option<(Micros, Micros)>,
    /// When the reply came.
    pub replied: Option<Micros>,
    /// Whether the reply kept the contract.
    pub contract: Contract,
    /// Capture sequence number of the request.
    pub request_seq: u32,
    /// Capture sequence number of the reply.
    pub reply_seq: Option<u32>,
}

impl RoundTrip {
    /// From posting to the reply, in microseconds; `None` while it is open.
    #[must_use]
    pub fn total_micros(&self) -> Option<u64> {
        self.replied.map(|replied| replied.since(self.posted))
    }

    /// Wait, execution and reply, in microseconds each; `None` where the worker does not say it.
    #[must_use]
    pub fn split_micros(&self) -> Option<[u64; 3]> {
        split_micros(self.posted, self.handled, self.replied)
    }
}

/// Wait, execution and reply out of a request's times.
pub(super) fn split_micros(
    posted: Micros,
    handled: Option<(Micros, Micros)>,
    replied: Option<Micros>,
) -> Option<[u64; 3]> {
    let (started, finished) = handled?;
    Some([started.since(posted), finished.since(started), replied?.since(finished)])
}
