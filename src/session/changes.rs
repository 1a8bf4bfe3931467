//! Which frames changed, in blocks, so that what was made from a block is made again only then.

use crate::frame::Frame;

/// Frames in one block.
pub const BLOCK_FRAMES: u32 = 256;

/// Counts the changes of each block of [`BLOCK_FRAMES`] frames.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    counts: Vec<u32>,
}

impl Changes {
    /// Notes that a frame changed.
    pub fn note(&mut self, frame: Frame) {
        let block = (frame.0 / BLOCK_FRAMES) as usize;
        if block >= self.counts.len() {
            self.counts.resize(block + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(block) {
            *count = count.wrapping_add(1);
        }
    }

    /// How often a block changed; 0 for blocks past the last one.
    #[must_use]
    pub fn of_block(&self, block: usize) -> u32 {
        self.counts.get(block).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_block_of_a_changed_frame_counts() {
        let mut changes = Changes::default();
        changes.note(Frame(BLOCK_FRAMES));
        changes.note(Frame(BLOCK_FRAMES * 2 - 1));
        assert_eq!([0, 1, 2].map(|block| changes.of_block(block)), [0, 2, 0]);
    }
}
