//! The gap: a chunk that stands in the place of chunks that were given up (`docs/capture-format.md`).
//!
//! Written by the hook, the relay or the panel where a bounded place was full; read by the chunk
//! reader, and accounted for by the assembly.

use super::cursor::Cursor;
use super::event::{CaptureSeq, ChannelId, PageId};
use super::tag::{CHUNK_MAGIC, CHUNK_VERSION};
use super::wire::{ChunkHeader, ChunkNumber};
use crate::time::Micros;

/// What is known of the events of chunks that were given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Chunks that it stands for, from the one of the header on; [`OPEN_END`]: all that follow.
    pub chunks: u32,
    /// Events in them, which had consecutive numbers.
    pub events: u32,
    /// Time of the first of them on the page's clock.
    pub from: Micros,
    /// Time of the last of them.
    pub until: Micros,
    /// How many there were on each channel.
    pub channels: Vec<(ChannelId, u32)>,
    /// Why, for people.
    pub reason: String,
}

/// In the place of a number of chunks: the document is gone, and nobody knows how much is missing.
pub const OPEN_END: u32 = u32::MAX;

impl Gap {
    /// Whether nobody knows how much is missing.
    #[must_use]
    pub const fn is_open_ended(&self) -> bool {
        self.chunks == OPEN_END
    }

    /// The bytes behind the header; `None` if they are no gap. Counts of channels that are not
    /// there are left out.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let (chunks, events) = (cursor.u32()?, cursor.u32()?);
        let from = Micros::from_millis(cursor.f64()?);
        let until = Micros::from_millis(cursor.f64()?);
        let mut channels = Vec::new();
        for _ in 0..cursor.u32()? {
            channels.push((ChannelId(cursor.u32()?), cursor.u32()?));
        }
        let length = usize::from(cursor.u16()?);
        let reason = String::from_utf8_lossy(cursor.take(length)?).into_owned();
        Some(Self { chunks: chunks.max(1), events, from, until, channels, reason })
    }

    /// The whole chunk, as the hook writes it. A reason of more than 64 KiB is cut.
    #[must_use]
    pub fn chunk(&self, header: &ChunkHeader) -> Vec<u8> {
        let mut bytes = CHUNK_MAGIC.to_vec();
        bytes.push(CHUNK_VERSION);
        bytes.extend(header.page.0);
        let mut words = vec![header.number.0, header.first_seq.0, 0, header.dropped_total, 0];
        words.extend([self.chunks, self.events]);
        bytes.extend(words.into_iter().flat_map(u32::to_le_bytes));
        bytes.extend(self.from.as_millis().to_le_bytes());
        bytes.extend(self.until.as_millis().to_le_bytes());
        bytes.extend((self.channels.len() as u32).to_le_bytes());
        for (channel, count) in &self.channels {
            bytes.extend(channel.0.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        let length = u16::try_from(self.reason.len()).unwrap_or(u16::MAX);
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.reason.bytes().take(usize::from(length)));
        bytes
    }

    /// The header of a gap that begins with this chunk and this event.
    #[must_use]
    pub const fn header(page: PageId, number: ChunkNumber, first_seq: CaptureSeq) -> ChunkHeader {
        ChunkHeader { page, number, first_seq, event_count: 0, dropped_total: 0 }
    }
}
