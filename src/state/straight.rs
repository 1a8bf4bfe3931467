//! The canonical text straight from a state text, in one pass and without a document in between.
//!
//! It knows the ordinary case alone: plain strings, every key once. Everything else it gives up, also
//! what is no JSON; then `Json::parse` and the printer do the work, so there is one place that decides
//! what a text means. Tests hold both ways against each other.

use super::document::Number;
use super::parse::MAX_DEPTH;
use super::print::Printer;
use super::rounded::{DECIMALS, WHOLE_DIGITS, push_rounded_digits};
use super::rule::{HashRule, Rounding, Separators, TextRoute};

/// Members for which there is room at once.
const MEMBERS: usize = 24;

/// Adds the canonical text of a state text. `None` if the text is not of the ordinary kind; what was
/// added until then stays.
pub(super) fn push_straight(out: &mut Vec<u8>, text: &str, rule: &HashRule) -> Option<()> {
    if rule.rounding != Rounding::TenDecimals || rule.separators != Separators::Compact {
        return None;
    }
    let mut pass = Pass {
        text,
        bytes: text.as_bytes(),
        at: 0,
        out,
        rule,
        members: Vec::with_capacity(MEMBERS),
        sorted: Vec::new(),
    };
    pass.skip_space();
    pass.value(0)?;
    pass.skip_space();
    pass.peek().is_none().then_some(())
}

struct Pass<'t, 'o> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    out: &'o mut Vec<u8>,
    rule: &'o HashRule,
    // Members of all open objects: key in the text, member in what was added.
    members: Vec<Member>,
    // Room to put the members of one object in order.
    sorted: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Member {
    key: (usize, usize),
    added: (usize, usize),
}

impl Pass<'_, '_> {
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'-' | b'0'..=b'9' => self.number(),
            b'"' => self.string().map(|_| ()),
            b'[' => self.array(depth),
            b'{' => self.object(depth),
            b'n' => self.word(b"null"),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            _ => None,
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.open(depth, b'[')?;
        if self.close(b']') {
            return Some(());
        }
        loop {
            // `0.5` begins no integer.
            if self.bytes.get(self.at + 1) != Some(&b'.') {
                self.integers();
            }
            self.value(depth + 1)?;
            self.skip_space();
            if self.close(b']') {
                return Some(());
            }
            self.comma()?;
        }
    }

    /// Copies plain integers with their commas as long as one follows the other: random states are
    /// hundreds of them.
    fn integers(&mut self) {
        loop {
            let start = self.at;
            let Some(digits) = self.digits() else { return };
            let is_plain = digits <= 15 && (digits == 1 || self.bytes.get(start) != Some(&b'0'));
            if !is_plain || self.peek() != Some(b',') {
                self.at = start;
                return;
            }
            self.at += 1;
            self.copy(start, self.at);
            self.skip_space();
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.open(depth, b'{')?;
        if self.close(b'}') {
            return Some(());
        }
        let first = self.members.len();
        let begin = self.out.len();
        let mut is_sorted = true;
        loop {
            let start = self.out.len();
            let key = self.string()?;
            self.skip_space();
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            self.out.push(b':');
            self.skip_space();
            if let Some(last) = self.members.get(first..)?.last() {
                is_sorted &= self.key(last.key) < self.key(key);
            }
            let place = self.members.len();
            self.members.push(Member { key, added: (start, start) });
            self.value(depth + 1)?;
            self.members.get_mut(place)?.added.1 = self.out.len();
            self.skip_space();
            if self.peek()? == b'}' {
                break;
            }
            self.comma()?;
        }
        if !is_sorted {
            self.sort_members(first, begin)?;
        }
        self.members.truncate(first);
        self.close(b'}').then_some(())
    }

    fn sort_members(&mut self, first: usize, begin: usize) -> Option<()> {
        let bytes = self.bytes;
        let key = |member: &Member| bytes.get(member.key.0..member.key.1);
        let members = self.members.get_mut(first..)?;
        members.sort_unstable_by(|left, right| key(left).cmp(&key(right)));
        if members.windows(2).any(|pair| pair.first().map(key) == pair.last().map(key)) {
            return None;
        }
        self.sorted.clear();
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.sorted.push(b',');
            }
            self.sorted.extend_from_slice(self.out.get(member.added.0..member.added.1)?);
        }
        self.out.truncate(begin);
        self.out.extend_from_slice(&self.sorted);
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.long_float().is_some() {
            return Some(());
        }
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let whole = self.digits()?;
        if whole > 1 && self.bytes.get(self.at - whole) == Some(&b'0') {
            return None;
        }
        let is_integer = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if is_integer {
            let lexeme = self.bytes.get(start..self.at)?;
            // Shorter ones are the same in JavaScript.
            if lexeme.len() <= 15 && lexeme != b"-0" {
                self.copy(start, self.at);
                return Some(());
            }
        }
        let point = self.at;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let has_exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if !has_exponent && !is_integer {
            let lexeme = self.bytes.get(start..self.at)?;
            // An integral float loses its decimals in JavaScript.
            let kept = lexeme.iter().skip(point - start).take(11);
            let stays = self.rule.route == TextRoute::Direct
                || kept.into_iter().any(|byte| matches!(byte, b'1'..=b'9'));
            if stays && push_rounded_digits(self.out, lexeme, point - start) {
                return Some(());
            }
        }
        if has_exponent {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'-' | b'+')));
            self.digits()?;
        }
        let lexeme = self.text.get(start..self.at)?;
        let number = if is_integer { Number::Integer(lexeme) } else { Number::Float(lexeme) };
        Printer::new(self.out, self.rule).number(number).ok()
    }

    /// A float with at least eleven decimals and nothing unusual, rounded by the rule of `rounded`;
    /// `None` leaves everything as it was.
    #[inline]
    fn long_float(&mut self) -> Option<()> {
        let start = self.at;
        let whole = start + usize::from(self.peek() == Some(b'-'));
        let is_digit = |byte: &&u8| byte.is_ascii_digit();
        let digits = self.bytes.get(whole..)?.iter().take(WHOLE_DIGITS).take_while(is_digit);
        let point = whole + digits.count();
        let (first, dot) = (*self.bytes.get(whole)?, *self.bytes.get(point)?);
        let is_one = point == whole + 1;
        if dot != b'.' || point == whole || (first == b'0' && !is_one) {
            return None;
        }
        let (head, rest) = self.bytes.get(point + 1..)?.split_first_chunk::<8>()?;
        let tail @ [_, last, next, after, ..] = *rest.first_chunk::<8>()?;
        let decimals = leading_digits(tail);
        let is_tiny = first == b'0' && is_one && head.starts_with(b"0000");
        if !are_digits(*head) || decimals < 3 || is_tiny || head == b"00000000" {
            return None;
        }
        let mut end = point + 9 + decimals;
        if decimals == 8 {
            end += self.bytes.get(end..)?.iter().take_while(is_digit).count();
        }
        let is_near_half = match next {
            b'4' => decimals > 3 && after == b'9',
            b'5' => decimals == 3 || after == b'0',
            _ => false,
        };
        let is_up = next >= b'5';
        if is_near_half
            || (is_up && last == b'9')
            || matches!(self.bytes.get(end), Some(b'e' | b'E'))
        {
            return None;
        }
        self.copy(start, point + 1 + DECIMALS);
        if is_up {
            *self.out.last_mut()? += 1;
        } else if last == b'0' {
            let zeros = self.out.iter().rev().take(DECIMALS - 1).take_while(|byte| **byte == b'0');
            self.out.truncate(self.out.len() - zeros.count());
        }
        self.at = end;
        Some(())
    }

    /// Adds a part of the text; short parts as sixteen bytes of which the rest is taken back, which
    /// is quicker than to copy so many bytes as there are.
    #[inline]
    fn copy(&mut self, from: usize, to: usize) {
        let rest = self.bytes.get(from..).unwrap_or_default();
        match rest.first_chunk::<16>() {
            Some(chunk) if to - from <= 16 => {
                let length = self.out.len() + (to - from);
                self.out.extend_from_slice(chunk);
                self.out.truncate(length);
            }
            _ => self.out.extend_from_slice(rest.get(..to - from).unwrap_or_default()),
        }
    }

    /// At least one digit; returns how many.
    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        while let Some(chunk) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            if !are_digits(*chunk) {
                break;
            }
            self.at += 8;
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(self.at - start)
    }

    /// Copies a string of plain letters; returns where its letters stand in the text.
    fn string(&mut self) -> Option<(usize, usize)> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut end = start;
        while let Some(chunk) = self.bytes.get(end..).and_then(<[u8]>::first_chunk::<8>) {
            if !are_plain(*chunk) {
                break;
            }
            end += 8;
        }
        end += self.bytes.get(end..)?.iter().position(|byte| !is_plain(*byte))?;
        if self.bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.copy(self.at, end + 1);
        self.at = end + 1;
        Some((start, end))
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let is_there = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        self.out.extend_from_slice(word);
        is_there.then_some(())
    }

    fn open(&mut self, depth: usize, bracket: u8) -> Option<()> {
        self.at += 1;
        self.out.push(bracket);
        self.skip_space();
        (depth < MAX_DEPTH).then_some(())
    }

    fn close(&mut self, bracket: u8) -> bool {
        let is_next = self.peek() == Some(bracket);
        if is_next {
            self.at += 1;
            self.out.push(bracket);
        }
        is_next
    }

    fn comma(&mut self) -> Option<()> {
        if self.peek()? != b',' {
            return None;
        }
        self.at += 1;
        self.out.push(b',');
        self.skip_space();
        Some(())
    }

    fn key(&self, place: (usize, usize)) -> &[u8] {
        self.bytes.get(place.0..place.1).unwrap_or_default()
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// Printable ASCII other than the quote and the backslash.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Whether eight bytes are all plain. Below 128 no sum reaches the next byte, so the top bit of each
/// answers for it alone.
fn are_plain(chunk: [u8; 8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x80 * ONES;
    let word = u64::from_le_bytes(chunk);
    if word & TOPS != 0 {
        return false;
    }
    let is_printable = word.wrapping_add(0x60 * ONES) & !word.wrapping_add(ONES);
    let differs = |byte: u8| (word ^ (u64::from(byte) * ONES)).wrapping_add(0x7f * ONES);
    is_printable & differs(b'"') & differs(b'\\') & TOPS == TOPS
}

/// How many of eight bytes are digits before the first other one. Below 128 no sum reaches the next
/// byte.
fn leading_digits(chunk: [u8; 8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x80 * ONES;
    let value = u64::from_le_bytes(chunk) ^ (0x30 * ONES);
    let others = ((value & !TOPS).wrapping_add(0x76 * ONES) | value) & TOPS;
    others.trailing_zeros() as usize / 8
}

/// Whether eight bytes are digits: the high halves say 3, also after adding 6 to each.
fn are_digits(chunk: [u8; 8]) -> bool {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const THREES: u64 = 0x3030_3030_3030_3030;
    let word = u64::from_le_bytes(chunk);
    let above = word.wrapping_add(0x0606_0606_0606_0606);
    (word & HIGH) == THREES && (above & HIGH) == THREES
}

#[cfg(test)]
mod tests {
    use super::super::document::Json;
    use super::super::print::push_canonical;
    use super::*;
    use crate::link::SplitMix64;

    /// The canonical text by both ways; the quick one may give up but not say otherwise.
    #[track_caller]
    fn check_same(text: &str, rule: HashRule) -> bool {
        let mut quick = Vec::new();
        let is_quick = push_straight(&mut quick, text, &rule).is_some();
        let mut long = Vec::new();
        let document = Json::parse(text).ok();
        let printed =
            document.and_then(|document| push_canonical(&mut long, &document, &rule).ok());
        if is_quick {
            assert!(printed.is_some(), "{text}");
            assert_eq!(String::from_utf8_lossy(&quick), String::from_utf8_lossy(&long), "{text}");
        }
        is_quick
    }

    #[test]
    fn eight_bytes_are_plain_if_each_is() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut chunk = *b"state_01";
                chunk[place] = byte;
                assert_eq!(are_plain(chunk), is_plain(byte), "{byte} at {place}");
            }
        }
    }

    #[test]
    fn digits_are_counted_up_to_the_first_other_byte() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut chunk = *b"01234567";
                chunk[place] = byte;
                let expected = if byte.is_ascii_digit() { 8 } else { place };
                assert_eq!(leading_digits(chunk), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn long_floats_are_rounded_like_all_others() {
        let mut random = SplitMix64(11);
        for n in 0..100_000_u32 {
            let scale = [1.0, 10.0, 999.0, 0.01, 0.00012][(n % 5) as usize];
            let value = (random.unit() - 0.5) * 2.0 * scale;
            let digits = 9 + (n % 11) as usize;
            let text = match n % 4 {
                0 => format!("[{value:?}]"),
                1 => format!("{{\"x\":{value:.digits$}}}"),
                2 => format!("[1,{value:.10}5{n},{value:e}]"),
                _ => format!("[{value:.9}99{n}, {value:.8}0049]"),
            };
            for rule in [HashRule::MUG_DIRECT_HASH, HashRule::MUG_STATE_HASH] {
                check_same(&text, rule);
            }
        }
    }

    fn check_both_routes(text: &str, is_quick: bool) {
        for rule in [HashRule::MUG_DIRECT_HASH, HashRule::MUG_STATE_HASH] {
            assert_eq!(check_same(text, rule), is_quick, "{text}");
        }
    }

    #[test]
    fn ordinary_states_go_straight() {
        for text in [
            "{\"b\": [1, 2.5, -3], \"a\": {\"y\": null, \"x\": true}, \"c\": \"plain\"}",
            "[]",
            "{}",
            " [ ] ",
            "{\"a\":{}}",
            "0",
            "-12",
            "1e5",
            "1.0",
            "[-0.0,-0,1e-7,0.00001]",
            "123456789012345678901234567890",
            "[0.123456789055,12345.678901234567]",
            "{\"c\":1,\"b\":{\"z\":1,\"y\":[{\"q\":1,\"p\":2}]},\"a\":3}",
        ] {
            check_both_routes(text, true);
        }
    }

    #[test]
    fn everything_else_goes_the_long_way() {
        for text in [
            "{\"a\":1,\"a\":2}",
            "{\"b\":1,\"a\":2,\"b\":3}",
            "\"\\n\"",
            "\"é\"",
            "[1,]",
            "[01]",
            "{\"a\" 1}",
            "nul",
            "[1] 2",
            "",
            "-",
            "1.",
            "[1",
            "NaN",
            "\"\u{7f}\"",
            "{\"a\":1,}",
        ] {
            check_both_routes(text, false);
        }
        check_both_routes(&format!("{}{}", "[".repeat(300), "]".repeat(300)), false);
    }

    #[test]
    fn both_ways_agree_on_random_texts() {
        const PARTS: &[&str] = &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "\"10\"",
            "\"\\u0041\"",
            "1",
            "-2.5",
            "0",
            "1e300",
            "1.00000000005",
            "true",
            "null",
            " ",
            "NaN",
            "9007199254740993",
            "0.1",
            "-0.0",
        ];
        let mut random = SplitMix64(3);
        let mut quick = 0;
        for _ in 0..60_000 {
            let mut text = String::new();
            value(&mut random, &mut text, 0);
            if random.next_u64().is_multiple_of(4) {
                let part = PARTS[(random.next_u64() % PARTS.len() as u64) as usize];
                let place = (random.next_u64() % (text.len() as u64 + 1)) as usize;
                if text.is_char_boundary(place) {
                    text.insert_str(place, part);
                }
            }
            quick += u32::from(check_same(&text, HashRule::MUG_DIRECT_HASH));
            check_same(&text, HashRule::MUG_STATE_HASH);
        }
        assert!(quick > 20_000, "{quick}");
    }

    fn value(random: &mut SplitMix64, text: &mut String, depth: u32) {
        let kinds = if depth > 3 { 5 } else { 7 };
        match random.next_u64() % kinds {
            0 => text.push_str(&(random.next_u64() as i64 >> (random.next_u64() % 60)).to_string()),
            1 => text.push_str(&format!("{:?}", random.unit() * 100.0 - 50.0)),
            2 => text.push_str(&format!("{:.11}", random.unit())),
            3 => text.push_str("\"text\""),
            4 => text.push_str("false"),
            5 => {
                text.push('[');
                for index in 0..random.next_u64() % 4 {
                    text.push_str(if index > 0 { ", " } else { "" });
                    value(random, text, depth + 1);
                }
                text.push(']');
            }
            _ => {
                text.push('{');
                for index in 0..random.next_u64() % 4 {
                    text.push_str(if index > 0 { "," } else { "" });
                    text.push_str(&format!("\"{}\": ", random.next_u64() % 40));
                    value(random, text, depth + 1);
                }
                text.push('}');
            }
        }
    }
}
