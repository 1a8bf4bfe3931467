//! The tables of a chunk: its long texts, the keys of its objects and the lists of keys that objects
//! share; and the texts of earlier chunks that a page may name again.
//!
//! Read by the chunk reader from the end of a chunk. What is damaged is missing, and the values that
//! need it cannot be read.

use std::borrow::Cow;

use super::cursor::{Cursor, text_from_utf16};
use super::tag::{EARLIER_NUMBERS, EARLIER_TEXT, UTF16_BIT};
use crate::sorted::SortedMap;

/// One entry of a chunk's table of texts.
#[derive(Debug, Clone)]
pub(super) enum TextEntry<'a> {
    /// A text that stands here, and its length in bytes as it was written.
    Here(Cow<'a, str>, usize),
    /// A text of an earlier chunk, by its number.
    Earlier(u32),
}

/// The tables of one chunk.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables<'a> {
    first_text: u32,
    pub(super) texts: Vec<TextEntry<'a>>,
    pub(super) keys: Vec<&'a str>,
    /// Each a list of little-endian places in `keys`.
    pub(super) shapes: Vec<&'a [[u8; 2]]>,
}

impl<'a> Tables<'a> {
    /// Reads what stood behind the events in version 1: texts alone. Returns whether all is there.
    pub(super) fn read_version_1(&mut self, bytes: &'a [u8]) -> bool {
        self.read_texts(&mut Cursor::new(bytes), !UTF16_BIT).is_some()
    }

    /// Reads the tables of version 2. Returns whether all is there.
    pub(super) fn read(&mut self, bytes: &'a [u8]) -> bool {
        self.read_all(&mut Cursor::new(bytes)).is_some()
    }

    fn read_all(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        self.first_text = cursor.u32()?;
        self.read_texts(cursor, EARLIER_NUMBERS)?;
        for _ in 0..small_count(cursor)? {
            let length = cursor.u16()?;
            self.keys.push(std::str::from_utf8(cursor.take(usize::from(length))?).ok()?);
        }
        for _ in 0..small_count(cursor)? {
            let width = usize::from(cursor.u16()?);
            self.shapes.push(cursor.take(2 * width)?.as_chunks().0);
        }
        Some(())
    }

    fn read_texts(&mut self, cursor: &mut Cursor<'a>, length_bits: u32) -> Option<()> {
        for _ in 0..cursor.u32()? {
            let word = cursor.u32()?;
            if word & UTF16_BIT == 0 && word & !length_bits != 0 {
                self.texts.push(TextEntry::Earlier(word & length_bits));
                continue;
            }
            let bytes = cursor.take((word & length_bits) as usize)?;
            // Text that is not UTF-8 keeps what is.
            let text = if word & UTF16_BIT == 0 {
                String::from_utf8_lossy(bytes)
            } else {
                Cow::Owned(text_from_utf16(bytes))
            };
            self.texts.push(TextEntry::Here(text, bytes.len()));
        }
        Some(())
    }
}

/// A count of keys or shapes; `None` if there are more than a place of two bytes can name, which no
/// writer makes.
fn small_count(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.u32().filter(|count| *count <= 1 << 16)
}

/// The texts of one page that its later chunks may name by number. The hook forgets by the same
/// rule, so that what it names is here unless the chunk that held it was lost.
#[derive(Debug, Clone, Default)]
pub struct PageTexts {
    kept: SortedMap<u32, (String, usize)>,
    kept_bytes: usize,
}

/// Longest text that is kept, in bytes as it was written.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// Most bytes that are kept.
const MAX_KEPT_BYTES: usize = 8 << 20;

/// Most texts that are kept.
const MAX_KEPT_TEXTS: usize = 4096;

impl PageTexts {
    /// No texts yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { kept: SortedMap::new(), kept_bytes: 0 }
    }

    pub(super) fn get(&self, number: u32) -> Option<&str> {
        self.kept.get(&number).map(|(text, _)| text.as_str())
    }

    /// Keeps the texts of a chunk whose events were read.
    pub(super) fn learn(&mut self, tables: &Tables<'_>) {
        let mut number = tables.first_text;
        for entry in &tables.texts {
            let TextEntry::Here(text, bytes) = entry else {
                continue;
            };
            if *bytes <= MAX_TEXT_BYTES {
                let before = self.kept.insert(number, (text.clone().into_owned(), *bytes));
                self.kept_bytes += bytes;
                self.kept_bytes -= before.map_or(0, |(_, bytes)| bytes);
            }
            number = number.saturating_add(1);
            while self.kept_bytes > MAX_KEPT_BYTES || self.kept.len() > MAX_KEPT_TEXTS {
                let Some((_, (_, bytes))) = self.kept.pop_first() else {
                    break;
                };
                self.kept_bytes -= bytes;
            }
        }
    }
}

const _: () = assert!(EARLIER_TEXT == EARLIER_NUMBERS + 1);
