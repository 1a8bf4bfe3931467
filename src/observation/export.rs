//! What a page hands to its server at the end of an episode: the rows that a researcher will
//! analyse, and the application's own counters.
//!
//! Dialects make it; checks hold it against the reconstruction. Lists are as long as the message
//! that carried them.

use crate::frame::{Episode, Frame};

/// The exported rows of one episode, column by column; a column that the message lacks is empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExportedRows {
    /// The episode.
    pub episode: Option<Episode>,
    /// The frame of each row, as the page numbers it.
    pub frames: Vec<Frame>,
    /// What stands in the rows for each player, in order of their names.
    pub players: Vec<PlayerColumns>,
    /// Late inputs that the page logged so far in the session; `None` where it logs none, or not all
    /// of them can be read.
    pub late_inputs: Option<Vec<LateInput>>,
}

/// One player's columns of the exported rows; `None` where a cell holds no such value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlayerColumns {
    /// The player's name.
    pub name: String,
    /// The action of each row, where it is a whole number.
    pub actions: Vec<Option<i32>>,
    /// The reward of each row.
    pub rewards: Vec<Option<f64>>,
    /// Whether the episode ended for the player at each row.
    pub terminateds: Vec<Option<bool>>,
    /// Whether it was cut off at each row.
    pub truncateds: Vec<Option<bool>>,
    /// Whether the page says that each row rested on a guess at first.
    pub speculative: Vec<Option<bool>>,
    /// Whether the player's page had the focus at each row.
    pub focused: Vec<Option<bool>>,
}

/// A late input as the page logged it.
#[derive(Debug, Clone, PartialEq)]
pub struct LateInput {
    /// The frame that it was for.
    pub frame: Frame,
    /// The frame that the page was about to step.
    pub current: Frame,
    /// The player's name.
    pub player: String,
    /// What was guessed.
    pub predicted: Option<i32>,
    /// What came.
    pub actual: Option<i32>,
}

/// The application's own counters, as far as they can be held against the traffic; `None` and empty
/// where the message does not tell them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApplicationMetrics {
    /// Name of the game.
    pub game: Option<String>,
    /// Inputs that the page sent to its peer.
    pub sent_to_peer: Option<u32>,
    /// Inputs that it sent through the server.
    pub sent_to_server: Option<u32>,
    /// Messages of inputs that it took from its peer.
    pub received_from_peer: Option<u32>,
    /// Messages of inputs that it took from the server.
    pub received_from_server: Option<u32>,
    /// One entry per archived episode.
    pub episodes: Vec<EpisodeMetrics>,
    /// Hashes of confirmed frames that the page still held.
    pub hashes: Vec<(Episode, Frame, String)>,
    /// Frames at which the page saw different hashes.
    pub desyncs: Vec<(Episode, Frame)>,
    /// How long each time in the background took, in microseconds and in order; `None` where the
    /// message does not tell.
    pub background_micros: Option<Vec<u64>>,
    /// Why the session ended, in the application's words.
    pub end: Option<String>,
}

/// The application's counters of one episode.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EpisodeMetrics {
    /// The episode.
    pub episode: Episode,
    /// Frames that were stepped, those past the end included.
    pub frames: Option<u32>,
    /// Highest confirmed frame.
    pub confirmed: Option<Frame>,
    /// Highest frame whose hashes were equal.
    pub verified: Option<Frame>,
    /// Frames whose hashes were different.
    pub desyncs: Option<u32>,
    /// Rollbacks that were begun.
    pub rollbacks: Option<u32>,
    /// Frames of the deepest rollback.
    pub deepest_frames: Option<u32>,
}
