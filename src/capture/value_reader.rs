//! The reader of values: bytes of one event body to a tree, bounded in depth and in memory.
//!
//! The chunk's string table and table of keys come from the chunk reader.

use std::borrow::Cow;

use thiserror::Error;

use super::cursor::{Cursor, text_from_utf16};
use super::event::BlobNumber;
use super::numbers::Numbers;
use super::tag::{self, KEY_IN_PLACE};
use super::value::{Blob, ElementKind, NotCapturedReason, Value};

/// Why a value cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum ValueProblem {
    #[error("the bytes end inside a value")]
    End,
    #[error("no value has the tag {0:#04x}")]
    Tag(u8),
    #[error("no typed array has the element kind {0}")]
    Element(u8),
    #[error("a text is not UTF-8")]
    Utf8,
    #[error("the string table has no entry {0}")]
    StringReference(u32),
    #[error("the table of keys has no entry {0}")]
    Key(u16),
    #[error("the table of shapes has no entry {0}")]
    Shape(u16),
    #[error("its keys stood in a value before it that cannot be read")]
    KeysLost,
    #[error("it refers to container {0}, which comes later or not at all")]
    BackReference(u32),
    #[error("it is nested deeper than {MAX_DEPTH}")]
    Depth,
    #[error("it has more than {MAX_VALUES} values")]
    Size,
}

/// Deepest nesting of containers; the hook stops there too.
pub(super) const MAX_DEPTH: usize = 64;

/// Most values of one message: 2^21 of 32 bytes are what a panel can bear.
pub(super) const MAX_VALUES: usize = 1 << 21;

/// The keys of one chunk: in version 1 in order of first use, later from its tables.
#[derive(Debug, Default)]
pub(super) struct KeyTable<'c> {
    names: Vec<&'c str>,
    /// The lists of keys that objects share.
    shapes: &'c [&'c [[u8; 2]]],
    /// Set where the table stands in the chunk, so that no value adds to it.
    is_fixed: bool,
    /// Set when a value could not be read: whatever it would have added is unknown.
    is_incomplete: bool,
}

impl<'c> KeyTable<'c> {
    /// The table of a chunk that has one.
    pub(super) fn fixed(names: Vec<&'c str>, shapes: &'c [&'c [[u8; 2]]]) -> Self {
        Self { names, shapes, is_fixed: true, is_incomplete: false }
    }
}

/// Reads one value and moves the body behind it. On a problem the table of keys is as before, but
/// no longer takes keys in.
pub(super) fn read_value<'c>(
    body: &mut Cursor<'c>,
    texts: &[Option<&'c str>],
    keys: &mut KeyTable<'c>,
) -> Result<Value<'c>, ValueProblem> {
    let keys_before = keys.names.len();
    let mut reader =
        ValueReader { cursor: body.clone(), texts, keys, containers: 0, values_left: MAX_VALUES };
    match reader.value(0) {
        Ok(value) => {
            *body = reader.cursor;
            Ok(value)
        }
        Err(problem) => {
            keys.names.truncate(keys_before);
            keys.is_incomplete = true;
            Err(problem)
        }
    }
}

struct ValueReader<'c, 'k> {
    cursor: Cursor<'c>,
    texts: &'k [Option<&'c str>],
    keys: &'k mut KeyTable<'c>,
    containers: u32,
    values_left: usize,
}

impl<'c> ValueReader<'c, '_> {
    fn value(&mut self, depth: usize) -> Result<Value<'c>, ValueProblem> {
        use tag::value as tags;
        self.values_left = self.values_left.checked_sub(1).ok_or(ValueProblem::Size)?;
        Ok(match self.u8()? {
            tags::UNDEFINED => Value::Undefined,
            tags::NULL => Value::Null,
            tags::FALSE => Value::Bool(false),
            tags::TRUE => Value::Bool(true),
            tags::INTEGER => Value::Integer(self.u32()?.cast_signed()),
            tags::NUMBER => Value::Number(self.f64()?),
            text @ (tags::STRING | tags::STRING_UTF16) => Value::String(self.text_of_tag(text)?),
            tags::STRING_REFERENCE => match self.reference()? {
                Some(text) => Value::String(Cow::Borrowed(text)),
                None => Value::NotCaptured(NotCapturedReason::TextLost, Cow::Borrowed("string")),
            },
            tags::ARRAY => Value::Array(self.values(depth)?),
            tags::SET => Value::Set(self.values(depth)?),
            tags::OBJECT => self.object(depth)?,
            tags::OBJECT_OF_SHAPE => self.object_of_shape(depth)?,
            tags::MAP => self.map(depth)?,
            tags::NUMBERS => Value::Numbers(Numbers::Doubles(self.numbers()?)),
            tags::NATURALS => Value::Numbers(Numbers::Naturals(self.numbers()?)),
            tags::INTEGERS => Value::Numbers(Numbers::Integers(self.numbers()?)),
            tags::ARRAY_BUFFER => Value::ArrayBuffer(self.counted()?),
            tags::TYPED_ARRAY => {
                let kind = self.u8()?;
                let kind = ElementKind::from_number(kind).ok_or(ValueProblem::Element(kind))?;
                Value::TypedArray(kind, self.counted()?)
            }
            tags::BIG_INTEGER => Value::BigInteger(utf8(self.counted()?)?),
            tags::DATE => Value::Date(self.f64()?),
            tags::REGULAR_EXPRESSION => {
                Value::RegularExpression(Box::new([self.text()?, self.text()?]))
            }
            tags::ERROR => Value::Error(Box::new([self.text()?, self.text()?])),
            tags::BLOB => Value::Blob(Box::new(Blob {
                number: BlobNumber(self.u32()?),
                size_bytes: self.f64()?,
                media_type: self.text()?,
            })),
            tags::BACK_REFERENCE => self.back_reference()?,
            tags::NOT_CAPTURED => {
                Value::NotCaptured(NotCapturedReason::from_number(self.u8()?), self.text()?)
            }
            tags::HOLE => Value::Hole,
            small @ tags::SMALL_INTEGER.. => Value::Integer(i32::from(small - tags::SMALL_INTEGER)),
            other => return Err(ValueProblem::Tag(other)),
        })
    }

    /// Takes the head of a container whose elements need at least so many bytes each.
    fn enter(&mut self, depth: usize, least_bytes: usize) -> Result<usize, ValueProblem> {
        if depth >= MAX_DEPTH {
            return Err(ValueProblem::Depth);
        }
        self.containers += 1;
        let count = self.u32()? as usize;
        // Nothing is reserved for elements that cannot be there.
        match count.checked_mul(least_bytes) {
            Some(bytes) if bytes <= self.cursor.remaining() => {}
            _ => return Err(ValueProblem::End),
        }
        if count > self.values_left { Err(ValueProblem::Size) } else { Ok(count) }
    }

    fn values(&mut self, depth: usize) -> Result<Vec<Value<'c>>, ValueProblem> {
        let count = self.enter(depth, 1)?;
        (0..count).map(|_| self.value(depth + 1)).collect()
    }

    fn object(&mut self, depth: usize) -> Result<Value<'c>, ValueProblem> {
        let count = self.enter(depth, 3)?;
        let members = (0..count).map(|_| Ok((Cow::Borrowed(self.key()?), self.value(depth + 1)?)));
        members.collect::<Result<_, _>>().map(Value::Object)
    }

    fn object_of_shape(&mut self, depth: usize) -> Result<Value<'c>, ValueProblem> {
        if depth >= MAX_DEPTH {
            return Err(ValueProblem::Depth);
        }
        self.containers += 1;
        let number = self.cursor.u16().ok_or(ValueProblem::End)?;
        let shape = self.keys.shapes.get(usize::from(number)).ok_or(ValueProblem::Shape(number))?;
        if shape.len() > self.cursor.remaining() {
            return Err(ValueProblem::End);
        }
        let members = shape.iter().map(|place| {
            let place = u16::from_le_bytes(*place);
            let name = self.keys.names.get(usize::from(place)).copied();
            let name = name.ok_or(ValueProblem::Key(place))?;
            Ok((Cow::Borrowed(name), self.value(depth + 1)?))
        });
        members.collect::<Result<_, _>>().map(Value::Object)
    }

    fn map(&mut self, depth: usize) -> Result<Value<'c>, ValueProblem> {
        let count = self.enter(depth, 2)?;
        let entries = (0..count).map(|_| Ok((self.value(depth + 1)?, self.value(depth + 1)?)));
        entries.collect::<Result<_, _>>().map(Value::Map)
    }

    /// An array of numbers of so many bytes each.
    fn numbers<const BYTES: usize>(&mut self) -> Result<&'c [[u8; BYTES]], ValueProblem> {
        self.containers += 1;
        let count = self.u32()? as usize;
        let bytes = count.checked_mul(BYTES).and_then(|bytes| self.cursor.take(bytes));
        Ok(bytes.ok_or(ValueProblem::End)?.as_chunks().0)
    }

    fn back_reference(&mut self) -> Result<Value<'c>, ValueProblem> {
        let number = self.u32()?;
        if number >= self.containers {
            return Err(ValueProblem::BackReference(number));
        }
        Ok(Value::BackReference(number))
    }

    fn key(&mut self) -> Result<&'c str, ValueProblem> {
        let index = self.cursor.u16().ok_or(ValueProblem::End)?;
        if index == KEY_IN_PLACE {
            return self.key_text();
        }
        if let Some(name) = self.keys.names.get(usize::from(index)) {
            return Ok(name);
        }
        if self.keys.is_fixed {
            return Err(ValueProblem::Key(index));
        }
        if self.keys.is_incomplete {
            return Err(ValueProblem::KeysLost);
        }
        if usize::from(index) != self.keys.names.len() {
            return Err(ValueProblem::Key(index));
        }
        let name = self.key_text()?;
        self.keys.names.push(name);
        Ok(name)
    }

    fn key_text(&mut self) -> Result<&'c str, ValueProblem> {
        let length = self.cursor.u16().ok_or(ValueProblem::End)?;
        utf8(self.cursor.take(usize::from(length)).ok_or(ValueProblem::End)?)
    }

    /// A text that has to come with its tag.
    fn text(&mut self) -> Result<Cow<'c, str>, ValueProblem> {
        let tag = self.u8()?;
        self.text_of_tag(tag)
    }

    fn text_of_tag(&mut self, tag: u8) -> Result<Cow<'c, str>, ValueProblem> {
        match tag {
            tag::value::STRING => utf8(self.counted()?).map(Cow::Borrowed),
            tag::value::STRING_UTF16 => Ok(Cow::Owned(text_from_utf16(self.counted()?))),
            tag::value::STRING_REFERENCE => match self.reference()? {
                Some(text) => Ok(Cow::Borrowed(text)),
                None => Ok(Cow::Borrowed("")),
            },
            other => Err(ValueProblem::Tag(other)),
        }
    }

    /// A text of the chunk's table; `None` if it was lost.
    fn reference(&mut self) -> Result<Option<&'c str>, ValueProblem> {
        let index = self.u32()?;
        let entry = self.texts.get(index as usize).copied();
        entry.ok_or(ValueProblem::StringReference(index))
    }

    fn u8(&mut self) -> Result<u8, ValueProblem> {
        self.cursor.u8().ok_or(ValueProblem::End)
    }

    fn u32(&mut self) -> Result<u32, ValueProblem> {
        self.cursor.u32().ok_or(ValueProblem::End)
    }

    fn f64(&mut self) -> Result<f64, ValueProblem> {
        self.cursor.f64().ok_or(ValueProblem::End)
    }

    fn counted(&mut self) -> Result<&'c [u8], ValueProblem> {
        self.cursor.take_counted().ok_or(ValueProblem::End)
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, ValueProblem> {
    std::str::from_utf8(bytes).map_err(|_| ValueProblem::Utf8)
}
