//! Observations: what captured messages mean, in neutral words, each with its evidence.
//!
//! Dialects make them out of captured events; `session` builds its records from them. Texts are
//! borrowed from the captured chunk.

mod configuration;
mod export;
mod lifecycle;
mod operations;
mod python;
mod rewards;
mod transport;

pub use configuration::{GameConfiguration, PredictionMethod};
pub use export::{ApplicationMetrics, EpisodeMetrics, ExportedRows, LateInput, PlayerColumns};
pub use lifecycle::{HandshakeStep, Milestone, Signal, StopCause};
pub use operations::{Operation, OperationResult, Outcome};
pub use python::{PythonOutcome, PythonRoutine};
pub use rewards::Rewards;
pub use transport::{Logger, Transport};

use serde::Serialize;

use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::SessionSettings;
use crate::player::PlayerId;
use crate::time::Micros;

/// One observed document, numbered in order of appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct SourceId(pub u16);

/// Where an observation comes from: a document and its capture sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Evidence {
    /// The document.
    pub source: SourceId,
    /// The capture sequence number of the event in it.
    pub seq: u32,
}

/// Which way a message between peers went, as seen from the observed page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The page sent it.
    Sent,
    /// The page received it.
    Received,
}

/// One neutral fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation<'a> {
    /// Where it was seen.
    pub evidence: Evidence,
    /// When, on the page's clock.
    pub time: Micros,
    /// What was seen.
    pub fact: Fact<'a>,
}

/// What can be observed.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact<'a> {
    /// A peer said who it is and with which settings an episode begins.
    Introduced {
        /// Which way it went.
        direction: Direction,
        /// The episode.
        episode: Episode,
        /// The speaker.
        player: PlayerId,
        /// Number of players.
        players: u8,
        /// The speaker's settings.
        settings: SessionSettings,
    },
    /// A peer announced inputs of its player.
    InputsAnnounced {
        /// Which way it went.
        direction: Direction,
        /// Whether the page's server carried it.
        is_relayed: bool,
        /// The episode.
        episode: Episode,
        /// Whose inputs.
        player: PlayerId,
        /// The speaker's current frame.
        current: Frame,
        /// Up to where the speaker holds the listener's inputs.
        received_through: Option<Frame>,
        /// Frame of the first action.
        first: Frame,
        /// One action per frame.
        actions: Vec<Action>,
    },
    /// A peer reported hashes of confirmed states.
    HashesReported {
        /// Which way it went.
        direction: Direction,
        /// The episode.
        episode: Episode,
        /// Whose states.
        player: PlayerId,
        /// Frame and hash.
        hashes: Vec<(Frame, u64)>,
    },
    /// A piece of a peer's whole state crossed, after a desync.
    StateOffered {
        /// Which way it went.
        direction: Direction,
        /// The episode.
        episode: Episode,
        /// Frame of the state.
        frame: Frame,
        /// Number of the piece.
        index: u32,
    },
    /// Inputs that name their frames and no episode.
    FrameInputsAnnounced {
        /// Which way it went.
        direction: Direction,
        /// Whose inputs.
        player: PlayerId,
        /// The frame that the message names as current; `None` in answers to a request.
        current: Option<Frame>,
        /// Frame and action, as they stand in the message.
        inputs: Vec<(Frame, Action)>,
        /// Whether such messages repeat earlier inputs, so that the first ones list all of an episode.
        repeats_earlier: bool,
    },
    /// A peer asked for inputs that it lacks.
    InputsRequested {
        /// Which way it went.
        direction: Direction,
        /// First frame.
        first: Frame,
        /// Last frame, which is asked for too.
        last: Frame,
    },
    /// A state hash that names its frame and no episode; the speaker is the sender.
    FrameHashReported {
        /// Which way it went.
        direction: Direction,
        /// The frame that the state stands before.
        frame: Frame,
        /// The hash.
        hash: u64,
    },
    /// A peer found the end of its episode.
    EpisodeEnded {
        /// Which way it went.
        direction: Direction,
        /// The episode.
        episode: Episode,
        /// The first frame that was not played.
        frame: Frame,
    },
    /// A peer is ready to begin an episode.
    EpisodeReady {
        /// Which way it went.
        direction: Direction,
        /// The episode.
        episode: Episode,
        /// The first 32 bits of the hash of its first state.
        hash: u32,
    },
    /// A peer's page got or lost the focus.
    FocusReported {
        /// Which way it went.
        direction: Direction,
        /// Whether it has the focus now.
        is_focused: bool,
        /// The speaker's frame.
        frame: Frame,
    },
    /// A document began.
    PageStarted {
        /// Origin of its clock, in milliseconds since 1970.
        time_origin_ms: Option<f64>,
    },
    /// A document was shown or hidden.
    PageShown {
        /// Whether it is visible now.
        is_visible: bool,
    },
    /// A span of a document's pace ended.
    PagePaced {
        /// Its length.
        span_micros: u64,
        /// Tasks in it that the browser calls long; `None` where it tells of none.
        long_tasks: Option<u32>,
        /// The longest time between two animation frames.
        longest_frame_micros: u64,
    },
    /// The page asked for a pong.
    PingSent {
        /// Its stamp.
        stamp_micros: u64,
    },
    /// The page got the pong of an own ping.
    PongReceived {
        /// The stamp of the ping.
        stamp_micros: u64,
    },
    /// A message told something of the game's configuration.
    Configured(GameConfiguration<'a>),
    /// The page or its server said how the game goes on.
    MilestoneReached {
        /// Which way it went.
        direction: Direction,
        /// What was said.
        milestone: Milestone<'a>,
        /// The speaker's frame, where the message names it.
        frame: Option<Frame>,
    },
    /// Two pages build a channel with the help of their server.
    Signalled {
        /// Which way it went.
        direction: Direction,
        /// What it brought.
        signal: Signal,
    },
    /// A step of the handshake on a channel between peers.
    HandshakeSeen {
        /// Which way it went.
        direction: Direction,
        /// Which one.
        step: HandshakeStep,
    },
    /// One input that went through the server.
    InputRelayed {
        /// Which way it went.
        direction: Direction,
        /// Whose input.
        player: PlayerId,
        /// The frame that it is for.
        frame: Frame,
        /// The action.
        action: Action,
    },
    /// A state hash whose rule and text route the message does not settle: it compares with its own
    /// kind only.
    HashMentioned {
        /// Which way it went.
        direction: Direction,
        /// Whether it went through the page's server.
        is_relayed: bool,
        /// The frame.
        frame: Frame,
        /// The hash as it stands in the message.
        hash: &'a str,
    },
    /// The page watches others play and plays nothing itself: it takes confirmed inputs, or says up to where it holds them.
    Watching,
    /// A state was asked for, by a player.
    StateRequested {
        /// Which way it went.
        direction: Direction,
        /// The asker's frame, where the message names it.
        frame: Option<Frame>,
        /// Frame of a state that both have, by the asker's words: what differs from it will do.
        base: Option<Frame>,
    },
    /// A whole state was handed over.
    StateTransferred {
        /// Which way it went.
        direction: Direction,
        /// The frame that it stands before, where the message names it.
        frame: Option<Frame>,
    },
    /// The page handed the rows of an episode to its server.
    RowsExported {
        /// The rows.
        rows: Box<ExportedRows>,
        /// Number of the acknowledgement that it asked for.
        acknowledgement: Option<u64>,
    },
    /// The server acknowledged exported rows.
    ExportAcknowledged {
        /// The number that was asked for.
        acknowledgement: u64,
        /// Whether the server says that it saved them; `None` if it does not say.
        is_saved: Option<bool>,
    },
    /// The page handed its own counters to its server.
    MetricsExported(Box<ApplicationMetrics>),
    /// The page called Python on its own thread.
    PythonCalled {
        /// The interpreter's channel.
        interpreter: u32,
        /// Number of the call.
        call: u32,
        /// What it is for.
        routine: PythonRoutine<'a>,
    },
    /// A call of Python came back.
    PythonReturned {
        /// The interpreter's channel.
        interpreter: u32,
        /// Number of the call.
        call: u32,
        /// What it brought.
        outcome: PythonOutcome<'a>,
    },
    /// A channel carried something of the game for the first time.
    TransportSeen(Transport),
    /// A line of a log crossed.
    Logged(Logger),
    /// The page's timer ticked.
    TimerTicked,
    /// The page posted a request to a worker.
    WorkerRequested {
        /// The worker's channel.
        worker: u32,
        /// Its request id.
        request: u32,
        /// The operations in order.
        operations: Vec<Operation<'a>>,
    },
    /// A worker answered a request.
    WorkerReplied {
        /// The worker's channel.
        worker: u32,
        /// The request id.
        request: u32,
        /// Results or error.
        outcome: Outcome<'a>,
        /// When the worker took the request up and when it was done, on the page's clock.
        handled: Option<(Micros, Micros)>,
    },
    /// A worker failed or was ended.
    WorkerStopped {
        /// The worker's channel.
        worker: u32,
        /// How it came about.
        cause: StopCause,
    },
}
