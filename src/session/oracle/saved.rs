//! The newest saved state of every frame: its contents, and the event that brought it.
//!
//! Frames nearly always come in ascending order, so they stand in packed columns; what comes
//! otherwise stands beside them.

use crate::column::Column;
use crate::frame::{Episode, Frame};
use crate::sorted::SortedMap;

/// Saved states that are remembered.
const MAX_SAVED: usize = 1 << 18;

/// Saved states by episode and frame.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    pub(super) episodes: SortedMap<Option<Episode>, SavedOfEpisode>,
    len: usize,
}

/// Those of one episode.
#[derive(Debug, Clone, Default)]
pub(super) struct SavedOfEpisode {
    frames: Column,
    digests: Column,
    seqs: Column,
    late: SortedMap<u32, (u64, u32)>,
}

impl Saved {
    /// The newest saved state of a frame: a digest of its contents, and the event that brought it.
    #[must_use]
    pub fn get(&self, episode: Option<Episode>, frame: Frame) -> Option<(u64, u32)> {
        let saved = self.episodes.get(&episode)?;
        match saved.place(frame) {
            Some(at) => Some((saved.digests.get(at)?, saved.seqs.get(at)? as u32)),
            None => saved.late.get(&frame.0).copied(),
        }
    }

    /// Takes a saved state; it replaces an earlier one of its frame. Too many are left out.
    pub(super) fn note(&mut self, episode: Option<Episode>, frame: Frame, state: u64, seq: u32) {
        let is_full = self.len >= MAX_SAVED;
        if is_full && !self.episodes.contains_key(&episode) {
            return;
        }
        self.episodes.insert_new(episode, SavedOfEpisode::default());
        let Some(saved) = self.episodes.get_mut(&episode) else { return };
        if let Some(at) = saved.place(frame) {
            saved.digests.set(at, state);
            saved.seqs.set(at, u64::from(seq));
            return;
        }
        if let Some(known) = saved.late.get_mut(&frame.0) {
            *known = (state, seq);
            return;
        }
        if is_full {
            return;
        }
        self.len += 1;
        let newest = saved.frames.len().checked_sub(1).and_then(|at| saved.frames.get(at));
        if newest.is_some_and(|newest| newest > u64::from(frame.0)) {
            saved.late.insert(frame.0, (state, seq));
            return;
        }
        saved.frames.push(u64::from(frame.0));
        saved.digests.push(state);
        saved.seqs.push(u64::from(seq));
    }

    /// Packs everything, because hardly anything more will come.
    pub(super) fn seal(&mut self) {
        for saved in self.episodes.values_mut() {
            let SavedOfEpisode { frames, digests, seqs, .. } = saved;
            [frames, digests, seqs].into_iter().for_each(Column::seal);
        }
    }
}

impl SavedOfEpisode {
    fn place(&self, frame: Frame) -> Option<usize> {
        let frame = u64::from(frame.0);
        let at = self.frames.partition_point(|known| known < frame);
        (self.frames.get(at) == Some(frame)).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_state_of_a_frame_counts_in_whatever_order_frames_come() {
        let mut saved = Saved::default();
        let episode = Some(Episode(3));
        for (seq, frame) in [5, 10, 20, 15, 10, 15, 25].into_iter().enumerate() {
            saved.note(episode, Frame(frame), 100 + seq as u64, seq as u32);
        }
        saved.seal();
        saved.note(None, Frame(5), 7, 70);
        saved.note(episode, Frame(20), 8, 80);
        let at = |frame| saved.get(episode, Frame(frame));
        assert_eq!((at(5), at(10)), (Some((100, 0)), Some((104, 4))));
        assert_eq!((at(15), at(20)), (Some((105, 5)), Some((8, 80))));
        assert_eq!((at(25), at(7)), (Some((106, 6)), None));
        assert_eq!(saved.get(None, Frame(5)), Some((7, 70)));
        assert_eq!(saved.get(Some(Episode(4)), Frame(5)), None);
    }

    #[test]
    fn their_number_is_bounded() {
        let mut saved = Saved::default();
        for frame in 0..MAX_SAVED as u32 {
            saved.note(None, Frame(frame), 1, frame);
        }
        saved.note(None, Frame(u32::MAX), 2, 1);
        saved.note(Some(Episode(1)), Frame(0), 2, 1);
        saved.note(None, Frame(9), 2, 1);
        assert_eq!(saved.get(None, Frame(u32::MAX)), None);
        assert_eq!(saved.get(Some(Episode(1)), Frame(0)), None);
        assert_eq!(saved.get(None, Frame(9)), Some((2, 1)));
    }
}
