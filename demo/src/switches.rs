//! The optimisations of the seeds as switches in the page's address, and the words for its HUD.
//!
//! What peers must agree upon stands in their settings; these are each page's own.

use rollscope::message::Form;
use rollscope::rollback::{EngineOptions, HashRate, ResyncRule, SendOrder};

use crate::params::{SWITCH, number, one_of};

/// The switches of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switches {
    /// What the engine does.
    pub engine: EngineOptions,
    /// The form of messages.
    pub form: Form,
}

impl Switches {
    /// Names in the address.
    pub const NAMES: [&'static str; 7] = [
        "form",
        "resync",
        "hash_rate",
        "send_interval",
        "frame_sync",
        "send_order",
        "bytes_per_tick",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_can_be_set_and_is_told_of() {
        let mut switches = Switches::default();
        assert!(switches.words().is_empty());
        let values = ["msgpack", "delta", "adaptive", "3", "off", "made", "300"];
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
