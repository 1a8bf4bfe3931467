//! JSON values as MessagePack and back (the format of msgpack.org, without its extension types).
//!
//! Reading is bounded by depth and by the bytes that are there, never by what they claim.

use serde_json::{Map, Number, Value};

/// Objects inside objects that are read; a message needs three.
const MAX_DEPTH: u32 = 8;

/// Appends `value` to `out`, every number and length in its shortest form.
pub(super) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0xc0),
        Value::Bool(false) => out.push(0xc2),
        Value::Bool(true) => out.push(0xc3),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => {
            write_length(out, text.len(), (0xa0, 31), &[0xd9, 0xda, 0xdb]);
            out.extend(text.as_bytes());
        }
        Value::Array(items) => {
            write_length(out, items.len(), (0x90, 15), &[0xdc, 0xdd]);
            items.iter().for_each(|item| write(item, out));
        }
        Value::Object(members) => {
            write_length(out, members.len(), (0x80, 15), &[0xde, 0xdf]);
            for (key, member) in members {
                write_length(out, key.len(), (0xa0, 31), &[0xd9, 0xda, 0xdb]);
                out.extend(key.as_bytes());
                write(member, out);
            }
        }
    }
}

fn write_number(number: &Number, out: &mut Vec<u8>) {
    if let Some(unsigned) = number.as_u64() {
        match unsigned {
            0..=0x7f => out.push(unsigned as u8),
            0x80..=0xff => out.extend([0xcc, unsigned as u8]),
            0x100..=0xffff => {
                out.push(0xcd);
                out.extend((unsigned as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                out.push(0xce);
                out.extend((unsigned as u32).to_be_bytes());
            }
            _ => {
                out.push(0xcf);
                out.extend(unsigned.to_be_bytes());
            }
        }
    } else if let Some(negative) = number.as_i64() {
        if negative >= -32 {
            out.push(negative as u8);
        } else {
            out.push(0xd3);
            out.extend(negative.to_be_bytes());
        }
    } else {
        out.push(0xcb);
        out.extend(number.as_f64().unwrap_or_default().to_be_bytes());
    }
}

// `short` is the base of the one-byte form and its longest length; `longer` are the marks of the
// forms with more bytes of length: three of them begin with one byte, two with two.
fn write_length(out: &mut Vec<u8>, length: usize, short: (u8, usize), longer: &[u8]) {
    let length_bytes = (length as u32).to_be_bytes();
    let width = match length {
        _ if length <= short.1 => return out.push(short.0 | length as u8),
        0..=0xff if longer.len() == 3 => 1,
        0..=0xffff => 2,
        _ => 4,
    };
    let place = if longer.len() == 3 { width / 2 } else { width / 4 };
    out.extend(longer.get(place));
    out.extend(length_bytes.get(4 - width..).unwrap_or_default());
}

/// Reads one value that fills `bytes`; `None` if they are no such value.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader { bytes };
    let value = reader.value(MAX_DEPTH)?;
    reader.bytes.is_empty().then_some(value)
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(head)
    }

    fn unsigned(&mut self, width: usize) -> Option<u64> {
        Some(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn signed(&mut self, width: usize) -> Option<Value> {
        let unused = 64 - 8 * width as u32;
        Some(((self.unsigned(width)? << unused) as i64 >> unused).into())
    }

    fn text(&mut self, length: u64) -> Option<String> {
        let bytes = self.take(usize::try_from(length).ok()?)?;
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        let mark = self.unsigned(1)? as u8;
        let short = u64::from(mark);
        match mark {
            0x00..=0x7f => Some(short.into()),
            0xe0..=0xff => Some(i64::from(mark as i8).into()),
            0x80..=0x8f => self.object(short & 15, depth),
            0x90..=0x9f => self.array(short & 15, depth),
            0xa0..=0xbf => self.text(short & 31).map(Value::String),
            0xc0 => Some(Value::Null),
            0xc2 | 0xc3 => Some(Value::Bool(mark == 0xc3)),
            0xca => {
                let bits = self.unsigned(4)? as u32;
                Number::from_f64(f64::from(f32::from_bits(bits))).map(Value::Number)
            }
            0xcb => Number::from_f64(f64::from_bits(self.unsigned(8)?)).map(Value::Number),
            0xcc..=0xcf => self.unsigned(1 << (mark - 0xcc)).map(Value::from),
            0xd0..=0xd3 => self.signed(1 << (mark - 0xd0)),
            0xd9..=0xdb => {
                let length = self.unsigned(1 << (mark - 0xd9))?;
                self.text(length).map(Value::String)
            }
            0xdc | 0xdd => {
                let count = self.unsigned(2 << (mark - 0xdc))?;
                self.array(count, depth)
            }
            0xde | 0xdf => {
                let count = self.unsigned(2 << (mark - 0xde))?;
                self.object(count, depth)
            }
            _ => None,
        }
    }

    fn array(&mut self, count: u64, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        (0..count).map(|_| self.value(depth)).collect::<Option<Vec<_>>>().map(Value::Array)
    }

    fn object(&mut self, count: u64, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let mut members = Map::new();
        for _ in 0..count {
            let Value::String(key) = self.value(1)? else { return None };
            members.insert(key, self.value(depth)?);
        }
        Some(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(value, &mut bytes);
        bytes
    }

    #[test]
    fn known_bytes_of_the_format() {
        assert_eq!(written(&json!({"a": [1, 200, -1]})), b"\x81\xa1a\x93\x01\xcc\xc8\xff");
        assert_eq!(written(&json!(70_000)), [0xce, 0, 1, 0x11, 0x70]);
        assert_eq!(written(&json!("x".repeat(40)))[..3], [0xd9, 40, b'x']);
        assert_eq!(written(&json!(vec![0; 16]))[..4], [0xdc, 0, 16, 0]);
    }

    #[test]
    fn values_of_every_size_come_back() {
        let long = "y".repeat(70_000);
        for value in [
            json!(null),
            json!([true, false, 0, 127, 128, 255, 256, 65_535, 65_536, u64::MAX]),
            json!([-1, -32, -33, -128, -129, -40_000, i64::MIN, 0.5, -1e300]),
            json!({"long": long, "many": vec![3; 70_000]}),
            json!(vec!["t"; 20]),
            json!({"text": "z".repeat(300)}),
        ] {
            assert_eq!(read(&written(&value)), Some(value));
        }
    }

    #[test]
    fn claims_beyond_the_bytes_are_refused() {
        assert_eq!(read(&[0xdd, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(read(&[0xdb, 0xff, 0xff, 0xff, 0xff, b'a']), None);
        assert_eq!(read(&[0x91; 5000]), None, "too deep");
        assert_eq!(read(&[0x01, 0x01]), None, "something behind the value");
        assert_eq!(read(&[0x81, 0x01, 0x01]), None, "a key that is no text");
        assert_eq!(read(&[]), None);
    }
}
