//! The dialect of MUG's game on the page's own thread: calls of `runPythonAsync`, each recognised by
//! words of its code (MUG wire notes, §1.14). Seen only while the hook's probe for Python is on.
//!
//! What a call is for stands in `code`; here calls are matched with their results.

mod code;

use std::borrow::Cow;
use std::collections::VecDeque;

use super::memory::{Memory, name_of};
use super::native::{emit, text};
use super::{Dialect, Place, Sink, json};
use crate::capture::{ChannelKind, Value};
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact, PythonOutcome, PythonRoutine, Rewards};

/// Place of the dialect's issues.
const PLACE: &str = "python_main_thread";

/// Calls that may wait for their result; the oldest are given up beyond it.
const MAX_CALLS: usize = 256;

/// Rows of one replay whose rewards are read.
const MAX_ROWS: usize = 8192;

/// The dialect.
pub(super) struct PythonMainThread;

/// What an outstanding call will bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    State,
    Hash,
    Restored,
    Stepped,
    Replayed,
    Nothing,
}

impl Expected {
    fn of(routine: &PythonRoutine<'_>) -> Self {
        match routine {
            PythonRoutine::SaveSnapshot => Self::State,
            PythonRoutine::HashEpisodeStart
            | PythonRoutine::HashForLog
            | PythonRoutine::HashConfirmed { .. } => Self::Hash,
            PythonRoutine::LoadSnapshot { .. } => Self::Restored,
            PythonRoutine::Step { .. } => Self::Stepped,
            PythonRoutine::Replay { .. } | PythonRoutine::FastForward { .. } => Self::Replayed,
            _ => Self::Nothing,
        }
    }
}

/// The calls of one interpreter that wait for their results.
#[derive(Debug, Default)]
pub(super) struct PythonMemory {
    open: VecDeque<(u32, Expected)>,
}

impl PythonMemory {
    fn note(&mut self, call: u32, expected: Expected) {
        if self.open.len() >= MAX_CALLS {
            self.open.pop_front();
        }
        self.open.push_back((call, expected));
    }

    fn take(&mut self, call: u32) -> Option<Expected> {
        let place = self.open.iter().position(|(open, _)| *open == call)?;
        self.open.remove(place).map(|(_, expected)| expected)
    }
}

impl Dialect for PythonMainThread {
    fn name(&self) -> &'static str {
        "python_main_thread"
    }

    fn documentation(&self) -> &'static str {
        "MUG's game in Pyodide on the page's own thread, as the hook's probe for Python records it: \
         steps with their actions, saved and restored states, replays and fast-forwards with \
         explicit frames and actions, rewards of what was stepped again, hashes, and the page's own \
         comparison after a restore. Calls are round trips; when one began to run is not told, so \
         only their whole is known. Live steps and saved states name no frame and are counted, as \
         those of a worker are; rollbacks that the data channel demands and that no call shows are \
         missed ones. A result that stayed inside Python is not captured. Code of no known routine \
         is counted among the calls and says nothing."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        place.kind == ChannelKind::Python
            && place.direction == Direction::Sent
            && text(message, "code").is_some_and(code::is_of_game)
    }

    fn read(
        &self,
        place: &Place,
        message: &Value<'_>,
        memory: &mut Memory<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        let interpreter = place.channel;
        let Some(call) = message.get("id").and_then(Value::as_u32) else {
            return issues.push(PLACE, "a call or result without number");
        };
        let calls = &mut memory.channel.python;
        if place.direction == Direction::Sent {
            let Some(code) = text(message, "code") else {
                return issues.push(PLACE, "a call whose code was not captured");
            };
            let routine = code::read(code, issues);
            calls.note(call, Expected::of(&routine));
            return emit(place, Fact::PythonCalled { interpreter, call, routine }, sink);
        }
        // The call may have come before the capture; a state shows itself.
        let is_state =
            || text(message, "result").is_some_and(|told| told.starts_with("{\"env_state\""));
        let expected = calls.take(call).or_else(|| is_state().then_some(Expected::State));
        let Some(expected) = expected else { return };
        let outcome = match (message.get("error"), message.get("result")) {
            (Some(error), _) => {
                let message = text(error, "message").unwrap_or_default();
                PythonOutcome::Failed { message: Cow::Borrowed(message) }
            }
            (None, Some(result)) => outcome(expected, result, issues),
            (None, None) => return issues.push(PLACE, "a result that is neither value nor error"),
        };
        emit(place, Fact::PythonReturned { interpreter, call, outcome }, sink);
    }
}

fn outcome<'v>(
    expected: Expected,
    result: &'v Value<'_>,
    issues: &mut IssueLog,
) -> PythonOutcome<'v> {
    if matches!(result, Value::NotCaptured(..)) {
        return PythonOutcome::NotCaptured;
    }
    let told = match expected {
        Expected::Nothing => Some(PythonOutcome::Done),
        Expected::Stepped => Some(PythonOutcome::Stepped { steps: Some(1), rewards: Vec::new() }),
        Expected::State => result.as_str().map(|text| PythonOutcome::State(Cow::Borrowed(text))),
        Expected::Hash => hash(result).map(PythonOutcome::Hash),
        Expected::Restored => with_object(result, |told| PythonOutcome::Restored {
            is_same: member(told, "match").and_then(Value::as_bool),
        }),
        Expected::Replayed => with_object(result, stepped),
    };
    told.unwrap_or_else(|| {
        issues.push(PLACE, format!("a result that is not of its call, which brings {expected:?}"));
        PythonOutcome::Done
    })
}

// A hash is hexadecimal text, bare or as the only text of a JSON string.
fn hash<'v>(result: &'v Value<'_>) -> Option<Cow<'v, str>> {
    let text = result.as_str()?.trim_matches('"');
    let is_hash = matches!(text.len(), 8..=64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(Cow::Borrowed(text))
}

// Python hands over an object as JSON text, as an object or as a map.
fn with_object<R>(result: &Value<'_>, read: impl FnOnce(&Value<'_>) -> R) -> Option<R> {
    match result {
        Value::String(text) => {
            json::read(text).filter(|told| told.members().is_some()).map(|told| read(&told))
        }
        Value::Object(_) | Value::Map(_) => Some(read(result)),
        _ => None,
    }
}

// What a replay or a fast-forward says of its steps: their number, and a row for each.
fn stepped(told: &Value<'_>) -> PythonOutcome<'static> {
    let rows = member(told, "replay_log").or_else(|| member(told, "per_frame_data"));
    let said = member(told, "num_steps").and_then(Value::as_u32);
    let (mut count, mut rewards) = (0_u32, Vec::new());
    for row in rows.and_then(Value::items).into_iter().flatten() {
        if rewards.len() < MAX_ROWS {
            rewards.push(rewards_of(&row));
        }
        count = count.saturating_add(1);
    }
    let is_told = rewards.iter().all(|rewards| !rewards.values().is_empty());
    PythonOutcome::Stepped {
        steps: said.or_else(|| rows.is_some().then_some(count)),
        rewards: if is_told { rewards } else { Vec::new() },
    }
}

fn rewards_of(row: &Value<'_>) -> Rewards {
    match member(row, "rewards") {
        Some(Value::Object(players)) => {
            Rewards::of(players.iter().map(|(name, value)| (name, value.as_f64())))
        }
        Some(Value::Map(players)) => {
            Rewards::of(players.iter().map(|(name, value)| match name_of(name) {
                Some(name) => (name, value.as_f64()),
                None => (String::new(), None),
            }))
        }
        _ => Rewards::default(),
    }
}

fn member<'v, 'a>(told: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    match told {
        Value::Map(entries) => {
            let mut entries = entries.iter();
            entries.find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
        }
        _ => told.get(name),
    }
}

#[cfg(test)]
mod tests;
