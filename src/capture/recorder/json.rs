//! The JSON of a recording as it stands in a line, and the values that its tags stand for:
//! `$ta` typed array, `$ab` array buffer, `$map` map, `$undef` undefined, `$num` a number that
//! JSON cannot hold.
//!
//! Knows nothing of channels and events.

use std::borrow::Cow;

use super::super::value::{ElementKind, Value};
use crate::state::{self, Text};

/// Deepest nesting of values in a line, the line itself included.
const MAX_DEPTH: usize = 128;

/// One JSON value; texts without escapes borrow from the line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    Number(f64),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// A line as it was read; `None` for one with numbers, texts or nesting that JavaScript, Rust or this
    /// reader have no room for.
    pub(super) fn of(line: state::Json<'a>) -> Option<Self> {
        Self::within(line, MAX_DEPTH)
    }

    fn within(json: state::Json<'a>, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        Some(match json {
            state::Json::Null => Self::Null,
            state::Json::Bool(is) => Self::Bool(is),
            state::Json::Number(read) => {
                Self::Number(Some(read.as_f64()).filter(|read| read.is_finite())?)
            }
            state::Json::String(text) => Self::String(text.into_str()?),
            state::Json::Array(items) => {
                let items = items.into_iter().map(|item| Self::within(item, depth));
                Self::Array(items.collect::<Option<_>>()?)
            }
            state::Json::Object(object) => {
                let members = object.into_members().into_iter();
                let read = |(key, value): (Text<'a>, _)| {
                    Some((key.into_str()?, Self::within(value, depth)?))
                };
                Self::Object(members.map(read).collect::<Option<_>>()?)
            }
        })
    }

    /// The member of an object, taken out; `None` where it is missing or `null`.
    pub(super) fn take(&mut self, key: &str) -> Option<Self> {
        let Self::Object(members) = self else { return None };
        let (_, value) = members.iter_mut().find(|(name, _)| name == key)?;
        Some(std::mem::replace(value, Self::Null)).filter(|value| *value != Self::Null)
    }

    /// The text that it is.
    pub(super) fn into_str(self) -> Option<Cow<'a, str>> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(is) => Some(*is),
            _ => None,
        }
    }

    /// Appends the bytes of every binary value in it, in the order in which [`Json::value`] takes
    /// them.
    pub(super) fn collect_buffers(&self, buffers: &mut Vec<Vec<u8>>) {
        match self {
            Self::Array(items) => items.iter().for_each(|item| item.collect_buffers(buffers)),
            Self::Object(members) => match self.binary() {
                Some((_, bytes)) => buffers.push(bytes),
                None => members.iter().for_each(|(_, value)| value.collect_buffers(buffers)),
            },
            _ => {}
        }
    }

    /// The value that it stands for; `buffers` are those that [`Json::collect_buffers`] found.
    pub(super) fn value<'v>(&'v self, buffers: &mut std::slice::Iter<'v, Vec<u8>>) -> Value<'v> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(is) => Value::Bool(*is),
            Self::Number(number) => number_value(*number),
            Self::String(text) => Value::String(Cow::Borrowed(text)),
            Self::Array(items) => {
                Value::Array(items.iter().map(|item| item.value(buffers)).collect())
            }
            Self::Object(members) => self.tagged(buffers).unwrap_or_else(|| {
                let member = |(key, value): &'v (Cow<'a, str>, Self)| {
                    (Cow::Borrowed(&**key), value.value(&mut *buffers))
                };
                Value::Object(members.iter().map(member).collect())
            }),
        }
    }

    fn tagged<'v>(&'v self, buffers: &mut std::slice::Iter<'v, Vec<u8>>) -> Option<Value<'v>> {
        let Self::Object(members) = self else {
            return None;
        };
        let (tag, content) = members.first().filter(|(key, _)| key.starts_with('$'))?;
        match &**tag {
            "$undef" => Some(Value::Undefined),
            "$num" => state::double_of(content.as_str()?).map(Value::Number),
            "$map" => {
                let Self::Array(entries) = content else {
                    return None;
                };
                let entry = |entry: &'v Self| match entry {
                    Self::Array(pair) => match pair.as_slice() {
                        [key, value] => Some((key.value(buffers), value.value(buffers))),
                        _ => None,
                    },
                    _ => None,
                };
                Some(Value::Map(entries.iter().filter_map(entry).collect()))
            }
            _ => {
                let kind = self.binary_kind()?;
                let bytes = buffers.next()?;
                Some(match kind {
                    Some(kind) => Value::TypedArray(kind, bytes),
                    None => Value::ArrayBuffer(bytes),
                })
            }
        }
    }

    // `Some(None)` is an array buffer.
    fn binary_kind(&self) -> Option<Option<ElementKind>> {
        let Self::Object(members) = self else {
            return None;
        };
        match members.first().map(|(key, content)| (&**key, content)) {
            Some(("$ab", Self::String(text))) => decode_base64(text).map(|_| None),
            Some(("$ta", Self::String(name))) if matches!(self.get("v"), Some(Self::Array(_))) => {
                element_kind(name).map(Some)
            }
            _ => None,
        }
    }

    fn binary(&self) -> Option<(Option<ElementKind>, Vec<u8>)> {
        let kind = self.binary_kind()?;
        let bytes = match (kind, self.get("v")) {
            (Some(kind), Some(Self::Array(items))) => {
                let mut bytes = Vec::new();
                items.iter().for_each(|item| push_element(kind, item.number(), &mut bytes));
                bytes
            }
            _ => decode_base64(self.get("$ab")?.as_str()?)?,
        };
        Some((kind, bytes))
    }

    fn number(&self) -> f64 {
        let tagged = || state::double_of(self.get("$num")?.as_str()?);
        self.as_f64().or_else(tagged).unwrap_or(0.0)
    }
}

fn number_value(number: f64) -> Value<'static> {
    let whole = number as i32;
    if f64::from(whole).to_bits() == number.to_bits() {
        Value::Integer(whole)
    } else {
        Value::Number(number)
    }
}

fn element_kind(name: &str) -> Option<ElementKind> {
    Some(match name {
        "Int8Array" => ElementKind::Int8,
        "Uint8Array" => ElementKind::Uint8,
        "Uint8ClampedArray" => ElementKind::Uint8Clamped,
        "Int16Array" => ElementKind::Int16,
        "Uint16Array" => ElementKind::Uint16,
        "Int32Array" => ElementKind::Int32,
        "Uint32Array" => ElementKind::Uint32,
        "Float32Array" => ElementKind::Float32,
        "Float64Array" => ElementKind::Float64,
        _ => return None,
    })
}

fn push_element(kind: ElementKind, number: f64, bytes: &mut Vec<u8>) {
    match kind {
        ElementKind::Int8 => bytes.extend((number as i8).to_le_bytes()),
        ElementKind::Int16 => bytes.extend((number as i16).to_le_bytes()),
        ElementKind::Uint16 => bytes.extend((number as u16).to_le_bytes()),
        ElementKind::Int32 => bytes.extend((number as i32).to_le_bytes()),
        ElementKind::Uint32 => bytes.extend((number as u32).to_le_bytes()),
        ElementKind::Float32 => bytes.extend((number as f32).to_le_bytes()),
        ElementKind::Float64 => bytes.extend(number.to_le_bytes()),
        _ => bytes.push(number as u8),
    }
}

/// The bytes of standard base64; `None` for anything else.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for group in text.chunks(4) {
        let mut word = 0_u32;
        for &letter in group {
            let digit = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            word = word << 6 | u32::from(digit);
        }
        let missing = 4 - group.len();
        let [_, whole @ ..] = (word << (6 * missing)).to_be_bytes();
        bytes.extend(whole.iter().take(3_usize.checked_sub(missing).filter(|&count| count > 0)?));
    }
    Some(bytes)
}
