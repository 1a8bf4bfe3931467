//! What peers tell each other of themselves before an episode: how they guess, delay and save.

use crate::action::Action;

/// How a player's missing input is guessed, as peers tell each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PredictionRule {
    /// The default action of the game.
    DefaultAction,
    /// The newest earlier input of the player that is held.
    #[default]
    RepeatLast,
    /// What most often followed the player's last inputs; without experience as `RepeatLast`.
    Frequency,
}

impl PredictionRule {
    /// All rules, each in the place of its number on the wire.
    pub const ALL: [Self; 3] = [Self::DefaultAction, Self::RepeatLast, Self::Frequency];

    /// Its name in logs, page addresses and the JSON form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DefaultAction => "default_action",
            Self::RepeatLast => "repeat_last",
            Self::Frequency => "frequency",
        }
    }
}

/// The settings that an observer must know to rebuild a peer's decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSettings {
    /// Frames between reading a local input and the frame that it applies to.
    pub input_delay_frames: u32,
    /// Frames between two snapshots; snapshots stand on multiples of it.
    pub snapshot_interval_frames: u32,
    /// Most frames that the peer runs past its confirmed frame.
    pub max_prediction_frames: u32,
    /// Simulation steps per second.
    pub frames_per_second: u32,
    /// How missing inputs are guessed.
    pub prediction: PredictionRule,
    /// Action of a player in frames that no input exists for.
    pub default_action: Action,
    /// Seed that the episode's first state is made from.
    pub seed: u32,
}
