//! The optimisations of the seeds as named switches: in the options of a session, in the arena's
//! address, and in words for its HUD.
//!
//! What peers must agree upon stands in their settings; these are each page's own.

use std::fmt::Display;
use std::str::FromStr;

use rollscope::message::Form;
use rollscope::rollback::{EngineOptions, HashRate, ResyncRule, SendOrder};

use crate::pace::Timestep;

/// How the data channel between two pages carries messages (seed 001, E1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// In no order, each sent once: a lost message holds up no other.
    #[default]
    Unreliable,
    /// In order, sent again until it has come, as TCP does.
    Reliable,
}

/// Where times are read (seed 001, C1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// `performance.now()`: fractions of a millisecond, never set back.
    #[default]
    HighResolution,
    /// `Date.now()`: whole milliseconds, set when the machine's clock is set. Only for comparison.
    Date,
}

/// The switches of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switches {
    /// What the engine does.
    pub engine: EngineOptions,
    /// The form of messages.
    pub form: Form,
    /// How the data channel carries them.
    pub transport: Transport,
    /// How steps follow the clock.
    pub timestep: Timestep,
    /// Where times are read.
    pub clock: Clock,
}

impl Switches {
    /// Names of the switches.
    pub const NAMES: [&'static str; 11] = [
        "form",
        "resync",
        "hash_rate",
        "send_interval",
        "frame_sync",
        "send_order",
        "bytes_per_tick",
        "episode_frames",
        "transport",
        "timestep",
        "clock",
    ];

    /// Sets a switch; `false` for a name that is none.
    ///
    /// # Errors
    ///
    /// What values there are, for people.
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        match name {
            // A2, and the JSON messages of seed 002.
            "form" => {
                self.form = one_of(name, value, &Form::ALL.map(|form| (form.name(), form)))?;
            }
            // A1: a whole state, or what differs.
            "resync" => self.engine.resync = one_of(name, value, &RESYNC)?,
            // B1 and B3.
            "hash_rate" => self.engine.hash_rate = one_of(name, value, &HASH_RATE)?,
            // A3: ticks between two messages of inputs.
            "send_interval" => self.engine.send_interval_ticks = number(name, value, 1, 10)?,
            // D2.
            "frame_sync" => {
                let is_on = one_of(name, value, &SWITCH)?;
                let usual = EngineOptions::default().frame_sync_interval_ticks;
                self.engine.frame_sync_interval_ticks = if is_on { usual } else { 0 };
            }
            // E2.
            "send_order" => self.engine.send_order = one_of(name, value, &SEND_ORDER)?,
            "bytes_per_tick" => {
                self.engine.bytes_per_tick = Some(number(name, value, 40, 100_000)?);
            }
            "episode_frames" => {
                self.engine.episode_frames = Some(number(name, value, 1, 1_000_000)?);
            }
            // E1.
            "transport" => self.transport = one_of(name, value, &TRANSPORT)?,
            // D1.
            "timestep" => self.timestep = one_of(name, value, &TIMESTEP)?,
            // C1.
            "clock" => self.clock = one_of(name, value, &CLOCK)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What differs from how it is usually, for the HUD; empty if nothing does.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let usual = Self::default();
        let mut words = Vec::new();
        if self.form != usual.form {
            words.push(format!("messages as {}", self.form.name()));
        }
        let engine = &self.engine;
        let resync = RESYNC.map(|(word, rule)| (word, rule == engine.resync));
        if let Some(word) = word_of(&resync).filter(|_| engine.resync != usual.engine.resync) {
            words.push(format!("resync {word}"));
        }
        let rate = HASH_RATE.map(|(word, rate)| (word, rate == engine.hash_rate));
        if let Some(word) = word_of(&rate).filter(|_| engine.hash_rate != usual.engine.hash_rate) {
            words.push(format!("hashes {word}"));
        }
        if engine.send_interval_ticks != usual.engine.send_interval_ticks {
            words.push(format!("inputs every {} ticks", engine.send_interval_ticks));
        }
        if engine.frame_sync_interval_ticks != usual.engine.frame_sync_interval_ticks {
            words.push("no frame sync".to_owned());
        }
        if engine.send_order != usual.engine.send_order {
            words.push("sent in order".to_owned());
        }
        if let Some(bytes) = engine.bytes_per_tick {
            words.push(format!("{bytes} bytes a tick"));
        }
        if let Some(frames) = engine.episode_frames {
            words.push(format!("episodes of {frames} frames"));
        }
        if self.transport != usual.transport {
            words.push("reliable channel".to_owned());
        }
        if self.timestep != usual.timestep {
            words.push("no fixed timestep".to_owned());
        }
        if self.clock != usual.clock {
            words.push("clock of whole milliseconds".to_owned());
        }
        words
    }
}

fn word_of<'a>(of: &[(&'a str, bool)]) -> Option<&'a str> {
    of.iter().find(|(_, is)| *is).map(|(word, _)| *word)
}

const RESYNC: [(&str, ResyncRule); 3] =
    [("off", ResyncRule::Off), ("full", ResyncRule::Full), ("delta", ResyncRule::Delta)];

const HASH_RATE: [(&str, HashRate); 3] = [
    ("every_snapshot", HashRate::EverySnapshot),
    ("adaptive", HashRate::Adaptive),
    ("predictive", HashRate::Predictive),
];

const SEND_ORDER: [(&str, SendOrder); 2] =
    [("priority", SendOrder::ByPriority), ("made", SendOrder::AsMade)];

const TRANSPORT: [(&str, Transport); 2] =
    [("unreliable", Transport::Unreliable), ("reliable", Transport::Reliable)];

const TIMESTEP: [(&str, Timestep); 2] =
    [("fixed", Timestep::Fixed), ("since_last", Timestep::SinceLast)];

const CLOCK: [(&str, Clock); 2] = [("high", Clock::HighResolution), ("date", Clock::Date)];

/// The words of a switch that is on or off.
pub const SWITCH: [(&str, bool); 2] = [("on", true), ("off", false)];

/// What `value` means among the `known` words.
///
/// # Errors
///
/// The known words, for people.
pub fn one_of<T: Copy>(name: &str, value: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(word, _)| *word == value);
    found.map(|(_, meant)| *meant).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        format!("{name} is one of {}, not “{value}”.", words.join(", "))
    })
}

/// The number that `value` is.
///
/// # Errors
///
/// Its range, for people.
pub fn number<N: FromStr + PartialOrd + Display + Copy>(
    name: &str,
    value: &str,
    least: N,
    most: N,
) -> Result<N, String> {
    let number = value.parse().ok().filter(|number| (&least..=&most).contains(&number));
    number.ok_or_else(|| format!("{name} is a number from {least} to {most}, not “{value}”."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_can_be_set_and_is_told_of() {
        let mut switches = Switches::default();
        assert!(switches.words().is_empty());
        let values = [
            "msgpack",
            "delta",
            "adaptive",
            "3",
            "off",
            "made",
            "300",
            "600",
            "reliable",
            "since_last",
            "date",
        ];
        for (name, value) in Switches::NAMES.into_iter().zip(values) {
            assert_eq!(switches.set(name, value), Ok(true), "{name}");
        }
        assert_eq!(switches.words().len(), values.len());
        assert_eq!(switches.engine.resync, ResyncRule::Delta);
        assert_eq!(switches.engine.frame_sync_interval_ticks, 0);
        assert_eq!(switches.set("lag", "3"), Ok(false));
        assert!(switches.set("send_interval", "99").is_err());
    }
}
