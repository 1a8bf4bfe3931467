//! Doubles printed with a fixed number of decimal places, or with as few as they need.
//!
//! The former to the last digit as the standard library does, whose way of printing any double in any form is 8 KB of the
//! panel, compressed. Everything that the panel may come to prints its doubles by this.

use std::fmt;

use crate::state::number::push_javascript_number;

/// A double to be printed with as many decimal places as the format says: `format!("{:.1} ms", Fixed(millis))`.
/// Without a number of places none; more than six are six. From 2^64 on the whole part stays there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fixed(pub f64);

/// Most decimal places.
const MOST_PLACES: u32 = 6;

/// Lower half of the bits of a double's fraction.
const LOWER_BITS: u64 = (1 << 27) - 1;

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() {
            return f.write_str("NaN");
        }
        if self.0.is_sign_negative() {
            f.write_str("-")?;
        }
        let size = self.0.abs();
        if size.is_infinite() {
            return f.write_str("inf");
        }
        let places = f.precision().map_or(0, |places| (places as u32).min(MOST_PLACES));
        let scale = 10_u64.pow(places);
        let mut whole = size.trunc() as u64;
        let mut part = rounded(size.fract(), scale as f64, places == 0 && whole % 2 == 1);
        if part == scale {
            (whole, part) = (whole.saturating_add(1), 0);
        }
        match places {
            0 => write!(f, "{whole}"),
            places => write!(f, "{whole}.{part:0places$}", places = places as usize),
        }
    }
}

/// `part` times `scale` as a whole number; where it lies in the middle, to the even one, or the odd one.
fn rounded(part: f64, scale: f64, is_odd: bool) -> u64 {
    let product = part * scale;
    let below = product.floor();
    // A product in the middle may have come there by rounding: with half of the bits each, products are exact.
    let upper = f64::from_bits(part.to_bits() & !LOWER_BITS);
    let lost = (upper * scale - product) + (part - upper) * scale;
    let is_up = match product - below {
        0.5 if lost == 0.0 => (below as u64 % 2 == 1) != is_odd,
        0.5 => lost > 0.0,
        rest => rest > 0.5,
    };
    below as u64 + u64::from(is_up)
}

/// A double in as few digits as tell it from every other one, as JavaScript writes it.
#[must_use]
pub fn shortest(value: f64) -> String {
    if !value.is_finite() {
        return Fixed(value).to_string();
    }
    let mut text = Vec::new();
    push_javascript_number(&mut text, value);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::SplitMix64;

    /// What is printed, held against the standard library.
    #[track_caller]
    fn check(number: f64) {
        for number in [number, -number] {
            for places in 0..=6 {
                assert_eq!(
                    format!("{:.places$}", Fixed(number)),
                    format!("{number:.places$}"),
                    "{number:e} with {places} places"
                );
            }
        }
    }

    #[test]
    fn numbers_in_the_middle_and_at_the_ends_are_printed_like_the_standard_library_does() {
        for number in [
            0.0,
            0.5,
            1.5,
            2.5,
            0.25,
            0.35,
            0.05,
            0.95,
            0.999_999_5,
            9.995,
            99.95,
            1e-9,
            5e-324,
            1e15,
            4_503_599_627_370_497.5,
            9_007_199_254_740_993.0,
            1e19,
            f64::INFINITY,
        ] {
            check(number);
        }
        assert_eq!(format!("{:.1}", Fixed(f64::NAN)), "NaN");
        assert_eq!(format!("{}", Fixed(2.5)), "2", "without places there are none");
    }

    #[test]
    fn the_shortest_text_is_javascript_s_and_names_what_is_no_number() {
        for (number, text) in [
            (0.1, "0.1"),
            (-2.0, "-2"),
            (1e21, "1e+21"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(shortest(number), text);
        }
    }

    #[test]
    fn random_numbers_are_printed_like_the_standard_library_does() {
        let mut random = SplitMix64(3);
        for _ in 0..20_000 {
            let bits = random.next_u64();
            check((bits >> 12) as f64 / 1e3);
            check((bits >> 44) as f64 / 1e4);
            check((bits >> 32) as f64 / 64.0);
            let any = f64::from_bits(bits);
            if any.abs() < 1.8e19 {
                check(any);
            }
        }
    }
}
