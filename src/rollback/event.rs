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
