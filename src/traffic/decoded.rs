//! One message read again from its chunk: as a tree, as what the dialect read in it, and its bytes.

use super::index::{Event, EventIndex};
use crate::action::Action;
use crate::capture::{CaptureSeq, EventKind, KeptChunks, Message, Value};
use crate::dialect::DialectReader;
use crate::fixed::shortest;
use crate::frame::Frame;
use crate::observation::{
    Fact, Operation, OperationResult, Outcome, PythonOutcome, PythonRoutine, SourceId,
};

/// The content of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decoded {
    /// What its dialect read: label and text; empty where none reads it.
    pub meaning: Vec<(String, String)>,
    /// Its value as a tree.
    pub tree: Vec<TreeLine>,
    /// Lines of the tree that were left out.
    pub left_out: u64,
    /// Its bytes, or those of its text; `None` for objects, which have none of their own.
    pub bytes: Option<Vec<u8>>,
}

/// One line of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeLine {
    /// How deep it stands.
    pub depth: u8,
    /// Key or index; empty for the value itself.
    pub key: String,
    /// The value, or what kind of container it is.
    pub text: String,
}

/// Most lines of a tree.
const MAX_LINES: usize = 600;

/// Longest text of one line, in letters.
const MAX_LETTERS: usize = 200;

/// Most bytes of a content that are given out.
const MAX_BYTES: usize = 64 << 10;

/// Reads one message again. `None` if its chunk is not kept.
#[must_use]
pub fn decode(
    index: &EventIndex,
    event: Event,
    kept: &KeptChunks,
    reader: &DialectReader,
) -> Option<Decoded> {
    let at = event.0 as usize;
    let source = index.source.get(at)? as u16;
    let page = *index.pages.get(&source)?;
    kept.read(page, CaptureSeq(index.seq.get(at)? as u32), |event| {
        let (EventKind::MessageSent(message) | EventKind::MessageReceived(message)) = &event.kind
        else {
            return Decoded::default();
        };
        let mut decoded = Decoded { bytes: bytes_of(message), ..Decoded::default() };
        let mut lines = Lines { decoded: &mut decoded };
        lines.value(0, String::new(), &message.value);
        reader.read_again(SourceId(source), event, &mut |observation| {
            decoded.meaning.extend(meaning(&observation.fact));
        });
        decoded
    })
}

/// The state text in a worker's reply, by document and capture sequence number; `find` gives the part of
/// a text that is looked for. `None` if the chunk is not kept or has no such text.
pub fn text_of_state(
    index: &EventIndex,
    (source, seq): (SourceId, u32),
    kept: &KeptChunks,
    reader: &DialectReader,
    find: impl Fn(&str) -> Option<&str>,
) -> Option<String> {
    let page = *index.pages.get(&source.0)?;
    let mut found = None;
    kept.read(page, CaptureSeq(seq), |event| {
        reader.read_again(source, event, &mut |observation| {
            if let Fact::PythonReturned { outcome: PythonOutcome::State(text), .. } =
                &observation.fact
            {
                found = found.take().or_else(|| find(text).map(str::to_owned));
            }
            if let Fact::WorkerReplied { outcome: Outcome::Results(results), .. } =
                &observation.fact
            {
                let mut parts = results.iter().filter_map(|result| match result {
                    OperationResult::State(text) => find(text),
                    _ => None,
                });
                if let Some(part) = parts.next() {
                    found = Some(part.to_owned());
                }
            }
        });
    });
    found
}

fn bytes_of(message: &Message<'_>) -> Option<Vec<u8>> {
    let bytes = message.value.bytes().or(message.value.as_str().map(str::as_bytes))?;
    Some(bytes.get(..MAX_BYTES).unwrap_or(bytes).to_vec())
}

struct Lines<'d> {
    decoded: &'d mut Decoded,
}

impl Lines<'_> {
    fn push(&mut self, depth: u8, key: String, text: String) -> bool {
        if self.decoded.tree.len() >= MAX_LINES {
            self.decoded.left_out += 1;
            return false;
        }
        self.decoded.tree.push(TreeLine { depth, key, text });
        true
    }

    fn value(&mut self, depth: u8, key: String, value: &Value<'_>) {
        if !self.push(depth, key, text_of(value)) {
            return;
        }
        let deeper = depth.saturating_add(1);
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    self.value(deeper, name.clone().into_owned(), member);
                }
            }
            Value::Map(entries) => {
                for (name, member) in entries {
                    self.value(deeper, text_of(name), member);
                }
            }
            _ => {
                for (place, item) in value.items().into_iter().flatten().enumerate() {
                    self.value(deeper, place.to_string(), &item);
                }
            }
        }
    }
}

fn text_of(value: &Value<'_>) -> String {
    let list = |name: &str, count: usize| format!("{name} of {count}");
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Number(value) => shortest(*value),
        Value::String(text) => cut(text),
        Value::BigInteger(text) => format!("{text}n"),
        Value::Array(items) => list("list", items.len()),
        Value::Numbers(items) => list("list", items.len()),
        Value::Set(items) => list("set", items.len()),
        Value::Object(members) => list("object", members.len()),
        Value::Map(entries) => list("map", entries.len()),
        Value::ArrayBuffer(bytes) => {
            format!("ArrayBuffer, {} bytes: {}", bytes.len(), start(bytes))
        }
        Value::TypedArray(kind, bytes) => {
            format!("{kind:?}Array, {} bytes: {}", bytes.len(), start(bytes))
        }
        Value::Date(millis) => format!("date, {} ms since 1970", shortest(*millis)),
        Value::RegularExpression(texts) | Value::Error(texts) => texts.join(" "),
        Value::Blob(blob) => {
            format!("blob, {} bytes {}", shortest(blob.size_bytes), blob.media_type)
        }
        Value::BackReference(number) => format!("the container {number} of this message again"),
        Value::NotCaptured(_, name) => format!("not captured: {}", cut(name)),
        Value::Hole => "hole".to_owned(),
        Value::Unreadable => "cannot be read".to_owned(),
    }
}

fn start(bytes: &[u8]) -> String {
    let shown = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    format!("{}{}", shown.join(" "), if bytes.len() > 16 { " …" } else { "" })
}

fn cut(text: &str) -> String {
    let mut letters = text.chars();
    let mut shown: String = letters.by_ref().take(MAX_LETTERS).collect();
    if letters.next().is_some() {
        shown.push_str(&format!("… ({} bytes)", text.len()));
    }
    shown
}

fn meaning(fact: &Fact<'_>) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut line = |label: &str, text: String| lines.push((label.to_owned(), text));
    let through = |frame: &Option<Frame>| frame.map_or("nothing".to_owned(), |f| f.to_string());
    match fact {
        Fact::Introduced { episode, player, players, settings, .. } => {
            line("player", format!("{player} of {players}"));
            line("episode", episode.to_string());
            line("input delay", format!("{} frames", settings.input_delay_frames));
            line("snapshot every", format!("{} frames", settings.snapshot_interval_frames));
            line("prediction window", format!("{} frames", settings.max_prediction_frames));
            line("seed", format!("{:08x}", settings.seed));
        }
        Fact::InputsAnnounced { player, current, received_through, first, actions, .. } => {
            line("player", player.to_string());
            line("current frame", current.to_string());
            line("holds inputs to", through(received_through));
            line("inputs from", first.to_string());
            line("actions", actions_text(actions));
        }
        Fact::FrameInputsAnnounced { player, current, inputs, .. } => {
            line("player", player.to_string());
            line("current frame", through(current));
            for (frame, action) in inputs {
                line(&format!("frame {frame}"), action.to_string());
            }
        }
        Fact::HashesReported { player, hashes, .. } => {
            line("player", player.to_string());
            for (frame, hash) in hashes {
                line(&format!("frame {frame}"), format!("{hash:016x}"));
            }
        }
        Fact::StateOffered { frame, index, .. } => {
            line("state of frame", frame.to_string());
            line("piece", index.to_string());
        }
        Fact::FrameHashReported { frame, hash, .. } => {
            line(&format!("frame {frame}"), format!("{hash:016x}"));
        }
        Fact::InputsRequested { first, last, .. } => {
            line("asks for frames", format!("{first} to {last}"));
        }
        Fact::EpisodeEnded { episode, frame, .. } => {
            line("episode", episode.to_string());
            line("ended before frame", frame.to_string());
        }
        Fact::EpisodeReady { episode, hash, .. } => {
            line("episode", episode.to_string());
            line("first state", format!("{hash:08x}"));
        }
        Fact::FocusReported { is_focused, frame, .. } => {
            line("focus", if *is_focused { "has it" } else { "lost it" }.to_owned());
            line("frame", frame.to_string());
        }
        Fact::PingSent { stamp_micros } | Fact::PongReceived { stamp_micros } => {
            line("stamp", format!("{stamp_micros} µs"));
        }
        Fact::WorkerRequested { request, operations, .. } => {
            line("request", request.to_string());
            for (place, operation) in operations.iter().take(MAX_LINES).enumerate() {
                line(&place.to_string(), operation_text(operation));
            }
        }
        Fact::WorkerReplied { request, outcome, handled, .. } => {
            line("request", request.to_string());
            if let Some((started, finished)) = handled {
                line("executed for", format!("{} µs", finished.since(*started)));
            }
            match outcome {
                Outcome::Results(results) => {
                    for (place, result) in results.iter().take(MAX_LINES).enumerate() {
                        line(&place.to_string(), result_text(result));
                    }
                }
                Outcome::Failed { message, failed_index, partial_results } => {
                    line("error", cut(message));
                    line(
                        "failed at",
                        failed_index.map_or("not said".to_owned(), |i| i.to_string()),
                    );
                    let partial = partial_results.map_or("not said".to_owned(), |n| n.to_string());
                    line("results before it", partial);
                }
            }
        }
        Fact::PythonCalled { call, routine, .. } => {
            line("call", call.to_string());
            python_lines(routine, &mut line);
        }
        Fact::PythonReturned { call, outcome, .. } => {
            line("call", call.to_string());
            line("brought", python_text(outcome));
        }
        _ => {}
    }
    lines
}

fn python_lines(routine: &PythonRoutine<'_>, line: &mut impl FnMut(&str, String)) {
    line("does", routine.name().to_owned());
    match routine {
        PythonRoutine::Step { actions: Some(actions) } => line("actions", actions_text(actions)),
        PythonRoutine::Replay { steps } | PythonRoutine::FastForward { steps } => {
            for (frame, actions) in steps.iter().take(MAX_LINES) {
                line(&format!("frame {frame}"), actions_text(actions));
            }
        }
        PythonRoutine::LoadSnapshot { step_number: Some(steps), .. } => {
            line("says of its steps", steps.to_string());
        }
        _ => {}
    }
}

fn python_text(outcome: &PythonOutcome<'_>) -> String {
    match outcome {
        PythonOutcome::State(text) => format!("state, {} bytes", text.len()),
        PythonOutcome::Hash(hash) => format!("hash {hash}"),
        PythonOutcome::Restored { is_same: Some(true) } => "the restored state".to_owned(),
        PythonOutcome::Restored { is_same: Some(false) } => {
            "another state than the restored".to_owned()
        }
        PythonOutcome::Stepped { steps: Some(steps), .. } => format!("{steps} steps"),
        PythonOutcome::Restored { is_same: None }
        | PythonOutcome::Stepped { .. }
        | PythonOutcome::Done => "done".to_owned(),
        PythonOutcome::NotCaptured => "not captured".to_owned(),
        PythonOutcome::Failed { message } => format!("error: {}", cut(message)),
    }
}

fn actions_text(actions: &[Action]) -> String {
    actions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn operation_text(operation: &Operation<'_>) -> String {
    let at = |frame: &Option<Frame>| frame.map_or(String::new(), |frame| format!(" frame {frame}"));
    match operation {
        Operation::SetState { frame, text } => {
            format!("setState{}, {} bytes", at(frame), text.len())
        }
        Operation::GetState { frame } => format!("getState{}", at(frame)),
        Operation::Step { frame, actions } => format!("step{} {{{}}}", at(frame), {
            let pairs = actions.iter().enumerate();
            pairs.map(|(place, action)| format!("{place}: {action}")).collect::<Vec<_>>().join(", ")
        }),
        Operation::Reset => "reset".to_owned(),
        Operation::ComputeHash => "computeHash".to_owned(),
        Operation::HashText { text } => format!("computeHash of {} bytes", text.len()),
        Operation::Other(name) => cut(name),
    }
}

fn result_text(result: &OperationResult<'_>) -> String {
    match result {
        OperationResult::State(text) => format!("state, {} bytes", text.len()),
        OperationResult::Hash(Some(hash)) => format!("hash {hash:016x}"),
        OperationResult::Hash(None) => "a text that is no hash".to_owned(),
        OperationResult::Stepped(_) => "stepped".to_owned(),
        OperationResult::Done => "done".to_owned(),
        OperationResult::Rendered => "rendered".to_owned(),
        OperationResult::NotSeen => "not captured".to_owned(),
        OperationResult::Unreadable => "cannot be read".to_owned(),
    }
}
