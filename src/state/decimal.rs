//! The nearest double of a decimal number, exact to the last bit, without the standard library's tables of
//! powers (10 KB of the panel that no compression shortens).
//!
//! Pure arithmetic on a number's text. Numbers of up to 19 digits and small exponents, as games and clocks write
//! them, take one division of 128 bits at most; all others are divided bit by bit.

use std::cmp::Ordering;

/// Digits that always fit into 64 bits.
const QUICK_DIGITS: usize = 19;

/// Most powers of five that fit into 63 bits.
const QUICK_POWERS: u32 = 27;

/// Below it, whole numbers and powers of ten up to 10^[`EXACT_POWERS`] are doubles, so that one multiplication or
/// division of them gives the nearest double.
const EXACT_BELOW: u64 = 1 << 53;
const EXACT_POWERS: u32 = 15;

/// The largest powers of five and of two that fit into a word of a [`Large`].
const FIVES: u32 = 13;
const TWOS: u32 = 31;

/// Digits that are read; the double nearest to a number is that of its first 768 digits and of whether more
/// follow.
const MOST_DIGITS: usize = 800;

/// Reads a number as JSON has it, or one of Python's words for other doubles: `NaN`, `Infinity` and `-Infinity`.
/// `None` for anything else; infinite past the largest double.
#[must_use]
pub fn double_of(text: &str) -> Option<f64> {
    let number = text.strip_prefix('-').unwrap_or(text);
    let value = match number {
        "Infinity" => f64::INFINITY,
        "NaN" if number == text => f64::NAN,
        _ => magnitude_of(number)?,
    };
    Some(if number == text { value } else { -value })
}

/// Reads a number without a sign.
fn magnitude_of(number: &str) -> Option<f64> {
    let (number, exponent) = match number.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent_of(exponent)?),
        None => (number, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let all = || whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0');
    let leading = all().take_while(|digit| *digit == 0).count();
    let trailing = all().rev().take_while(|digit| *digit == 0).count();
    let count = (whole.len() + fraction.len()).saturating_sub(leading + trailing);
    let digits = all().skip(leading).take(count);
    // The number is that of its digits times ten to this power.
    let power = exponent + (trailing as i64 - fraction.len() as i64);
    let magnitude = power + count as i64;
    Some(match () {
        () if count == 0 || magnitude < -330 => 0.0,
        () if magnitude > 330 => f64::INFINITY,
        () if count <= QUICK_DIGITS && power.unsigned_abs() <= u64::from(QUICK_POWERS) => {
            quick(digits.fold(0, |number, digit| number * 10 + u64::from(digit)), power as i32)
        }
        () => exact(digits, count, power as i32),
    })
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An exponent with its sign; one of more digits than matter is cut to as many.
fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !are_digits(digits) {
        return None;
    }
    let add = |number: i64, digit: u8| (number * 10 + i64::from(digit - b'0')).min(i64::MAX / 100);
    let exponent = digits.bytes().fold(0, add);
    Some(if text.starts_with('-') { -exponent } else { exponent })
}

/// The double nearest to `number` times ten to a power of at most [`QUICK_POWERS`] either way.
fn quick(number: u64, power: i32) -> f64 {
    if number < EXACT_BELOW && power.unsigned_abs() <= EXACT_POWERS {
        let (number, tens) = (number as f64, 10_u64.pow(power.unsigned_abs()) as f64);
        return if power < 0 { number / tens } else { number * tens };
    }
    let fives = 5_u64.pow(power.unsigned_abs().min(QUICK_POWERS));
    let number = u128::from(number);
    if power >= 0 {
        return nearest(number * u128::from(fives), false, power);
    }
    // As many bits as there is room for, so that the quotient has more than a double's 53.
    let shift = number.leading_zeros() - 1;
    let (shifted, divisor) = (number << shift, u128::from(fives));
    nearest(shifted / divisor, shifted % divisor != 0, power - shift as i32)
}

/// The double nearest to `count` digits times ten to a power.
fn exact(digits: impl Iterator<Item = u8>, count: usize, power: i32) -> f64 {
    let (mut number, mut divisor) = (Large::of(0), Large::of(1));
    for digit in digits.take(MOST_DIGITS) {
        number.times_plus(10, u32::from(digit));
    }
    let left_out = count.saturating_sub(MOST_DIGITS);
    if left_out > 0 {
        // What is left out ends with a digit other than 0: any will do.
        number.times_plus(10, 1);
    }
    let power = power + left_out.saturating_sub(1).min(1 << 20) as i32 * i32::from(left_out > 0);
    let scaled = if power >= 0 { &mut number } else { &mut divisor };
    scaled.times_powers(5, FIVES, power.unsigned_abs());
    // Numbers of the same length, so that the first bit of the quotient is among its first two.
    let shift = number.bits() as i32 - divisor.bits() as i32;
    let shorter = if shift > 0 { &mut divisor } else { &mut number };
    shorter.times_powers(2, TWOS, shift.unsigned_abs());
    let mut quotient = 0_u128;
    for _ in 0..QUOTIENT_BITS {
        quotient = quotient << 1 | u128::from(number.take_away(&divisor));
        number.times_plus(2, 0);
    }
    nearest(quotient, !number.is_zero(), power + shift - (QUOTIENT_BITS - 1))
}

/// Bits of a quotient that are worked out; a double has 53, and the first may be 0.
const QUOTIENT_BITS: i32 = 64;

/// The double nearest to `number`, and a little more where `has_rest`, times two to `exponent`; between two
/// the even one. A number with a rest has more than 54 bits, and none has 128.
fn nearest(number: u128, has_rest: bool, exponent: i32) -> f64 {
    let bits = 128 - number.leading_zeros() as i32;
    // The exponent of the last bit that a double of this size has.
    let last = (exponent + bits - 53).max(-1074);
    let whole = match (last - exponent) as u32 {
        _ if last <= exponent => number << (exponent - last),
        dropped @ 0..=127 => {
            let whole = number >> dropped;
            let (rest, half) = (number - (whole << dropped), 1 << (dropped - 1));
            let is_up = rest > half || (rest == half && (has_rest || whole & 1 == 1));
            whole + u128::from(is_up)
        }
        _ => 0,
    };
    // A carry out of the fraction is one into the exponent. Without the leading bit a double is subnormal.
    let double = ((last + 1074) as u64).saturating_mul(1 << 52).saturating_add(whole as u64);
    f64::from_bits(double.min(f64::INFINITY.to_bits()))
}

/// A whole number of any size; the last word is not 0.
struct Large(Vec<u32>);

impl Large {
    fn of(number: u32) -> Self {
        Self(Vec::from_iter((number > 0).then_some(number)))
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn bits(&self) -> usize {
        let last = self.0.last().map_or(0, |last| last.leading_zeros());
        self.0.len() * 32 - last as usize
    }

    /// Becomes itself times `factor` plus `more`.
    fn times_plus(&mut self, factor: u32, more: u32) {
        let mut carry = u64::from(more);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Becomes itself times `base` to `power`; `at_once` is the largest power of it that a word holds.
    fn times_powers(&mut self, base: u32, at_once: u32, mut power: u32) {
        while power > 0 {
            let step = power.min(at_once);
            self.times_plus(base.pow(step), 0);
            power -= step;
        }
    }

    /// Becomes smaller by `other` if it is not less; returns whether it was.
    fn take_away(&mut self, other: &Self) -> bool {
        let by_length = self.0.len().cmp(&other.0.len());
        if by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev())) == Ordering::Less {
            return false;
        }
        let mut borrow = 0_i64;
        for (at, word) in self.0.iter_mut().enumerate() {
            borrow += i64::from(*word) - i64::from(other.0.get(at).copied().unwrap_or_default());
            *word = borrow as u32;
            borrow >>= 32;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::double_of;
    use crate::link::SplitMix64;

    /// The standard library's reader is the truth.
    #[track_caller]
    fn check_like_std(text: &str) {
        let known = text.parse::<f64>().ok().map(f64::to_bits);
        assert_eq!(double_of(text).map(f64::to_bits), known, "{text}");
    }

    #[test]
    fn numbers_at_the_ends_of_what_doubles_hold_are_read_as_by_the_standard_library() {
        for text in [
            "0",
            "-0",
            "-0.0e5",
            "0e99999999999999999999999",
            "1e22",
            "1e23",
            "9007199254740993",
            "4503599627370496.5",
            "4503599627370497.5",
            "5e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e309",
            "1e-400",
            "1e99999999999999999999999",
            "1e-99999999999999999999999",
            "123456789012345678901234567890",
        ] {
            check_like_std(text);
        }
        let zeros = "0".repeat(5000);
        check_like_std(&format!("1{zeros}e-5000"));
        check_like_std(&format!("0.{zeros}1e5001"));
        check_like_std(&format!("0.{zeros}1"));
        check_like_std(&format!("{zeros}1.{zeros}1"));
    }

    #[test]
    fn random_numbers_are_read_as_by_the_standard_library() {
        let mut random = SplitMix64(7);
        for _ in 0..8_000 {
            let any = f64::from_bits(random.next_u64());
            if any.is_finite() {
                check_like_std(&format!("{any:e}"));
                check_like_std(&format!("{any:.25e}"));
            }
            let usual = random.unit() * 1000.0;
            check_like_std(&format!("{usual}"));
            check_like_std(&format!("{usual:.10}"));
            let mut whole = || random.next_u64() >> (random.next_u64() % 64);
            check_like_std(&format!("{}.{}", whole(), whole()));
            check_like_std(&format!("{}e{}", whole(), whole() % 80));
            check_like_std(&format!("-{}e-{}", whole(), whole() % 400));
        }
    }

    #[test]
    fn what_lies_between_two_doubles_goes_to_the_even_one_and_a_digit_more_or_less_decides() {
        let mut random = SplitMix64(11);
        for _ in 0..300 {
            let lower = f64::from_bits(random.next_u64() % f64::MAX.to_bits());
            let upper = f64::from_bits(lower.to_bits() + 1);
            // Both end within 1,074 decimals; half of their sum within one more.
            let half = half_of_sum(&format!("{lower:.1074}"), &format!("{upper:.1074}"));
            check_like_std(&half);
            check_like_std(&format!("{half}000001"));
            check_like_std(&format!("{}4", half.strip_suffix('5').unwrap_or(&half)));
        }
    }

    /// Half of the sum of two numbers with the same decimals, with one decimal more.
    fn half_of_sum(one: &str, other: &str) -> String {
        let width = one.len().max(other.len());
        let (one, other) = (format!("{one:0>width$}"), format!("{other:0>width$}"));
        let mut carry = 0;
        let mut sum: Vec<u8> = Vec::new();
        for (left, right) in one.bytes().zip(other.bytes()).rev().filter(|(left, _)| *left != b'.')
        {
            let digit = left - b'0' + (right - b'0') + carry;
            sum.push(digit % 10);
            carry = digit / 10;
        }
        sum.push(carry);
        sum.reverse();
        sum.push(0);
        let mut rest = 0;
        let mut half: String = String::new();
        for digit in sum {
            let twice = rest * 10 + digit;
            half.push(char::from(b'0' + twice / 2));
            rest = twice % 2;
        }
        half.insert(half.len() - 1075, '.');
        half
    }

    #[test]
    fn what_is_no_number_of_json_is_none() {
        for text in [
            "", ".", "1.", ".5", "-", "1e", "1e+", "e5", "+1", "1_0", "0x1", " 1", "1 ", "--1",
            "1e5.5", "1.2.3", "nan", "inf", "-NaN",
        ] {
            assert_eq!(double_of(text), None, "{text}");
        }
        assert!(double_of("NaN").is_some_and(f64::is_nan));
        assert_eq!(double_of("-Infinity"), Some(f64::NEG_INFINITY));
    }
}
