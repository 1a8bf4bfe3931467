//! The canonical text of a state under a hash rule, as `json.dumps(sort_keys=True)` of Python
//! writes it: ASCII only, keys in the order of their code points (MUG wire notes, 5.2).

use super::document::{Json, Number};
use super::javascript::NotStrictJson;
use super::number::{
    is_integer_in_javascript, push_javascript_number, push_python_float, round_to_ten_decimals,
};
use super::rounded::{has_decimals, push_rounded_lexeme};
use super::rule::{HashRule, Rounding, Separators, TextRoute};
use super::text::{CodePoints, Text, push_escape, utf16_units};

/// Adds the canonical text of a document.
///
/// # Errors
///
/// [`NotStrictJson`] if the rule takes the route through JavaScript and the document holds a
/// number that strict JSON does not have. What was added until then stays.
pub fn push_canonical(
    out: &mut Vec<u8>,
    document: &Json<'_>,
    rule: &HashRule,
) -> Result<(), NotStrictJson> {
    Printer::new(out, rule).value(document)
}

pub(super) struct Printer<'o> {
    out: &'o mut Vec<u8>,
    comma: &'static [u8],
    colon: &'static [u8],
    rounding: Rounding,
    route: TextRoute,
}

impl<'o> Printer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, rule: &HashRule) -> Self {
        let (comma, colon): (&[u8], &[u8]) = match rule.separators {
            Separators::Compact => (b",", b":"),
            Separators::Spaced => (b", ", b": "),
        };
        Self { out, comma, colon, rounding: rule.rounding, route: rule.route }
    }
    fn value(&mut self, value: &Json<'_>) -> Result<(), NotStrictJson> {
        match value {
            Json::Null => self.out.extend(b"null"),
            Json::Bool(true) => self.out.extend(b"true"),
            Json::Bool(false) => self.out.extend(b"false"),
            Json::Number(number) => return self.number(*number),
            Json::String(text) => push_ascii_string(self.out, text),
            Json::Array(items) => {
                self.out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.extend(self.comma);
                    }
                    self.value(item)?;
                }
                self.out.push(b']');
            }
            Json::Object(object) => {
                self.out.push(b'{');
                for (index, (key, item)) in object.sorted_members().enumerate() {
                    if index > 0 {
                        self.out.extend(self.comma);
                    }
                    push_ascii_string(self.out, key);
                    self.out.extend(self.colon);
                    self.value(item)?;
                }
                self.out.push(b'}');
            }
        }
        Ok(())
    }

    pub(super) fn number(&mut self, number: Number<'_>) -> Result<(), NotStrictJson> {
        if self.route == TextRoute::JsRoundTrip {
            return self.javascript_number(number);
        }
        match number {
            // Python's integers have no negative zero.
            Number::Integer("-0") => self.out.push(b'0'),
            Number::Integer(lexeme) => self.out.extend(lexeme.as_bytes()),
            Number::Float(lexeme) if self.push_rounded(lexeme) => {}
            Number::Float(_) => self.float(number.as_f64()),
        }
        Ok(())
    }

    /// What Python makes of a number that JavaScript read and wrote before.
    fn javascript_number(&mut self, number: Number<'_>) -> Result<(), NotStrictJson> {
        NotStrictJson::check(number)?;
        match number {
            Number::Integer(lexeme) if lexeme.len() <= EXACT_IN_JAVASCRIPT && lexeme != "-0" => {
                self.out.extend(lexeme.as_bytes());
            }
            // An integral float loses its decimals in JavaScript; the quick way refuses none.
            Number::Float(lexeme) if has_decimals(lexeme) && self.push_rounded(lexeme) => {}
            _ => {
                let value = number.as_f64();
                if is_integer_in_javascript(value) || !value.is_finite() {
                    push_javascript_number(self.out, value);
                } else {
                    self.float(value);
                }
            }
        }
        Ok(())
    }

    fn push_rounded(&mut self, lexeme: &str) -> bool {
        self.rounding == Rounding::TenDecimals && push_rounded_lexeme(self.out, lexeme)
    }

    fn float(&mut self, value: f64) {
        let value = match self.rounding {
            Rounding::Exact => value,
            Rounding::TenDecimals => round_to_ten_decimals(value),
        };
        push_python_float(self.out, value);
    }
}

/// Integer lexemes up to this length are below 2^53, so JavaScript gives them back unchanged.
const EXACT_IN_JAVASCRIPT: usize = 15;

/// Adds a string as `json.dumps` writes it with `ensure_ascii`.
fn push_ascii_string(out: &mut Vec<u8>, text: &Text<'_>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let plain = rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len());
        let (run, further) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        out.extend(run);
        let special = further.iter().position(|byte| is_plain(*byte)).unwrap_or(further.len());
        let (special, further) = further.split_at_checked(special).unwrap_or((further, &[]));
        CodePoints::new(special).for_each(|point| push_special(out, point));
        rest = further;
    }
    out.push(b'"');
}

/// Printable ASCII other than the quote and the backslash.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn push_special(out: &mut Vec<u8>, point: u32) {
    if let Some(short) = short_escape(point) {
        return out.extend([b'\\', short]);
    }
    for unit in utf16_units(point).into_iter().take(if point < 0x1_0000 { 1 } else { 2 }) {
        push_escape(out, unit);
    }
}

/// The letter of an escape that is shorter than `\uxxxx`; Python and JavaScript have the same.
pub(super) fn short_escape(point: u32) -> Option<u8> {
    match point {
        0x22 => Some(b'"'),
        0x5c => Some(b'\\'),
        0x0a => Some(b'n'),
        0x0d => Some(b'r'),
        0x09 => Some(b't'),
        0x08 => Some(b'b'),
        0x0c => Some(b'f'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_canonical(rule: HashRule, text: &str, expected: &str) {
        let mut out = Vec::new();
        push_canonical(&mut out, &Json::parse(text).unwrap(), &rule).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn strings_are_ascii_with_lower_case_escapes() {
        check_canonical(
            HashRule::MUG_DIRECT_HASH,
            "\"/\u{7f}é😀\\ud83d\\u0001\\t\\\"\\\\~ \"",
            "\"/\\u007f\\u00e9\\ud83d\\ude00\\ud83d\\u0001\\t\\\"\\\\~ \"",
        );
    }

    #[test]
    fn separators_and_rounding_follow_the_rule() {
        let text = "{\"b\":[1,2.00000000001],\"a\":-0}";
        check_canonical(HashRule::MUG_DIRECT_HASH, text, "{\"a\":0,\"b\":[1,2.0]}");
        check_canonical(HashRule::MUG_EPISODE_START, text, "{\"a\": 0, \"b\": [1, 2.00000000001]}");
    }

    #[test]
    fn javascript_changes_numbers() {
        check_canonical(
            HashRule::MUG_STATE_HASH,
            "[1.0,-0.0,-0,1e16,1e21,1e400,12345678901234567890,0.5,1e-11]",
            "[1,0,0,10000000000000000,1e+21,null,12345678901234567000,0.5,0.0]",
        );
    }
}
