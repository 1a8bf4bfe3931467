//! What a browser makes of a state text: `JSON.stringify(JSON.parse(text))`.
//!
//! States pass through it on their way into snapshots, so integral floats, big integers and the
//! order of keys that look like numbers change there.

use thiserror::Error;

use super::document::{Json, Number, Object};
use super::number::push_javascript_number;
use super::print::short_escape;
use super::text::{CodePoints, Text, push_code_point, push_escape};
use crate::sorting;

/// The text holds `NaN`, `Infinity` or `-Infinity`, at which `JSON.parse` throws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{token} is no number of strict JSON, so JSON.parse refuses the text")]
pub struct NotStrictJson {
    /// The first such token.
    pub token: &'static str,
}

impl NotStrictJson {
    /// Refuses the three tokens that only Python has.
    pub(super) fn check(number: Number<'_>) -> Result<(), Self> {
        match number {
            Number::Float("NaN") => Err(Self { token: "NaN" }),
            Number::Float("Infinity") => Err(Self { token: "Infinity" }),
            Number::Float("-Infinity") => Err(Self { token: "-Infinity" }),
            _ => Ok(()),
        }
    }
}

/// The text that `JSON.stringify(JSON.parse(text))` gives for a document.
///
/// # Errors
///
/// [`NotStrictJson`] if `JSON.parse` would throw.
pub fn javascript_text(document: &Json<'_>) -> Result<String, NotStrictJson> {
    let mut out = Vec::with_capacity(1024);
    push_value(&mut out, document)?;
    Ok(String::from_utf8(out).unwrap_or_default())
}

fn push_value(out: &mut Vec<u8>, value: &Json<'_>) -> Result<(), NotStrictJson> {
    match value {
        Json::Null => out.extend(b"null"),
        Json::Bool(true) => out.extend(b"true"),
        Json::Bool(false) => out.extend(b"false"),
        Json::Number(number) => {
            NotStrictJson::check(*number)?;
            push_javascript_number(out, number.as_f64());
        }
        Json::String(text) => push_string(out, text),
        Json::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                push_value(out, item)?;
            }
            out.push(b']');
        }
        Json::Object(object) => {
            out.push(b'{');
            for (index, (key, item)) in property_order(object).into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                push_string(out, key);
                out.push(b':');
                push_value(out, item)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// The members as JavaScript lists own properties: array indices ascending, then the others in
/// order of creation (ECMA-262, OrdinaryOwnPropertyKeys).
fn property_order<'d, 'a>(object: &'d Object<'a>) -> Vec<(&'d Text<'a>, &'d Json<'a>)> {
    let mut members: Vec<_> = object.members().collect();
    if members.iter().any(|(key, _)| array_index(key).is_some()) {
        // The sort is stable, and no index is as large as the rank of the others.
        sorting::sort_by_number(&mut members, |(key, _)| {
            u64::from(array_index(key).unwrap_or(u32::MAX))
        });
    }
    members
}

/// The array index that a key spells in canonical form: 0 to 2^32 - 2.
fn array_index(key: &Text<'_>) -> Option<u32> {
    let bytes = key.as_bytes();
    let is_canonical = bytes == b"0" || !bytes.starts_with(b"0");
    if !is_canonical || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let index: u32 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    (index != u32::MAX).then_some(index)
}

/// Adds a string as `JSON.stringify` writes it: only quotes, backslashes, control characters and
/// lone surrogates are escaped.
fn push_string(out: &mut Vec<u8>, text: &Text<'_>) {
    out.push(b'"');
    for point in CodePoints::new(text.as_bytes()) {
        if let Some(short) = short_escape(point) {
            out.extend([b'\\', short]);
        } else if point < 0x20 || (0xd800..0xe000).contains(&point) {
            push_escape(out, point as u16);
        } else {
            push_code_point(out, point);
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: &str) {
        assert_eq!(javascript_text(&Json::parse(text).unwrap()).unwrap(), expected);
    }

    #[test]
    fn keys_that_are_indices_come_first() {
        check_text(
            r#"{"b":1,"10":2,"2":3,"01":4,"4294967295":5,"4294967294":6,"-1":7,"":8,"b":9}"#,
            r#"{"2":3,"10":2,"4294967294":6,"b":9,"01":4,"4294967295":5,"-1":7,"":8}"#,
        );
    }

    #[test]
    fn strings_stay_unicode_except_for_lone_surrogates() {
        check_text("\"\\u00e9\\ud83d\\ude00\\ud83d\\u007f\\u001f\"", "\"é😀\\ud83d\u{7f}\\u001f\"");
    }

    #[test]
    fn tokens_of_python_are_refused() {
        let json = Json::parse("[1,-Infinity]").unwrap();
        assert_eq!(javascript_text(&json), Err(NotStrictJson { token: "-Infinity" }));
    }
}
