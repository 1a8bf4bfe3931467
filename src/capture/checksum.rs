//! The checksum of a capture file's records: CRC-32 as in zip files.
//!
//! Its tables are worked out when the first record is read: random to any compression, they would be
//! 16 KB of what a browser loads.

use std::sync::LazyLock;

/// For each value of a byte what it changes.
type Table = [u32; 256];

/// Bytes that are worked in at once: four words of four.
const BLOCK_BYTES: usize = 16;

/// The table of each place in a block: of a byte as far from the block's end as its place says.
static TABLES: LazyLock<[[Table; 4]; 4]> = LazyLock::new(tables);

/// The checksum of some bytes.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let tables = &*TABLES;
    let [_, _, _, [_, _, _, last]] = tables;
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
    let mut sum = u32::MAX;
    for block in blocks {
        let (words, _) = block.as_chunks::<4>();
        let mut next = 0;
        for (word, tables) in words.iter().zip(tables) {
            next ^= of_word(tables, u32::from_le_bytes(*word) ^ sum);
            sum = 0;
        }
        sum = next;
    }
    for byte in rest {
        sum = of_byte(last, byte ^ sum as u8) ^ (sum >> 8);
    }
    !sum
}

fn of_word([first, second, third, fourth]: &[Table; 4], word: u32) -> u32 {
    let [a, b, c, d] = word.to_le_bytes();
    of_byte(first, a) ^ of_byte(second, b) ^ of_byte(third, c) ^ of_byte(fourth, d)
}

fn of_byte(table: &Table, byte: u8) -> u32 {
    table.get(usize::from(byte)).copied().unwrap_or_default()
}

fn tables() -> [[Table; 4]; 4] {
    let last: Table = std::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |sum, _| (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 })
    });
    let mut table = last;
    let mut tables = [[last; 4]; 4];
    for place in tables.as_flattened_mut().iter_mut().rev() {
        *place = table;
        table = table.map(|sum| of_byte(&last, sum as u8) ^ (sum >> 8));
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_zip_files_for_every_length_and_place() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let bytes: Vec<u8> = (0..200_u32).map(|at| ((at * at * 31) >> 3) as u8).collect();
        for from in 0..20 {
            for to in from..bytes.len() {
                let part = bytes.get(from..to).unwrap();
                let mut known = flate2::Crc::new();
                known.update(part);
                assert_eq!(crc32(part), known.sum(), "of {from}..{to}");
            }
        }
    }
}
