//! The reader of JSON texts: Python's `json.loads` with a bounded depth, borrowing from the text.
//!
//! Takes strict JSON and Python's three extra number tokens (MUG wire notes, 5.2 step 1).

use thiserror::Error;

use super::document::{Json, Number, Object};
use super::text::{Text, push_code_point};

/// Deepest nesting of arrays and objects that is read; far above any game state, far below the
/// stack of a browser's worker.
pub const MAX_DEPTH: usize = 256;

/// Why a text is no JSON document, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the text cannot be read at byte {at_byte}: {problem}")]
pub struct ParseError {
    /// Offset in the UTF-8 text.
    pub at_byte: usize,
    /// What stands there.
    pub problem: ParseProblem,
}

/// What can be wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseProblem {
    /// The text stopped inside a value.
    #[error("the text ends inside a value")]
    End,
    /// A byte that starts no value.
    #[error("a value was expected")]
    NoValue,
    /// A byte that is not the next one of the grammar.
    #[error("{expected} was expected")]
    Expected {
        /// What the grammar has here.
        expected: &'static str,
    },
    /// A control character stands in a string without an escape.
    #[error("a control character in a string has to be escaped")]
    ControlCharacter,
    /// A backslash with something unknown after it.
    #[error("the escape is not one of JSON")]
    Escape,
    /// Arrays and objects deeper than [`MAX_DEPTH`].
    #[error("arrays and objects are nested deeper than {MAX_DEPTH}")]
    Depth,
    /// Something follows the document.
    #[error("more text follows the document")]
    TextAfterDocument,
}

impl<'a> Json<'a> {
    /// Reads one document that fills the whole text.
    ///
    /// # Errors
    ///
    /// [`ParseError`] with the offset of the first byte that cannot be part of a document.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        let mut parser = Parser { text, at: 0 };
        parser.skip_space();
        let document = parser.value(0)?;
        parser.skip_space();
        match parser.peek() {
            None => Ok(document),
            Some(_) => parser.fail(ParseProblem::TextAfterDocument),
        }
    }

    /// Reads the document that a text begins with, whatever follows it; a number or a word ends where
    /// something of JSON, white space or the text does.
    ///
    /// # Errors
    ///
    /// As [`Json::parse`].
    pub fn parse_first(text: &'a str) -> Result<Self, ParseError> {
        let mut parser = Parser { text, at: 0 };
        parser.skip_space();
        let document = parser.value(0)?;
        let has_end = matches!(document, Self::String(_) | Self::Array(_) | Self::Object(_));
        match parser.peek() {
            Some(next) if !has_end && !b" \n\t\r\"[]{},:".contains(&next) => {
                parser.fail(ParseProblem::TextAfterDocument)
            }
            _ => Ok(document),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Result<Json<'a>, ParseError> {
        match self.peek() {
            Some(b'"') => self.string().map(Json::String),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'N') => self.word("NaN", Json::Number(Number::Float("NaN"))),
            Some(b'I') => self.word("Infinity", Json::Number(Number::Float("Infinity"))),
            Some(_) => self.fail(ParseProblem::NoValue),
            None => self.fail(ParseProblem::End),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, ParseError> {
        self.enter(depth)?;
        let mut members = Vec::new();
        if self.take(b'}') {
            return Ok(Json::Object(Object::default()));
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.expected("a key");
            }
            let key = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return self.expected("a colon");
            }
            self.skip_space();
            members.push((key, self.value(depth + 1)?));
            self.skip_space();
            if self.take(b'}') {
                return Ok(Json::Object(Object::from_members(members)));
            }
            if !self.take(b',') {
                return self.expected("a comma or a closing brace");
            }
            self.skip_space();
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json<'a>, ParseError> {
        self.enter(depth)?;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            if !self.take(b',') {
                return self.expected("a comma or a closing bracket");
            }
            self.skip_space();
        }
    }

    fn enter(&mut self, depth: usize) -> Result<(), ParseError> {
        if depth >= MAX_DEPTH {
            return self.fail(ParseProblem::Depth);
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn number(&mut self) -> Result<Json<'a>, ParseError> {
        let start = self.at;
        self.take(b'-');
        if self.peek() == Some(b'I') {
            return self.word("Infinity", Json::Number(Number::Float("-Infinity")));
        }
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut is_float = false;
        if self.take(b'.') {
            is_float = true;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            is_float = true;
            if !self.take(b'-') {
                self.take(b'+');
            }
            self.digits()?;
        }
        let lexeme = self.text.get(start..self.at).unwrap_or_default();
        Ok(Json::Number(if is_float { Number::Float(lexeme) } else { Number::Integer(lexeme) }))
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), ParseError> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return self.expected("a digit");
        }
        self.at += count;
        Ok(())
    }

    fn word(&mut self, word: &'static str, value: Json<'a>) -> Result<Json<'a>, ParseError> {
        if !self.rest().starts_with(word.as_bytes()) {
            return self.fail(ParseProblem::NoValue);
        }
        self.at += word.len();
        Ok(value)
    }

    fn string(&mut self) -> Result<Text<'a>, ParseError> {
        self.at += 1;
        let run = self.literal_run();
        if self.take(b'"') {
            return Ok(Text::borrowed(run));
        }
        let mut decoded = run.to_vec();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Text::decoded(decoded));
                }
                Some(b'\\') => self.escape(&mut decoded)?,
                Some(_) => return self.fail(ParseProblem::ControlCharacter),
                None => return self.fail(ParseProblem::End),
            }
            decoded.extend(self.literal_run());
        }
    }

    /// The bytes up to the next quote, backslash or control character.
    fn literal_run(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
            .unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), ParseError> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape(start, out),
            Some(_) => {
                return Err(ParseError { at_byte: start, problem: ParseProblem::Escape });
            }
            None => return self.fail(ParseProblem::End),
        };
        self.at += 1;
        out.push(plain);
        Ok(())
    }

    fn unicode_escape(&mut self, start: usize, out: &mut Vec<u8>) -> Result<(), ParseError> {
        let bad = ParseError { at_byte: start, problem: ParseProblem::Escape };
        self.at += 1;
        let high = self.four_hex_digits().ok_or(bad)?;
        let before_low = self.at;
        // Two escapes that make a pair are one character; anything else leaves the first alone.
        if (0xd800..0xdc00).contains(&high) && self.rest().starts_with(b"\\u") {
            self.at += 2;
            match self.four_hex_digits() {
                Some(low @ 0xdc00..0xe000) => {
                    push_code_point(out, 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                    return Ok(());
                }
                _ => self.at = before_low,
            }
        }
        push_code_point(out, high);
        Ok(())
    }

    fn four_hex_digits(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        let mut unit = 0;
        for digit in digits {
            unit = unit << 4 | char::from(*digit).to_digit(16)?;
        }
        self.at += 4;
        Some(unit)
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, ParseError> {
        match self.peek() {
            None => self.fail(ParseProblem::End),
            Some(_) => self.fail(ParseProblem::Expected { expected }),
        }
    }

    fn fail<T>(&self, problem: ParseProblem) -> Result<T, ParseError> {
        Err(ParseError { at_byte: self.at, problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fails(text: &str, at_byte: usize, problem: ParseProblem) {
        assert_eq!(Json::parse(text), Err(ParseError { at_byte, problem }), "{text}");
    }

    #[test]
    fn errors_name_the_byte() {
        check_fails("", 0, ParseProblem::End);
        check_fails("{\"a\":1,}", 7, ParseProblem::Expected { expected: "a key" });
        check_fails(
            "[1 2]",
            3,
            ParseProblem::Expected { expected: "a comma or a closing bracket" },
        );
        check_fails("[1", 2, ParseProblem::End);
        check_fails("\"a\nb\"", 2, ParseProblem::ControlCharacter);
        check_fails("\"\\x\"", 1, ParseProblem::Escape);
        check_fails("\"\\u12g4\"", 1, ParseProblem::Escape);
        check_fails("01", 1, ParseProblem::TextAfterDocument);
        check_fails("1.", 2, ParseProblem::End);
        check_fails("+1", 0, ParseProblem::NoValue);
        check_fails("nul", 0, ParseProblem::NoValue);
    }

    #[test]
    fn a_first_document_is_read_whatever_follows() {
        for (text, rest) in
            [("[1]", "x"), ("{}", "{}"), ("\"a\"", "b"), ("12", ",x"), ("null", " x")]
        {
            assert_eq!(Json::parse_first(&format!(" {text}{rest}")), Json::parse(text), "{text}");
        }
        for text in ["12x", "nullx", "[1", "", "1.5.2"] {
            assert!(Json::parse_first(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(&nested(MAX_DEPTH)).is_ok());
        check_fails(&nested(MAX_DEPTH + 1), MAX_DEPTH, ParseProblem::Depth);
        check_fails(&"[".repeat(1_000_000), MAX_DEPTH, ParseProblem::Depth);
    }

    #[test]
    fn number_kind_follows_the_lexeme() {
        let number = |text| match Json::parse(text) {
            Ok(Json::Number(number)) => number,
            other => panic!("{other:?}"),
        };
        assert_eq!(number(" 12 "), Number::Integer("12"));
        assert_eq!(number("1e5"), Number::Float("1e5"));
        assert_eq!(number("-1.0"), Number::Float("-1.0"));
        assert_eq!(number("-Infinity"), Number::Float("-Infinity"));
        assert_eq!(number("-Infinity").as_f64(), f64::NEG_INFINITY);
        assert!(number("NaN").as_f64().is_nan());
        assert_eq!(number("1E400").as_f64(), f64::INFINITY);
    }
}
