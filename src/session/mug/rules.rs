//! The rules of one MUG page: what its server configured, and what is inferred where the traffic
//! does not say it.

use super::answers::{Answers, Setting};
use crate::action::Action;
use crate::message::{PredictionRule, SessionSettings};
use crate::observation::{GameConfiguration, PredictionMethod};

/// How a page lets go of inputs and snapshots (MUG wire notes, §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Forgetting {
    /// With a worker: inputs older than 60 frames, all but the 30 newest snapshots.
    ByAge,
    /// Without one: everything before the newest snapshot at or before the confirmed frame.
    BehindAnchor,
}

/// The rules of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) struct Rules {
    pub(super) forgetting: Forgetting,
    pub(super) input_delay_frames: u32,
    pub(super) snapshot_interval_frames: u32,
    pub(super) prediction: PredictionRule,
    pub(super) default_action: Action,
}

impl Rules {
    /// Whether nothing that came longer ago than the page keeps inputs decides any more: it forgets by
    /// age, and its guesses do not rest on what it used before.
    pub(super) fn forgets_all_guesses(&self) -> bool {
        self.forgetting == Forgetting::ByAge && self.prediction == PredictionRule::DefaultAction
    }
}

/// What is known of a page's rules, piece by piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Configuration {
    /// Frames between reading an input and applying it, as the page's server said it.
    pub input_delay_frames: Option<u32>,
    /// The same, as the first messages of an episode show it.
    pub inferred_input_delay_frames: Option<u32>,
    /// Frames between two snapshots.
    pub snapshot_interval_frames: Option<u32>,
    /// How missing inputs are guessed.
    pub prediction: Option<PredictionRule>,
    /// Action in frames that no input exists for.
    pub default_action: Option<Action>,
    /// Steps per second that the page aims at.
    pub frames_per_second: Option<u32>,
    /// Steps after which an episode ends.
    pub max_steps: Option<u32>,
    /// Seed of the game.
    pub seed: Option<u32>,
    /// Whether the game runs in a worker.
    pub has_worker: bool,
    /// What the user said of all that.
    pub answers: Answers,
}

/// Where the value of a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A message said it.
    Said,
    /// The user said it.
    Set,
    /// Other messages show it.
    Inferred,
    /// The application's own default, because nothing says otherwise.
    Default,
    /// Nothing tells it.
    Unknown,
}

impl Source {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Set => "set",
            Self::Inferred => "inferred",
            Self::Default => "default",
            Self::Unknown => "unknown",
        }
    }
}

/// Interval of both versions where nothing else is configured.
const DEFAULT_INTERVAL_FRAMES: u32 = 5;

/// Frames per second of both versions where nothing else is configured.
const DEFAULT_FRAMES_PER_SECOND: u32 = 10;

impl Configuration {
    /// Takes what a message says.
    pub(super) fn merge(&mut self, said: &GameConfiguration<'_>) {
        let prediction = said.prediction.map(|method| match method {
            PredictionMethod::DefaultAction => PredictionRule::DefaultAction,
            PredictionMethod::PreviousSubmitted => PredictionRule::RepeatLast,
        });
        self.input_delay_frames = said.input_delay_frames.or(self.input_delay_frames);
        self.snapshot_interval_frames =
            said.snapshot_interval_frames.or(self.snapshot_interval_frames);
        self.prediction = prediction.or(self.prediction);
        self.default_action = said.default_action.or(self.default_action);
        self.frames_per_second = said.frames_per_second.or(self.frames_per_second);
        self.max_steps = said.max_steps.or(self.max_steps);
        self.seed = said.seed.or(self.seed);
    }

    pub(super) fn interval_frames(&self) -> u32 {
        let said = self.snapshot_interval_frames.filter(|interval| *interval > 0);
        said.or(self.answers.snapshot_interval_frames).unwrap_or(DEFAULT_INTERVAL_FRAMES)
    }

    /// The rules; `None` while the input delay is not known, because no frame can be told then.
    pub(super) fn rules(&self) -> Option<Rules> {
        Some(Rules {
            forgetting: if self.has_worker { Forgetting::ByAge } else { Forgetting::BehindAnchor },
            input_delay_frames: self.input_delay()?,
            snapshot_interval_frames: self.interval_frames(),
            prediction: self.prediction_rule(),
            default_action: self.action(),
        })
    }

    /// The same as settings of a player; the page has no prediction window.
    pub(super) fn settings(&self) -> Option<SessionSettings> {
        let rules = self.rules()?;
        Some(SessionSettings {
            input_delay_frames: rules.input_delay_frames,
            snapshot_interval_frames: rules.snapshot_interval_frames,
            max_prediction_frames: u32::MAX,
            frames_per_second: self.rate(),
            prediction: rules.prediction,
            default_action: rules.default_action,
            seed: self.seed.unwrap_or_default(),
        })
    }

    fn input_delay(&self) -> Option<u32> {
        let said = self.input_delay_frames.or(self.answers.input_delay_frames);
        said.or(self.inferred_input_delay_frames)
    }

    fn prediction_rule(&self) -> PredictionRule {
        let said = self.prediction.or(self.answers.prediction);
        said.unwrap_or(PredictionRule::DefaultAction)
    }

    fn action(&self) -> Action {
        self.default_action.or(self.answers.default_action).unwrap_or_default()
    }

    fn rate(&self) -> u32 {
        let said = self.frames_per_second.or(self.answers.frames_per_second);
        said.unwrap_or(DEFAULT_FRAMES_PER_SECOND)
    }

    /// The value of a setting, in words that [`Answers::set`] takes too, and where it comes from.
    #[must_use]
    pub fn setting(&self, setting: Setting) -> (Option<String>, Source) {
        let answers = &self.answers;
        let otherwise = |is_said: bool, is_set: bool, other: Source| match (is_said, is_set) {
            (true, _) => Source::Said,
            (false, true) => Source::Set,
            (false, false) => other,
        };
        match setting {
            Setting::InputDelay => {
                let is_shown = self.inferred_input_delay_frames.is_some();
                let other = if is_shown { Source::Inferred } else { Source::Unknown };
                let is_set = answers.input_delay_frames.is_some();
                let source = otherwise(self.input_delay_frames.is_some(), is_set, other);
                (self.input_delay().map(|delay| delay.to_string()), source)
            }
            Setting::SnapshotInterval => {
                let is_said = self.snapshot_interval_frames.is_some_and(|interval| interval > 0);
                let is_set = answers.snapshot_interval_frames.is_some();
                let source = otherwise(is_said, is_set, Source::Default);
                (Some(self.interval_frames().to_string()), source)
            }
            Setting::Prediction => {
                let (is_said, is_set) = (self.prediction.is_some(), answers.prediction.is_some());
                let name = self.prediction_rule().name();
                (Some(name.to_owned()), otherwise(is_said, is_set, Source::Default))
            }
            Setting::DefaultAction => {
                let is_set = answers.default_action.is_some();
                let source = otherwise(self.default_action.is_some(), is_set, Source::Default);
                (Some(self.action().to_string()), source)
            }
            Setting::FramesPerSecond => {
                let is_set = answers.frames_per_second.is_some();
                let source = otherwise(self.frames_per_second.is_some(), is_set, Source::Default);
                (Some(self.rate().to_string()), source)
            }
        }
    }

    /// What of the rules is inferred and not said by the traffic, in words.
    #[must_use]
    pub fn inferred(&self) -> Vec<&'static str> {
        let parts = [
            (self.input_delay_frames.is_none(), "input delay"),
            (self.snapshot_interval_frames.is_none(), "snapshot interval"),
            (self.prediction.is_none(), "prediction rule"),
            (self.default_action.is_none(), "default action"),
            (self.frames_per_second.is_none(), "frames per second"),
        ];
        parts.into_iter().filter(|(is_inferred, _)| *is_inferred).map(|(_, name)| name).collect()
    }
}
