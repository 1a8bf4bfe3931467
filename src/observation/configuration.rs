//! The configuration of a game as a page's traffic tells it, piece by piece.
//!
//! Dialects make it; `session` merges the pieces. Nothing here says what holds where the traffic is
//! silent.

use crate::action::Action;
use crate::player::PlayerId;

/// What one message says about the game that the page plays or will play. A later message of the
/// page completes or replaces it member by member; `None` is what a message does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GameConfiguration<'a> {
    /// Name of the game, which its players share and no other game has.
    pub game: Option<&'a str>,
    /// Frames between reading a local input and the frame that it applies to.
    pub input_delay_frames: Option<u32>,
    /// Simulation steps per second that the page aims at.
    pub frames_per_second: Option<u32>,
    /// Steps after which an episode ends at the latest.
    pub max_steps: Option<u32>,
    /// Number of episodes.
    pub episodes: Option<u32>,
    /// How a missing input is guessed.
    pub prediction: Option<PredictionMethod>,
    /// Action of a player in frames that no input exists for.
    pub default_action: Option<Action>,
    /// Frames between two snapshots.
    pub snapshot_interval_frames: Option<u32>,
    /// Number of players.
    pub players: Option<u8>,
    /// The player at this page, once its name and the names of all players are known.
    pub local: Option<PlayerId>,
    /// Seed of every episode.
    pub seed: Option<u32>,
    /// Whether a server decides, so that the peers' own rollbacks do not.
    pub is_server_authoritative: Option<bool>,
}

impl GameConfiguration<'_> {
    /// Whether it puts the page into a game: only that message names both the game and its seed, and
    /// it comes once when the page's players are paired (MUG wire notes, §3.2).
    #[must_use]
    pub fn is_assignment(&self) -> bool {
        self.game.is_some() && self.seed.is_some()
    }
}

/// How a page guesses a missing input (MUG's `action_population_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PredictionMethod {
    /// The default action of the game.
    DefaultAction,
    /// The action of the player that was stored or used last, which need not be that of the newest
    /// frame (MUG wire notes, §4.2); the default action before the first.
    PreviousSubmitted,
}
