//! The reader of capture files: a header, then the chunks as the hook wrote them.
//!
//! Works on bytes that somebody else has read. Everything in front of a damage is given out, and
//! records behind it that are whole too.

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use super::checksum::crc32;
use super::cursor::Cursor;
use super::marker::{MAX_MARKERS, Marker};
use super::tag::{
    CHUNK_MAGIC, FILE_MAGIC, FILE_VERSION, RECORD_CHUNK, RECORD_END, RECORD_INCOMPLETE_END,
    RECORD_MARKER,
};
use crate::json::{self, JsonError};

/// What stands in front of the records of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileHeader {
    /// Program and version that wrote the file.
    pub created_by: String,
    /// When, in milliseconds since 1970; 0 where nothing is known.
    pub created_at_ms: f64,
}

impl FileHeader {
    fn of_json(bytes: &[u8]) -> Result<Self, JsonError> {
        let header = json::plain(bytes)?;
        let created_by = json::member(&header, "created_by", Value::as_str)?;
        let created_at_ms = json::member(&header, "created_at_ms", Value::as_f64)?;
        Ok(Self {
            created_by: created_by.unwrap_or_default().to_owned(),
            created_at_ms: created_at_ms.unwrap_or_default(),
        })
    }
}

/// Why a file cannot be opened. Each message says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FileError {
    /// Something else than a capture.
    #[error(
        "this is no Rollscope capture (a capture starts with ROLLSCOP): \
         choose a file that Rollscope saved"
    )]
    NotACapture,
    /// Written by a newer program.
    #[error(
        "made by a newer Rollscope (file version {version}, this one reads up to {FILE_VERSION}): \
         update Rollscope"
    )]
    TooNew {
        /// Version of the file.
        version: u32,
    },
    /// The file ends or is damaged before its first record.
    #[error(
        "the header of the capture is damaged or cut off, so nothing can be read: \
         copy or save the file again"
    )]
    HeaderDamaged,
}

/// How the records of a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "end")]
pub enum FileEnd {
    /// With an end record whose counts agree.
    Complete,
    /// With one, by a writer that did not have everything.
    Incomplete {
        /// What it had not.
        missing: Missing,
    },
    /// Without an end record: the file was cut off inside or after the record that starts here.
    Truncated {
        /// Offset of the first record that is not whole.
        at_byte: u64,
    },
    /// Bytes changed.
    Damaged {
        /// Offset of the first record that is damaged.
        at_byte: u64,
        /// What is wrong there.
        damage: Damage,
        /// Records that were left out because of damage, as far as they can be counted.
        records_lost: u32,
    },
}

/// What the writer of a whole file knew to be missing in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// A part of what it was made from, which was cut off or damaged.
    PartOfSource,
    /// Chunks that came after the memory cap.
    AboveCap,
}

impl Missing {
    const ABOVE_CAP: u8 = 1;

    /// Its number in the end record.
    pub(super) fn tag(self) -> u8 {
        match self {
            Self::PartOfSource => 0,
            Self::AboveCap => Self::ABOVE_CAP,
        }
    }

    /// What a number says; of one that is not known only that something is missing.
    fn of_tag(tag: Option<u8>) -> Self {
        if tag == Some(Self::ABOVE_CAP) { Self::AboveCap } else { Self::PartOfSource }
    }
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// Its checksum does not match.
    Checksum,
    /// Its kind is 0, which no record has.
    Kind,
    /// The end record counts other chunks or events than were read.
    Counts,
    /// Bytes follow the end record.
    BytesAfterEnd,
}

/// A capture file whose header was read; iterating gives the bytes of its chunks.
#[derive(Debug, Clone)]
pub struct CaptureFile<'a> {
    header: FileHeader,
    bytes: usize,
    cursor: Cursor<'a>,
    at: FilePosition,
}

/// How far a file was read, without its bytes, so that reading can go on later.
#[derive(Debug, Clone, Default)]
pub struct FilePosition {
    byte: usize,
    chunks: u32,
    events: u32,
    unknown_records: u32,
    markers: Vec<Marker>,
    damage: Option<FirstDamage>,
    end: Option<FileEnd>,
}

#[derive(Debug, Clone, Copy)]
struct FirstDamage {
    at_byte: u64,
    damage: Damage,
    records_lost: u32,
}

impl<'a> CaptureFile<'a> {
    /// Reads the header of a file that is wholly in memory.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the bytes are no capture, one of a newer version, or damaged in the header.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FileError> {
        let mut cursor = Cursor::new(bytes);
        if cursor.array() != Some(FILE_MAGIC) {
            return Err(FileError::NotACapture);
        }
        match cursor.u32() {
            Some(FILE_VERSION) => {}
            Some(version) if version > FILE_VERSION => return Err(FileError::TooNew { version }),
            _ => return Err(FileError::HeaderDamaged),
        }
        let json = cursor.take_counted().ok_or(FileError::HeaderDamaged)?;
        let header = FileHeader::of_json(json).map_err(|_| FileError::HeaderDamaged)?;
        Ok(Self { header, bytes: bytes.len(), cursor, at: FilePosition::default() })
    }

    /// How far the file was read.
    #[must_use]
    pub fn position(mut self) -> FilePosition {
        self.at.byte = self.bytes - self.cursor.remaining();
        self.at
    }

    /// Goes on where reading stood; the bytes are those of the same file.
    ///
    /// # Errors
    ///
    /// As [`CaptureFile::open`].
    pub fn resume(bytes: &'a [u8], position: FilePosition) -> Result<Self, FileError> {
        let mut file = Self::open(bytes)?;
        let read = bytes.len() - file.cursor.remaining();
        // A position past the end reads as the end.
        file.cursor.take(position.byte.saturating_sub(read).min(file.cursor.remaining()));
        file.at = position;
        Ok(file)
    }

    /// The markers that were read so far.
    #[must_use]
    pub fn markers(&self) -> &[Marker] {
        &self.at.markers
    }

    /// Bytes that were read so far.
    #[must_use]
    pub fn read_bytes(&self) -> usize {
        self.bytes - self.cursor.remaining()
    }

    /// What the file says about itself.
    #[must_use]
    pub fn header(&self) -> &FileHeader {
        &self.header
    }

    /// How the file ended; `None` until all chunks were taken.
    #[must_use]
    pub fn end(&self) -> Option<FileEnd> {
        self.at.end
    }

    /// Records that were skipped because their kind is unknown here.
    #[must_use]
    pub fn unknown_records(&self) -> u32 {
        self.at.unknown_records
    }

    /// Handles one record; gives the payload of a chunk.
    fn record(&mut self) -> Option<&'a [u8]> {
        let at_byte = (self.bytes - self.cursor.remaining()) as u64;
        let Some((kind, checksum, payload)) = read_record(&mut self.cursor) else {
            self.finish(FileEnd::Truncated { at_byte });
            return None;
        };
        if kind == 0 {
            // Most likely a tail of zeros: there are no records to count in it.
            self.damaged(at_byte, Damage::Kind, 0);
            self.finish(FileEnd::Truncated { at_byte });
        } else if crc32(payload) != checksum {
            self.damaged(at_byte, Damage::Checksum, 1);
        } else if kind == RECORD_CHUNK {
            self.at.chunks = self.at.chunks.saturating_add(1);
            self.at.events = self.at.events.saturating_add(event_count_of_chunk(payload));
            return Some(payload);
        } else if kind == RECORD_MARKER {
            match Marker::of_payload(payload) {
                Some(marker) if self.at.markers.len() < MAX_MARKERS => self.at.markers.push(marker),
                _ => self.at.unknown_records = self.at.unknown_records.saturating_add(1),
            }
        } else if kind == RECORD_END || kind == RECORD_INCOMPLETE_END {
            self.end_record(at_byte, kind, payload);
        } else {
            self.at.unknown_records = self.at.unknown_records.saturating_add(1);
        }
        None
    }

    fn end_record(&mut self, at_byte: u64, kind: u8, payload: &[u8]) {
        let mut fields = Cursor::new(payload);
        if (fields.u32(), fields.u32()) != (Some(self.at.chunks), Some(self.at.events)) {
            self.damaged(at_byte, Damage::Counts, 0);
        }
        if self.cursor.remaining() > 0 {
            let after = (self.bytes - self.cursor.remaining()) as u64;
            self.damaged(after, Damage::BytesAfterEnd, 0);
        }
        self.finish(match kind {
            RECORD_END => FileEnd::Complete,
            _ => FileEnd::Incomplete { missing: Missing::of_tag(fields.u8()) },
        });
    }

    fn damaged(&mut self, at_byte: u64, damage: Damage, records_lost: u32) {
        let first = self.at.damage.get_or_insert(FirstDamage { at_byte, damage, records_lost: 0 });
        first.records_lost = first.records_lost.saturating_add(records_lost);
    }

    /// Keeps how the file ended; a damage before the end says more than the end.
    fn finish(&mut self, end: FileEnd) {
        self.at.end = Some(match self.at.damage {
            Some(FirstDamage { at_byte, damage, records_lost }) => {
                FileEnd::Damaged { at_byte, damage, records_lost }
            }
            None => end,
        });
    }
}

impl<'a> Iterator for CaptureFile<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        while self.at.end.is_none() {
            if let Some(chunk) = self.record() {
                return Some(chunk);
            }
        }
        None
    }
}

/// Kind, checksum and payload of the next record; `None` if it is not whole.
fn read_record<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, u32, &'a [u8])> {
    let kind = cursor.u8()?;
    let length = cursor.u32()?;
    let checksum = cursor.u32()?;
    Some((kind, checksum, cursor.take(length as usize)?))
}

/// The number of events in a chunk's header; 0 for what is no chunk.
pub(super) fn event_count_of_chunk(chunk: &[u8]) -> u32 {
    let mut cursor = Cursor::new(chunk);
    let mut count = || {
        let magic: [u8; 3] = cursor.array()?;
        // Version, page, chunk number and first event stand between.
        cursor.take(17)?;
        cursor.u32().filter(|_| magic == CHUNK_MAGIC)
    };
    count().unwrap_or(0)
}
