//! Strings of a JSON document. JSON escapes can spell lone surrogates, which Rust strings cannot
//! hold, so the bytes are WTF-8: UTF-8 in which a lone surrogate has its own three bytes.
//!
//! Filled by the parser only; read by the printers and the diff.

use std::borrow::Cow;

/// A string of a JSON document in WTF-8. Its order is the order of its code points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'a>(Cow<'a, [u8]>);

impl<'a> Text<'a> {
    /// A string that stood in the text without escapes.
    pub(super) fn borrowed(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }

    /// A string whose escapes were decoded with [`push_code_point`].
    pub(super) fn decoded(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }

    /// The WTF-8 bytes; the same as UTF-8 where no lone surrogate stands.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The string as Rust's; `None` with a lone surrogate in it.
    #[must_use]
    pub fn into_str(self) -> Option<Cow<'a, str>> {
        match self.0 {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
    }

    /// The string for people: lone surrogates become U+FFFD.
    #[must_use]
    pub fn to_lossy(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(
                CodePoints::new(&self.0)
                    .map(|point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect(),
            ),
        }
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

/// Adds one code point, surrogates included, to WTF-8 bytes.
pub(super) fn push_code_point(out: &mut Vec<u8>, point: u32) {
    let low_bits = |shift: u32| 0x80 | ((point >> shift) & 0x3f) as u8;
    match point {
        0..0x80 => out.push(point as u8),
        0x80..0x800 => out.extend([0xc0 | (point >> 6) as u8, low_bits(0)]),
        0x800..0x1_0000 => out.extend([0xe0 | (point >> 12) as u8, low_bits(6), low_bits(0)]),
        _ => out.extend([
            0xf0 | ((point >> 18) & 0x07) as u8,
            low_bits(12),
            low_bits(6),
            low_bits(0),
        ]),
    }
}

/// The code points of WTF-8 bytes, lone surrogates as themselves.
pub(super) struct CodePoints<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> CodePoints<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let first = u32::from(*self.bytes.next()?);
        let (mut point, further) = match first {
            0..0x80 => return Some(first),
            0x80..0xe0 => (first & 0x1f, 1),
            0xe0..0xf0 => (first & 0x0f, 2),
            _ => (first & 0x07, 3),
        };
        for _ in 0..further {
            point = (point << 6) | u32::from(*self.bytes.next()? & 0x3f);
        }
        Some(point)
    }
}

/// The UTF-16 units of one code point; the second is 0 where one unit is enough.
pub(super) fn utf16_units(point: u32) -> [u16; 2] {
    match point.checked_sub(0x1_0000) {
        None => [point as u16, 0],
        Some(above) => [0xd800 | (above >> 10) as u16, 0xdc00 | (above & 0x3ff) as u16],
    }
}

/// Adds `\uxxxx` in lower-case hexadecimal.
pub(super) fn push_escape(out: &mut Vec<u8>, unit: u16) {
    out.extend(b"\\u");
    for shift in [12, 8, 4, 0] {
        let digit = ((unit >> shift) & 0xf) as u8;
        out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_survive_the_bytes() {
        for point in [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd800, 0xdfff, 0xffff, 0x1_0000, 0x10_ffff] {
            let mut bytes = Vec::new();
            push_code_point(&mut bytes, point);
            assert_eq!(CodePoints::new(&bytes).collect::<Vec<_>>(), [point]);
        }
    }

    #[test]
    fn order_is_by_code_point_and_not_by_utf16_unit() {
        let text = |point| {
            let mut bytes = Vec::new();
            push_code_point(&mut bytes, point);
            Text::decoded(bytes)
        };
        assert!(text(0xe000) < text(0x1_0000));
        assert!(text(0xd800) < text(0xe000));
    }

    #[test]
    fn lone_surrogates_are_replaced_for_people() {
        let mut bytes = b"a".to_vec();
        push_code_point(&mut bytes, 0xd83d);
        assert_eq!(Text::decoded(bytes).to_lossy(), "a\u{fffd}");
    }
}
