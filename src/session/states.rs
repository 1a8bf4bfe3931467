//! State texts at hand: the newest ones, and those of frames whose hashes differ, so that two peers'
//! states of such a frame can be compared in full.

use super::mug::game_part;
use super::replies::StateText;
use crate::frame::Frame;
use crate::sorted::SortedMap;

/// One saved state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedState {
    /// Its text.
    pub text: Box<str>,
    /// Capture sequence number of the reply that brought it.
    pub seq: u32,
}

/// A state text that was seen, without the text: a reader of the capture finds it by these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenState {
    /// The frame that it stands before.
    pub frame: Frame,
    /// Capture sequence number of the reply that brought it.
    pub seq: u32,
    /// Digest of the text ([`text_digest`]).
    pub digest: u64,
}

/// A digest by which a text is recognised again; it is no hash that peers compare.
#[must_use]
pub fn text_digest(text: &str) -> u64 {
    StateText(text).digest()
}

/// The part of a saved text whose digest is known: the whole, or the game's own part of it.
#[must_use]
pub fn state_with_digest(text: &str, digest: u64) -> Option<&str> {
    [text, game_part(text)].into_iter().find(|part| text_digest(part) == digest)
}

/// Most state texts of an episode that are remembered.
const MAX_SEEN: usize = 1 << 18;

/// Bytes of the texts of the newest frames kept. A hash is reported soon after its frame, so a few seconds
/// do.
const MAX_RECENT_BYTES: usize = 4 << 20;

/// Differing frames whose states are kept: the earliest ones matter.
const MAX_PINNED: usize = 4;

/// The state texts of one episode.
#[derive(Debug, Clone, Default)]
pub struct StateStore {
    recent: SortedMap<Frame, SavedState>,
    recent_bytes: usize,
    pinned: SortedMap<Frame, SavedState>,
    seen: Vec<SeenState>,
}

impl StateStore {
    /// Takes the text of a frame's state; it replaces an earlier one of that frame.
    pub fn note(&mut self, frame: Frame, text: &str, seq: u32) {
        if self.seen.len() < MAX_SEEN {
            self.seen.push(SeenState { frame, seq, digest: text_digest(text) });
        }
        let state = SavedState { text: text.into(), seq };
        if let Some(pinned) = self.pinned.get_mut(&frame) {
            *pinned = state;
            return;
        }
        self.recent_bytes += text.len();
        if let Some(old) = self.recent.insert(frame, state) {
            self.recent_bytes -= old.text.len();
        }
        while self.recent_bytes > MAX_RECENT_BYTES {
            let Some((_, earliest)) = self.recent.pop_first() else { break };
            self.recent_bytes -= earliest.text.len();
        }
    }

    /// Keeps the state of a frame whose hashes differ, if it is still at hand.
    pub fn pin(&mut self, frame: Frame) {
        if self.pinned.contains_key(&frame) {
            return;
        }
        if let Some(state) = self.recent.remove(&frame) {
            self.recent_bytes -= state.text.len();
            self.pinned.insert(frame, state);
        }
        if self.pinned.len() > MAX_PINNED {
            self.pinned.pop_last();
        }
    }

    /// Lets go of everything that is not kept for a difference.
    pub fn close(&mut self) {
        self.recent = SortedMap::new();
        self.recent_bytes = 0;
        self.seen.shrink_to_fit();
    }

    /// Every state that was seen, in the order in which they came; the last one of a frame counts.
    #[must_use]
    pub fn seen(&self) -> &[SeenState] {
        &self.seen
    }

    /// The kept state of a frame.
    #[must_use]
    pub fn pinned(&self, frame: Frame) -> Option<&SavedState> {
        self.pinned.get(&frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differing_frames_stay_and_the_earliest_win() {
        let mut store = StateStore::default();
        for frame in (0..50).step_by(5) {
            store.note(Frame(frame), &format!("[{frame}]"), frame);
        }
        store.note(Frame(20), "[20.5]", 99);
        for frame in (10..50).step_by(5).rev() {
            store.pin(Frame(frame));
        }
        store.close();
        assert_eq!(store.pinned(Frame(20)), Some(&SavedState { text: "[20.5]".into(), seq: 99 }));
        assert!(store.pinned(Frame(10)).is_some());
        assert_eq!(store.pinned(Frame(45)), None);
        assert_eq!(store.pinned(Frame(5)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut store = StateStore::default();
        let text = "x".repeat(1 << 20);
        for frame in 0..20 {
            store.note(Frame(frame), &text, frame);
        }
        assert!(store.recent_bytes <= MAX_RECENT_BYTES);
        store.pin(Frame(0));
        assert_eq!(store.pinned(Frame(0)), None);
        store.pin(Frame(19));
        assert!(store.pinned(Frame(19)).is_some());
    }
}
