//! Names of message types and sizes of contents: what a message calls itself, else what it was read as.

use crate::capture::Value;
use crate::observation::{Fact, Operation, OperationResult, Outcome, PythonOutcome, PythonRoutine};

/// What the observations of one message say of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    /// Name of its type.
    pub(super) name: Option<String>,
    /// Request id of worker traffic; last frame of inputs and hashes.
    pub(super) number: Option<u32>,
    /// Operations of a request, results of a reply, inputs or hashes of a message.
    pub(super) count: u16,
    /// Channel and id of the request that a reply answers, or that this one is.
    pub(super) exchange: Option<(Exchange, u32, u64)>,
    /// Whether it is a tick of a timer.
    pub(super) is_tick: bool,
    /// Whether it is a reply that reports an error.
    pub(super) is_error: bool,
}

/// One half of two messages that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exchange {
    /// The first half.
    Asked,
    /// The second one.
    Answered,
}

impl Meaning {
    /// Takes one fact that was read in the message.
    pub(super) fn note(&mut self, fact: &Fact<'_>) {
        let small = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let mut name = |text: &str| {
            self.name.get_or_insert_with(|| text.to_owned());
        };
        match fact {
            Fact::Introduced { .. } => name("HELLO"),
            Fact::InputsAnnounced { first, actions, .. } => {
                name("INPUT");
                self.count = small(actions.len());
                self.number = Some(first.0.saturating_add(actions.len() as u32).saturating_sub(1));
            }
            Fact::FrameInputsAnnounced { inputs, current, .. } => {
                name(if current.is_some() { "INPUT" } else { "INPUT_RESPONSE" });
                self.count = small(inputs.len());
                self.number = inputs.iter().map(|(frame, _)| frame.0).max();
            }
            Fact::HashesReported { hashes, .. } => {
                name("STATE_HASH");
                self.count = small(hashes.len());
                self.number = hashes.iter().map(|(frame, _)| frame.0).max();
            }
            Fact::StateOffered { frame, .. } => {
                name("STATE_SYNC");
                self.number = Some(frame.0);
            }
            Fact::FrameHashReported { frame, .. } => {
                name("STATE_HASH");
                self.number = Some(frame.0);
            }
            Fact::InputsRequested { last, .. } => {
                name("INPUT_REQUEST");
                self.number = Some(last.0);
            }
            Fact::EpisodeEnded { frame, .. } => {
                name("EPISODE_END");
                self.number = Some(frame.0);
            }
            Fact::TimerTicked => self.is_tick = true,
            Fact::EpisodeReady { .. } => name("EPISODE_READY"),
            Fact::FocusReported { .. } => name("FOCUS"),
            Fact::PingSent { stamp_micros } => {
                name("PING");
                self.exchange = Some((Exchange::Asked, u32::MAX, *stamp_micros));
            }
            Fact::PongReceived { stamp_micros } => {
                name("PONG");
                self.exchange = Some((Exchange::Answered, u32::MAX, *stamp_micros));
            }
            Fact::WorkerRequested { worker, request, operations } => {
                let single = match operations.as_slice() {
                    [operation] => operation_name(operation),
                    _ => "batch",
                };
                name(single);
                self.number = Some(*request);
                self.count = small(operations.len());
                self.exchange = Some((Exchange::Asked, *worker, u64::from(*request)));
            }
            Fact::WorkerReplied { worker, request, outcome, .. } => {
                match outcome {
                    Outcome::Results(results) => {
                        name(if results.len() == 1 { "result" } else { "results" });
                        self.count = small(results.len());
                        self.is_error =
                            results.iter().any(|one| matches!(one, OperationResult::Unreadable));
                    }
                    Outcome::Failed { .. } => {
                        name("error");
                        self.is_error = true;
                    }
                }
                self.number = Some(*request);
                self.exchange = Some((Exchange::Answered, *worker, u64::from(*request)));
            }
            Fact::PythonCalled { interpreter, call, routine } => {
                name(routine.name());
                if let PythonRoutine::Replay { steps } | PythonRoutine::FastForward { steps } =
                    routine
                {
                    self.count = small(steps.len());
                }
                self.number = Some(*call);
                self.exchange = Some((Exchange::Asked, *interpreter, u64::from(*call)));
            }
            Fact::PythonReturned { interpreter, call, outcome } => {
                let is_error = matches!(outcome, PythonOutcome::Failed { .. });
                name(if is_error { "error" } else { "result" });
                self.is_error = is_error;
                self.number = Some(*call);
                self.exchange = Some((Exchange::Answered, *interpreter, u64::from(*call)));
            }
            _ => {}
        }
    }
}

fn operation_name<'o>(operation: &Operation<'o>) -> &'o str {
    match operation {
        Operation::SetState { .. } => "setState",
        Operation::GetState { .. } => "getState",
        Operation::Step { .. } => "step",
        Operation::Reset => "reset",
        Operation::ComputeHash | Operation::HashText { .. } => "computeHash",
        Operation::Other(name) => name,
    }
}

/// Longest name that a message may give itself.
const MAX_NAME_BYTES: usize = 48;

/// What a message that no dialect reads calls itself, or what it is.
pub(super) fn own_name<'v>(value: &'v Value<'_>) -> &'v str {
    let named =
        ["type", "event", "kind", "op"].into_iter().find_map(|key| value.get(key)?.as_str());
    // A socket speaks in lists that begin with a name.
    let first = || match value {
        Value::Array(items) => items.first()?.as_str(),
        _ => None,
    };
    if let Some(name) = named.or_else(first).filter(|name| name.len() <= MAX_NAME_BYTES) {
        return name;
    }
    match value {
        Value::String(text) => socket_event(text).unwrap_or("text"),
        Value::ArrayBuffer(_) | Value::TypedArray(..) | Value::Blob(_) => "binary",
        Value::NotCaptured(..) | Value::Unreadable => "not captured",
        Value::Undefined | Value::Null => "empty",
        Value::Object(_) | Value::Map(_) => "object",
        Value::Array(_) | Value::Numbers(_) | Value::Set(_) => "list",
        _ => "value",
    }
}

/// The name in a text like `42["name",{…}]` or `{"type":"name",…}`, without reading the whole of it.
fn socket_event(text: &str) -> Option<&str> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let rest = text.get(digits..)?;
    let named = rest.strip_prefix("[\"").or_else(|| rest.strip_prefix("{\"type\":\""))?;
    let (name, _) = named.split_once('"')?;
    (!name.is_empty() && name.len() <= MAX_NAME_BYTES).then_some(name)
}

/// Bytes of a content: texts as UTF-8, binary as it is, keys in full, 8 for a number, 1 for anything
/// else. On a data channel or socket this is what crossed; a message to a worker has no size of its
/// own.
pub(super) fn size_of(value: &Value<'_>) -> u32 {
    fn sum(value: &Value<'_>) -> u64 {
        match value {
            Value::String(text) => text.len() as u64,
            Value::BigInteger(text) => text.len() as u64,
            Value::Integer(_) | Value::Number(_) | Value::Date(_) => 8,
            Value::Numbers(numbers) => 8 * numbers.len() as u64,
            Value::ArrayBuffer(bytes) | Value::TypedArray(_, bytes) => bytes.len() as u64,
            Value::Array(items) | Value::Set(items) => items.iter().map(sum).sum(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| key.len() as u64 + sum(value)).sum()
            }
            Value::Map(entries) => entries.iter().map(|(key, value)| sum(key) + sum(value)).sum(),
            Value::Blob(blob) => blob.size_bytes.max(0.0) as u64,
            Value::RegularExpression(texts) | Value::Error(texts) => {
                texts.iter().map(|text| text.len() as u64).sum()
            }
            Value::NotCaptured(_, name) => size_in(name).unwrap_or(0),
            _ => 1,
        }
    }
    u32::try_from(sum(value)).unwrap_or(u32::MAX)
}

/// The size that the hook noted of a content that it left out: `ArrayBuffer of 36 bytes`.
fn size_in(name: &str) -> Option<u64> {
    let mut words = name.rsplit(' ');
    let unit = words.next()?;
    matches!(unit, "bytes" | "units").then(|| words.next()?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_no_dialect_reads_have_a_name() {
        let text = |text: &'static str| Value::String(text.into());
        assert_eq!(own_name(&text("42[\"pyodide_hud\",{}]")), "pyodide_hud");
        assert_eq!(own_name(&text("{\"type\":\"test\"}")), "test");
        assert_eq!(own_name(&text("2")), "text");
        assert_eq!(own_name(&text("[\"\"]")), "text");
        assert_eq!(own_name(&Value::ArrayBuffer(&[1])), "binary");
        let tick = Value::Object(vec![("type".into(), text("tick"))]);
        assert_eq!(own_name(&tick), "tick");
    }

    #[test]
    fn sizes_count_contents_and_keys() {
        assert_eq!(size_of(&Value::String("héé".into())), 5);
        assert_eq!(size_of(&Value::ArrayBuffer(&[0; 59])), 59);
        let value = Value::Object(vec![
            ("id".into(), Value::Integer(1)),
            ("n".into(), Value::Array(vec![Value::Null, Value::Number(0.5)])),
        ]);
        assert_eq!(size_of(&value), 2 + 8 + 1 + 1 + 8);
        let left_out = Value::NotCaptured(
            crate::capture::NotCapturedReason::LeftOut,
            "ArrayBuffer of 36 bytes".into(),
        );
        assert_eq!(size_of(&left_out), 36);
    }
}
