//! Random numbers by a seed, and random changes of bytes and texts.

/// A generator of random numbers (xorshift with 64 bits of state).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator; every seed gives its own numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`; 0 if there is none.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = (self.bits() >> 32) as u128 * end as u128;
        (wide >> 32) as usize
    }

    /// One of a list; `None` if it is empty.
    pub fn one<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        list.get(self.below(list.len()))
    }
}

/// Numbers at which lengths and counters break.
const EDGES: [u32; 12] =
    [0, 1, 2, 15, 16, 127, 255, 256, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/// Changes bytes in one to four places; `other` lends pieces.
pub fn change_bytes(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => {
                let value = EDGES.get(random.below(EDGES.len())).copied().unwrap_or_default();
                let width = 1 << random.below(3);
                let (big, little) = (value.to_be_bytes(), value.to_le_bytes());
                let image =
                    if random.below(2) == 0 { big.get(4 - width..) } else { little.get(..width) };
                overwrite(bytes, at, image.unwrap_or_default());
            }
            2 => {
                let from = random.below(other.len() + 1);
                let length = random.below(16);
                let piece = other.get(from..).unwrap_or_default();
                let piece = piece.get(..length).unwrap_or(piece);
                bytes.splice(at..at, piece.iter().copied());
            }
            3 => {
                let end = (at + 1 + random.below(8)).min(bytes.len());
                if at < end {
                    bytes.drain(at..end);
                }
            }
            4 => bytes.insert(at, random.bits() as u8),
            _ => {
                let byte = random.bits() as u8;
                overwrite(bytes, at, &[byte]);
            }
        }
    }
}

fn overwrite(bytes: &mut [u8], at: usize, image: &[u8]) {
    for (slot, byte) in bytes.iter_mut().skip(at).zip(image) {
        *slot = *byte;
    }
}

/// Pieces that texts of the protocols are made of.
const WORDS: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "''",
    "0",
    "-1",
    "4294967296",
    "1e999",
    "null",
    "true",
    "\"type\":",
    "\"frame\":",
    "\"playerId\":",
    "\"action\":",
    "_placeholder",
    "\"num\":0",
    "42",
    "451-",
    "43",
    "44",
    "40/",
    "452-/x,9",
    "[[[[[[[[",
    "é\u{1F600}",
    "\u{0}",
    "-",
    "/",
    "\"v\":2",
    "\"step_num\":",
];

/// Changes a text in one to four places; `other` lends pieces.
pub fn change_text(text: &mut String, other: &str, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = edge(text, random.below(text.len() + 1));
        match random.below(12) {
            // Numbers change most: what is around them stays readable.
            5..=9 => {
                let digit = text.get(at..).and_then(|rest| rest.find(|c: char| c.is_ascii_digit()));
                if let Some(found) = digit.map(|offset| at + offset) {
                    let edge = EDGES.get(random.below(EDGES.len())).copied().unwrap_or_default();
                    let image = if random.below(3) == 0 { edge } else { random.below(10) as u32 };
                    text.replace_range(found..=found, &image.to_string());
                }
            }
            0 => text.truncate(at),
            1 => {
                let end = edge(text, (at + 1 + random.below(8)).min(text.len()));
                text.replace_range(at.min(end)..end, "");
            }
            2 => {
                let from = edge(other, random.below(other.len() + 1));
                let end = edge(other, (from + random.below(24)).min(other.len()));
                text.insert_str(at, other.get(from..end).unwrap_or_default());
            }
            3 => text.insert(at, char::from((random.bits() as u8) & 0x7f)),
            _ => text
                .insert_str(at, WORDS.get(random.below(WORDS.len())).copied().unwrap_or_default()),
        }
    }
}

// The next place between two characters.
fn edge(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
