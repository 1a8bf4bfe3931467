//! Floats rounded to ten decimals straight from their lexeme, for the shape that states are full of:
//! `0.18436285450618428`. Everything else is refused and goes the long way over the double.
//!
//! Why the digits alone suffice: the double lies within half a unit in its last place of the lexeme.
//! Below 1000 that is less than 0.001 of the tenth decimal, so only a rest near one half could round
//! otherwise; those are refused. What stays has at most 13 digits, and a decimal of up to 15 digits
//! is the shortest text of its double.

/// Decimals that stay.
pub(super) const DECIMALS: usize = 10;

/// Digits before the point at most.
pub(super) const WHOLE_DIGITS: usize = 3;

/// Adds the float as Python writes it after `round(value, 10)`. Returns whether it could; nothing is
/// added otherwise.
pub(super) fn push_rounded_lexeme(out: &mut Vec<u8>, lexeme: &str) -> bool {
    let bytes = lexeme.as_bytes();
    // The point stands behind a sign and a few digits, an exponent behind the decimals.
    let point = bytes.iter().take(WHOLE_DIGITS + 2).position(|byte| *byte == b'.');
    let has_exponent = bytes.iter().any(|byte| matches!(byte, b'e' | b'E'));
    point.is_some_and(|point| !has_exponent && push_rounded_digits(out, bytes, point))
}

/// The same for a lexeme without exponent, whose point is known.
pub(super) fn push_rounded_digits(out: &mut Vec<u8>, lexeme: &[u8], point: usize) -> bool {
    let (Some(whole), Some(decimals)) = (lexeme.get(..point), lexeme.get(point + 1..)) else {
        return false;
    };
    let whole = whole.strip_prefix(b"-").unwrap_or(whole);
    // Below a ten-thousandth Python writes an exponent, and a zero may be a negative one.
    let is_tiny = whole == b"0" && decimals.iter().take(4).all(|byte| *byte == b'0');
    if whole.len() > WHOLE_DIGITS || is_tiny {
        return false;
    }
    let Some((kept, rest)) = decimals.split_at_checked(DECIMALS) else {
        return push_kept(out, lexeme, decimals.len());
    };
    let is_up = match rest {
        [] => false,
        [b'5'] | [b'4', b'9', ..] | [b'5', b'0', ..] => return false,
        [first, ..] => *first >= b'5',
    };
    if !is_up {
        return push_kept(out, lexeme.get(..=point + DECIMALS).unwrap_or_default(), DECIMALS);
    }
    // Nines carry over and become zeros at the end, which are not written. A carry into the whole
    // part goes the long way.
    let Some(place) = kept.iter().rposition(|byte| *byte != b'9') else {
        return false;
    };
    let (Some(before), Some(last)) = (lexeme.get(..=point + place), kept.get(place)) else {
        return false;
    };
    out.extend_from_slice(before);
    out.push(last + 1);
    true
}

/// Adds a lexeme with so many decimals without the zeros at its end, but one decimal at least.
fn push_kept(out: &mut Vec<u8>, lexeme: &[u8], decimals: usize) -> bool {
    let zeros = lexeme.iter().rev().take(decimals.saturating_sub(1));
    let zeros = zeros.take_while(|byte| **byte == b'0').count();
    out.extend_from_slice(lexeme.get(..lexeme.len() - zeros).unwrap_or_default());
    true
}

/// Whether a lexeme has a digit other than zero after its point, and no exponent.
pub(super) fn has_decimals(lexeme: &str) -> bool {
    let decimals = lexeme.split_once('.').map_or("", |(_, decimals)| decimals);
    // What rounds to a whole number is rare; it goes the long way too.
    let kept = decimals.as_bytes().get(..DECIMALS).unwrap_or(decimals.as_bytes());
    kept.iter().any(|byte| matches!(byte, b'1'..=b'9'))
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
            "0.0001",
            "-999.123456789012345678901234567890",
            "100.0",
            "0.12345678901",
            "0.12345678999",
            "0.19999999999",
            "-7.00999999997",
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
            "999.99999999999",
            "0.99999999996",
            "0.00009999999999",
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
