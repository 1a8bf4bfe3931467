//! A writer of chunks in the hook's format, for simulated sessions, tests and benchmarks.
//!
//! Takes typed events and values; gives the bytes that the hook would have written.

use std::borrow::Cow;

use super::conditions::number_of;
use super::event::{
    ChannelDetails, ChannelId, ChannelOrigin, EventKind, Message, PageId, PagePlacement,
};
use super::tag::{self, CHUNK_HEADER_BYTES, CHUNK_MAGIC, CHUNK_VERSION};
use super::value::Value;
use super::value_writer::{Tables, ValueWriter, push_u32};
use crate::time::Micros;

/// Writes the chunks of one page, one after another.
#[derive(Debug, Clone)]
pub struct ChunkBuilder {
    page: PageId,
    strings: StringPlacement,
    keys: KeyPlacement,
    chunk_number: u32,
    first_seq: u32,
    first_text: u32,
    event_count: u32,
    dropped_total: u32,
    events: Vec<u8>,
    tables: Tables,
}

/// Where the texts of values go. The hook chooses by length and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StringPlacement {
    /// Into the value, as UTF-8.
    #[default]
    Inline,
    /// Into the value, as UTF-16.
    InlineUtf16,
    /// Into the string table, as UTF-8.
    Table,
    /// Into the string table, as UTF-16.
    TableUtf16,
}

/// Where the keys of objects go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyPlacement {
    /// Into the table of shapes, all keys of an object at once.
    #[default]
    Shape,
    /// Into the table of keys.
    Table,
    /// Into the value each time.
    InPlace,
}

impl ChunkBuilder {
    /// A builder for a page that has no events yet.
    #[must_use]
    pub fn new(page: PageId) -> Self {
        Self {
            page,
            strings: StringPlacement::default(),
            keys: KeyPlacement::default(),
            chunk_number: 0,
            first_seq: 0,
            first_text: 0,
            event_count: 0,
            dropped_total: 0,
            events: Vec::new(),
            tables: Tables::default(),
        }
    }

    /// Says where texts and keys go from now on.
    pub fn place(&mut self, strings: StringPlacement, keys: KeyPlacement) {
        (self.strings, self.keys) = (strings, keys);
    }

    /// Adds an event with the page's next number. A [`EventKind::Dropped`] adds to the number of
    /// dropped events of this and the later chunks.
    pub fn push(&mut self, time: Micros, channel: ChannelId, kind: &EventKind<'_>) {
        use tag::event as tags;
        let (number, prefix, value) = match kind {
            EventKind::PageStarted(started) => {
                let mut members =
                    vec![("url", string(&started.url)), ("userAgent", string(&started.user_agent))];
                push_some(&mut members, "timeOrigin", started.time_origin_ms.map(Value::Number));
                let placement = match started.placement {
                    PagePlacement::Top => Some("top"),
                    PagePlacement::Inner => Some("inner"),
                    PagePlacement::Unknown => None,
                };
                push_some(&mut members, "frame", placement.map(string));
                push_some(&mut members, "frameLabel", started.frame_label.as_deref().map(string));
                push_some(&mut members, "hookVersion", started.hook_version.map(number_of));
                (tags::PAGE_STARTED, vec![], object(members))
            }
            EventKind::ChannelOpened(opened) => {
                (tags::CHANNEL_OPENED, vec![opened.kind.number()], details(&opened.details))
            }
            EventKind::ChannelState(state) => (tags::CHANNEL_STATE, vec![], state.details.clone()),
            EventKind::MessageSent(Message { flags, value }) => {
                return self.push_value(time, channel, tags::MESSAGE_SENT, &[flags.0], value);
            }
            EventKind::MessageReceived(Message { flags, value }) => {
                return self.push_value(time, channel, tags::MESSAGE_RECEIVED, &[flags.0], value);
            }
            EventKind::PageState(state) => {
                let mut members = vec![];
                let visibility = state.is_visible.map(|is| if is { "visible" } else { "hidden" });
                push_some(&mut members, "visibility", visibility.map(string));
                push_some(&mut members, "focused", state.is_focused.map(Value::Bool));
                (tags::PAGE_STATE, vec![], object(members))
            }
            EventKind::Dropped(dropped) => {
                self.dropped_total = self.dropped_total.saturating_add(dropped.count);
                let members = vec![
                    ("channel", number_of(dropped.channel.0)),
                    ("count", number_of(dropped.count)),
                    ("reason", string(&dropped.reason)),
                ];
                (tags::DROPPED, vec![], object(members))
            }
            EventKind::BlobContents(blob) => {
                let prefix = blob.number.0.to_le_bytes();
                let contents = &blob.contents;
                return self.push_value(time, channel, tags::BLOB_CONTENTS, &prefix, contents);
            }
            EventKind::PageEnded(ended) => {
                let mut members = vec![("reason", string(&ended.reason))];
                push_some(&mut members, "persisted", ended.persisted.map(Value::Bool));
                (tags::PAGE_ENDED, vec![], object(members))
            }
            EventKind::IceCandidate(condition) => (tags::ICE_CANDIDATE, vec![], condition.object()),
            EventKind::SelectedPair(condition) => (tags::SELECTED_PAIR, vec![], condition.object()),
            EventKind::ConnectionStats(condition) => {
                (tags::CONNECTION_STATS, vec![], condition.object())
            }
            EventKind::PagePace(condition) => (tags::PAGE_PACE, vec![], condition.object()),
            EventKind::BufferedAmount(condition) => {
                (tags::BUFFERED_AMOUNT, vec![], condition.object())
            }
            EventKind::LevelChanged(condition) => (tags::LEVEL_CHANGED, vec![], condition.object()),
            EventKind::Counted(condition) => (tags::COUNTED, vec![], condition.object()),
            EventKind::ShaperChanged(shaper) => {
                (tags::SHAPER_CHANGED, vec![], shaper.details.clone())
            }
        };
        self.push_value(time, channel, number, &prefix, &value);
    }

    /// Adds an event of any kind with any body, also with one that no reader can read.
    pub fn push_raw(&mut self, time: Micros, channel: ChannelId, kind: u8, body: &[u8]) {
        self.events.push(kind);
        self.events.extend(time.as_millis().to_le_bytes());
        self.events.extend(channel.0.to_le_bytes());
        push_u32(&mut self.events, body.len());
        self.events.extend(body);
        self.event_count = self.event_count.saturating_add(1);
    }

    /// Events in the open chunk.
    #[must_use]
    pub fn event_count(&self) -> u32 {
        self.event_count
    }

    /// Closes the chunk, even an empty one, gives its bytes and opens the next.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut chunk = Vec::with_capacity(CHUNK_HEADER_BYTES + self.events.len() + 64);
        chunk.extend(CHUNK_MAGIC);
        chunk.push(CHUNK_VERSION);
        chunk.extend(self.page.0);
        for field in [self.chunk_number, self.first_seq, self.event_count, self.dropped_total] {
            chunk.extend(field.to_le_bytes());
        }
        push_u32(&mut chunk, CHUNK_HEADER_BYTES + self.events.len());
        chunk.append(&mut self.events);
        self.first_text = std::mem::take(&mut self.tables).push(self.first_text, &mut chunk);
        self.chunk_number = self.chunk_number.saturating_add(1);
        self.first_seq = self.first_seq.saturating_add(self.event_count);
        self.event_count = 0;
        chunk
    }

    fn push_value(
        &mut self,
        time: Micros,
        channel: ChannelId,
        kind: u8,
        prefix: &[u8],
        value: &Value<'_>,
    ) {
        let mut body = prefix.to_vec();
        let (strings, keys) = (self.strings, self.keys);
        ValueWriter { out: &mut body, tables: &mut self.tables, strings, keys }.value(value);
        self.push_raw(time, channel, kind, &body);
    }
}

fn details<'v>(details: &'v ChannelDetails<'_>) -> Value<'v> {
    let mut members = vec![];
    push_some(&mut members, "url", details.url.as_deref().map(string));
    push_some(&mut members, "label", details.label.as_deref().map(string));
    push_some(&mut members, "peerConnection", details.peer_connection.map(|id| number_of(id.0)));
    push_some(&mut members, "ordered", details.ordered.map(Value::Bool));
    push_some(&mut members, "maxRetransmits", details.max_retransmits.map(number_of));
    push_some(&mut members, "protocol", details.protocol.as_deref().map(string));
    let origin = details.origin.map(|origin| match origin {
        ChannelOrigin::Local => "local",
        ChannelOrigin::Remote => "remote",
    });
    push_some(&mut members, "origin", origin.map(string));
    object(members)
}

fn object<'v>(members: Vec<(&'static str, Value<'v>)>) -> Value<'v> {
    Value::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn push_some<'v>(
    members: &mut Vec<(&'static str, Value<'v>)>,
    key: &'static str,
    value: Option<Value<'v>>,
) {
    members.extend(value.map(|value| (key, value)));
}

fn string(text: &str) -> Value<'_> {
    Value::String(Cow::Borrowed(text))
}
