//! MessagePack as message values, for binary payloads of Socket.IO events.
//!
//! Written after the format's public specification. Nesting and memory are bounded: a list is made
//! only as fast as its bytes come, so a lying length costs nothing.

use std::borrow::Cow;

use super::json;
use crate::capture::Value;

/// Deepest nesting that is read, as in captured messages.
const MAX_DEPTH: u32 = 64;

/// The value of a whole message; `None` when it is cut off, has bytes left over, or is nested too
/// deep. Extensions become [`Value::Unreadable`].
pub(super) fn read(bytes: &[u8]) -> Option<Value<'_>> {
    let mut reader = Reader(bytes);
    let value = reader.value(0)?;
    reader.0.is_empty().then_some(value)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    // A length of one, two or four bytes.
    fn length(&mut self, bytes: u8) -> Option<usize> {
        match bytes {
            1 => self.array::<1>().map(|[length]| usize::from(length)),
            2 => self.array().map(|length| usize::from(u16::from_be_bytes(length))),
            _ => usize::try_from(u32::from_be_bytes(self.array()?)).ok(),
        }
    }

    fn value(&mut self, depth: u32) -> Option<Value<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let [kind] = self.array::<1>()?;
        Some(match kind {
            0x00..=0x7f => Value::Integer(kind.into()),
            0x80..=0x8f => self.map(usize::from(kind & 0x0f), depth)?,
            0x90..=0x9f => self.list(usize::from(kind & 0x0f), depth)?,
            0xa0..=0xbf => self.text(usize::from(kind & 0x1f))?,
            0xc0 => Value::Null,
            0xc1 => return None,
            0xc2 => Value::Bool(false),
            0xc3 => Value::Bool(true),
            0xc4..=0xc6 => {
                let length = self.length(1 << (kind - 0xc4))?;
                Value::ArrayBuffer(self.take(length)?)
            }
            0xc7..=0xc9 => {
                let length = self.length(1 << (kind - 0xc7))?;
                self.take(length.checked_add(1)?)?;
                Value::Unreadable
            }
            0xca => json::number(f32::from_be_bytes(self.array()?).into()),
            0xcb => json::number(f64::from_be_bytes(self.array()?)),
            0xcc => Value::Integer(u8::from_be_bytes(self.array()?).into()),
            0xcd => Value::Integer(u16::from_be_bytes(self.array()?).into()),
            0xce => json::number(u32::from_be_bytes(self.array()?).into()),
            0xcf => json::number(u64::from_be_bytes(self.array()?) as f64),
            0xd0 => Value::Integer(i8::from_be_bytes(self.array()?).into()),
            0xd1 => Value::Integer(i16::from_be_bytes(self.array()?).into()),
            0xd2 => Value::Integer(i32::from_be_bytes(self.array()?)),
            0xd3 => json::number(i64::from_be_bytes(self.array()?) as f64),
            0xd4..=0xd8 => {
                self.take(1 + (1 << (kind - 0xd4)))?;
                Value::Unreadable
            }
            0xd9..=0xdb => {
                let length = self.length(1 << (kind - 0xd9))?;
                self.text(length)?
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (kind - 0xdc))?;
                self.list(length, depth)?
            }
            0xde | 0xdf => {
                let length = self.length(2 << (kind - 0xde))?;
                self.map(length, depth)?
            }
            0xe0..=0xff => Value::Integer((kind as i8).into()),
        })
    }

    fn text(&mut self, length: usize) -> Option<Value<'a>> {
        let bytes = self.take(length)?;
        Some(Value::String(String::from_utf8_lossy(bytes)))
    }

    fn list(&mut self, length: usize, depth: u32) -> Option<Value<'a>> {
        if length > self.0.len() {
            return None;
        }
        let items = (0..length).map(|_| self.value(depth + 1));
        items.collect::<Option<Vec<_>>>().map(Value::Array)
    }

    fn map(&mut self, length: usize, depth: u32) -> Option<Value<'a>> {
        if length > self.0.len() / 2 {
            return None;
        }
        let mut members = Vec::new();
        for _ in 0..length {
            let key = match self.value(depth + 1)? {
                Value::String(text) => text,
                Value::Integer(number) => Cow::Owned(number.to_string()),
                _ => return None,
            };
            members.push((key, self.value(depth + 1)?));
        }
        Some(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let bytes = [
            0xdc, 0, 12, 0x7f, 0xff, 0xc0, 0xc3, 0xcd, 1, 0, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0, 0xd2,
            0xff, 0xff, 0xff, 0xfe, 0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0, 0xa1, b'x', 0xc4, 2, 8, 9,
            0x81, 5, 0x90, 0xd4, 1, 2,
        ];
        let value = read(&bytes).unwrap();
        let expected = Value::Array(vec![
            Value::Integer(127),
            Value::Integer(-1),
            Value::Null,
            Value::Bool(true),
            Value::Integer(256),
            Value::Number(4_294_967_296.0),
            Value::Integer(-2),
            Value::Number(0.5),
            Value::String("x".into()),
            Value::ArrayBuffer(&[8, 9]),
            Value::Object(vec![("5".into(), Value::Array(vec![]))]),
            Value::Unreadable,
        ]);
        assert_eq!(value, expected);
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]), None, "{cut} bytes");
        }
        assert_eq!(read(&[&bytes[..], &[0]].concat()), None);
    }

    #[test]
    fn lying_lengths_and_deep_nesting_are_refused() {
        assert_eq!(read(&[0xdd, 0xff, 0xff, 0xff, 0xff, 1]), None);
        assert_eq!(read(&[0xdf, 0xff, 0xff, 0xff, 0xff, 1, 1]), None);
        assert_eq!(read(&[0xc9, 0xff, 0xff, 0xff, 0xff, 1]), None);
        assert_eq!(read(&[0x91; 200]), None);
        assert!(read(&[&[0x91; 60][..], &[0xc0]].concat()).is_some());
    }
}
