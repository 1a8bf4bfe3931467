//! What the engine says of its own doing: the truth that reconstruction is tested against.

use serde::{Serialize, Serializer};

use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::player::PlayerId;

/// What the engine did, as its own log says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EngineEvent {
    /// A frame was stepped for the first time.
    Frame {
        /// The episode.
        episode: Episode,
        /// The frame.
        frame: Frame,
        /// Confirmed frame at that moment.
        confirmed: Option<Frame>,
    },
    /// A rollback was executed.
    Rollback {
        /// The episode.
        episode: Episode,
        /// First incorrect frame.
        target: Frame,
        /// The frame that was about to be stepped.
        current: Frame,
        /// Frame of the snapshot that was loaded.
        snapshot: Frame,
        /// Frames stepped again.
        resimulated: u32,
        /// Whose input was guessed wrong.
        cause_player: PlayerId,
        /// The guess.
        predicted: Action,
        /// The real input.
        actual: Action,
    },
    /// A tick passed without a step because the prediction window was used up.
    Stalled {
        /// The episode.
        episode: Episode,
        /// The frame that was not stepped.
        frame: Frame,
    },
    /// The state hash of a confirmed frame was sent.
    Hash {
        /// The episode.
        episode: Episode,
        /// The frame, before it is stepped.
        frame: Frame,
        /// The hash, as 64 bits.
        #[serde(serialize_with = "as_hex")]
        hash: u64,
    },
    /// A peer's hash of a confirmed frame differs from ours.
    Desync {
        /// The episode.
        episode: Episode,
        /// The frame.
        frame: Frame,
        /// Our hash.
        #[serde(serialize_with = "as_hex")]
        ours: u64,
        /// The peer's hash.
        #[serde(serialize_with = "as_hex")]
        theirs: u64,
    },
    /// A tick passed without a step because a peer is paused.
    Held {
        /// The episode.
        episode: Episode,
        /// The frame that was not stepped.
        frame: Frame,
        /// Whose peer is paused.
        player: PlayerId,
    },
    /// One tick stepped several frames to catch up.
    FastForwarded {
        /// The episode.
        episode: Episode,
        /// The first of them.
        first: Frame,
        /// How many there were.
        frames: u32,
    },
    /// Nothing was heard of a peer for two seconds of ticks.
    PeerSilent {
        /// The episode.
        episode: Episode,
        /// Whose peer it is.
        player: PlayerId,
    },
    /// A silent peer is heard again.
    PeerHeard {
        /// The episode.
        episode: Episode,
        /// Whose peer it is.
        player: PlayerId,
    },
    /// After a desync, the state of a peer is asked for.
    ResyncWanted {
        /// The episode.
        episode: Episode,
        /// The earliest frame whose state helps.
        at_least: Frame,
        /// Whose state it is.
        player: PlayerId,
    },
    /// Our state goes to a peer that asked for it.
    StateGiven {
        /// The episode.
        episode: Episode,
        /// Frame of the state.
        frame: Frame,
        /// Who asked.
        peer: PlayerId,
        /// Bytes that cross, without messages' heads and repetitions.
        total_bytes: u32,
        /// Whether they are a difference from a state that both have.
        is_delta: bool,
    },
    /// A received state replaced ours.
    Resynced {
        /// The episode.
        episode: Episode,
        /// Frame of the state.
        frame: Frame,
        /// The frame that was about to be stepped.
        current: Frame,
        /// Frames stepped again.
        resimulated: u32,
    },
    /// Another peer's page was loaded anew: it is told what it has lost.
    PeerReturned {
        /// The episode.
        episode: Episode,
        /// Whose peer it is.
        player: PlayerId,
    },
    /// This page was loaded anew and has what it needs to go on.
    Returned {
        /// The episode.
        episode: Episode,
        /// Frame of the state that it goes on from.
        frame: Frame,
        /// Newest frame of which another peer holds our input; inputs after it are new.
        inputs_through: Option<Frame>,
    },
    /// Frames past the end of the episode were taken back.
    Rewound {
        /// The episode.
        episode: Episode,
        /// The first frame that the episode does not have.
        end: Frame,
        /// The frame that was about to be stepped.
        overshot: Frame,
        /// Frame of the snapshot that was loaded.
        snapshot: Frame,
    },
    /// A peer says another end of the episode than ours.
    EndsDiffer {
        /// The episode.
        episode: Episode,
        /// Whose peer it is.
        player: PlayerId,
        /// The first frame that the episode does not have, as it says.
        theirs: Frame,
        /// The same here; `None` if frames past theirs were stepped here.
        ours: Option<Frame>,
    },
    /// The episode's end is certain.
    EpisodeEnded {
        /// The episode.
        episode: Episode,
        /// The first frame that it does not have.
        frame: Frame,
    },
    /// A peer announced two actions for one frame; the first one stays.
    Conflict {
        /// The episode.
        episode: Episode,
        /// The frame.
        frame: Frame,
        /// Whose input it is.
        player: PlayerId,
    },
}

// JSON numbers lose the digits of a hash in most readers; hexadecimal text does not.
fn as_hex<S: Serializer>(hash: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{hash:016x}"))
}
