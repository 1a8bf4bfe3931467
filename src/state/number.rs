//! Numbers as Python and JavaScript write them, and rounding to ten decimals as Python does.
//!
//! Pure arithmetic; the printers call it for every float of a state.

/// `round(value, 10)` of Python: the exact binary value to ten decimals, ties to even, then the
/// nearest double. NaN and infinities stay; a negative value that rounds to zero gives -0.0.
#[must_use]
pub fn round_to_ten_decimals(value: f64) -> f64 {
    // From 2^19 on half the distance between doubles is more than half of 1e-10, so the nearest
    // double of the rounded decimal is the value itself.
    if value.is_nan() || value.abs() >= UNCHANGED_FROM {
        return value;
    }
    let bits = value.to_bits();
    let biased_exponent = (bits >> 52) & 0x7ff;
    let fraction = bits & ((1 << 52) - 1);
    let (significand, exponent) =
        if biased_exponent == 0 { (fraction, 1) } else { (fraction | 1 << 52, biased_exponent) };
    // |value| = significand / 2^shift, and below 2^19 the shift is at least 34.
    let shift = 1075 - exponent;
    // Less than 2^87, so a shift past 127 leaves far less than half.
    let scaled = u128::from(significand) * 10_000_000_000;
    let units = if shift > 127 { 0 } else { shift_right_ties_to_even(scaled, shift as u32) };
    // Fewer than 2^53 units: both operands are exact, so the quotient is correctly rounded.
    (units as f64 / 1e10).copysign(value)
}

/// Where rounding to ten decimals no longer moves a double.
const UNCHANGED_FROM: f64 = 524_288.0;

fn shift_right_ties_to_even(value: u128, shift: u32) -> u128 {
    let whole = value >> shift;
    let rest = value - (whole << shift);
    let half = 1_u128 << (shift - 1);
    if rest > half || (rest == half && whole & 1 == 1) { whole + 1 } else { whole }
}

/// Adds `repr(value)` of a Python float; NaN and infinities as `json.dumps` writes them.
pub fn push_python_float(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        return out.extend(b"NaN");
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    if value.is_infinite() {
        return out.extend(b"Infinity");
    }
    if value == 0.0 {
        return out.extend(b"0.0");
    }
    let decimal = Decimal::shortest(value);
    // `float.__repr__` changes to an exponent outside of 1e-4 <= |value| < 1e16.
    if decimal.point > -4 && decimal.point <= 16 {
        decimal.push_fixed(out);
        if decimal.is_whole() {
            out.extend(b".0");
        }
    } else {
        decimal.push_scientific(out, 2);
    }
}

/// Adds `String(value)` of JavaScript for a finite number; -0 is `0`. What is not finite becomes
/// `null`, as `JSON.stringify` writes it.
pub fn push_javascript_number(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return out.extend(b"null");
    }
    if value == 0.0 {
        return out.push(b'0');
    }
    if value < 0.0 {
        out.push(b'-');
    }
    let decimal = Decimal::shortest(value);
    // ECMA-262, Number::toString: fixed notation for 1e-6 <= |value| < 1e21.
    if decimal.point > -6 && decimal.point <= 21 {
        decimal.push_fixed(out);
    } else {
        decimal.push_scientific(out, 1);
    }
}

/// Whether JavaScript writes this number without point and exponent, so that a reader that goes
/// by the lexeme takes it for an integer.
#[must_use]
pub fn is_integer_in_javascript(value: f64) -> bool {
    value.abs() < 1e21 && value.trunc() == value
}

/// The magnitude of a finite double other than 0 in shortest digits: 0.d1d2d3… times ten to the
/// power of `point`; the first and the last digit are not 0.
struct Decimal {
    digits: [u8; DIGITS],
    count: usize,
    point: i32,
}

/// A double never needs more digits than 17; the printed form may carry zeros around them.
const DIGITS: usize = 24;

impl Decimal {
    fn shortest(value: f64) -> Self {
        let mut buffer = zmij::Buffer::new();
        let printed = buffer.format_finite(value.abs());
        let (mantissa, exponent) = printed.split_once('e').unwrap_or((printed, "0"));
        let whole_length = mantissa.find('.').unwrap_or(mantissa.len());
        let mut decimal =
            Self { digits: [0; DIGITS], count: 0, point: exponent.parse().unwrap_or(0) };
        decimal.point += whole_length as i32;
        for digit in mantissa.bytes().filter(|byte| *byte != b'.') {
            if decimal.count == 0 && digit == b'0' {
                decimal.point -= 1;
            } else if let Some(place) = decimal.digits.get_mut(decimal.count) {
                *place = digit;
                decimal.count += 1;
            }
        }
        while decimal.digits().last() == Some(&b'0') {
            decimal.count -= 1;
        }
        decimal
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.point >= self.count as i32
    }

    fn push_fixed(&self, out: &mut Vec<u8>) {
        let digits = self.digits();
        if self.point <= 0 {
            out.extend(b"0.");
            push_zeros(out, -self.point);
            out.extend(digits);
        } else if let Some((whole, fraction)) = digits.split_at_checked(self.point as usize) {
            out.extend(whole);
            if !fraction.is_empty() {
                out.push(b'.');
                out.extend(fraction);
            }
        } else {
            out.extend(digits);
            push_zeros(out, self.point - self.count as i32);
        }
    }

    fn push_scientific(&self, out: &mut Vec<u8>, exponent_digits: usize) {
        if let Some((first, further)) = self.digits().split_first() {
            out.push(*first);
            if !further.is_empty() {
                out.push(b'.');
                out.extend(further);
            }
        }
        let exponent = self.point - 1;
        out.extend([b'e', if exponent < 0 { b'-' } else { b'+' }]);
        out.extend(format!("{:0exponent_digits$}", exponent.unsigned_abs()).as_bytes());
    }
}

fn push_zeros(out: &mut Vec<u8>, count: i32) {
    out.extend(std::iter::repeat_n(b'0', usize::try_from(count).unwrap_or(0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_texts(value: f64, python: &str, javascript: &str) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        push_python_float(&mut left, value);
        push_javascript_number(&mut right, value);
        assert_eq!(String::from_utf8(left).unwrap(), python);
        assert_eq!(String::from_utf8(right).unwrap(), javascript);
    }

    #[test]
    fn each_language_has_its_own_notation() {
        check_texts(1.0, "1.0", "1");
        check_texts(-0.0, "-0.0", "0");
        check_texts(0.0001, "0.0001", "0.0001");
        check_texts(0.00001, "1e-05", "0.00001");
        check_texts(1e-7, "1e-07", "1e-7");
        check_texts(-1.5e-10, "-1.5e-10", "-1.5e-10");
        check_texts(123_456.75, "123456.75", "123456.75");
        check_texts(1e15, "1000000000000000.0", "1000000000000000");
        check_texts(1e16, "1e+16", "10000000000000000");
        check_texts(1e21, "1e+21", "1e+21");
        check_texts(1e100, "1e+100", "1e+100");
        check_texts(5e-324, "5e-324", "5e-324");
        check_texts((1_u64 << 60) as f64, "1.152921504606847e+18", "1152921504606847000");
        check_texts(f64::NAN, "NaN", "null");
        check_texts(f64::NEG_INFINITY, "-Infinity", "null");
    }

    #[test]
    fn ties_go_to_the_even_digit() {
        assert_eq!(round_to_ten_decimals(1.0 / 2048.0), 0.0004882812);
        assert_eq!(round_to_ten_decimals(3.0 / 2048.0), 0.0014648438);
        assert_eq!(round_to_ten_decimals(-1.0 / 2048.0), -0.0004882812);
    }

    #[test]
    fn rounding_keeps_signs_and_what_is_not_finite() {
        assert!(round_to_ten_decimals(-1e-12).is_sign_negative());
        assert_eq!(round_to_ten_decimals(-1e-12), 0.0);
        assert_eq!(round_to_ten_decimals(5e-324), 0.0);
        assert_eq!(round_to_ten_decimals(f64::INFINITY), f64::INFINITY);
        assert!(round_to_ten_decimals(f64::NAN).is_nan());
        assert_eq!(round_to_ten_decimals(1e300), 1e300);
    }

    #[test]
    fn integers_of_javascript_end_at_1e21() {
        assert!(is_integer_in_javascript(-0.0));
        assert!(is_integer_in_javascript(1e20));
        assert!(!is_integer_in_javascript(1e21));
        assert!(!is_integer_in_javascript(0.5));
        assert!(!is_integer_in_javascript(f64::NAN));
    }
}
