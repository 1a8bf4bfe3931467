//! JSON texts of pages as message values, so that dialects read them with the same accessors as
//! everything else.
//!
//! Nesting is bounded by the parser (128); a value costs a small multiple of its text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::capture::Value;

/// The value of a whole JSON text; `None` when it is none. Texts without escapes are borrowed.
pub(super) fn read(text: &str) -> Option<Value<'_>> {
    serde_json::from_str::<Json<'_>>(text).ok().map(|json| json.0)
}

/// The first JSON value of a text, whatever follows it; `None` when the text begins with none.
pub(super) fn read_first(text: &str) -> Option<Value<'_>> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json<'_>>();
    values.next()?.ok().map(|json| json.0)
}

/// A number as message values hold it.
pub(super) fn number(number: f64) -> Value<'static> {
    let whole = number as i32;
    if f64::from(whole).to_bits() == number.to_bits() {
        Value::Integer(whole)
    } else {
        Value::Number(number)
    }
}

struct Json<'a>(Value<'a>);

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Self)
    }
}

struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor).map(Self)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(is))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'de>, E> {
        Ok(number(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'de>, E> {
        Ok(number(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some((Key(key), Json(value))) = members.next_entry()? {
            list.push((key, value));
        }
        Ok(Value::Object(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_shape_and_plain_texts_are_borrowed() {
        let value = read(r#" {"a":[1,-0.5,true,null,"x"],"b\n":{"c":4294967295}} "#).unwrap();
        let items: Vec<_> = value.get("a").unwrap().items().unwrap().collect();
        assert_eq!(items.len(), 5);
        assert_eq!(*items[0], Value::Integer(1));
        assert!(matches!(*items[4], Value::String(Cow::Borrowed("x"))));
        let number = value.get("b\n").and_then(|inner| inner.get("c"));
        assert_eq!(number.and_then(Value::as_u32), Some(u32::MAX));
    }

    #[test]
    fn what_is_no_json_and_what_is_nested_too_deep_is_nothing() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for text in ["", "{", "[1,]", "NaN", "1 2", "{1:2}", deep.as_str()] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
