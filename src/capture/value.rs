//! Message values: what the page gave to `postMessage` or `send`, as a tree that borrows from
//! its chunk.
//!
//! Made by the value reader; dialects read it through the accessors, which answer `None` for
//! every shape that was not expected.

use std::borrow::Cow;

use super::event::BlobNumber;
use super::numbers::{Numbers, NumbersIter};

/// One value of a message. The tree is at most 64 containers deep.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `undefined`
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number that is an integer of 32 bits.
    Integer(i32),
    /// Any other number.
    Number(f64),
    /// A string; lone surrogates became U+FFFD.
    String(Cow<'a, str>),
    /// A big integer as decimal text.
    BigInteger(&'a str),
    /// An array; read it with [`Value::items`], which takes [`Value::Numbers`] too.
    Array(Vec<Value<'a>>),
    /// An array of numbers only.
    Numbers(Numbers<'a>),
    /// An object's own members in order of creation.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
    /// A map's entries in order of insertion.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// A set's members in order of insertion.
    Set(Vec<Value<'a>>),
    /// An array buffer.
    ArrayBuffer(&'a [u8]),
    /// A typed array or a view: the bytes that it shows.
    TypedArray(ElementKind, &'a [u8]),
    /// A date, in milliseconds since 1970.
    Date(f64),
    /// A regular expression: source and flags.
    RegularExpression(Box<[Cow<'a, str>; 2]>),
    /// An error: name and message.
    Error(Box<[Cow<'a, str>; 2]>),
    /// A blob; its contents follow as an event of their own where they could be read.
    Blob(Box<Blob<'a>>),
    /// A container that stands in this message already: see [`Value::container`].
    BackReference(u32),
    /// Something that the hook could not copy, with the name of its type.
    NotCaptured(NotCapturedReason, Cow<'a, str>),
    /// A hole of an array.
    Hole,
    /// Bytes that could not be decoded; the issue log has the reason.
    Unreadable,
}

/// A blob inside a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Blob<'a> {
    /// Its number within the page.
    pub number: BlobNumber,
    /// Its size in bytes, as the browser gives it.
    pub size_bytes: f64,
    /// Its media type.
    pub media_type: Cow<'a, str>,
}

/// What the elements of a typed array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementKind {
    /// A `DataView`.
    View,
    /// `Int8Array`
    Int8,
    /// `Uint8Array`
    Uint8,
    /// `Uint8ClampedArray`
    Uint8Clamped,
    /// `Int16Array`
    Int16,
    /// `Uint16Array`
    Uint16,
    /// `Int32Array`
    Int32,
    /// `Uint32Array`
    Uint32,
    /// `Float32Array`
    Float32,
    /// `Float64Array`
    Float64,
    /// `BigInt64Array`
    BigInt64,
    /// `BigUint64Array`
    BigUint64,
}

impl ElementKind {
    /// All kinds, each at the place of its number in the format.
    const ALL: [Self; 12] = [
        Self::View,
        Self::Int8,
        Self::Uint8,
        Self::Uint8Clamped,
        Self::Int16,
        Self::Uint16,
        Self::Int32,
        Self::Uint32,
        Self::Float32,
        Self::Float64,
        Self::BigInt64,
        Self::BigUint64,
    ];

    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

/// Why the hook did not copy a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCapturedReason {
    /// It is no structured-clone type.
    NotCloneable,
    /// Reading it threw.
    ReadingThrew,
    /// It was nested deeper than 64.
    TooDeep,
    /// The message was larger than the limit.
    TooLarge,
    /// The level of its channel is headers only; the name says type and size.
    LeftOut,
    /// A long text that an earlier chunk holds, which was lost.
    TextLost,
    /// A reason that a newer hook has.
    Other(u8),
}

impl NotCapturedReason {
    pub(super) fn from_number(number: u8) -> Self {
        match number {
            0 => Self::NotCloneable,
            1 => Self::ReadingThrew,
            2 => Self::TooDeep,
            3 => Self::TooLarge,
            4 => Self::LeftOut,
            5 => Self::TextLost,
            other => Self::Other(other),
        }
    }

    pub(super) fn number(self) -> u8 {
        match self {
            Self::NotCloneable => 0,
            Self::ReadingThrew => 1,
            Self::TooDeep => 2,
            Self::TooLarge => 3,
            Self::LeftOut => 4,
            Self::TextLost => 5,
            Self::Other(other) => other,
        }
    }
}

impl<'a> Value<'a> {
    /// The member `key` of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The members of an object.
    #[must_use]
    pub fn members(&self) -> Option<&[(Cow<'a, str>, Self)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The items of an array or a set. An array of numbers gives them one by one.
    #[must_use]
    pub fn items(&self) -> Option<Items<'_, 'a>> {
        match self {
            Self::Array(items) | Self::Set(items) => Some(Items::Values(items.iter())),
            Self::Numbers(numbers) => Some(Items::Numbers(numbers.iter())),
            _ => None,
        }
    }

    /// The item at `index` of an array or a set.
    #[must_use]
    pub fn item(&self, index: usize) -> Option<Cow<'_, Self>> {
        self.items()?.nth(index)
    }

    /// A string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A number of any kind.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(f64::from(*value)),
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// A whole number from 0 to 2^32 - 1.
    #[must_use]
    pub fn as_u32(&self) -> Option<u32> {
        let value = self.as_f64()?;
        let whole = value as u32;
        (f64::from(whole) == value).then_some(whole)
    }

    /// A whole number of 32 bits with a sign.
    #[must_use]
    pub fn as_i32(&self) -> Option<i32> {
        let value = self.as_f64()?;
        let whole = value as i32;
        (f64::from(whole) == value).then_some(whole)
    }

    /// The bytes of an array buffer, a typed array or a view.
    #[must_use]
    pub fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::ArrayBuffer(bytes) | Self::TypedArray(_, bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether it is `undefined` or `null`.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// The container that a [`Value::BackReference`] of this message means; call it on the whole
    /// message. `None` past the last container.
    #[must_use]
    pub fn container(&self, number: u32) -> Option<&Self> {
        let mut left = number;
        self.find_container(&mut left)
    }

    fn find_container(&self, left: &mut u32) -> Option<&Self> {
        if self.is_container() {
            match left.checked_sub(1) {
                None => return Some(self),
                Some(fewer) => *left = fewer,
            }
        }
        match self {
            Self::Array(items) | Self::Set(items) => {
                items.iter().find_map(|item| item.find_container(left))
            }
            Self::Object(members) => {
                members.iter().find_map(|(_, value)| value.find_container(left))
            }
            Self::Map(entries) => entries.iter().find_map(|(key, value)| {
                key.find_container(left).or_else(|| value.find_container(left))
            }),
            _ => None,
        }
    }

    /// Whether it takes a number among the containers of its message.
    fn is_container(&self) -> bool {
        matches!(
            self,
            Self::Array(_) | Self::Numbers(_) | Self::Object(_) | Self::Map(_) | Self::Set(_)
        )
    }
}

/// The items of an array or a set.
#[derive(Debug, Clone)]
pub enum Items<'v, 'a> {
    /// Values of any kind.
    Values(std::slice::Iter<'v, Value<'a>>),
    /// Numbers that are made into values on the way.
    Numbers(NumbersIter<'a>),
}

impl<'v, 'a> Iterator for Items<'v, 'a> {
    type Item = Cow<'v, Value<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Values(values) => values.next().map(Cow::Borrowed),
            Self::Numbers(numbers) => Some(Cow::Owned(Value::Number(numbers.next()?))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Values(values) => values.size_hint(),
            Self::Numbers(numbers) => numbers.size_hint(),
        }
    }
}

impl ExactSizeIterator for Items<'_, '_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accessors_answer_only_for_their_shape() {
        let value = Value::Object(vec![
            ("n".into(), Value::Number(5.0)),
            ("half".into(), Value::Number(0.5)),
            ("minus".into(), Value::Integer(-1)),
            ("text".into(), Value::String("x".into())),
        ]);
        assert_eq!(value.get("n").and_then(Value::as_u32), Some(5));
        assert_eq!(value.get("half").and_then(Value::as_u32), None);
        assert_eq!(value.get("minus").and_then(Value::as_u32), None);
        assert_eq!(value.get("minus").and_then(Value::as_i32), Some(-1));
        assert_eq!(value.get("text").and_then(Value::as_str), Some("x"));
        assert_eq!(value.get("gone"), None);
        assert!(value.items().is_none());
        assert_eq!(Value::Number(f64::NAN).as_u32(), None);
    }

    #[test]
    fn arrays_of_numbers_read_like_other_arrays() {
        let numbers = [1.0_f64, 2.5].map(f64::to_le_bytes);
        let value = Value::Numbers(Numbers::Doubles(&numbers));
        let items: Vec<_> = value.items().unwrap().filter_map(|item| item.as_f64()).collect();
        assert_eq!(items, [1.0, 2.5]);
        assert_eq!(value.item(0).and_then(|item| item.as_u32()), Some(1));
        assert_eq!(value.item(2), None);
    }

    #[test]
    fn containers_are_numbered_before_what_they_hold() {
        let empty = Value::Numbers(Numbers::Doubles(&[]));
        let inner = Value::Map(vec![(Value::Array(vec![]), Value::Set(vec![]))]);
        let value = Value::Array(vec![Value::Integer(1), inner.clone(), empty.clone()]);
        assert_eq!(value.container(0), Some(&value));
        assert_eq!(value.container(1), Some(&inner));
        assert_eq!(value.container(2), Some(&Value::Array(vec![])));
        assert_eq!(value.container(3), Some(&Value::Set(vec![])));
        assert_eq!(value.container(4), Some(&empty));
        assert_eq!(value.container(5), None);
    }
}
