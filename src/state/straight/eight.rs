//! Questions about single bytes of a text and about eight of them at once, in one word of the machine.

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x80 * ONES;

/// Eight bytes from a place on, the first in the lowest byte; `None` where fewer are left.
#[inline(always)]
pub(super) fn eight_at(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*chunk))
}

/// Whether eight bytes are digits: the high halves say 3, also after adding 6 to each.
#[inline(always)]
pub(super) fn are_digits(eight: u64) -> bool {
    const HIGH: u64 = 0xf0 * ONES;
    const THREES: u64 = 0x30 * ONES;
    (eight & HIGH) == THREES && (eight.wrapping_add(0x06 * ONES) & HIGH) == THREES
}

/// Whether eight bytes are all plain. Below 128 no sum reaches the next byte, so the top bit of each
/// answers for it alone.
#[inline(always)]
pub(super) fn are_plain(eight: u64) -> bool {
    if eight & TOPS != 0 {
        return false;
    }
    let is_printable = eight.wrapping_add(0x60 * ONES) & !eight.wrapping_add(ONES);
    let differs = |byte: u8| (eight ^ (u64::from(byte) * ONES)).wrapping_add(0x7f * ONES);
    is_printable & differs(b'"') & differs(b'\\') & TOPS == TOPS
}

/// Printable ASCII other than the quote and the backslash.
#[inline(always)]
pub(super) fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// The place after the digits from a place on. Digits are told apart one by one at their end, because
/// a place that is guessed right costs less than one that is computed.
#[inline(always)]
pub(super) fn after_digits(bytes: &[u8], mut at: usize) -> usize {
    if eight_at(bytes, at).is_some_and(are_digits) {
        at += 8;
    }
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_are_what_each_of_them_is() {
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let (mut letters, mut digits) = (*b"state_01", *b"01234567");
                letters[place] = byte;
                digits[place] = byte;
                assert_eq!(are_plain(u64::from_le_bytes(letters)), is_plain(byte), "{byte}");
                let is_digit = byte.is_ascii_digit();
                assert_eq!(are_digits(u64::from_le_bytes(digits)), is_digit, "{byte}");
            }
        }
    }

    #[test]
    fn digits_end_at_the_first_other_byte() {
        for length in 0..40 {
            let text = format!("-{}", "7".repeat(length));
            assert_eq!(after_digits(text.as_bytes(), 1), length + 1);
            assert_eq!(after_digits(format!("{text}.5").as_bytes(), 1), length + 1);
        }
        assert_eq!(eight_at(b"1234567", 0), None);
        assert_eq!(eight_at(b"12345678", 9), None);
    }
}
