//! Level of detail: worst values over 4, 16, 64, … frames, so that any bucket of frames is joined
//! from few of them. A join keeps every anomaly; nothing is ever averaged.

use std::ops::Range;

use crate::session::BLOCK_FRAMES;

/// What can be joined into the worst of both. The default says nothing and changes nothing.
pub(super) trait Worst: Copy + Default {
    /// Takes the worst of both.
    fn join(&mut self, other: &Self);
}

/// Values of one level joined into one of the next.
const FACTOR: u32 = 4;

/// Worst values over growing spans of frames.
#[derive(Debug, Clone)]
pub(super) struct Pyramid<T> {
    // Frames under one value of the lowest level; below it the caller gives single frames.
    stride: u32,
    levels: Vec<Vec<T>>,
}

impl<T: Worst> Pyramid<T> {
    /// An empty pyramid with one value for `stride` frames at its lowest level: 1 or 4.
    pub(super) fn new(stride: u32) -> Self {
        Self { stride: stride.max(1), levels: Vec::new() }
    }

    /// Makes one block of frames anew; `of` gives single frames, `frames` is how many there are.
    pub(super) fn set_block(&mut self, block: usize, frames: u32, of: impl Fn(u32) -> T) {
        let first = (block as u32).saturating_mul(BLOCK_FRAMES);
        let end = first.saturating_add(BLOCK_FRAMES).min(frames);
        let mut stride = self.stride;
        for level in 0.. {
            if level > 0 && self.levels.get(level - 1).is_none_or(|below| below.len() <= 1) {
                break;
            }
            if self.levels.len() <= level {
                self.levels.push(Vec::new());
            }
            let places = first / stride..end.div_ceil(stride);
            for place in places {
                let mut worst = T::default();
                if level == 0 {
                    let from = place * stride;
                    (from..(from + stride).min(end)).for_each(|frame| worst.join(&of(frame)));
                } else if let Some(below) = self.levels.get(level - 1) {
                    let from = (place * FACTOR) as usize;
                    let children = below.iter().skip(from).take(FACTOR as usize);
                    children.for_each(|child| worst.join(child));
                }
                set(self.levels.get_mut(level), place as usize, worst);
            }
            stride = stride.saturating_mul(FACTOR);
        }
    }

    /// The worst of a range of frames; `of` gives single frames below the lowest level.
    pub(super) fn worst(&self, range: Range<u32>, of: impl Fn(u32) -> T) -> T {
        let mut worst = T::default();
        let mut at = range.start;
        while at < range.end {
            let mut found = None;
            let mut stride = self.stride;
            for level in &self.levels {
                if !at.is_multiple_of(stride) || stride > range.end - at {
                    break;
                }
                found = Some((level, stride));
                stride = stride.saturating_mul(FACTOR);
            }
            match found {
                Some((level, stride)) => {
                    let Some(value) = level.get((at / stride) as usize) else { break };
                    worst.join(value);
                    at = at.saturating_add(stride);
                }
                None => {
                    worst.join(&of(at));
                    at += 1;
                }
            }
        }
        worst
    }

    /// Bytes of memory that are held.
    pub(super) fn bytes(&self) -> usize {
        let values: usize = self.levels.iter().map(Vec::capacity).sum();
        values * size_of::<T>()
    }
}

fn set<T: Copy + Default>(level: Option<&mut Vec<T>>, place: usize, value: T) {
    let Some(level) = level else { return };
    if place >= level.len() {
        level.resize(place + 1, T::default());
    }
    if let Some(slot) = level.get_mut(place) {
        *slot = value;
    }
}

/// Entries of a list in one value of [`Peaks`].
const CHUNK: usize = 64;

/// The highest two numbers over chunks of a list that grows at its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Peaks {
    chunks: Vec<[u32; 2]>,
    settled: usize,
}

impl Peaks {
    /// Takes a list of `len` entries of which the last `open` ones may still change.
    pub(super) fn refresh(&mut self, len: usize, open: usize, of: impl Fn(usize) -> [u32; 2]) {
        let count = len.div_ceil(CHUNK);
        if count < self.settled {
            self.settled = 0;
        }
        self.chunks.resize(count, [0; 2]);
        for place in self.settled..count {
            let mut highest = [0; 2];
            let entries = place * CHUNK..len.min((place + 1) * CHUNK);
            entries.for_each(|entry| join(&mut highest, of(entry)));
            if let Some(chunk) = self.chunks.get_mut(place) {
                *chunk = highest;
            }
        }
        self.settled = len.saturating_sub(open) / CHUNK;
    }

    /// Bytes of memory that are held.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.capacity() * size_of::<[u32; 2]>()
    }

    /// The highest of a range of entries.
    pub(super) fn highest(&self, range: Range<usize>, of: impl Fn(usize) -> [u32; 2]) -> [u32; 2] {
        let mut highest = [0; 2];
        let mut at = range.start;
        while at < range.end {
            let chunk = self.chunks.get(at / CHUNK);
            match chunk.filter(|_| at.is_multiple_of(CHUNK) && at + CHUNK <= range.end) {
                Some(chunk) => {
                    join(&mut highest, *chunk);
                    at += CHUNK;
                }
                None => {
                    join(&mut highest, of(at));
                    at += 1;
                }
            }
        }
        highest
    }

    /// The highest of all entries.
    pub(super) fn highest_of_all(&self) -> [u32; 2] {
        let mut highest = [0; 2];
        self.chunks.iter().for_each(|chunk| join(&mut highest, *chunk));
        highest
    }
}

fn join(highest: &mut [u32; 2], other: [u32; 2]) {
    for (mine, other) in highest.iter_mut().zip(other) {
        *mine = (*mine).max(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Default, PartialEq, Debug)]
    struct Highest(u64);

    impl Worst for Highest {
        fn join(&mut self, other: &Self) {
            self.0 = self.0.max(other.0);
        }
    }

    // A fixed sequence without order (splitmix64).
    fn value(index: u64) -> u64 {
        let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn every_range_gives_the_worst_of_its_frames() {
        for stride in [1, 4] {
            let frames = 5000_u32;
            let of = |frame: u32| Highest(value(u64::from(frame)) % 100_000);
            let mut pyramid = Pyramid::new(stride);
            for block in 0..frames.div_ceil(BLOCK_FRAMES) {
                pyramid.set_block(block as usize, frames, of);
            }
            for case in 0..400 {
                let start = (value(case) % 5000) as u32;
                let end = start + (value(case + 9000) % u64::from(5001 - start)) as u32;
                let worst = (start..end).map(|frame| of(frame).0).max().unwrap_or(0);
                assert_eq!(pyramid.worst(start..end, of).0, worst, "{start}..{end}");
            }
        }
    }

    #[test]
    fn one_bad_frame_in_a_million_is_never_lost() {
        let frames = 1_000_000_u32;
        let of = |frame: u32| Highest(u64::from(frame == 654_321));
        let mut pyramid = Pyramid::new(4);
        for block in 0..frames.div_ceil(BLOCK_FRAMES) {
            pyramid.set_block(block as usize, frames, of);
        }
        let bad: Vec<u32> = (0..1000)
            .filter(|column| pyramid.worst(column * 1000..(column + 1) * 1000, of).0 == 1)
            .collect();
        assert_eq!(bad, [654]);
    }

    #[test]
    fn a_block_that_changed_changes_what_stands_above_it() {
        let frames = 3000_u32;
        let mut pyramid = Pyramid::new(1);
        for block in 0..frames.div_ceil(BLOCK_FRAMES) {
            pyramid.set_block(block as usize, frames, |_| Highest(1));
        }
        pyramid.set_block(5, frames, |_| Highest(9));
        assert_eq!(pyramid.worst(0..3000, |_| Highest(0)).0, 9);
        pyramid.set_block(5, frames, |_| Highest(2));
        assert_eq!(pyramid.worst(0..3000, |_| Highest(0)).0, 2);
    }

    #[test]
    fn peaks_follow_a_list_that_grows_and_settles() {
        let mut peaks = Peaks::default();
        let mut list: Vec<u32> = Vec::new();
        for index in 0..1000 {
            list.push((value(index) % 1000) as u32);
            if list.len() >= 8 {
                let late = list.len() - 8;
                list[late] = list[late].saturating_add(1000);
            }
            peaks.refresh(list.len(), 8, |entry| [list[entry], 0]);
        }
        for (start, end) in [(0, 1000), (3, 997), (64, 128), (500, 501), (990, 1000)] {
            let expected = list[start..end].iter().copied().max().unwrap();
            assert_eq!(peaks.highest(start..end, |entry| [list[entry], 0])[0], expected);
        }
        assert_eq!(peaks.highest_of_all()[0], list.iter().copied().max().unwrap());
    }
}
