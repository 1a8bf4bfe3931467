//! The contract between the hook and the decoder: bytes that `extension/` wrote, read by
//! `src/capture`, against a description of the values that `tests/hook` wrote beside them.
//!
//! `UPDATE_FIXTURES=1 node --test tests/hook` writes both files anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;

use rollscope::capture::{
    Assembler, BufferedAmount, CaptureLevel, CapturedEvent, ChannelDetails, ChannelKind,
    ChannelOpened, ChannelOrigin, ConnectionStats, Counted, EventKind, IceCandidate, LevelChanged,
    Message, NotCapturedReason, PagePace, PageState, SelectedPair, Value, decode_chunk,
};
use rollscope::issue::IssueLog;
use serde::Deserialize;
use serde_json::{Value as Json, json};

const CHUNK: &[u8] = include_bytes!("fixtures/hook-values.bin");
const DESCRIPTION: &str = include_str!("fixtures/hook-values.json");
/// The same of the hook that wrote chunks of version 1.
const CHUNK_V1: &[u8] = include_bytes!("fixtures/hook-values-v1.bin");
const DESCRIPTION_V1: &str = include_str!("fixtures/hook-values-v1.json");
/// The same of the hook that wrote chunks of version 2.
const CHUNK_V2: &[u8] = include_bytes!("fixtures/hook-values-v2.bin");
const DESCRIPTION_V2: &str = include_str!("fixtures/hook-values-v2.json");
/// Events beside messages.
const EVENTS: &[u8] = include_bytes!("fixtures/hook-events.bin");
/// Three chunks, each behind its length, of which the later two name texts of the ones before.
const TEXTS: &[u8] = include_bytes!("fixtures/hook-texts.bin");

#[derive(Deserialize)]
struct Description {
    page: String,
    messages: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    kind: String,
    flags: u8,
    micros: f64,
    value: String,
}

#[test]
fn what_the_hook_wrote_reads_as_the_page_gave_it() {
    check_description(CHUNK, DESCRIPTION);
}

#[test]
fn chunks_of_older_versions_read_as_ever() {
    check_description(CHUNK_V1, DESCRIPTION_V1);
    check_description(CHUNK_V2, DESCRIPTION_V2);
}

fn chunks_of(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut chunks = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let (chunk, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

/// The texts of all messages, by the way of the assembly; a lost one is empty.
fn texts_of(chunks: &[&[u8]], issues: &mut IssueLog) -> Vec<String> {
    let mut texts = Vec::new();
    let mut assembler = Assembler::default();
    let mut collect = |event: CapturedEvent<'_>| {
        let value = &message(&event.kind, "sent").value;
        let members = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(members) => members.iter().map(|(_, value)| value).collect(),
            other => vec![other],
        };
        texts.extend(members.into_iter().map(|value| match value {
            Value::String(text) => text.clone().into_owned(),
            Value::NotCaptured(NotCapturedReason::TextLost, _) => String::new(),
            other => format!("{other:?}"),
        }));
    };
    for chunk in chunks {
        assembler.handle_chunk(chunk, issues, &mut collect);
    }
    assembler.flush(issues, &mut collect);
    texts
}

#[test]
fn texts_of_earlier_chunks_are_there_again() {
    let chunks = chunks_of(TEXTS);
    let mut issues = IssueLog::default();
    let texts = texts_of(&chunks, &mut issues);
    let state = |number: u32| format!("{number}{}", "state ".repeat(3000));
    let new = "new".repeat(500);
    assert_eq!(texts, [state(0), state(1), state(2), state(1), state(0), new.clone(), new]);
    assert_eq!(issues.total(), 0);
    let mut reversed = chunks.clone();
    reversed.reverse();
    assert_eq!(texts_of(&reversed, &mut issues), texts);
}

#[test]
fn a_text_of_a_lost_chunk_is_missing_and_nothing_else_is() {
    let chunks = chunks_of(TEXTS);
    let mut issues = IssueLog::default();
    let texts = texts_of(chunks.get(1..).unwrap(), &mut issues);
    let new = "new".repeat(500);
    assert_eq!(texts, [String::new(), String::new(), new.clone(), new]);
    assert_eq!(issues.total(), 1);
}

#[test]
fn events_beside_messages_read_as_the_hook_meant_them() {
    let mut issues = IssueLog::default();
    let chunk = decode_chunk(EVENTS, &mut issues).unwrap();
    let mut event_issues = IssueLog::default();
    let kinds: Vec<_> = chunk.events(&mut event_issues).map(|event| event.kind).collect();
    let [opened, state, page_state, remote, end, pair, stats, pace, slow, buffered, rest @ ..] =
        kinds.as_slice()
    else {
        panic!("{} events", kinds.len());
    };
    let python = ChannelOpened { kind: ChannelKind::Python, details: ChannelDetails::default() };
    assert_eq!(*opened, EventKind::ChannelOpened(python));
    let EventKind::ChannelState(state) = state else { panic!("{state:?}") };
    assert_eq!(state.state, "connected");
    assert_eq!(state.details.get("signalingState").and_then(Value::as_str), Some("stable"));
    let hidden = PageState { is_visible: Some(false), is_focused: Some(false) };
    assert_eq!(*page_state, EventKind::PageState(hidden));
    let candidate = |origin, candidate: &'static str, media: Option<&'static str>| {
        let (candidate, media) = (candidate.into(), media.map(Into::into));
        EventKind::IceCandidate(IceCandidate { origin: Some(origin), candidate, media })
    };
    let line = "candidate:1 1 udp 1 192.0.2.1 9 typ relay";
    assert_eq!(*remote, candidate(ChannelOrigin::Remote, line, Some("0")));
    assert_eq!(*end, candidate(ChannelOrigin::Local, "", None));
    let expected = SelectedPair {
        local_type: Some("host".into()),
        remote_type: Some("relay".into()),
        protocol: Some("udp".into()),
    };
    assert_eq!(*pair, EventKind::SelectedPair(expected));
    let expected = ConnectionStats {
        round_trip_ms: Some(31.5),
        bytes_sent: Some(5e9),
        bytes_received: Some(12.0),
        ..ConnectionStats::default()
    };
    assert_eq!(*stats, EventKind::ConnectionStats(expected));
    let expected = PagePace {
        span_ms: Some(1000.5),
        animation_frames: Some(60),
        longest_frame_ms: Some(33.25),
        long_tasks: Some(2),
        long_task_ms: Some(130.0),
    };
    assert_eq!(*pace, EventKind::PagePace(expected));
    let EventKind::PagePace(slow) = slow else { panic!("{slow:?}") };
    assert_eq!((slow.animation_frames, slow.long_tasks), (Some(1), None));
    let expected = BufferedAmount { bytes: Some(0.0), most_bytes: Some(20_000.0) };
    assert_eq!(*buffered, EventKind::BufferedAmount(expected));
    let [by_load, by_user, counted, shaper, left_out] = rest else { panic!("{} more", rest.len()) };
    let level = |level, reason: &'static str, load_bytes| {
        EventKind::LevelChanged(LevelChanged { level, reason: reason.into(), load_bytes })
    };
    assert_eq!(*by_load, level(CaptureLevel::Headers, "load", Some(50_331_649.0)));
    assert_eq!(*by_user, level(CaptureLevel::Counters, "user", None));
    let expected = Counted { sent: 20, received: 5, span_ms: Some(1000.0) };
    assert_eq!(*counted, EventKind::Counted(expected));
    let EventKind::ShaperChanged(shaper) = shaper else { panic!("{shaper:?}") };
    assert_eq!((shaper.is_on, shaper.seed), (true, Some(7.0)));
    assert_eq!(shaper.details.get("rules").and_then(Value::items).map(Iterator::count), Some(1));
    let message = message(left_out, "received");
    assert!(message.flags.is_withheld() && message.flags.is_delayed());
    assert!(!message.flags.is_duplicated() && !message.flags.call_threw());
    let expected = NotCapturedReason::LeftOut;
    assert_eq!(message.value, Value::NotCaptured(expected, "ArrayBuffer of 59 bytes".into()));
    assert_eq!(event_issues.total(), 0);
}

#[track_caller]
fn check_description(chunk: &[u8], description: &str) {
    let described: Description = serde_json::from_str(description).unwrap();
    let mut issues = IssueLog::default();
    let chunk = decode_chunk(chunk, &mut issues).unwrap();
    assert_eq!(chunk.header().page.to_string(), described.page);
    assert_eq!(chunk.header().event_count as usize, described.messages.len() + 2);
    let mut event_issues = IssueLog::default();
    let events: Vec<_> = chunk.events(&mut event_issues).collect();
    assert_eq!(events.len(), described.messages.len() + 2);
    for (seq, event) in (0..).zip(&events) {
        assert_eq!(event.seq.0, seq);
    }
    assert!(matches!(events.first().unwrap().kind, EventKind::ChannelOpened(_)));
    assert!(matches!(events.last().unwrap().kind, EventKind::ChannelState(_)));
    for (event, expected) in events.iter().skip(1).zip(&described.messages) {
        let name = &expected.name;
        let message = message(&event.kind, &expected.kind);
        assert_eq!(message.flags.0, expected.flags, "flags of {name}");
        assert_eq!(event.time.0 as f64, expected.micros, "time of {name}");
        assert_eq!(describe(&message.value).to_string(), expected.value, "value of {name}");
    }
    assert_eq!(issues.total() + event_issues.total(), 0);
}

#[track_caller]
fn message<'e>(kind: &'e EventKind<'e>, expected: &str) -> &'e Message<'e> {
    let found = match kind {
        EventKind::MessageSent(message) => Some(("sent", message)),
        EventKind::MessageReceived(message) => Some(("received", message)),
        _ => None,
    };
    let (direction, message) = found.unwrap();
    assert_eq!(direction, expected);
    message
}

/// The same description that `tests/hook/describe.mjs` makes.
fn describe(value: &Value<'_>) -> Json {
    let all = |items: &mut dyn Iterator<Item = Json>| items.collect::<Vec<_>>();
    match value {
        Value::Undefined => json!({"undefined": true}),
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Integer(value) => number(f64::from(*value)),
        Value::Number(value) => number(*value),
        Value::String(text) => json!({"string": text}),
        Value::BigInteger(digits) => json!({"bigint": digits}),
        Value::Array(items) => json!({"array": all(&mut items.iter().map(describe))}),
        Value::Numbers(numbers) => {
            let numbers = numbers.iter().map(number);
            json!({"array": all(&mut { numbers })})
        }
        Value::Object(members) => {
            json!({"object": all(&mut members.iter().map(|(key, value)| json!([key, describe(value)])))})
        }
        Value::Map(entries) => {
            let entries =
                entries.iter().map(|(key, value)| json!([describe(key), describe(value)]));
            json!({"map": all(&mut { entries })})
        }
        Value::Set(items) => json!({"set": all(&mut items.iter().map(describe))}),
        Value::ArrayBuffer(bytes) => json!({"buffer": hex(bytes)}),
        Value::TypedArray(kind, bytes) => json!({"typed": [*kind as u8, hex(bytes)]}),
        Value::Date(millis) => json!({"date": bits(*millis)}),
        Value::RegularExpression(parts) => json!({"regexp": **parts}),
        Value::Error(parts) => json!({"error": **parts}),
        Value::Blob(blob) => {
            json!({"blob": [blob.number.0, bits(blob.size_bytes), blob.media_type]})
        }
        Value::BackReference(number) => json!({"back": number}),
        Value::NotCaptured(reason, name) => json!({"notCaptured": [reason_number(*reason), name]}),
        Value::Hole => json!({"hole": true}),
        Value::Unreadable => json!({"unreadable": true}),
    }
}

fn reason_number(reason: NotCapturedReason) -> u8 {
    match reason {
        NotCapturedReason::NotCloneable => 0,
        NotCapturedReason::ReadingThrew => 1,
        NotCapturedReason::TooDeep => 2,
        NotCapturedReason::TooLarge => 3,
        NotCapturedReason::LeftOut => 4,
        NotCapturedReason::TextLost => 5,
        NotCapturedReason::Other(other) => other,
    }
}

fn number(value: f64) -> Json {
    json!({"number": bits(value)})
}

fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
