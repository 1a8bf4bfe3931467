//! Floats rounded to ten decimals straight from their lexeme, for the shape that states are full of:
//! `0.18436285450618428`. Everything else is refused and goes the long way over the double.
//!
//! Why the digits alone suffice: the double lies within half a unit in its last place of the lexeme.
//! Below 1000 that is less than 0.001 of the tenth decimal, so only a rest near one half could round
//! otherwise; those are refused. What stays has at most 13 digits, and a decimal of up to 15 digits
//! is the shortest text of its double.

/// Decimals that stay.
const DECIMALS: usize = 10;

/// Digits before the point at most.
const WHOLE_DIGITS: usize = 3;

/// Adds the float as Python writes it after `round(value, 10)`. Returns whether it could; nothing is
/// added otherwise.
pub(super) fn push_rounded_lexeme(out: &mut Vec<u8>, lexeme: &str) -> bool {
    let bytes = lexeme.as_bytes();
    let (is_negative, digits) = match bytes.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, bytes),
    };
    let Some(point) = digits.iter().take(WHOLE_DIGITS + 1).position(|byte| *byte == b'.') else {
        return false;
    };
    let (Some(whole), Some(decimals)) = (digits.get(..point), digits.get(point + 1..)) else {
        return false;
    };
    let kept = decimals.get(..DECIMALS).unwrap_or(decimals);
    let rest = decimals.get(DECIMALS..).unwrap_or_default();
    let mut number = 0_u64;
    for byte in whole.iter().chain(kept) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return false;
        }
        number = number * 10 + u64::from(digit);
    }
    for _ in kept.len()..DECIMALS {
        number *= 10;
    }
    // An exponent stands at the end: without one every byte of the rest is a digit.
    if !rest.iter().all(u8::is_ascii_digit) {
        return false;
    }
    match rest {
        [] => {}
        [b'5'] | [b'4', b'9', ..] | [b'5', b'0', ..] => return false,
        [first, ..] => number += u64::from(*first >= b'5'),
    }
    // Below a ten-thousandth Python writes an exponent, and a zero may be a negative one.
    if number < ONE / 10_000 {
        return false;
    }
    if is_negative {
        out.push(b'-');
    }
    push_fixed(out, number);
    true
}

/// Whether a lexeme has a digit other than zero after its point, and no exponent.
pub(super) fn has_decimals(lexeme: &str) -> bool {
    let decimals = lexeme.split_once('.').map_or("", |(_, decimals)| decimals);
    // What rounds to a whole number is rare; it goes the long way too.
    let kept = decimals.as_bytes().get(..DECIMALS).unwrap_or(decimals.as_bytes());
    kept.iter().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Ten to the power of the decimals.
const ONE: u64 = 10_000_000_000;

fn push_fixed(out: &mut Vec<u8>, number: u64) {
    let (mut whole, mut decimals) = (number / ONE, number % ONE);
    let mut text = [b'0'; 16];
    let mut length = DECIMALS;
    while length > 1 && decimals.is_multiple_of(10) {
        decimals /= 10;
        length -= 1;
    }
    let (mut place, end) = (text.len(), text.len());
    for _ in 0..length {
        place -= 1;
        set(&mut text, place, decimals % 10);
        decimals /= 10;
    }
    place -= 1;
    if let Some(slot) = text.get_mut(place) {
        *slot = b'.';
    }
    loop {
        place -= 1;
        set(&mut text, place, whole % 10);
        whole /= 10;
        if whole == 0 {
            break;
        }
    }
    out.extend(text.get(place..end).unwrap_or_default());
}

fn set(text: &mut [u8], place: usize, digit: u64) {
    if let Some(slot) = text.get_mut(place) {
        *slot = b'0' + digit as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::super::number::{push_python_float, round_to_ten_decimals};
    use super::*;
    use crate::link::SplitMix64;

    #[track_caller]
    fn check_lexeme(lexeme: &str, is_quick: bool) {
        let mut quick = Vec::new();
        assert_eq!(push_rounded_lexeme(&mut quick, lexeme), is_quick, "{lexeme}");
        let mut long = Vec::new();
        push_python_float(&mut long, round_to_ten_decimals(lexeme.parse().unwrap()));
        assert!(!is_quick || quick == long, "{lexeme}: {quick:?} {long:?}");
        assert!(is_quick || quick.is_empty());
    }

    #[test]
    fn ordinary_floats_go_the_quick_way() {
        for lexeme in [
            "0.18436285450618428",
            "-0.5",
            "1.0",
            "12.50",
            "999.99999999999",
            "0.99999999996",
            "0.0001",
            "-999.123456789012345678901234567890",
            "100.0",
            "0.12345678901",
            "0.00009999999999",
        ] {
            check_lexeme(lexeme, true);
        }
    }

    #[test]
    fn whatever_could_round_otherwise_goes_the_long_way() {
        for lexeme in [
            "0.12345678905",
            "0.123456789049999",
            "0.123456789050001",
            "0.0",
            "-0.0",
            "0.00001",
            "1e5",
            "1.5e-3",
            "1000.5",
            "12345.25",
            "0.1234567890123e2",
            "1.0E2",
        ] {
            check_lexeme(lexeme, false);
        }
    }

    #[test]
    fn both_ways_agree_on_many_random_floats() {
        let mut random = SplitMix64(7);
        let mut quick = 0;
        for n in 0..200_000_u32 {
            let scale = [1.0, 10.0, 999.0, 0.01][(n % 4) as usize];
            let value = (random.unit() - 0.5) * 2.0 * scale;
            let lexeme = if n % 3 == 0 { format!("{value:.10}") } else { format!("{value:?}") };
            let mut out = Vec::new();
            if push_rounded_lexeme(&mut out, &lexeme) {
                let mut long = Vec::new();
                push_python_float(&mut long, round_to_ten_decimals(lexeme.parse().unwrap()));
                assert_eq!(out, long, "{lexeme}");
                quick += 1;
            }
        }
        assert!(quick > 150_000, "{quick}");
    }
}
