//! JSON texts as plain values, and their members one by one.
//!
//! All JSON is read by one parser, that of states ([`crate::state`]): a second one, with its own reading of
//! decimal fractions, would be 20 KB of the panel, and reading derived by serde another 10. Bytes come from files and messages; what is no strict JSON
//! is an error without further words, because its place is said by who asks.

use serde_json::{Map, Number, Value};
use thiserror::Error;

use crate::state::{self, Json, Text};

/// Deepest nesting of values that is read, the outermost included.
const MAX_DEPTH: usize = 128;

/// Why bytes could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonError {
    /// They are no JSON text, or one with a number that no double holds.
    #[error("this is no JSON text")]
    NotJson,
    /// They are one with other members, or of other types, than what was to be read.
    #[error("this is JSON with a member missing or of another type")]
    OtherType,
}

/// A member of an object as `read` takes it; none where it is missing or null.
///
/// # Errors
///
/// [`JsonError::OtherType`] when `object` is none, or `read` takes nothing of the member.
pub fn member<'a, T>(
    object: &'a Value,
    name: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<Option<T>, JsonError> {
    match object.as_object().ok_or(JsonError::OtherType)?.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or(JsonError::OtherType),
    }
}

/// Reads a JSON text as a value; of repeated keys the last one counts.
///
/// # Errors
///
/// [`JsonError::NotJson`] when the bytes are no JSON text.
pub fn plain(bytes: &[u8]) -> Result<Value, JsonError> {
    let json = std::str::from_utf8(bytes).ok().and_then(|text| Json::parse(text).ok());
    json.and_then(|json| value_of(json, MAX_DEPTH)).ok_or(JsonError::NotJson)
}

fn value_of(json: Json<'_>, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(is) => Value::Bool(is),
        Json::Number(number) => Value::Number(number_of(number)?),
        Json::String(text) => Value::String(text.into_str()?.into_owned()),
        Json::Array(items) => {
            let items = items.into_iter().map(|item| value_of(item, depth));
            Value::Array(items.collect::<Option<_>>()?)
        }
        Json::Object(object) => {
            let members = object.into_members().into_iter();
            let read = |(key, value): (Text<'_>, _)| {
                Some((key.into_str()?.into_owned(), value_of(value, depth)?))
            };
            Value::Object(members.map(read).collect::<Option<Map<_, _>>>()?)
        }
    })
}

/// A whole number where it fits into 64 bits, else the nearest double; none where that is not finite.
fn number_of(number: state::Number<'_>) -> Option<Number> {
    if let state::Number::Integer(digits) = number {
        let positive = digits.parse::<u64>().ok().map(Number::from);
        // -0 is no whole number: it would lose its sign.
        let negative = || digits.parse::<i64>().ok().filter(|whole| *whole < 0).map(Number::from);
        if let Some(whole) = positive.or_else(negative) {
            return Some(whole);
        }
    }
    Number::from_f64(number.as_f64())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::link::SplitMix64;

    #[track_caller]
    fn check_like_serde(text: &str) {
        assert_eq!(plain(text.as_bytes()).ok(), serde_json::from_str(text).ok(), "{text}");
    }

    #[test]
    fn texts_mean_what_they_mean_to_another_reader() {
        for text in [
            r#" {"a":[1,-2,0.5,1e3,-0,-0.0,true,null],"b\n\u00e9\ud83d\ude00":"\u0041/"} "#,
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "0.1234567890123456789",
            "5e-324",
            "2.2250738585072011e-308",
            "1.7976931348623157e308",
            "1e309",
            "NaN",
            "Infinity",
            r#""\ud800""#,
            "\"a\u{1}\"",
            r#"{"a":1,"a":2}"#,
            "[1,]",
            "[1",
            "01",
            "",
            "1 2",
        ] {
            check_like_serde(text);
        }
        assert_eq!(plain(b"\"\xff\""), Err(JsonError::NotJson));
        assert_eq!(plain(b"-0").unwrap().as_f64().map(f64::to_bits), Some((-0.0_f64).to_bits()));
    }

    #[test]
    fn random_numbers_are_read_to_the_last_bit() {
        let mut random = SplitMix64(9);
        for _ in 0..20_000 {
            let number = f64::from_bits(random.next_u64());
            let (short, long) = (format!("{number:e}"), format!("{number:.25e}"));
            for text in [short, long] {
                check_like_serde(&text);
            }
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(plain(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(plain(nested(MAX_DEPTH + 1).as_bytes()), Err(JsonError::NotJson));
        assert_eq!(plain(nested(100_000).as_bytes()), Err(JsonError::NotJson));
    }

    #[test]
    fn members_are_read_and_one_of_another_type_is_told_from_one_that_is_missing() {
        let object = plain(br#"{"name":"a","at":1,"none":null}"#).unwrap();
        assert_eq!(member(&object, "name", Value::as_str), Ok(Some("a")));
        assert_eq!(member(&object, "at", Value::as_f64), Ok(Some(1.0)));
        assert_eq!(member(&object, "at", Value::as_str), Err(JsonError::OtherType));
        assert_eq!(member(&object, "none", Value::as_str), Ok(None));
        assert_eq!(member(&object, "other", Value::as_str), Ok(None));
        assert_eq!(member(&json!(["name"]), "name", Value::as_str), Err(JsonError::OtherType));
    }
}
