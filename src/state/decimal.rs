//! Numbers as JSON writes them, and Python's words for the doubles that JSON has no text for.
//!
//! Says which texts are numbers; the standard library says which double is nearest.

/// Reads a number as JSON has it, or one of Python's words for other doubles: `NaN`, `Infinity` and `-Infinity`.
/// `None` for anything else; infinite past the largest double.
#[must_use]
pub fn double_of(text: &str) -> Option<f64> {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let is_word = magnitude == "Infinity" || text == "NaN";
    if !is_word && !is_number(magnitude) {
        return None;
    }
    text.parse().ok()
}

/// Whether it is digits, perhaps with a fraction and an exponent. The standard library reads more, such as `.5` and `inf`.
fn is_number(magnitude: &str) -> bool {
    let (number, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    [whole, fraction, exponent].into_iter().all(are_digits)
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::double_of;

    #[test]
    fn numbers_at_the_ends_of_what_doubles_hold_are_the_nearest() {
        for (text, known) in [
            ("0", 0.0),
            ("-0", -0.0),
            ("-0.0e5", -0.0),
            ("0e99999999999999999999999", 0.0),
            ("1E+22", 1e22),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("4503599627370496.5", 4_503_599_627_370_496.0),
            ("5e-324", f64::from_bits(1)),
            ("2.4703282292062327e-324", 0.0),
            ("2.4703282292062328e-324", f64::from_bits(1)),
            ("1.7976931348623158e308", f64::MAX),
            ("1.7976931348623159e308", f64::INFINITY),
            ("-1e99999999999999999999999", f64::NEG_INFINITY),
            ("1e-99999999999999999999999", 0.0),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(double_of(text).map(f64::to_bits), Some(known.to_bits()), "{text}");
        }
        assert!(double_of("NaN").is_some_and(f64::is_nan));
    }

    #[test]
    fn what_is_no_number_of_json_is_none() {
        for text in [
            "", ".", "1.", ".5", "-", "1e", "1e+", "e5", "+1", "1_0", "0x1", " 1", "1 ", "--1",
            "1e5.5", "1.2.3", "nan", "inf", "-NaN", "infinity",
        ] {
            assert_eq!(double_of(text), None, "{text}");
        }
    }
}
