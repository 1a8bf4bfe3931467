//! An order in which each thing lies near what is like it: byte strings in, their order out.
//!
//! Deflate finds a repetition at most 32 KiB back. Compiled code is full of functions that differ in
//! little (one generic function, made for another type); a linker and wasm-bindgen place them by other
//! rules. Knows nothing of wasm: see `functions`.

use std::collections::VecDeque;

/// Length of the runs of bytes that two strings are compared by.
const RUN_BYTES: usize = 6;

/// A run that more strings than these share says nothing about likeness.
const TOO_COMMON: usize = 300;

/// How many bytes of what was placed last a candidate is compared with. Far below what deflate sees,
/// so that neighbours are alike and not merely in reach of each other.
const LOOK_BACK_BYTES: usize = 4096;

/// Added to a length before shared runs are divided by it: a few bytes in common are no likeness.
const SHORT_BYTES: usize = 16;

/// Shared runs per byte below which nothing is like what was placed; the next in the given order follows.
const LEAST: f64 = 0.02;

/// Which strings share a run.
struct Runs {
    /// For each run that two strings share: the strings that have it.
    strings: Vec<Vec<usize>>,
    /// For each string: the runs that it shares.
    of_string: Vec<Vec<usize>>,
}

impl Runs {
    fn of(strings: &[&[u8]]) -> Self {
        let mut found: Vec<([u8; RUN_BYTES], usize)> = Vec::new();
        for (index, bytes) in strings.iter().enumerate() {
            let runs = bytes.windows(RUN_BYTES).filter_map(|run| run.try_into().ok());
            found.extend(runs.map(|run| (run, index)));
        }
        found.sort_unstable();
        found.dedup();
        let mut runs = Self { strings: Vec::new(), of_string: vec![Vec::new(); strings.len()] };
        for same in found.chunk_by(|left, right| left.0 == right.0) {
            if same.len() < 2 || same.len() > TOO_COMMON {
                continue;
            }
            for (_, index) in same {
                if let Some(of_string) = runs.of_string.get_mut(*index) {
                    of_string.push(runs.strings.len());
                }
            }
            runs.strings.push(same.iter().map(|(_, index)| *index).collect());
        }
        runs
    }
}

/// What was placed last, and how much of it each string shares.
struct Recent<'a> {
    strings: &'a [&'a [u8]],
    runs: &'a Runs,
    placed: VecDeque<usize>,
    bytes: usize,
    /// For each run: how many of the strings placed last have it.
    present: Vec<usize>,
    /// For each string: how many of its runs are present.
    shared: Vec<usize>,
}

impl<'a> Recent<'a> {
    fn new(strings: &'a [&'a [u8]], runs: &'a Runs) -> Self {
        Self {
            strings,
            runs,
            placed: VecDeque::new(),
            bytes: 0,
            present: vec![0; runs.strings.len()],
            shared: vec![0; strings.len()],
        }
    }

    fn length(&self, index: usize) -> usize {
        self.strings.get(index).map_or(0, |bytes| bytes.len())
    }

    /// Adds what was placed and lets go what lies too far back.
    fn place(&mut self, index: usize) {
        self.bytes += self.length(index);
        self.count(index, true);
        self.placed.push_back(index);
        while self.bytes > LOOK_BACK_BYTES && self.placed.len() > 1 {
            if let Some(oldest) = self.placed.pop_front() {
                self.bytes -= self.length(oldest);
                self.count(oldest, false);
            }
        }
    }

    fn count(&mut self, index: usize, comes: bool) {
        for run in self.runs.of_string.get(index).into_iter().flatten() {
            let Some(present) = self.present.get_mut(*run) else { continue };
            let before = *present;
            *present = if comes { before + 1 } else { before.saturating_sub(1) };
            if before.min(*present) > 0 {
                continue;
            }
            for other in self.runs.strings.get(*run).into_iter().flatten() {
                if let Some(shared) = self.shared.get_mut(*other) {
                    *shared = if comes { *shared + 1 } else { shared.saturating_sub(1) };
                }
            }
        }
    }

    /// Shared runs per byte.
    fn likeness(&self, index: usize) -> f64 {
        let shared = self.shared.get(index).copied().unwrap_or_default();
        shared as f64 / (self.length(index) + SHORT_BYTES) as f64
    }
}

/// The places of `strings`, each once, like beside like. Equal input gives equal order.
pub(crate) fn order(strings: &[&[u8]]) -> Vec<usize> {
    let runs = Runs::of(strings);
    let mut recent = Recent::new(strings, &runs);
    let mut left: Vec<usize> = (0..strings.len()).collect();
    let mut order = Vec::with_capacity(strings.len());
    while !left.is_empty() {
        let mut best = (0, LEAST);
        for (place, index) in left.iter().enumerate() {
            let likeness = recent.likeness(*index);
            if likeness > best.1 {
                best = (place, likeness);
            }
        }
        // Keeps the given order of what is left: it decides between equals.
        let next = left.remove(best.0);
        recent.place(next);
        order.push(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn like_strings_become_neighbours_and_each_is_placed_once() {
        let strings: [&[u8]; 5] = [
            b"one kind of text, in its first form",
            b"0123456789 0123456789 0123456789",
            b"one kind of text, in its second form",
            b"",
            b"0123456789 0123456789 01234567",
        ];
        assert_eq!(order(&strings), [0, 2, 1, 4, 3]);
    }

    #[test]
    fn strings_without_likeness_stay_in_their_order() {
        assert_eq!(order(&[b"abcdefgh", b"ijklmnop", b"qrstuvwx"]), [0, 1, 2]);
        assert!(order(&[]).is_empty());
    }
}
