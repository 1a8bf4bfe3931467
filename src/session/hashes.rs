//! State hashes by frame: recomputed here, computed by the worker, reported between peers.

use super::changes::{BLOCK_FRAMES, Changes};
use crate::frame::Frame;
use crate::player::{MAX_PLAYERS, PlayerId};
use crate::sorted::SortedMap;

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
#[derive(Debug, Clone, Copy)]
pub struct HashSlot<'a> {
    /// Hash of the newest state text that crossed the worker boundary, recomputed here.
    pub recomputed: Option<u64>,
    /// The worker's own hash of that state.
    pub computed: Option<u64>,
    /// Digest of the state text itself, to recognise it when it is restored.
    pub text_digest: Option<u64>,
    /// Capture sequence number of the reply with the state text.
    pub state_seq: u32,
    reports: &'a [ReportRow],
    contradictions: &'a Contradictions,
}

/// Second values by frame and player.
type Contradictions = SortedMap<(Frame, PlayerId), u64>;

impl<'a> HashSlot<'a> {
    /// Whether any player reported a hash for this frame.
    #[must_use]
    pub fn has_report(&self) -> bool {
        !self.reports.is_empty()
    }

    /// Everything that players reported for this frame, by player.
    pub fn reports(&self) -> impl Iterator<Item = (PlayerId, Report)> + use<'a> {
        let contradictions = self.contradictions;
        self.reports.iter().map(|row| {
            let contradicted_by = contradictions.get(&(row.frame, row.player)).copied();
            (row.player, Report { hash: row.hash, seq: row.seq, contradicted_by })
        })
    }

    /// What `player` reported for this frame.
    #[must_use]
    pub fn reported(&self, player: PlayerId) -> Option<Report> {
        self.reports().find(|(of, _)| *of == player).map(|(_, report)| report)
    }
}

/// What is known of the rule of reported hashes. Hashes of two rules never compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportRule {
    /// The dialect knows algorithm and text route.
    Known,
    /// Nothing tells them.
    Untold {
        /// Hexadecimal digits of each; of longer ones the first 16 are kept.
        digits: u8,
        /// Whether they went through the page's server.
        is_relayed: bool,
    },
}

/// The hashes of one episode as one observed peer shows them.
#[derive(Debug, Clone, Default)]
pub struct HashTable {
    // By frame / BLOCK_FRAMES, so that adding a row moves few others. No block is empty.
    blocks: SortedMap<u32, Block>,
    // Frames that something is known of.
    known: usize,
    contradictions: Contradictions,
    changes: Changes,
    // That of the first report.
    rule: Option<ReportRule>,
    // Whether the page reported a state that still rested on a guess, by an untold rule.
    is_guessed: bool,
    /// State texts whose worker hash was compared with the recomputed one: equal, different.
    pub recomputed: (u32, u32),
    /// Frame and evidence of the first different ones.
    pub recomputed_wrong: Vec<(Frame, u32)>,
    /// State texts that could not be hashed here.
    pub unhashable: u32,
}

/// What is known of the states of some frames in a row, each list in order of frame.
#[derive(Debug, Clone, Default)]
struct Block {
    states: Vec<StateRow>,
    reports: Vec<ReportRow>,
}

#[derive(Debug, Clone, Copy)]
struct StateRow {
    frame: Frame,
    seq: u32,
    recomputed: Option<u64>,
    computed: Option<u64>,
    text_digest: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct ReportRow {
    frame: Frame,
    seq: u32,
    hash: u64,
    player: PlayerId,
}

/// Frames whose hashes are kept; beyond it the oldest are let go. 2^18 hashed frames are six hours at
/// 60 frames per second with one hash every fifth frame.
const MAX_FRAMES: usize = 1 << 18;

/// Saved states that are looked at for the state of a hashed text, from the newest back.
const MAX_LOOKED_BACK: usize = 256;

/// Wrong hashes kept with their evidence.
const MAX_WRONG: usize = 64;

impl Block {
    fn state(&self, frame: Frame) -> Option<&StateRow> {
        let place = self.states.binary_search_by_key(&frame, |row| row.frame).ok()?;
        self.states.get(place)
    }

    fn reports(&self, frame: Frame) -> &[ReportRow] {
        let from = self.reports.partition_point(|row| row.frame < frame);
        let rest = self.reports.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|row| row.frame == frame).count();
        rest.get(..count).unwrap_or_default()
    }

    fn has(&self, frame: Frame) -> bool {
        self.state(frame).is_some() || !self.reports(frame).is_empty()
    }

    fn is_empty(&self) -> bool {
        self.states.is_empty() && self.reports.is_empty()
    }

    fn first(&self) -> Option<Frame> {
        let state = self.states.first().map(|row| row.frame);
        state.into_iter().chain(self.reports.first().map(|row| row.frame)).min()
    }

    // The frames in order.
    fn frames(&self) -> impl Iterator<Item = Frame> + '_ {
        let (mut states, mut reports) = (self.states.iter(), self.reports.iter());
        let (mut state, mut report) = (states.next(), reports.next());
        std::iter::from_fn(move || {
            let next = [state.map(|row| row.frame), report.map(|row| row.frame)];
            let next = next.into_iter().flatten().min()?;
            while state.is_some_and(|row| row.frame == next) {
                state = states.next();
            }
            while report.is_some_and(|row| row.frame == next) {
                report = reports.next();
            }
            Some(next)
        })
    }
}

impl HashTable {
    /// What is known of a frame.
    #[must_use]
    pub fn slot(&self, frame: Frame) -> Option<HashSlot<'_>> {
        self.slot_in(self.blocks.get(&(frame.0 / BLOCK_FRAMES))?, frame)
    }

    fn slot_in<'a>(&'a self, block: &'a Block, frame: Frame) -> Option<HashSlot<'a>> {
        let (state, reports) = (block.state(frame), block.reports(frame));
        (state.is_some() || !reports.is_empty()).then_some(HashSlot {
            recomputed: state.and_then(|row| row.recomputed),
            computed: state.and_then(|row| row.computed),
            text_digest: state.and_then(|row| row.text_digest),
            state_seq: state.map_or(0, |row| row.seq),
            reports,
            contradictions: &self.contradictions,
        })
    }

    /// The rule of the reported hashes; `None` before the first.
    #[must_use]
    pub fn rule(&self) -> Option<ReportRule> {
        self.rule
    }

    /// Whether the rule of the reported hashes is known, so that they compare with recomputed ones.
    #[must_use]
    pub fn is_rule_known(&self) -> bool {
        !matches!(self.rule, Some(ReportRule::Untold { .. }))
    }

    /// Notes that the page reported a state that still rested on a guess, though nothing says that such
    /// hashes are of final states: its reports say nothing from here on.
    pub fn note_guess(&mut self) {
        self.is_guessed = true;
    }

    /// Whether the page reported such a state.
    #[must_use]
    pub fn is_guessed(&self) -> bool {
        self.is_guessed
    }

    /// Whether a hash of `rule` compares with the reported ones; the first one decides.
    pub fn admits(&mut self, rule: ReportRule) -> bool {
        *self.rule.get_or_insert(rule) == rule
    }

    /// Which blocks of frames had a report change how often.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// What is known of the frames from `first` up to before `end`, in order.
    pub fn between(&self, first: Frame, end: Frame) -> impl Iterator<Item = (Frame, HashSlot<'_>)> {
        let last = end.previous().filter(|last| *last >= first);
        last.into_iter().flat_map(move |last| self.through(first, last))
    }

    /// Everything in order of frame.
    pub fn iter(&self) -> impl Iterator<Item = (Frame, HashSlot<'_>)> {
        self.through(Frame::ZERO, Frame(u32::MAX))
    }

    fn through(&self, first: Frame, last: Frame) -> impl Iterator<Item = (Frame, HashSlot<'_>)> {
        let blocks = self.blocks.range(first.0 / BLOCK_FRAMES..=last.0 / BLOCK_FRAMES);
        let slots = blocks.flat_map(|(_, block)| {
            block.frames().filter_map(|frame| Some((frame, self.slot_in(block, frame)?)))
        });
        slots.filter(move |(frame, _)| (first..=last).contains(frame))
    }

    /// Notes a state text: its recomputed hash (`None` if it has none) and its digest.
    pub fn note_state(&mut self, frame: Frame, hash: Option<u64>, text_digest: u64, seq: u32) {
        if hash.is_none() {
            self.unhashable += 1;
        }
        let text_digest = Some(text_digest);
        let new = StateRow { frame, seq, recomputed: hash, computed: None, text_digest };
        self.change_block(frame, |Block { states, .. }| {
            match states.binary_search_by_key(&frame, |row| row.frame) {
                Ok(place) => states.get_mut(place).into_iter().for_each(|row| *row = new),
                Err(place) => states.insert(place, new),
            }
        });
    }

    /// Forgets the state of a frame, because nobody knows it any more.
    pub fn forget_state(&mut self, frame: Frame) {
        if let Some(row) = self.state_mut(frame) {
            row.recomputed = None;
            row.computed = None;
            row.text_digest = None;
        }
    }

    /// Notes the worker's own hash of the state noted just before.
    pub fn note_computed(&mut self, frame: Frame, hash: u64, seq: u32) {
        let Some(row) = self.state_mut(frame) else { return };
        row.computed = Some(hash);
        match row.recomputed {
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
        let newest_first =
            self.blocks.values_mut().rev().flat_map(|block| block.states.iter_mut().rev());
        let mut newest_first = newest_first.take(MAX_LOOKED_BACK);
        let known = newest_first.find(|row| row.recomputed == Some(recomputed));
        if recomputed == hash {
            self.recomputed.0 += 1;
            if let Some(row) = known {
                row.computed = Some(hash);
            }
            return;
        }
        self.recomputed.1 += 1;
        if let (Some(row), true) = (known, self.recomputed_wrong.len() < MAX_WRONG) {
            self.recomputed_wrong.push((row.frame, seq));
        }
    }

    /// Notes a hash that `player` reported on the wire; the first value of a frame stays.
    pub fn note_report(&mut self, player: PlayerId, frame: Frame, hash: u64, seq: u32) {
        if player.index() >= MAX_PLAYERS {
            return;
        }
        self.changes.note(frame);
        let is_contradicted = self.change_block(frame, |block| {
            let place =
                block.reports.binary_search_by_key(&(frame, player), |row| (row.frame, row.player));
            match place {
                Ok(place) => block.reports.get(place).is_some_and(|known| known.hash != hash),
                Err(place) => {
                    block.reports.insert(place, ReportRow { frame, seq, hash, player });
                    false
                }
            }
        });
        if is_contradicted {
            self.contradictions.insert((frame, player), hash);
        }
    }

    /// Whether two players reported different hashes for a frame.
    #[must_use]
    pub fn has_difference(&self, frame: Frame) -> bool {
        let reports = self.slot(frame).map(|slot| slot.reports).unwrap_or_default();
        reports.iter().zip(reports.iter().skip(1)).any(|(one, other)| one.hash != other.hash)
    }

    /// Gives back the room for rows that will not come, because the episode is over.
    pub fn close(&mut self) {
        for block in self.blocks.values_mut() {
            block.states.shrink_to_fit();
            block.reports.shrink_to_fit();
        }
    }

    fn state_mut(&mut self, frame: Frame) -> Option<&mut StateRow> {
        let states = &mut self.blocks.get_mut(&(frame.0 / BLOCK_FRAMES))?.states;
        let place = states.binary_search_by_key(&frame, |row| row.frame).ok()?;
        states.get_mut(place)
    }

    // Changes the block of a frame that gets a row now.
    fn change_block<R>(&mut self, frame: Frame, change: impl FnOnce(&mut Block) -> R) -> R {
        let number = frame.0 / BLOCK_FRAMES;
        if !self.blocks.get(&number).is_some_and(|block| block.has(frame)) {
            if self.known >= MAX_FRAMES {
                self.forget_oldest();
            }
            self.known += 1;
        }
        self.blocks.change(number, Block::default, change)
    }

    fn forget_oldest(&mut self) {
        let Some(block) = self.blocks.values_mut().next() else { return };
        let Some(oldest) = block.first() else { return };
        block.states.retain(|row| row.frame != oldest);
        block.reports.retain(|row| row.frame != oldest);
        if block.is_empty() {
            self.blocks.pop_first();
        }
        let later = self.contradictions.split_off(&(oldest.next(), PlayerId(0)));
        self.contradictions = later;
        self.changes.note(oldest);
        self.known -= 1;
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
    fn frames_come_in_order_whatever_is_known_of_them() {
        let mut table = HashTable::default();
        for frame in [900, 5, 300, 10, 255, 256] {
            table.note_report(PlayerId(1), Frame(frame), 7, 1);
            table.note_report(PlayerId(0), Frame(frame), u64::from(frame % 2), 2);
        }
        for frame in [u32::MAX, 10, 12] {
            table.note_state(Frame(frame), Some(3), 4, 5);
        }
        let known: Vec<u32> = table.iter().map(|(frame, _)| frame.0).collect();
        assert_eq!(known, [5, 10, 12, 255, 256, 300, 900, u32::MAX]);
        let some: Vec<u32> = table.between(Frame(10), Frame(256)).map(|(at, _)| at.0).collect();
        assert_eq!(some, [10, 12, 255]);
        assert_eq!(table.between(Frame(10), Frame(9)).count(), 0);
        let players: Vec<u8> =
            table.slot(Frame(300)).unwrap().reports().map(|(p, _)| p.0).collect();
        assert_eq!(players, [0, 1]);
        assert!(table.has_difference(Frame(300)) && !table.has_difference(Frame(12)));
    }

    #[test]
    fn the_oldest_frames_are_let_go() {
        let mut table = HashTable::default();
        for frame in 0..MAX_FRAMES as u32 + 300 {
            table.note_report(PlayerId(0), Frame(frame), 7, 1);
            table.note_report(PlayerId(0), Frame(frame), 8, 1);
        }
        assert_eq!((table.known, table.iter().count()), (MAX_FRAMES, MAX_FRAMES));
        assert_eq!(table.iter().next().map(|(frame, _)| frame), Some(Frame(300)));
        assert_eq!(table.contradictions.len(), MAX_FRAMES);
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
