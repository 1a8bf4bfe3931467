//! Columns of whole numbers in little memory: what is old is packed in blocks, each in as few bits
//! a value as it needs, and every value can still be read and changed.
//!
//! Tables of an hour of play have millions of cells that hardly change from row to row. A block
//! keeps its first value, a slope (times and numbers ascend), and what is left in equal widths, so
//! that reading one value takes no search. Nothing here knows what the numbers mean.

/// Values in one packed block.
const BLOCK: usize = 512;

/// A list of whole numbers that grows at its end.
#[derive(Debug, Clone, Default)]
pub struct Column {
    // Zeros before everything else, a multiple of `BLOCK`: what is known from later on costs nothing
    // before that.
    head: usize,
    blocks: Vec<Block>,
    // What came last, as it came: it is changed most often.
    open: Vec<u64>,
}

/// [`BLOCK`] values, or fewer at the end of a column that was sealed.
#[derive(Debug, Clone)]
struct Block {
    least: u64,
    slope: u32,
    len: u16,
    width: u8,
    words: Box<[u64]>,
}

impl Column {
    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.head + self.packed() + self.open.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head == 0 && self.blocks.is_empty() && self.open.is_empty()
    }

    /// Adds a value.
    pub fn push(&mut self, value: u64) {
        self.reopen();
        if self.open.len() >= 2 * BLOCK {
            self.blocks.extend(self.open.get(..BLOCK).map(Block::of));
            self.open.drain(..BLOCK);
        }
        self.open.push(value);
    }

    /// The value at a place; `None` past the end.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<u64> {
        let Some(at) = at.checked_sub(self.head) else {
            return Some(0);
        };
        match at.checked_sub(self.packed()) {
            Some(open) => self.open.get(open).copied(),
            None => Some(self.blocks.get(at / BLOCK)?.value(at % BLOCK)),
        }
    }

    /// Puts another value at a place; nothing past the end.
    pub fn set(&mut self, at: usize, value: u64) {
        let Some(at) = at.checked_sub(self.head) else {
            if value != 0 {
                self.fill_head();
                self.set(at, value);
            }
            return;
        };
        if let Some(open) = at.checked_sub(self.packed()) {
            if let Some(slot) = self.open.get_mut(open) {
                *slot = value;
            }
            return;
        }
        if let Some(block) = self.blocks.get_mut(at / BLOCK) {
            block.set(at % BLOCK, value);
        }
    }

    /// Fills the column with `value` until it has `len` values.
    pub fn extend_to(&mut self, len: usize, value: u64) {
        if value == 0 && self.is_empty() {
            self.head = len / BLOCK * BLOCK;
        }
        for _ in self.len()..len {
            self.push(value);
        }
    }

    /// All values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u64> + '_ {
        let packed = self.blocks.iter();
        let packed = packed.flat_map(|block| (0..usize::from(block.len)).map(|at| block.value(at)));
        std::iter::repeat_n(0, self.head).chain(packed).chain(self.open.iter().copied())
    }

    /// Number of values before the first one that `is_before` says no to; all before it must get a
    /// yes, and all after it a no.
    #[must_use]
    pub fn partition_point(&self, is_before: impl Fn(u64) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            if self.get(middle).is_some_and(&is_before) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// The first place from which on nothing stands before it that holds `value` and that `is_right`
    /// says yes to. Blocks that cannot hold the value are passed over.
    #[must_use]
    pub fn find(&self, value: u64, is_right: impl Fn(usize) -> bool) -> Option<usize> {
        let holds = |at: &usize| self.get(*at) == Some(value) && is_right(*at);
        let packed = self.blocks.iter().enumerate().filter(|(_, block)| block.may_hold(value));
        let packed = packed.flat_map(|(place, block)| {
            let first = self.head + place * BLOCK;
            first..first + usize::from(block.len)
        });
        let head = 0..if value == 0 { self.head } else { 0 };
        head.chain(packed).chain(self.head + self.packed()..self.len()).find(holds)
    }

    /// Packs everything, because hardly anything more will come. A later value may still be added.
    pub fn seal(&mut self) {
        self.blocks.extend(self.open.chunks(BLOCK).map(Block::of));
        self.open = Vec::new();
        self.blocks.shrink_to_fit();
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let words: usize = self.blocks.iter().map(|block| block.words.len()).sum();
        self.blocks.capacity() * size_of::<Block>() + (words + self.open.capacity()) * 8
    }

    // Makes blocks of the head, because one of its values changes.
    fn fill_head(&mut self) {
        let zeros = Block::of(&[0; BLOCK]);
        let blocks = std::iter::repeat_n(zeros, self.head / BLOCK);
        self.blocks.splice(0..0, blocks);
        self.head = 0;
    }

    // Values in blocks. Only the last block may be short.
    fn packed(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + usize::from(last.len))
    }

    // A short block at the end is unpacked before more values follow it.
    fn reopen(&mut self) {
        if self.open.is_empty()
            && let Some(short) = self.blocks.pop_if(|last| usize::from(last.len) < BLOCK)
        {
            self.open = short.values();
        }
    }
}

impl Block {
    fn of(values: &[u64]) -> Self {
        let level = Fit::of(values, 0);
        let rise = values.first().zip(values.last()).and_then(|(a, b)| b.checked_sub(*a));
        let steps = (values.len() as u64).saturating_sub(1).max(1);
        let slope = rise.and_then(|rise| u32::try_from(rise / steps).ok()).unwrap_or(0);
        let sloped = Fit::of(values, slope);
        let fit = if sloped.width < level.width { sloped } else { level };
        Self {
            least: fit.least,
            slope: fit.slope,
            len: values.len() as u16,
            width: fit.width,
            words: fit.pack(values),
        }
    }

    // What stands above the line of the block.
    fn rest(&self, at: usize, value: u64) -> u64 {
        value.wrapping_sub(self.least).wrapping_sub(u64::from(self.slope) * at as u64)
    }

    fn mask(&self) -> u64 {
        mask(self.width)
    }

    fn value(&self, at: usize) -> u64 {
        let bit = at * usize::from(self.width);
        let (word, shift) = (bit / 64, bit % 64);
        let mut rest = self.words.get(word).copied().unwrap_or(0) >> shift;
        if shift + usize::from(self.width) > 64 {
            rest |= self.words.get(word + 1).copied().unwrap_or(0) << (64 - shift);
        }
        (rest & self.mask())
            .wrapping_add(self.least)
            .wrapping_add(u64::from(self.slope) * at as u64)
    }

    fn put(&mut self, at: usize, rest: u64) {
        let (width, mask) = (usize::from(self.width), self.mask());
        let (word, shift) = (at * width / 64, at * width % 64);
        if let Some(low) = self.words.get_mut(word) {
            *low = *low & !(mask << shift) | rest << shift;
        }
        if shift + width > 64
            && let Some(high) = self.words.get_mut(word + 1)
        {
            *high = *high & !(mask >> (64 - shift)) | rest >> (64 - shift);
        }
    }

    fn set(&mut self, at: usize, value: u64) {
        if at >= usize::from(self.len) {
            return;
        }
        let rest = self.rest(at, value);
        if rest <= self.mask() {
            return self.put(at, rest);
        }
        let mut values = self.values();
        if let Some(slot) = values.get_mut(at) {
            *slot = value;
        }
        *self = Self::of(&values);
    }

    fn values(&self) -> Vec<u64> {
        (0..usize::from(self.len)).map(|at| self.value(at)).collect()
    }

    fn may_hold(&self, value: u64) -> bool {
        let rise = u64::from(self.slope) * u64::from(self.len);
        let above = value.wrapping_sub(self.least);
        // A block whose values span nearly everything excludes nothing.
        self.mask().checked_add(rise).is_none_or(|most| above <= most)
    }
}

/// How many bits a value takes above a line.
#[derive(Debug, Clone, Copy)]
struct Fit {
    least: u64,
    slope: u32,
    width: u8,
}

impl Fit {
    // Arithmetic wraps on the way there and back, so any line is right; a good one is narrow.
    fn of(values: &[u64], slope: u32) -> Self {
        // Below the line is above it by nearly 2^64: compared as signed numbers it is below.
        let (mut line, mut least, mut most) = (0_u64, i64::MAX, i64::MIN);
        for value in values {
            let rest = value.wrapping_sub(line).cast_signed();
            least = least.min(rest);
            most = most.max(rest);
            line = line.wrapping_add(u64::from(slope));
        }
        if values.is_empty() {
            (least, most) = (0, 0);
        }
        let most = most.wrapping_sub(least).cast_unsigned();
        Self { least: least.cast_unsigned(), slope, width: (64 - most.leading_zeros()) as u8 }
    }

    // What stands above the line, one value after another in equal widths.
    fn pack(self, values: &[u64]) -> Box<[u64]> {
        let width = u32::from(self.width);
        let mut words = Vec::with_capacity((values.len() * usize::from(self.width)).div_ceil(64));
        if width == 0 {
            return words.into();
        }
        let (mut line, mut word, mut filled) = (self.least, 0_u64, 0_u32);
        for value in values {
            let rest = value.wrapping_sub(line);
            line = line.wrapping_add(u64::from(self.slope));
            word |= rest << filled;
            filled += width;
            if filled >= 64 {
                words.push(word);
                filled -= 64;
                // Nothing is left of a value that ended with the word.
                word = rest.checked_shr(width - filled).unwrap_or(0);
            }
        }
        if filled > 0 {
            words.push(word);
        }
        words.into()
    }
}

fn mask(width: u8) -> u64 {
    u64::MAX.checked_shr(64 - u32::from(width)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::SplitMix64;

    #[test]
    fn what_goes_in_comes_out_whatever_it_is_and_however_it_is_changed() {
        let mut random = SplitMix64(7);
        for round in 0..60 {
            let len = random.next_u64() % 3000;
            let bits = random.next_u64() % 65;
            let step =
                if round % 2 == 0 { random.next_u64() >> (random.next_u64() % 64) } else { 0 };
            let (mut column, mut all) = (Column::default(), Vec::new());
            if round % 3 == 0 {
                all.resize((random.next_u64() % 5000) as usize, 0);
                column.extend_to(all.len(), 0);
            }
            for at in all.len() as u64..all.len() as u64 + len {
                if random.next_u64().is_multiple_of(700) {
                    column.seal();
                }
                let noise = random.next_u64().checked_shr(64 - bits as u32).unwrap_or(0);
                let value = noise.wrapping_add(step.wrapping_mul(at));
                column.push(value);
                all.push(value);
                if random.next_u64().is_multiple_of(20) {
                    let place = (random.next_u64() % (at + 1)) as usize;
                    let other = random.next_u64() >> (random.next_u64() % 64);
                    column.set(place, other);
                    all[place] = other;
                }
            }
            assert_eq!(column.len(), all.len());
            assert_eq!(column.iter().collect::<Vec<_>>(), all);
            column.seal();
            assert!((0..all.len()).all(|at| column.get(at) == Some(all[at])), "{len} {bits}");
            assert_eq!(column.get(all.len()), None);
            for at in (0..all.len()).step_by(97) {
                let found = column.find(all[at], |_| true);
                assert_eq!(found, all.iter().position(|value| *value == all[at]));
            }
        }
    }

    #[test]
    fn what_lies_before_the_first_value_costs_nothing_until_it_changes() {
        let mut column = Column::default();
        column.extend_to(1 << 20, 0);
        column.push(9);
        assert_eq!(
            (column.len(), column.get(1 << 20), column.get(5)),
            ((1 << 20) + 1, Some(9), Some(0))
        );
        column.set(5, 0);
        assert!(column.bytes() < 2_000, "{} bytes", column.bytes());
        column.set(5, 7);
        assert_eq!(
            (column.get(4), column.get(5), column.get(1 << 20)),
            (Some(0), Some(7), Some(9))
        );
        assert_eq!((column.find(7, |_| true), column.iter().sum::<u64>()), (Some(5), 16));
    }

    #[test]
    fn constants_and_steady_rises_take_next_to_nothing() {
        let (mut same, mut rising, mut times) =
            (Column::default(), Column::default(), Column::default());
        for at in 0..100_000_u64 {
            same.push(7);
            rising.push(1000 + 3 * at);
            times.push(16_667 * at + at % 100);
        }
        for column in [&mut same, &mut rising, &mut times] {
            column.seal();
        }
        assert!(same.bytes() < 10_000 && rising.bytes() < 10_000, "{}", rising.bytes());
        assert!(times.bytes() < 100_000, "{}", times.bytes());
        assert_eq!(times.partition_point(|time| time < 16_667 * 500), 500);
    }

    #[test]
    fn places_past_the_end_are_left_alone() {
        let mut column = Column::default();
        column.extend_to(3, 5);
        column.set(3, 9);
        column.seal();
        column.set(3, 9);
        assert_eq!(column.iter().collect::<Vec<_>>(), [5, 5, 5]);
    }
}
