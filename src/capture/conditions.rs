//! Conditions: what the hook tells of a page beside its messages. The network under a connection,
//! the pace of the page, how much of a channel is recorded, and the shaper.
//!
//! Decoded by the chunk reader from the objects that the hook writes, and back into such objects
//! for the writer. A field that is absent or of another type stays unknown.

use std::borrow::Cow;

use super::event::ChannelOrigin;
use super::value::Value;

/// An ICE candidate of a peer connection.
#[derive(Debug, Clone, PartialEq)]
pub struct IceCandidate<'a> {
    /// Whose candidate it is.
    pub origin: Option<ChannelOrigin>,
    /// The candidate line; empty at the end of the candidates.
    pub candidate: Cow<'a, str>,
    /// The media section that it belongs to.
    pub media: Option<Cow<'a, str>>,
}

/// The pair of candidates that carries a peer connection from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedPair<'a> {
    /// Type of the local candidate: `host`, `srflx`, `prflx` or `relay`.
    pub local_type: Option<Cow<'a, str>>,
    /// Type of the remote candidate.
    pub remote_type: Option<Cow<'a, str>>,
    /// `udp` or `tcp`.
    pub protocol: Option<Cow<'a, str>>,
}

/// What `getStats` says of a peer connection, once a second while it is connected.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ConnectionStats {
    /// Round trip of the selected pair, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// Bytes that the connection sent since it exists, over all pairs.
    pub bytes_sent: Option<f64>,
    /// Bytes that the connection received since it exists, over all pairs.
    pub bytes_received: Option<f64>,
    /// Messages that all data channels sent.
    pub messages_sent: Option<f64>,
    /// Messages that all data channels received.
    pub messages_received: Option<f64>,
}

/// How smoothly a page ran, added up over about a second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PagePace {
    /// Length of the span, in milliseconds.
    pub span_ms: Option<f64>,
    /// Animation frames in it.
    pub animation_frames: Option<u32>,
    /// Longest time between two of them, in milliseconds.
    pub longest_frame_ms: Option<f64>,
    /// Tasks of 50 ms and more in it; unknown where the browser does not tell.
    pub long_tasks: Option<u32>,
    /// Their time together, in milliseconds.
    pub long_task_ms: Option<f64>,
}

/// How much waits in a data channel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BufferedAmount {
    /// Bytes that wait now.
    pub bytes: Option<f64>,
    /// Most bytes that waited since the last such event.
    pub most_bytes: Option<f64>,
}

/// How much of a channel is recorded from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelChanged<'a> {
    /// How much.
    pub level: CaptureLevel,
    /// Who chose it: `user`, or `load` by the rule of the format page.
    pub reason: Cow<'a, str>,
    /// With `load`: bytes that the page wrote in the second before.
    pub load_bytes: Option<f64>,
}

/// How much of a channel is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureLevel {
    /// Every message with all that it holds.
    Full,
    /// Every message, without what it holds.
    Headers,
    /// How many messages there were.
    Counters,
    /// A level that a newer hook has.
    Other,
}

/// Messages of a channel that were only counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counted {
    /// Messages that the page sent.
    pub sent: u32,
    /// Messages that the page received.
    pub received: u32,
    /// Since when they were counted, in milliseconds.
    pub span_ms: Option<f64>,
}

/// The network shaper went on, off, or took other rules.
#[derive(Debug, Clone, PartialEq)]
pub struct ShaperChanged<'a> {
    /// Whether it is on from now on.
    pub is_on: bool,
    /// Its seed.
    pub seed: Option<f64>,
    /// The whole object, with the rules as they were given.
    pub details: Value<'a>,
}

impl<'a> From<&Value<'a>> for IceCandidate<'a> {
    fn from(value: &Value<'a>) -> Self {
        Self {
            origin: match value.get("origin").and_then(Value::as_str) {
                Some("local") => Some(ChannelOrigin::Local),
                Some("remote") => Some(ChannelOrigin::Remote),
                _ => None,
            },
            candidate: text(value, "candidate").unwrap_or_default(),
            media: text(value, "sdpMid"),
        }
    }
}

impl<'a> From<&Value<'a>> for SelectedPair<'a> {
    fn from(value: &Value<'a>) -> Self {
        Self {
            local_type: text(value, "localType"),
            remote_type: text(value, "remoteType"),
            protocol: text(value, "protocol"),
        }
    }
}

impl From<&Value<'_>> for ConnectionStats {
    fn from(value: &Value<'_>) -> Self {
        Self {
            round_trip_ms: number(value, "roundTripMillis"),
            bytes_sent: number(value, "bytesSent"),
            bytes_received: number(value, "bytesReceived"),
            messages_sent: number(value, "messagesSent"),
            messages_received: number(value, "messagesReceived"),
        }
    }
}

impl From<&Value<'_>> for PagePace {
    fn from(value: &Value<'_>) -> Self {
        Self {
            span_ms: number(value, "spanMillis"),
            animation_frames: count(value, "animationFrames"),
            longest_frame_ms: number(value, "longestFrameMillis"),
            long_tasks: count(value, "longTasks"),
            long_task_ms: number(value, "longTaskMillis"),
        }
    }
}

impl From<&Value<'_>> for BufferedAmount {
    fn from(value: &Value<'_>) -> Self {
        Self { bytes: number(value, "bufferedAmount"), most_bytes: number(value, "most") }
    }
}

impl<'a> From<&Value<'a>> for LevelChanged<'a> {
    fn from(value: &Value<'a>) -> Self {
        Self {
            level: match value.get("level").and_then(Value::as_str) {
                Some("full") => CaptureLevel::Full,
                Some("headers") => CaptureLevel::Headers,
                Some("counters") => CaptureLevel::Counters,
                _ => CaptureLevel::Other,
            },
            reason: text(value, "reason").unwrap_or_default(),
            load_bytes: number(value, "loadBytes"),
        }
    }
}

impl From<&Value<'_>> for Counted {
    fn from(value: &Value<'_>) -> Self {
        Self {
            sent: count(value, "sent").unwrap_or(0),
            received: count(value, "received").unwrap_or(0),
            span_ms: number(value, "spanMillis"),
        }
    }
}

impl<'a> From<Value<'a>> for ShaperChanged<'a> {
    fn from(details: Value<'a>) -> Self {
        Self {
            is_on: details.get("on").and_then(Value::as_bool).unwrap_or(false),
            seed: number(&details, "seed"),
            details,
        }
    }
}

/// Members of an object that is written; unknown ones are left out.
type Members<'v> = [(&'static str, Option<Value<'v>>)];

fn object<'v>(members: &Members<'v>) -> Value<'v> {
    let known = members.iter().filter_map(|(key, value)| Some(((*key).into(), value.clone()?)));
    Value::Object(known.collect())
}

fn string(text: &str) -> Value<'_> {
    Value::String(Cow::Borrowed(text))
}

impl IceCandidate<'_> {
    pub(super) fn object(&self) -> Value<'_> {
        let origin = self.origin.map(|origin| match origin {
            ChannelOrigin::Local => "local",
            ChannelOrigin::Remote => "remote",
        });
        object(&[
            ("origin", origin.map(|origin| Value::String(origin.into()))),
            ("candidate", Some(string(&self.candidate))),
            ("sdpMid", self.media.as_deref().map(string)),
        ])
    }
}

impl SelectedPair<'_> {
    pub(super) fn object(&self) -> Value<'_> {
        object(&[
            ("localType", self.local_type.as_deref().map(string)),
            ("remoteType", self.remote_type.as_deref().map(string)),
            ("protocol", self.protocol.as_deref().map(string)),
        ])
    }
}

impl ConnectionStats {
    pub(super) fn object(&self) -> Value<'static> {
        object(&[
            ("roundTripMillis", self.round_trip_ms.map(Value::Number)),
            ("bytesSent", self.bytes_sent.map(Value::Number)),
            ("bytesReceived", self.bytes_received.map(Value::Number)),
            ("messagesSent", self.messages_sent.map(Value::Number)),
            ("messagesReceived", self.messages_received.map(Value::Number)),
        ])
    }
}

impl PagePace {
    pub(super) fn object(&self) -> Value<'static> {
        object(&[
            ("spanMillis", self.span_ms.map(Value::Number)),
            ("animationFrames", self.animation_frames.map(number_of)),
            ("longestFrameMillis", self.longest_frame_ms.map(Value::Number)),
            ("longTasks", self.long_tasks.map(number_of)),
            ("longTaskMillis", self.long_task_ms.map(Value::Number)),
        ])
    }
}

impl BufferedAmount {
    pub(super) fn object(&self) -> Value<'static> {
        object(&[
            ("bufferedAmount", self.bytes.map(Value::Number)),
            ("most", self.most_bytes.map(Value::Number)),
        ])
    }
}

impl LevelChanged<'_> {
    pub(super) fn object(&self) -> Value<'_> {
        let level = match self.level {
            CaptureLevel::Full => "full",
            CaptureLevel::Headers => "headers",
            CaptureLevel::Counters => "counters",
            CaptureLevel::Other => "other",
        };
        object(&[
            ("level", Some(Value::String(level.into()))),
            ("reason", Some(string(&self.reason))),
            ("loadBytes", self.load_bytes.map(Value::Number)),
        ])
    }
}

impl Counted {
    pub(super) fn object(&self) -> Value<'static> {
        object(&[
            ("sent", Some(number_of(self.sent))),
            ("received", Some(number_of(self.received))),
            ("spanMillis", self.span_ms.map(Value::Number)),
        ])
    }
}

pub(super) fn number_of<'v>(number: u32) -> Value<'v> {
    i32::try_from(number).map_or(Value::Number(f64::from(number)), Value::Integer)
}

pub(super) fn text<'a>(value: &Value<'a>, key: &str) -> Option<Cow<'a, str>> {
    match value.get(key)? {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(value: &Value<'_>, key: &str) -> Option<f64> {
    value.get(key).and_then(Value::as_f64)
}

fn count(value: &Value<'_>, key: &str) -> Option<u32> {
    value.get(key).and_then(Value::as_u32)
}
