//! Numbers as the panel writes them: reserved widths, thin spaces, units in the text.
//! Plain functions over plain numbers; nothing here knows the view models or a browser.

use rollscope::fixed::Fixed;

/// U+2009, between groups of three digits.
const GROUP: char = '\u{2009}';

/// A count with a thin space between groups of three digits: `1 132`.
#[must_use]
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// A time in milliseconds with one decimal, from microseconds.
#[must_use]
pub fn millis(micros: u64) -> String {
    format!("{:.1}", Fixed(micros as f64 / 1000.0))
}

/// A time in the unit that suits it, from microseconds: `840 µs`, `48.3 ms`, `29.1 s`.
#[must_use]
pub fn duration(micros: u64) -> String {
    match micros {
        0..=999 => format!("{micros} µs"),
        1_000..=99_949 => format!("{} ms", millis(micros)),
        99_950..=999_499 => format!("{} ms", Fixed(micros as f64 / 1_000.0)),
        _ => format!("{:.1} s", Fixed(micros as f64 / 1_000_000.0)),
    }
}

/// A running time as minutes and seconds, from microseconds: `0:42.7`.
#[must_use]
pub fn clock(micros: u64) -> String {
    let tenths = micros / 100_000;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

/// A size in bytes in the unit that suits it: `512 B`, `96 kB`, `2.1 MB`.
#[must_use]
pub fn bytes(size: u64) -> String {
    match size {
        0..=999 => format!("{size} B"),
        1_000..=999_499 => format!("{} kB", Fixed(size as f64 / 1e3)),
        _ => format!("{:.1} MB", Fixed(size as f64 / 1e6)),
    }
}

/// Bytes as rows of eight with their offset and their letters: `0000  52 01 …  R.`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const WIDTH: usize = 8;
    let mut text = String::new();
    for (row, line) in bytes.chunks(WIDTH).enumerate() {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters = line.iter().map(|byte| match byte {
            0x20..=0x7e => char::from(*byte),
            _ => '.',
        });
        let letters: String = letters.collect();
        let width = WIDTH * 3 - 1;
        text.push_str(&format!("{:04x}  {:<width$}  {letters}\n", row * WIDTH, digits.join(" ")));
    }
    text
}

/// A count with its noun, which takes an `s` unless the count is one: `1 peer`, `2 peers`.
#[must_use]
pub fn counted(value: u64, noun: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(value))
}

/// Splits a claim into its lead, which is set in bold, and the rest: at the first colon,
/// else before the first comma, else nowhere.
#[must_use]
pub fn split_lead(text: &str) -> (&str, &str) {
    let colon = text.find(": ").map(|at| at + 1);
    colon.or_else(|| text.find(", ")).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

/// The value below which `percent` of the values lie, by the nearest rank; `None` for no values.
#[must_use]
pub fn percentile(mut values: Vec<u64>, percent: usize) -> Option<u64> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_from_the_right() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_132), "1\u{2009}132");
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
    }

    #[test]
    fn times_choose_their_unit() {
        assert_eq!(duration(840), "840 µs");
        assert_eq!(duration(48_310), "48.3 ms");
        assert_eq!(duration(99_970), "100 ms");
        assert_eq!(duration(802_200), "802 ms");
        assert_eq!(duration(29_100_000), "29.1 s");
        assert_eq!(clock(42_700_000), "0:42.7");
        assert_eq!(clock(61_000_000), "1:01.0");
    }

    #[test]
    fn sizes_choose_their_unit() {
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(96_200), "96 kB");
        assert_eq!(bytes(2_100_000), "2.1 MB");
    }

    #[test]
    fn bytes_stand_in_rows_of_eight() {
        assert_eq!(
            hex(b"R\x01abcdefg"),
            "0000  52 01 61 62 63 64 65 66  R.abcdef\n0008  67                       g\n"
        );
    }

    #[test]
    fn lead_ends_at_colon_or_before_comma() {
        assert_eq!(
            split_lead("P2 drifts: in 9 of 9, always"),
            ("P2 drifts:", " in 9 of 9, always")
        );
        assert_eq!(split_lead("80 differ, first at 400"), ("80 differ", ", first at 400"));
        assert_eq!(split_lead("nothing"), ("nothing", ""));
    }

    #[test]
    fn percentile_is_a_value_that_occurred() {
        assert_eq!(percentile(vec![], 95), None);
        assert_eq!(percentile(vec![7], 95), Some(7));
        assert_eq!(percentile((1..=100).collect(), 95), Some(95));
    }
}
