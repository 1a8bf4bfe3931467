//! The writer of capture files: header, chunk records, end record, as pieces to append.
//!
//! Chunks come from the bridge as they are; whoever holds the file appends the pieces.

use thiserror::Error;

use super::checksum::crc32;
use super::file::{FileHeader, Missing, event_count_of_chunk};
use super::marker::Marker;
use super::tag::{
    FILE_MAGIC, FILE_VERSION, RECORD_CHUNK, RECORD_END, RECORD_INCOMPLETE_END, RECORD_MARKER,
};
use super::value_writer::push_u32;

/// Makes the pieces of one file. Each has to be appended in the order in which it was made.
#[derive(Debug, Clone, Default)]
pub struct FileWriter {
    chunks: u32,
    events: u32,
}

/// A chunk that a record cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a chunk of {bytes} bytes is larger than a record can be")]
pub struct ChunkTooLarge {
    /// Its size.
    pub bytes: usize,
}

impl FileWriter {
    /// A writer and the first piece of its file.
    #[must_use]
    pub fn start(header: &FileHeader) -> (Self, Vec<u8>) {
        let mut piece = FILE_MAGIC.to_vec();
        piece.extend(FILE_VERSION.to_le_bytes());
        // A struct of a string and a number always has a JSON form.
        let json = serde_json::to_vec(header).unwrap_or_default();
        push_u32(&mut piece, json.len());
        piece.extend(json);
        (Self::default(), piece)
    }

    /// The record of one chunk.
    ///
    /// # Errors
    ///
    /// [`ChunkTooLarge`] past 4 GiB; the file stays as it was.
    pub fn chunk(&mut self, chunk: &[u8]) -> Result<Vec<u8>, ChunkTooLarge> {
        if u32::try_from(chunk.len()).is_err() {
            return Err(ChunkTooLarge { bytes: chunk.len() });
        }
        self.chunks = self.chunks.saturating_add(1);
        self.events = self.events.saturating_add(event_count_of_chunk(chunk));
        Ok(record(RECORD_CHUNK, chunk))
    }

    /// The record of one marker. The end record does not count it.
    #[must_use]
    pub fn marker(&self, marker: &Marker) -> Vec<u8> {
        record(RECORD_MARKER, &marker.payload())
    }

    /// The last record, by which a reader knows that nothing is missing.
    #[must_use]
    pub fn end(self) -> Vec<u8> {
        record(RECORD_END, &self.counts())
    }

    /// The last record of a file in which something is missing, as its writer knows.
    #[must_use]
    pub fn end_incomplete(self, missing: Missing) -> Vec<u8> {
        let mut payload = self.counts();
        payload.push(missing.tag());
        record(RECORD_INCOMPLETE_END, &payload)
    }

    fn counts(&self) -> Vec<u8> {
        [self.chunks.to_le_bytes(), self.events.to_le_bytes()].concat()
    }
}

fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(9 + payload.len());
    record.push(kind);
    push_u32(&mut record, payload.len());
    record.extend(crc32(payload).to_le_bytes());
    record.extend(payload);
    record
}
