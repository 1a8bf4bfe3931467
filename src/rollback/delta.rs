//! What differs between two states, as bytes: pieces copied from the one, the rest as it is.
//!
//! States of one game resemble each other over long stretches, at places that may have moved.
//! Blocks of the base are found again by a hash of their bytes. Reading is bounded by the limit
//! given and never panics, whatever the bytes say.

/// Bytes of a block that is looked for in the base; shorter repetitions are not worth a copy.
const BLOCK_BYTES: usize = 16;

/// Places of the table of blocks, a power of two: a base of more blocks loses some of them.
const TABLE_PLACES: usize = 1 << 14;

const COPY: u8 = 0;
const INSERT: u8 = 1;

/// The difference that makes `target` of `base`.
#[must_use]
pub fn delta(base: &[u8], target: &[u8]) -> Vec<u8> {
    let mut table = vec![usize::MAX; TABLE_PLACES];
    let blocks = base.len() / BLOCK_BYTES;
    for block in (0..blocks).rev() {
        let start = block * BLOCK_BYTES;
        if let Some(place) = base.get(start..).and_then(place).and_then(|p| table.get_mut(p)) {
            *place = start;
        }
    }
    let (mut out, mut pending, mut at) = (Vec::new(), 0, 0);
    while at < target.len() {
        let rest = target.get(at..).unwrap_or_default();
        let known = place(rest).and_then(|place| table.get(place).copied());
        let found = known.and_then(|start| Some((start, base.get(start..)?)));
        // The same place first: most of a state stays where it was.
        let length = |candidate: &[u8]| common_length(candidate, rest);
        let here = (at, length(base.get(at..).unwrap_or_default()));
        let moved = found.map_or((0, 0), |(start, candidate)| (start, length(candidate)));
        let (start, copied) = if here.1 >= moved.1 { here } else { moved };
        if copied >= BLOCK_BYTES {
            insert(&mut out, target.get(pending..at).unwrap_or_default());
            out.push(COPY);
            put(&mut out, start);
            put(&mut out, copied);
            at += copied;
            pending = at;
        } else {
            at += 1;
        }
    }
    insert(&mut out, target.get(pending..).unwrap_or_default());
    out
}

/// Makes the target of its base again; `None` for bytes that are no difference from this base, or
/// for a target of more than `max_bytes`.
#[must_use]
pub fn apply_delta(base: &[u8], mut delta: &[u8], max_bytes: usize) -> Option<Vec<u8>> {
    let mut target = Vec::new();
    while let Some((kind, rest)) = delta.split_first() {
        delta = rest;
        let piece = match *kind {
            COPY => {
                let (start, length) = (take(&mut delta)?, take(&mut delta)?);
                base.get(start..start.checked_add(length)?)?
            }
            INSERT => {
                let length = take(&mut delta)?;
                let (piece, rest) = delta.split_at_checked(length)?;
                delta = rest;
                piece
            }
            _ => return None,
        };
        if piece.is_empty() || target.len() + piece.len() > max_bytes {
            return None;
        }
        target.extend_from_slice(piece);
    }
    Some(target)
}

fn place(bytes: &[u8]) -> Option<usize> {
    let block = bytes.first_chunk::<BLOCK_BYTES>()?;
    let number = u128::from_le_bytes(*block);
    let folded = (number as u64) ^ (number >> 64) as u64;
    let mixed = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some((mixed >> 40) as usize % TABLE_PLACES)
}

fn common_length(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn insert(out: &mut Vec<u8>, bytes: &[u8]) {
    if !bytes.is_empty() {
        out.push(INSERT);
        put(out, bytes.len());
        out.extend_from_slice(bytes);
    }
}

// Seven bits a byte, lowest first; the highest bit says that more follow.
fn put(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<usize> {
    let (mut number, mut shift) = (0_usize, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
        if shift > 28 {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &[u8], target: &[u8]) -> usize {
        let difference = delta(base, target);
        assert_eq!(apply_delta(base, &difference, target.len()).as_deref(), Some(target));
        difference.len()
    }

    fn state(random: u32, score: u32, words: u32) -> Vec<u8> {
        let words: Vec<u32> = (0..words).map(|n| n.wrapping_mul(2_654_435_761)).collect();
        format!("{{\"score\": {score}, \"rng\": {words:?}, \"index\": {random}}}").into_bytes()
    }

    #[test]
    fn a_little_change_in_a_long_state_is_little() {
        let (base, target) = (state(17, 9, 624), state(18, 10, 624));
        let size = check(&base, &target);
        assert!(size < 60 && target.len() > 7000, "{size} of {}", target.len());
    }

    #[test]
    fn anything_comes_back() {
        check(b"", b"");
        check(b"", b"abc");
        check(b"abc", b"");
        check(&[7; 1000], &[7; 2000]);
        let (long, other) = (state(1, 2, 5000), state(3, 4, 4000));
        check(&long, &other);
        check(&other, &long);
        let reversed: Vec<u8> = long.iter().rev().copied().collect();
        check(&long, &reversed);
    }

    #[test]
    fn hostile_differences_are_refused() {
        let base = state(1, 2, 100);
        assert_eq!(apply_delta(&base, &[COPY, 0xff, 0xff, 0xff, 0xff, 0x7f, 1], 100), None);
        assert_eq!(apply_delta(&base, &[COPY, 0, 0], 100), None, "nothing is copied");
        assert_eq!(apply_delta(&base, &[INSERT, 5, 1], 100), None);
        assert_eq!(apply_delta(&base, &[9], 100), None);
        let much: Vec<u8> = [COPY, 0, 0x64].repeat(1000);
        assert_eq!(apply_delta(&base, &much, 5000), None, "more than the limit");
        assert!(apply_delta(&base, &much, 200_000).is_some());
        let good = delta(&base, &state(5, 6, 100));
        for place in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[place] ^= 1 << bit;
                let _ = apply_delta(&base, &bytes, 100_000);
            }
        }
    }
}
