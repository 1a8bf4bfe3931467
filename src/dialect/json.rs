//! JSON texts of pages as message values, so that dialects read them with the same accessors as
//! everything else.
//!
//! Nesting is bounded; a value costs a small multiple of its text.

use crate::capture::Value;
use crate::state::{Json, Text};

/// Deepest nesting of values in a message, the value itself included.
const MAX_DEPTH: usize = 128;

/// The value of a whole JSON text; `None` when it is none. Texts without escapes are borrowed.
pub(super) fn read(text: &str) -> Option<Value<'_>> {
    value_of(Json::parse(text).ok()?, MAX_DEPTH)
}

/// The first JSON value of a text, whatever follows it; `None` when the text begins with none.
pub(super) fn read_first(text: &str) -> Option<Value<'_>> {
    value_of(Json::parse_first(text).ok()?, MAX_DEPTH)
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

// Nothing of a text with what JavaScript's reader refuses: numbers too large, `NaN` and `Infinity`, lone
// surrogates (which it takes, and no text of ours can hold).
fn value_of<'a>(json: Json<'a>, depth: usize) -> Option<Value<'a>> {
    let depth = depth.checked_sub(1)?;
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(is) => Value::Bool(is),
        Json::Number(read) => number(Some(read.as_f64()).filter(|read| read.is_finite())?),
        Json::String(text) => Value::String(text.into_str()?),
        Json::Array(items) => {
            let items = items.into_iter().map(|item| value_of(item, depth));
            Value::Array(items.collect::<Option<_>>()?)
        }
        Json::Object(object) => {
            let members = object.into_members().into_iter();
            let read =
                |(key, value): (Text<'a>, _)| Some((key.into_str()?, value_of(value, depth)?));
            Value::Object(members.map(read).collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

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
        for text in ["", "{", "[1,]", "NaN", "1e999", "\"\\ud800\"", "1 2", "{1:2}", deep.as_str()]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
