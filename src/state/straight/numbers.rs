//! Numbers of the straight pass: those whose text stays, floats of many decimals that are rounded where
//! they stand, and the few that must be read and printed.

use super::super::document::Number;
use super::super::print::Printer;
use super::super::rounded::{DECIMALS, WHOLE_DIGITS, push_rounded_digits};
use super::super::rule::{HashRule, TextRoute};
use super::eight::{after_digits, are_digits, eight_at};

/// Digits up to which an integer is the same in JavaScript, whatever they are.
pub(super) const SAFE_DIGITS: usize = 15;

/// A number as the canonical text has it.
#[derive(Clone, Copy)]
pub(super) enum Ordinary {
    /// It stays as it is, up to this place.
    Stays(usize),
    /// A float of which the text up to `cut` stays; its last digit may be one more.
    Rounded {
        /// The place after the tenth decimal.
        cut: usize,
        /// Whether the last digit is one more.
        is_up: bool,
        /// The place after the number.
        end: usize,
    },
}

/// The ordinary number at a place: a short integer, or a float of one to three digits before its
/// point. `None` for any other.
#[inline(always)]
pub(super) fn ordinary_number(bytes: &[u8], at: usize) -> Option<Ordinary> {
    let is_negative = *bytes.get(at)? == b'-';
    let whole = at + usize::from(is_negative);
    let first = *bytes.get(whole)?;
    if bytes.get(whole + 1) == Some(&b'.') && first.is_ascii_digit() {
        return float(bytes, whole + 1, first == b'0');
    }
    let end = after_digits(bytes, whole);
    let digits = end - whole;
    if digits == 0 || digits > SAFE_DIGITS || (first == b'0' && (digits > 1 || is_negative)) {
        return None;
    }
    match bytes.get(end) {
        Some(b'.') if digits <= WHOLE_DIGITS => float(bytes, end, false),
        Some(b'.' | b'e' | b'E') => None,
        _ => Some(Ordinary::Stays(end)),
    }
}

/// A float by the rule of `rounded`: ten decimals stay. Floats near a half, tiny ones and those that
/// end in a zero or a nine that carries are left to others.
#[inline(always)]
fn float(bytes: &[u8], point: usize, is_below_one: bool) -> Option<Ordinary> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let head = eight_at(bytes, point + 1)?;
    // Below a ten-thousandth Python writes an exponent, and a zero may be a negative one.
    if head == ZEROS || (is_below_one && head as u32 == ZEROS as u32) {
        return None;
    }
    let end = if are_digits(head) {
        after_digits(bytes, point + 9)
    } else {
        after_digits(bytes, point + 1)
    };
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        return None;
    }
    let cut = point + 1 + DECIMALS;
    if end <= cut {
        let last = *bytes.get(end - 1)?;
        return matches!(last, b'1'..=b'9').then_some(Ordinary::Stays(end));
    }
    let (last, next) = (*bytes.get(cut - 1)?, *bytes.get(cut)?);
    let after = if end > cut + 1 { *bytes.get(cut + 1)? } else { b'0' };
    let is_up = next >= b'5';
    let is_near_half = (next == b'4' && after == b'9') || (next == b'5' && after == b'0');
    if is_near_half || (is_up && last == b'9') || (!is_up && last == b'0') {
        return None;
    }
    Some(Ordinary::Rounded { cut, is_up, end })
}

/// Adds any number, read and printed where its digits do not suffice; returns the place after it.
#[cold]
pub(super) fn push_number(
    out: &mut Vec<u8>,
    text: &str,
    start: usize,
    rule: &HashRule,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let whole = start + usize::from(bytes.get(start) == Some(&b'-'));
    let point = after_digits(bytes, whole);
    let has_leading_zero = bytes.get(whole) == Some(&b'0') && point > whole + 1;
    if point == whole || has_leading_zero {
        return None;
    }
    let mut end = point;
    if bytes.get(point) == Some(&b'.') {
        end = after_digits(bytes, point + 1);
        if end == point + 1 {
            return None;
        }
    }
    let has_exponent = matches!(bytes.get(end), Some(b'e' | b'E'));
    if has_exponent {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let digits = end + 1 + sign;
        end = after_digits(bytes, digits);
        if end == digits {
            return None;
        }
    }
    let lexeme = text.get(start..end)?;
    let is_integer = end == point;
    if !has_exponent && !is_integer {
        // An integral float loses its decimals in JavaScript.
        let kept = lexeme.as_bytes().iter().skip(point - start).take(DECIMALS + 1);
        let stays = rule.route == TextRoute::Direct
            || kept.into_iter().any(|byte| matches!(byte, b'1'..=b'9'));
        if stays && push_rounded_digits(out, lexeme.as_bytes(), point - start) {
            return Some(end);
        }
    }
    let number = if is_integer { Number::Integer(lexeme) } else { Number::Float(lexeme) };
    Printer::new(out, rule).number(number).ok()?;
    Some(end)
}
