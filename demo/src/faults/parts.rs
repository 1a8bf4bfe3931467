//! Parts of a state that only games with certain faults have: what a hash leaves out, a whole number
//! that no double holds, and books of steps and rewards as some applications keep beside their state.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Fault, Faults};

/// A whole number that JavaScript reads as the one below it.
pub(super) const LARGE: u64 = (1 << 53) + 1;

const LEFT_OUT: &str = "left_out";
const LARGE_KEY: &str = "large";
const STEPS: &str = "step_num";
const SUMS: &str = "cumulative_rewards";

/// The parts that a game has beyond its own state.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    left_out: Option<u32>,
    has_large: bool,
    steps: Option<u32>,
    sums: Option<BTreeMap<String, f64>>,
}

impl Parts {
    /// Those of a game that begins.
    #[must_use]
    pub fn of(faults: Faults) -> Self {
        let has_books = faults.has(Fault::StepDrift) || faults.has(Fault::RewardLoss);
        Self {
            left_out: faults.has(Fault::HashLeavesOut).then_some(0),
            has_large: faults.has(Fault::RoundedInteger),
            steps: has_books.then_some(0),
            sums: has_books.then(BTreeMap::new),
        }
    }

    /// Keeps the books of a step; `differs` is whether what the hash leaves out changes.
    pub fn note_step(&mut self, rewards: &BTreeMap<String, f64>, differs: bool) {
        if let Some(part) = self.left_out.as_mut().filter(|_| differs) {
            *part = 7;
        }
        if let Some(steps) = &mut self.steps {
            *steps = steps.saturating_add(1);
        }
        if let Some(sums) = &mut self.sums {
            for (player, reward) in rewards {
                *sums.entry(player.clone()).or_default() += reward;
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.left_out.is_none() && !self.has_large && self.steps.is_none()
    }

    /// A state's text with them.
    #[must_use]
    pub fn added_to(&self, text: String) -> String {
        if self.is_empty() {
            return text;
        }
        let Ok(Value::Object(mut state)) = serde_json::from_str(&text) else {
            return text;
        };
        if let Some(part) = self.left_out {
            state.insert(LEFT_OUT.to_owned(), json!(part));
        }
        if self.has_large {
            state.insert(LARGE_KEY.to_owned(), json!(LARGE));
        }
        if let (Some(steps), Some(sums)) = (self.steps, &self.sums) {
            state.insert(STEPS.to_owned(), json!(steps));
            state.insert(SUMS.to_owned(), json!(sums));
        }
        Value::Object(state).to_string()
    }

    /// A state's text without them, which is the game's own.
    #[must_use]
    pub fn taken_from(&mut self, text: &str) -> String {
        let Some(mut state) = self.state(text) else {
            return text.to_owned();
        };
        state.remove(LARGE_KEY);
        if let Some(part) = state.remove(LEFT_OUT).and_then(|part| part.as_u64()) {
            self.left_out = u32::try_from(part).ok();
        }
        if let Some(steps) = state.remove(STEPS).and_then(|steps| steps.as_u64()) {
            self.steps = u32::try_from(steps).ok();
        }
        if let Some(sums) = state.remove(SUMS) {
            self.sums = serde_json::from_value(sums).ok();
        }
        Value::Object(state).to_string()
    }

    /// A state's text as the hash sees it.
    #[must_use]
    pub fn hashed(&self, text: &str) -> String {
        let Some(mut state) = self.state(text) else {
            return text.to_owned();
        };
        state.remove(LEFT_OUT);
        Value::Object(state).to_string()
    }

    fn state(&self, text: &str) -> Option<Map<String, Value>> {
        if self.is_empty() {
            return None;
        }
        serde_json::from_str(text).ok()
    }
}

/// A state's text with a step counter that is one too high.
pub(super) fn with_drift(text: &str, frame: u32) -> String {
    let counted = |number: u32| format!("\"{STEPS}\":{number}");
    text.replacen(&counted(frame), &counted(frame + 1), 1)
}

/// A state's text whose first player's sum of rewards lacks one.
pub(super) fn with_loss(text: &str) -> String {
    let Ok(Value::Object(mut state)) = serde_json::from_str(text) else {
        return text.to_owned();
    };
    if let Some(sum) = state.get_mut(SUMS).and_then(|sums| sums.get_mut("0")) {
        *sum = json!(sum.as_f64().unwrap_or(0.0) - 1.0);
    }
    Value::Object(state).to_string()
}

/// A state's text with the large number as JavaScript reads it.
pub(super) fn with_rounding(text: &str) -> String {
    text.replacen(&LARGE.to_string(), &(LARGE - 1).to_string(), 1)
}
