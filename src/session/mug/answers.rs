//! What a user says of a game's configuration where its traffic does not say it.

use crate::action::Action;
use crate::message::PredictionRule;

/// A setting that can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Frames between reading an input and applying it.
    InputDelay,
    /// Frames between two snapshots.
    SnapshotInterval,
    /// How missing inputs are guessed.
    Prediction,
    /// Action in frames that no input exists for.
    DefaultAction,
    /// Steps per second that the page aims at.
    FramesPerSecond,
}

impl Setting {
    /// Every setting, in the order of their tables.
    pub const ALL: [Self; 5] = [
        Self::InputDelay,
        Self::SnapshotInterval,
        Self::Prediction,
        Self::DefaultAction,
        Self::FramesPerSecond,
    ];

    /// Its name, as a user writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InputDelay => "input-delay",
            Self::SnapshotInterval => "snapshot-interval",
            Self::Prediction => "prediction",
            Self::DefaultAction => "default-action",
            Self::FramesPerSecond => "frames-per-second",
        }
    }

    /// Values that it may have.
    #[must_use]
    pub const fn values(self) -> &'static str {
        match self {
            Self::InputDelay => "0 to 60 frames",
            Self::SnapshotInterval => "1 to 600 frames",
            Self::Prediction => "default_action or repeat_last",
            Self::DefaultAction => "a whole number from 0 on",
            Self::FramesPerSecond => "1 to 1000",
        }
    }
}

/// Why something that a user said is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Nothing is called so.
    #[error("there is no setting {name:?}: choose one of {known}")]
    UnknownName {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// The setting has no such value.
    #[error("{name} cannot be {value:?}: it is {values}")]
    WrongValue {
        /// The setting.
        name: &'static str,
        /// The value.
        value: String,
        /// What it may be.
        values: &'static str,
    },
}

/// Everything that a user said. What the traffic says wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answers {
    pub(super) input_delay_frames: Option<u32>,
    pub(super) snapshot_interval_frames: Option<u32>,
    pub(super) prediction: Option<PredictionRule>,
    pub(super) default_action: Option<Action>,
    pub(super) frames_per_second: Option<u32>,
}

impl Answers {
    /// Takes the value of a setting.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] for an unknown name or a value that the setting cannot have.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), AnswerError> {
        let Some(setting) = Setting::ALL.into_iter().find(|one| one.name() == name) else {
            let known = Setting::ALL.map(Setting::name).join(", ");
            return Err(AnswerError::UnknownName { name: name.to_owned(), known });
        };
        let number = |range: std::ops::RangeInclusive<u32>| {
            value.parse::<u32>().ok().filter(|number| range.contains(number))
        };
        let is_taken = match setting {
            Setting::InputDelay => {
                self.input_delay_frames = number(0..=60);
                self.input_delay_frames.is_some()
            }
            Setting::SnapshotInterval => {
                self.snapshot_interval_frames = number(1..=600);
                self.snapshot_interval_frames.is_some()
            }
            Setting::Prediction => {
                self.prediction = match value {
                    "default_action" => Some(PredictionRule::DefaultAction),
                    "repeat_last" => Some(PredictionRule::RepeatLast),
                    _ => None,
                };
                self.prediction.is_some()
            }
            Setting::DefaultAction => {
                self.default_action = number(0..=u32::MAX).map(Action);
                self.default_action.is_some()
            }
            Setting::FramesPerSecond => {
                self.frames_per_second = number(1..=1000);
                self.frames_per_second.is_some()
            }
        };
        if is_taken {
            return Ok(());
        }
        let (name, values) = (setting.name(), setting.values());
        Err(AnswerError::WrongValue { name, value: value.to_owned(), values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_names_and_values_are_told_with_the_right_ones() {
        let mut answers = Answers::default();
        assert_eq!(answers.set("input-delay", "3"), Ok(()));
        assert_eq!(answers.set("prediction", "repeat_last"), Ok(()));
        let name = answers.set("delay", "3").unwrap_err().to_string();
        assert!(name.contains("input-delay, snapshot-interval, prediction"), "{name}");
        for (name, value) in [
            ("input-delay", "61"),
            ("input-delay", "-1"),
            ("snapshot-interval", "0"),
            ("prediction", "none"),
            ("default-action", "left"),
            ("frames-per-second", ""),
        ] {
            let error = answers.set(name, value).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("it is"), "{error}");
        }
    }
}
