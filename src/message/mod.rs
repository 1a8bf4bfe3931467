//! What peers say to each other, and its three forms on the wire (`docs/peer-protocol.md`).
//!
//! `rollback` makes these messages, `runtime` sends them, the `native` dialect reads them back.
//! Every message about a game names its episode, so that nothing can leak from one episode into
//! the next. Lists are bounded, and reading never panics.

mod binary;
mod binary_reader;
mod error;
mod form;
mod json;
mod msgpack;
mod settings;

#[cfg(test)]
mod tests;

use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::player::PlayerId;

pub use error::MessageError;
pub use form::Form;
pub use settings::{PredictionRule, SessionSettings};

/// The bytes of a value as MessagePack, every number and length in its shortest form.
#[must_use]
pub fn msgpack_of(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    msgpack::write(value, &mut bytes);
    bytes
}

/// Version of the peer protocol; a peer of another version is refused with both named.
///
/// It counts up with everything that a peer of the version before could not play on with: other bytes,
/// another meaning, or a kind that some page waits for. Version 1 had the kinds `Hello` to
/// `HashesReceived`, version 2 those up to `Watched`, all in the same bytes as now.
pub const PROTOCOL_VERSION: u8 = 3;

/// Most inputs that one message carries: two seconds at 60 frames per second, far beyond any
/// prediction window.
pub const MAX_INPUTS_PER_MESSAGE: usize = 120;

/// Most state hashes that one message carries.
pub const MAX_HASHES_PER_MESSAGE: usize = 16;

/// Most bytes of a state in one message, so that the message fits into one packet on any path.
pub const MAX_CHUNK_BYTES: usize = 1024;

/// Most bytes of a state that is sent in chunks.
pub const MAX_STATE_BYTES: usize = 8 << 20;

/// What a peer says of its own running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PeerStatus {
    /// It steps frames.
    #[default]
    Running,
    /// Its player paused the game: the others wait.
    Paused,
    /// Its page is in the background and steps slowly or not at all.
    Background,
}

impl PeerStatus {
    /// All of them, each in the place of its number on the wire.
    pub const ALL: [Self; 3] = [Self::Running, Self::Paused, Self::Background];

    /// Its name in logs and in the JSON form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Background => "background",
        }
    }
}

/// Which chunks of a state a peer still needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingChunks {
    /// Frame of the state whose chunks are coming in.
    pub frame: Frame,
    /// The first chunk that is not held.
    pub first: u32,
    /// Of the 64 chunks after it, those that are held: the lowest bit stands for `first` + 1.
    pub held: u64,
}

/// One message between peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerMessage {
    /// Opens an episode; repeated until the other peer's `Hello` with `answered` arrives.
    Hello {
        /// The episode that begins.
        episode: Episode,
        /// Who speaks.
        player: PlayerId,
        /// Number of players in the game.
        players: u8,
        /// Whether the speaker has already heard the other peer's `Hello`.
        answered: bool,
        /// The speaker's settings.
        settings: SessionSettings,
    },
    /// Inputs of the speaker, oldest first and without gaps.
    Inputs {
        /// The episode that the inputs belong to.
        episode: Episode,
        /// Whose inputs they are.
        player: PlayerId,
        /// The speaker's current frame: the next one that it will simulate.
        current: Frame,
        /// Newest frame up to which the speaker holds the listener's inputs without a gap.
        received_through: Option<Frame>,
        /// Frame of the first action.
        first: Frame,
        /// One action per frame from `first` on, at most [`MAX_INPUTS_PER_MESSAGE`].
        actions: Vec<Action>,
    },
    /// Hashes of confirmed states, taken before the frame was stepped.
    StateHashes {
        /// The episode that the states belong to.
        episode: Episode,
        /// Whose states they are.
        player: PlayerId,
        /// Frame and hash, at most [`MAX_HASHES_PER_MESSAGE`].
        hashes: Vec<(Frame, u64)>,
    },
    /// Says that a message of hashes arrived: the listener need not say these again.
    HashesReceived {
        /// The episode that the states belong to.
        episode: Episode,
        /// Who received them.
        player: PlayerId,
        /// Frame of the first hash of that message.
        first: Frame,
        /// Frame of its last hash.
        last: Frame,
    },
    /// Asks for a `Pong` with the same stamp.
    Ping {
        /// The speaker's clock in microseconds.
        stamp_micros: u64,
    },
    /// Answers a `Ping`.
    Pong {
        /// The stamp of the `Ping`.
        stamp_micros: u64,
    },
    /// Where the speaker stands, so that peers keep the same pace.
    FrameSync {
        /// The episode that it plays.
        episode: Episode,
        /// Who speaks.
        player: PlayerId,
        /// Counts the speaker's ticks, so that a late message changes nothing.
        tick: u32,
        /// The speaker's current frame.
        current: Frame,
        /// Frames that the speaker is ahead of the newest frame that it has heard of the listener.
        advantage_frames: i16,
        /// Whether it runs.
        status: PeerStatus,
        /// The first frame that the episode does not have, once the speaker knows it for certain.
        ended: Option<Frame>,
    },
    /// Asks the listener for its state, or for what is still missing of it.
    StateRequest {
        /// The episode of the state.
        episode: Episode,
        /// Who asks.
        player: PlayerId,
        /// No state of an earlier frame helps.
        at_least: Frame,
        /// A state that both had in common, by frame and hash: the listener may send what differs.
        base: Option<(Frame, u64)>,
        /// What is missing, once some of it has come.
        missing: Option<MissingChunks>,
    },
    /// A piece of a state, or of what differs from a state that both have.
    StateChunk {
        /// The episode of the state.
        episode: Episode,
        /// Whose state it is.
        player: PlayerId,
        /// Frame of the state, before it is stepped.
        frame: Frame,
        /// Its hash.
        hash: u64,
        /// Whether the episode ends with this state, for certain.
        is_end: bool,
        /// Frame of the state that the bytes are a difference from.
        base: Option<Frame>,
        /// Bytes of all chunks together.
        total_bytes: u32,
        /// Number of this chunk; all but the last hold [`MAX_CHUNK_BYTES`].
        index: u32,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Inputs of all players, for a spectator: confirmed frames without gaps.
    ConfirmedInputs {
        /// The episode.
        episode: Episode,
        /// The player whose peer feeds the spectator.
        player: PlayerId,
        /// Number of players.
        players: u8,
        /// The first frame.
        first: Frame,
        /// The first frame that the episode does not have, once it is known.
        ended: Option<Frame>,
        /// The players' actions of the first frame, then those of the next; at most
        /// [`MAX_INPUTS_PER_MESSAGE`] in all.
        actions: Vec<Action>,
    },
    /// Inputs of the listener, as the speaker holds them: for a page that was loaded anew and has
    /// lost what it said.
    HeldInputs {
        /// The episode.
        episode: Episode,
        /// Who speaks.
        player: PlayerId,
        /// The oldest frame whose input of the listener the speaker still holds.
        oldest: Frame,
        /// Newest frame up to which it holds the listener's inputs without a gap; none if it holds
        /// nothing of the listener.
        through: Option<Frame>,
        /// Frame of the first action.
        first: Frame,
        /// One action per frame from `first` on, at most [`MAX_INPUTS_PER_MESSAGE`].
        actions: Vec<Action>,
    },
    /// Asks for inputs that the listener has played past and the speaker lacks; the answer is the next
    /// message of inputs.
    InputRequest {
        /// The episode.
        episode: Episode,
        /// Who asks.
        player: PlayerId,
        /// The first frame whose input is missing.
        first: Frame,
        /// The last frame that the listener has stepped, as far as the speaker knows.
        last: Frame,
    },
    /// A spectator says how far it holds the inputs.
    Watched {
        /// The episode that it watches.
        episode: Episode,
        /// Newest frame up to which it holds all inputs.
        received_through: Option<Frame>,
    },
}

impl PeerMessage {
    /// The episode that the message belongs to; `None` for those of the connection.
    #[must_use]
    pub const fn episode(&self) -> Option<Episode> {
        match self {
            Self::Hello { episode, .. }
            | Self::Inputs { episode, .. }
            | Self::StateHashes { episode, .. }
            | Self::HashesReceived { episode, .. }
            | Self::FrameSync { episode, .. }
            | Self::StateRequest { episode, .. }
            | Self::StateChunk { episode, .. }
            | Self::ConfirmedInputs { episode, .. }
            | Self::HeldInputs { episode, .. }
            | Self::InputRequest { episode, .. }
            | Self::Watched { episode, .. } => Some(*episode),
            Self::Ping { .. } | Self::Pong { .. } => None,
        }
    }

    /// The player that the message says it comes from; `None` where it names none.
    #[must_use]
    pub const fn speaker(&self) -> Option<PlayerId> {
        match self {
            Self::Hello { player, .. }
            | Self::Inputs { player, .. }
            | Self::StateHashes { player, .. }
            | Self::HashesReceived { player, .. }
            | Self::FrameSync { player, .. }
            | Self::StateRequest { player, .. }
            | Self::StateChunk { player, .. }
            | Self::ConfirmedInputs { player, .. }
            | Self::HeldInputs { player, .. }
            | Self::InputRequest { player, .. } => Some(*player),
            Self::Ping { .. } | Self::Pong { .. } | Self::Watched { .. } => None,
        }
    }
}
