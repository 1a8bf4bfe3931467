//! The writer of values, the counterpart of the reader: for simulated sessions, tests and
//! benchmarks. Real captures are written by the hook.

use std::borrow::Cow;

use super::builder::{KeyPlacement, StringPlacement};
use super::numbers::Numbers;
use super::tag::{self, KEY_IN_PLACE, UTF16_BIT};
use super::value::Value;
use crate::sorted::SortedMap;

/// The texts, keys and shapes that the values of one chunk share.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    /// Entries of the string table, each with its length word.
    strings: Vec<Vec<u8>>,
    string_index: SortedMap<Vec<u8>, u32>,
    keys: Vec<String>,
    key_index: SortedMap<String, u16>,
    shapes: Vec<Vec<u16>>,
}

impl Tables {
    /// Adds the bytes of the tables; returns the number of the first text of the next chunk.
    pub(super) fn push(&self, first_text: u32, out: &mut Vec<u8>) -> u32 {
        out.extend(first_text.to_le_bytes());
        push_u32(out, self.strings.len());
        for entry in &self.strings {
            out.extend(entry);
        }
        push_u32(out, self.keys.len());
        for key in &self.keys {
            out.extend((key.len() as u16).to_le_bytes());
            out.extend(key.as_bytes());
        }
        push_u32(out, self.shapes.len());
        for shape in &self.shapes {
            out.extend((shape.len() as u16).to_le_bytes());
            out.extend(shape.iter().flat_map(|key| key.to_le_bytes()));
        }
        first_text.saturating_add(self.strings.len() as u32)
    }

    /// The place of a key in the table; `None` when the table is full.
    fn key(&mut self, key: &str) -> Option<u16> {
        if let Some(place) = self.key_index.get(key) {
            return Some(*place);
        }
        let place = u16::try_from(self.keys.len()).ok().filter(|place| *place != KEY_IN_PLACE)?;
        self.key_index.insert(key.to_owned(), place);
        self.keys.push(key.to_owned());
        Some(place)
    }

    /// The place of an object's keys in the table of shapes; `None` when a table is full.
    fn shape<'k>(&mut self, keys: impl Iterator<Item = &'k str>) -> Option<u16> {
        let shape = keys.map(|key| self.key(cut(key))).collect::<Option<Vec<_>>>()?;
        u16::try_from(shape.len()).ok()?;
        let known = self.shapes.iter().position(|other| *other == shape);
        let place = u16::try_from(known.unwrap_or(self.shapes.len())).ok()?;
        if known.is_none() {
            self.shapes.push(shape);
        }
        Some(place)
    }

    fn string(&mut self, entry: Vec<u8>) -> u32 {
        if let Some(known) = self.string_index.get(&entry) {
            return *known;
        }
        let next = self.strings.len() as u32;
        self.strings.push(entry.clone());
        self.string_index.insert(entry, next);
        next
    }
}

/// Writes values into one body.
pub(super) struct ValueWriter<'w> {
    pub(super) out: &'w mut Vec<u8>,
    pub(super) tables: &'w mut Tables,
    pub(super) strings: StringPlacement,
    pub(super) keys: KeyPlacement,
}

impl ValueWriter<'_> {
    /// Adds one value. [`Value::Unreadable`] becomes `undefined`, because no bytes stand for it.
    pub(super) fn value(&mut self, value: &Value<'_>) {
        use tag::value as tags;
        match value {
            Value::Undefined | Value::Unreadable => self.out.push(tags::UNDEFINED),
            Value::Null => self.out.push(tags::NULL),
            Value::Bool(false) => self.out.push(tags::FALSE),
            Value::Bool(true) => self.out.push(tags::TRUE),
            Value::Integer(small @ 0..128) => self.out.push(tags::SMALL_INTEGER + *small as u8),
            Value::Integer(integer) => self.tagged(tags::INTEGER, &integer.to_le_bytes()),
            Value::Number(number) => self.tagged(tags::NUMBER, &number.to_le_bytes()),
            Value::String(text) => self.text(text),
            Value::BigInteger(digits) => self.counted(tags::BIG_INTEGER, digits.as_bytes()),
            Value::Array(items) => self.values(tags::ARRAY, items),
            Value::Set(items) => self.values(tags::SET, items),
            Value::Numbers(numbers) => {
                let tag = match numbers {
                    Numbers::Doubles(_) => tags::NUMBERS,
                    Numbers::Naturals(_) => tags::NATURALS,
                    Numbers::Integers(_) => tags::INTEGERS,
                };
                self.head(tag, numbers.len());
                self.out.extend(numbers.bytes());
            }
            Value::Object(members) => self.object(members),
            Value::Map(entries) => {
                self.head(tags::MAP, entries.len());
                for (key, value) in entries {
                    self.value(key);
                    self.value(value);
                }
            }
            Value::ArrayBuffer(bytes) => self.counted(tags::ARRAY_BUFFER, bytes),
            Value::TypedArray(kind, bytes) => {
                self.out.extend([tags::TYPED_ARRAY, kind.number()]);
                push_u32(self.out, bytes.len());
                self.out.extend(*bytes);
            }
            Value::Date(millis) => self.tagged(tags::DATE, &millis.to_le_bytes()),
            Value::RegularExpression(texts) => self.texts(tags::REGULAR_EXPRESSION, texts),
            Value::Error(texts) => self.texts(tags::ERROR, texts),
            Value::Blob(blob) => {
                self.tagged(tags::BLOB, &blob.number.0.to_le_bytes());
                self.out.extend(blob.size_bytes.to_le_bytes());
                self.text(&blob.media_type);
            }
            Value::BackReference(number) => {
                self.tagged(tags::BACK_REFERENCE, &number.to_le_bytes());
            }
            Value::NotCaptured(reason, name) => {
                self.out.extend([tags::NOT_CAPTURED, reason.number()]);
                self.text(name);
            }
            Value::Hole => self.out.push(tags::HOLE),
        }
    }

    fn values(&mut self, tag: u8, items: &[Value<'_>]) {
        self.head(tag, items.len());
        for item in items {
            self.value(item);
        }
    }

    fn texts(&mut self, tag: u8, texts: &[Cow<'_, str>; 2]) {
        self.out.push(tag);
        for text in texts {
            self.text(text);
        }
    }

    fn text(&mut self, text: &str) {
        match self.strings {
            StringPlacement::Inline => self.counted(tag::value::STRING, text.as_bytes()),
            StringPlacement::InlineUtf16 => {
                self.counted(tag::value::STRING_UTF16, &utf16(text));
            }
            StringPlacement::Table => self.reference(text.len() as u32, text.as_bytes()),
            StringPlacement::TableUtf16 => {
                let units = utf16(text);
                self.reference(units.len() as u32 | UTF16_BIT, &units);
            }
        }
    }

    fn reference(&mut self, length_word: u32, bytes: &[u8]) {
        let mut entry = length_word.to_le_bytes().to_vec();
        entry.extend(bytes);
        let index = self.tables.string(entry);
        self.tagged(tag::value::STRING_REFERENCE, &index.to_le_bytes());
    }

    fn object(&mut self, members: &[(Cow<'_, str>, Value<'_>)]) {
        let shape = match self.keys {
            KeyPlacement::Shape => self.tables.shape(members.iter().map(|(key, _)| &**key)),
            KeyPlacement::Table | KeyPlacement::InPlace => None,
        };
        match shape {
            Some(shape) => self.tagged(tag::value::OBJECT_OF_SHAPE, &shape.to_le_bytes()),
            None => self.head(tag::value::OBJECT, members.len()),
        }
        for (key, value) in members {
            if shape.is_none() {
                self.key(cut(key));
            }
            self.value(value);
        }
    }

    fn key(&mut self, key: &str) {
        let place = match self.keys {
            KeyPlacement::InPlace => None,
            KeyPlacement::Table | KeyPlacement::Shape => self.tables.key(key),
        };
        if let Some(place) = place {
            return self.out.extend(place.to_le_bytes());
        }
        self.out.extend(KEY_IN_PLACE.to_le_bytes());
        self.out.extend((key.len() as u16).to_le_bytes());
        self.out.extend(key.as_bytes());
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.out.push(tag);
        self.out.extend(bytes);
    }

    fn head(&mut self, tag: u8, count: usize) {
        self.out.push(tag);
        push_u32(self.out, count);
    }

    fn counted(&mut self, tag: u8, bytes: &[u8]) {
        self.head(tag, bytes.len());
        self.out.extend(bytes);
    }
}

/// A key of 65,535 bytes at most, cut between characters, as the hook does.
fn cut(key: &str) -> &str {
    let mut end = key.len().min(usize::from(u16::MAX));
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    key.get(..end).unwrap_or_default()
}

/// Adds a count or an offset. What the format cannot count is far above what memory holds in a
/// browser; it is cut to the largest number instead of wrapping.
pub(super) fn push_u32(out: &mut Vec<u8>, number: usize) {
    out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
