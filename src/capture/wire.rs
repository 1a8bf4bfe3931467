//! The reader of chunks: bytes as the hook wrote them become events.
//!
//! Bytes come from the bridge or from a file; events go to the assembly. A value that cannot be
//! read is an issue and leaves [`Value::Unreadable`]; the events around it are not touched.

use thiserror::Error;

use super::cursor::Cursor;
use super::event::{
    BlobContents, BlobNumber, CaptureSeq, CapturedEvent, ChannelId, ChannelKind, ChannelOpened,
    EventKind, Message, MessageFlags, PageId,
};
use super::gap::Gap;
use super::tables::{PageTexts, Tables, TextEntry};
use super::tag::{self, CHUNK_HEADER_BYTES, CHUNK_MAGIC, CHUNK_VERSION};
use super::value::Value;
use super::value_reader::{KeyTable, read_value};
use crate::issue::IssueLog;
use crate::time::Micros;

/// The number of a chunk within its page, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ChunkNumber(pub u32);

/// What stands in front of the events of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkHeader {
    /// The page.
    pub page: PageId,
    /// The chunk's number within the page.
    pub number: ChunkNumber,
    /// Number of the first event; the others follow one by one.
    pub first_seq: CaptureSeq,
    /// Events in the chunk.
    pub event_count: u32,
    /// Events that the hook dropped since the page started, up to and including this chunk.
    pub dropped_total: u32,
}

/// Why bytes are no chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChunkError {
    /// Fewer bytes than a header has.
    #[error("{bytes} bytes are fewer than the {CHUNK_HEADER_BYTES} of a chunk header")]
    TooShort {
        /// Bytes that are there.
        bytes: usize,
    },
    /// Something else than a chunk.
    #[error("the bytes do not start as a chunk does")]
    NotAChunk,
    /// The hook is newer than this program.
    #[error(
        "made by a newer hook (chunk version {version}, this one reads up to {CHUNK_VERSION}): \
         update Rollscope and reload the page"
    )]
    TooNew {
        /// Version of the chunk.
        version: u8,
    },
    /// The tables start outside of the chunk.
    #[error("the tables start at {offset}, outside of the {bytes} bytes of the chunk")]
    TableOutside {
        /// Where it should start.
        offset: u32,
        /// Bytes of the chunk.
        bytes: usize,
    },
}

/// A chunk whose header and tables were read.
#[derive(Debug, Clone)]
pub struct Chunk<'a> {
    header: ChunkHeader,
    events: &'a [u8],
    is_version_1: bool,
    tables: Tables<'a>,
    gap: Option<Gap>,
}

/// Reads header and tables of a chunk. A damaged table is an issue: what stands after the damage is
/// missing, and the values that need it cannot be read.
///
/// # Errors
///
/// [`ChunkError`] if the bytes are no chunk, or one of a newer version.
pub fn decode_chunk<'a>(bytes: &'a [u8], issues: &mut IssueLog) -> Result<Chunk<'a>, ChunkError> {
    let too_short = ChunkError::TooShort { bytes: bytes.len() };
    let (header, version, table_offset) = read_header(bytes)?.ok_or(too_short)?;
    let outside = ChunkError::TableOutside { offset: table_offset, bytes: bytes.len() };
    if table_offset == 0 && version > 1 {
        let gap = Gap::read(bytes.get(CHUNK_HEADER_BYTES..).ok_or(outside)?).ok_or(too_short)?;
        let header = ChunkHeader { event_count: 0, ..header };
        let (events, tables) = (&[][..], Tables::default());
        return Ok(Chunk { header, events, is_version_1: false, tables, gap: Some(gap) });
    }
    let (before, table) = bytes.split_at_checked(table_offset as usize).ok_or(outside)?;
    let events = before.get(CHUNK_HEADER_BYTES..).ok_or(outside)?;
    let is_version_1 = version == 1;
    let mut tables = Tables::default();
    let is_whole = if is_version_1 { tables.read_version_1(table) } else { tables.read(table) };
    if !is_whole {
        issues.push(&format!("page {}", header.page), "a table of a chunk is damaged");
    }
    Ok(Chunk { header, events, is_version_1, tables, gap: None })
}

/// The header, the version and the offset of the tables; `None` if bytes are missing.
fn read_header(bytes: &[u8]) -> Result<Option<(ChunkHeader, u8, u32)>, ChunkError> {
    let mut cursor = Cursor::new(bytes);
    let version = match (cursor.array(), cursor.u8()) {
        (Some(CHUNK_MAGIC), Some(version @ 1..=CHUNK_VERSION)) => version,
        (Some(CHUNK_MAGIC), Some(version)) if version > CHUNK_VERSION => {
            return Err(ChunkError::TooNew { version });
        }
        (Some(_), Some(_)) => return Err(ChunkError::NotAChunk),
        _ => return Ok(None),
    };
    let mut fields = || {
        let header = ChunkHeader {
            page: PageId(cursor.array()?),
            number: ChunkNumber(cursor.u32()?),
            first_seq: CaptureSeq(cursor.u32()?),
            event_count: cursor.u32()?,
            dropped_total: cursor.u32()?,
        };
        Some((header, version, cursor.u32()?))
    };
    Ok(fields())
}

/// The header of a chunk and the number of its first long text; `None` if the bytes are no chunk.
pub(super) fn places(bytes: &[u8]) -> Option<(ChunkHeader, u32)> {
    let (header, version, table_offset) = read_header(bytes).ok().flatten()?;
    if table_offset == 0 {
        // A gap holds neither events nor texts.
        return None;
    }
    let first_text =
        if version == 1 { 0 } else { Cursor::new(bytes.get(table_offset as usize..)?).u32()? };
    Some((header, first_text))
}

/// The page of a chunk, and its number; of a gap, that of the last chunk in whose place it stands. `None` if
/// the bytes are no chunk.
pub(super) fn order_of(bytes: &[u8]) -> Option<(PageId, u32)> {
    let (header, _, table_offset) = read_header(bytes).ok().flatten()?;
    let gap = bytes.get(CHUNK_HEADER_BYTES..).filter(|_| table_offset == 0).and_then(Gap::read);
    let further = gap.map_or(0, |gap| gap.chunks.saturating_sub(1));
    Some((header.page, header.number.0.saturating_add(further)))
}

impl Chunk<'_> {
    /// Numbers of the texts that stand in earlier chunks of the page.
    pub(super) fn earlier_texts(&self) -> impl Iterator<Item = u32> {
        self.tables.texts.iter().filter_map(|entry| match entry {
            TextEntry::Earlier(number) => Some(*number),
            TextEntry::Here(..) => None,
        })
    }

    /// What stands in front of the events.
    #[must_use]
    pub fn header(&self) -> &ChunkHeader {
        &self.header
    }

    /// What is known of the chunks in whose place this one stands, if it is a gap.
    #[must_use]
    pub fn gap(&self) -> Option<&Gap> {
        self.gap.as_ref()
    }

    /// The events in order, of a chunk whose page has no earlier one. What cannot be read goes to
    /// the issues.
    pub fn events<'c>(&'c self, issues: &'c mut IssueLog) -> Events<'c> {
        static NO_TEXTS: PageTexts = PageTexts::new();
        self.events_after(&NO_TEXTS, issues)
    }

    /// The events in order, given the texts of the page's chunks before this one. What cannot be
    /// read goes to the issues.
    pub fn events_after<'c>(
        &'c self,
        earlier: &'c PageTexts,
        issues: &'c mut IssueLog,
    ) -> Events<'c> {
        let texts = self.tables.texts.iter().map(|entry| match entry {
            TextEntry::Here(text, _) => Some(&**text),
            TextEntry::Earlier(number) => earlier.get(*number),
        });
        let texts: Vec<_> = texts.collect();
        let lost = texts.iter().filter(|text| text.is_none()).count();
        if lost > 0 {
            let text = format!("{lost} long texts stood in chunks that are not there");
            issues.push(&format!("page {}", self.header.page), text);
        }
        let keys = if self.is_version_1 {
            KeyTable::default()
        } else {
            KeyTable::fixed(self.tables.keys.clone(), &self.tables.shapes)
        };
        Events {
            header: self.header,
            texts,
            cursor: Cursor::new(self.events),
            keys,
            issues,
            index: 0,
            unknown: 0,
        }
    }

    /// Adds the texts of this chunk to those that later chunks of the page may name.
    pub fn teach(&self, texts: &mut PageTexts) {
        texts.learn(&self.tables);
    }
}

/// The events of one chunk.
#[derive(Debug)]
pub struct Events<'c> {
    header: ChunkHeader,
    /// The chunk's table of texts; `None` is a text that was lost.
    texts: Vec<Option<&'c str>>,
    cursor: Cursor<'c>,
    keys: KeyTable<'c>,
    issues: &'c mut IssueLog,
    index: u32,
    unknown: u32,
}

impl<'c> Events<'c> {
    /// Events so far that were skipped because a newer hook has kinds unknown here.
    #[must_use]
    pub fn unknown(&self) -> u32 {
        self.unknown
    }

    /// Events so far that were given out or skipped.
    #[must_use]
    pub fn passed(&self) -> u32 {
        self.index
    }

    fn record(&mut self) -> Option<(u8, Micros, ChannelId, Cursor<'c>)> {
        let mut cursor = self.cursor.clone();
        let kind = cursor.u8()?;
        let time = Micros::from_millis(cursor.f64()?);
        let channel = ChannelId(cursor.u32()?);
        let body = Cursor::new(cursor.take_counted()?);
        self.cursor = cursor;
        Some((kind, time, channel, body))
    }

    fn kind(
        &mut self,
        kind: u8,
        channel: ChannelId,
        mut body: Cursor<'c>,
    ) -> Option<EventKind<'c>> {
        use tag::event as tags;
        let event = match kind {
            tags::PAGE_STARTED => EventKind::PageStarted((&self.value(channel, &mut body)).into()),
            tags::CHANNEL_OPENED => EventKind::ChannelOpened(ChannelOpened {
                kind: ChannelKind::from_number(body.u8().unwrap_or(0)),
                details: (&self.value(channel, &mut body)).into(),
            }),
            tags::CHANNEL_STATE => EventKind::ChannelState(self.value(channel, &mut body).into()),
            tags::MESSAGE_SENT => EventKind::MessageSent(self.message(channel, &mut body)),
            tags::MESSAGE_RECEIVED => EventKind::MessageReceived(self.message(channel, &mut body)),
            tags::PAGE_STATE => EventKind::PageState((&self.value(channel, &mut body)).into()),
            tags::DROPPED => EventKind::Dropped((&self.value(channel, &mut body)).into()),
            tags::BLOB_CONTENTS => EventKind::BlobContents(BlobContents {
                number: BlobNumber(body.u32().unwrap_or(u32::MAX)),
                contents: self.value(channel, &mut body),
            }),
            tags::PAGE_ENDED => EventKind::PageEnded((&self.value(channel, &mut body)).into()),
            tags::ICE_CANDIDATE => {
                EventKind::IceCandidate((&self.value(channel, &mut body)).into())
            }
            tags::SELECTED_PAIR => {
                EventKind::SelectedPair((&self.value(channel, &mut body)).into())
            }
            tags::CONNECTION_STATS => {
                EventKind::ConnectionStats((&self.value(channel, &mut body)).into())
            }
            tags::PAGE_PACE => EventKind::PagePace((&self.value(channel, &mut body)).into()),
            tags::BUFFERED_AMOUNT => {
                EventKind::BufferedAmount((&self.value(channel, &mut body)).into())
            }
            tags::LEVEL_CHANGED => {
                EventKind::LevelChanged((&self.value(channel, &mut body)).into())
            }
            tags::COUNTED => EventKind::Counted((&self.value(channel, &mut body)).into()),
            tags::SHAPER_CHANGED => EventKind::ShaperChanged(self.value(channel, &mut body).into()),
            _ => return None,
        };
        if body.remaining() > 0 {
            self.issue(channel, "an event has more bytes than its value");
        }
        Some(event)
    }

    fn message(&mut self, channel: ChannelId, body: &mut Cursor<'c>) -> Message<'c> {
        let flags = MessageFlags(body.u8().unwrap_or(0));
        Message { flags, value: self.value(channel, body) }
    }

    fn value(&mut self, channel: ChannelId, body: &mut Cursor<'c>) -> Value<'c> {
        match read_value(body, &self.texts, &mut self.keys) {
            Ok(value) => value,
            Err(problem) => {
                self.issue(channel, &format!("a value cannot be read: {problem}"));
                *body = Cursor::new(&[]);
                Value::Unreadable
            }
        }
    }

    fn issue(&mut self, channel: ChannelId, text: &str) {
        self.issues.push(&format!("page {} channel {}", self.header.page, channel.0), text);
    }

    fn end(&mut self) {
        if self.cursor.remaining() > 0 {
            self.cursor = Cursor::new(&[]);
            self.issue(ChannelId::PAGE, "a chunk has more bytes than its events");
        }
    }
}

impl<'c> Iterator for Events<'c> {
    type Item = CapturedEvent<'c>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.index < self.header.event_count {
            let Some((kind, time, channel, body)) = self.record() else {
                self.issue(ChannelId::PAGE, "a chunk ends before its last event");
                self.header.event_count = self.index;
                self.cursor = Cursor::new(&[]);
                return None;
            };
            let seq = CaptureSeq(self.header.first_seq.0.saturating_add(self.index));
            self.index += 1;
            match self.kind(kind, channel, body) {
                Some(kind) => {
                    return Some(CapturedEvent {
                        page: self.header.page,
                        seq,
                        time,
                        channel,
                        kind,
                    });
                }
                None => {
                    self.unknown += 1;
                    self.issue(channel, &format!("event kind {kind} is unknown and was skipped"));
                }
            }
        }
        self.end();
        None
    }
}
