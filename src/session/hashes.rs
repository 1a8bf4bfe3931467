//! State hashes by frame: recomputed here, computed by the worker, reported between peers.

use std::collections::BTreeMap;

use super::changes::Changes;
use crate::frame::Frame;
use crate::player::{MAX_PLAYERS, PlayerId};

/// A hash that a peer reported on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The hash.
    pub hash: u64,
    /// Capture sequence number of the first message that carried it.
    pub seq: u32,
    /// A second, different value reported later for the same frame.
    pub contradicted_by: Option<u64>,
}

/// What is known of one frame's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HashSlot {
    /// Hash of the newest state text that crossed the worker boundary, recomputed here.
    pub recomputed: Option<u64>,
    /// The worker's own hash of that state.
    pub computed: Option<u64>,
    /// Digest of the state text itself, to recognise it when it is restored.
    pub text_digest: Option<u64>,
    /// Capture sequence number of the reply with the state text.
    pub state_seq: u32,
    reports: [Option<Report>; MAX_PLAYERS],
}

impl HashSlot {
    /// Whether any player reported a hash for this frame.
    #[must_use]
    pub fn has_report(&self) -> bool {
        self.reports.iter().any(Option::is_some)
    }

    /// Everything that players reported for this frame.
    pub fn reports(&self) -> impl Iterator<Item = (PlayerId, Report)> + '_ {
        let players = (0_u8..).map(PlayerId);
        players.zip(&self.reports).filter_map(|(player, report)| Some((player, (*report)?)))
    }

    /// What `player` reported for this frame.
    #[must_use]
    pub fn reported(&self, player: PlayerId) -> Option<Report> {
        self.reports.get(player.index()).copied().flatten()
    }
}

/// The hashes of one episode as one observed peer shows them.
#[derive(Debug, Clone, Default)]
pub struct HashTable {
    slots: BTreeMap<Frame, HashSlot>,
    changes: Changes,
    /// State texts whose worker hash was compared with the recomputed one: equal, different.
    pub recomputed: (u32, u32),
    /// Frame and evidence of the first different ones.
    pub recomputed_wrong: Vec<(Frame, u32)>,
    /// State texts that could not be hashed here.
    pub unhashable: u32,
}

/// Slots kept; beyond it the oldest are let go. 2^18 hashed frames are six hours at 60 frames per
/// second with one hash every fifth frame.
const MAX_SLOTS: usize = 1 << 18;

/// Slots that are looked at for the state of a hashed text, from the newest back.
const MAX_LOOKED_BACK: usize = 256;

/// Wrong hashes kept with their evidence.
const MAX_WRONG: usize = 64;

impl HashTable {
    /// The slot of a frame.
    #[must_use]
    pub fn slot(&self, frame: Frame) -> Option<&HashSlot> {
        self.slots.get(&frame)
    }

    /// Which blocks of frames had a report change how often.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The slots of frames from `first` up to before `end`, in order.
    pub fn between(&self, first: Frame, end: Frame) -> impl Iterator<Item = (Frame, &HashSlot)> {
        self.slots.range(first..end.max(first)).map(|(frame, slot)| (*frame, slot))
    }

    /// All slots in order of frame.
    pub fn iter(&self) -> impl Iterator<Item = (Frame, &HashSlot)> {
        self.slots.iter().map(|(frame, slot)| (*frame, slot))
    }

    /// Notes a state text: its recomputed hash (`None` if it has none) and its digest.
    pub fn note_state(&mut self, frame: Frame, hash: Option<u64>, text_digest: u64, seq: u32) {
        if hash.is_none() {
            self.unhashable += 1;
        }
        let slot = self.slot_mut(frame);
        slot.recomputed = hash;
        slot.computed = None;
        slot.text_digest = Some(text_digest);
        slot.state_seq = seq;
    }

    /// Forgets the state of a frame, because nobody knows it any more.
    pub fn forget_state(&mut self, frame: Frame) {
        if let Some(slot) = self.slots.get_mut(&frame) {
            slot.recomputed = None;
            slot.computed = None;
            slot.text_digest = None;
        }
    }

    /// Notes the worker's own hash of the state noted just before.
    pub fn note_computed(&mut self, frame: Frame, hash: u64, seq: u32) {
        let slot = self.slot_mut(frame);
        slot.computed = Some(hash);
        match slot.recomputed {
            Some(recomputed) if recomputed == hash => self.recomputed.0 += 1,
            Some(_) => {
                self.recomputed.1 += 1;
                if self.recomputed_wrong.len() < MAX_WRONG {
                    self.recomputed_wrong.push((frame, seq));
                }
            }
            None => {}
        }
    }

    /// Notes the worker's hash of a text whose recomputed one is `recomputed`.
    pub fn note_text(&mut self, recomputed: Option<u64>, hash: u64, seq: u32) {
        let Some(recomputed) = recomputed else {
            self.unhashable += 1;
            return;
        };
        let mut newest_first = self.slots.iter_mut().rev().take(MAX_LOOKED_BACK);
        let known = newest_first.find(|(_, slot)| slot.recomputed == Some(recomputed));
        if recomputed == hash {
            self.recomputed.0 += 1;
            if let Some((_, slot)) = known {
                slot.computed = Some(hash);
            }
            return;
        }
        self.recomputed.1 += 1;
        if let (Some((frame, _)), true) = (known, self.recomputed_wrong.len() < MAX_WRONG) {
            self.recomputed_wrong.push((*frame, seq));
        }
    }

    /// Notes a hash that `player` reported on the wire; the first value of a frame stays.
    pub fn note_report(&mut self, player: PlayerId, frame: Frame, hash: u64, seq: u32) {
        self.changes.note(frame);
        let slot = self.slot_mut(frame);
        if let Some(place) = slot.reports.get_mut(player.index()) {
            match place {
                Some(report) if report.hash != hash => report.contradicted_by = Some(hash),
                Some(_) => {}
                None => *place = Some(Report { hash, seq, contradicted_by: None }),
            }
        }
    }

    /// Whether two players reported different hashes for a frame.
    #[must_use]
    pub fn has_difference(&self, frame: Frame) -> bool {
        let mut hashes = self.slot(frame).into_iter().flat_map(HashSlot::reports);
        let first = hashes.next();
        first.is_some_and(|(_, first)| hashes.any(|(_, other)| other.hash != first.hash))
    }

    fn slot_mut(&mut self, frame: Frame) -> &mut HashSlot {
        if self.slots.len() >= MAX_SLOTS
            && !self.slots.contains_key(&frame)
            && let Some((oldest, _)) = self.slots.pop_first()
        {
            self.changes.note(oldest);
        }
        self.slots.entry(frame).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_value_is_kept_as_a_contradiction() {
        let mut table = HashTable::default();
        table.note_report(PlayerId(1), Frame(5), 7, 100);
        table.note_report(PlayerId(1), Frame(5), 7, 101);
        table.note_report(PlayerId(1), Frame(5), 8, 102);
        let report = table.slot(Frame(5)).unwrap().reported(PlayerId(1)).unwrap();
        assert_eq!(report, Report { hash: 7, seq: 100, contradicted_by: Some(8) });
    }

    #[test]
    fn worker_hashes_are_compared_only_with_a_state_that_was_seen() {
        let mut table = HashTable::default();
        table.note_computed(Frame(0), 1, 0);
        assert_eq!(table.recomputed, (0, 0));
        table.note_state(Frame(0), Some(1), 9, 1);
        table.note_computed(Frame(0), 1, 1);
        table.note_state(Frame(5), Some(2), 9, 2);
        table.note_computed(Frame(5), 3, 2);
        assert_eq!(table.recomputed, (1, 1));
        assert_eq!(table.recomputed_wrong, [(Frame(5), 2)]);
    }
}
