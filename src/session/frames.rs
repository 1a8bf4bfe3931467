//! The frames of one episode in columns: what each was simulated with, when, how often.

use super::changes::Changes;
use crate::frame::Frame;
use crate::rollback::FrameInputs;
use crate::time::Micros;

/// What is true of one frame, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameFlags(u8);

impl FrameFlags {
    /// The peer stepped it.
    pub const STEPPED: Self = Self(1);
    /// It was first stepped with a guess.
    pub const SHOWN_PREDICTED: Self = Self(1 << 1);
    /// The peer stalled before it.
    pub const STALLED: Self = Self(1 << 2);
    /// The peer stepped on although a wrong guess at this frame was known and not repaired.
    pub const MISSED_ROLLBACK: Self = Self(1 << 3);
    /// A wrong guess was shown here and repaired later.
    pub const SHOWN_WRONG: Self = Self(1 << 4);

    /// Whether all of `other`'s bits are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn set(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Queue depths and distances at the moment when a frame was stepped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depths {
    /// Frames simulated with a guess that is not settled.
    pub predicted: u16,
    /// Inputs that proved a guess wrong since the last step.
    pub pending: u16,
    /// Inputs of other players held for frames not yet simulated.
    pub receive: u16,
    /// Own announced inputs that no other peer has acknowledged.
    pub send: u16,
    /// Frames that this peer is ahead: own current − the other's announced current frame.
    pub advantage: i16,
    /// Frames simulated past the confirmed frame.
    pub lag: u16,
}

/// One row per frame, a column per property.
#[derive(Debug, Clone, Default)]
pub struct FrameTable {
    flags: Vec<FrameFlags>,
    inputs: Vec<FrameInputs>,
    stepped: Vec<Micros>,
    confirmed: Vec<Option<Micros>>,
    resimulated: Vec<u16>,
    rollback_depth: Vec<u16>,
    depths: Vec<Depths>,
    changes: Changes,
    /// Sum of `resimulated`, without a bound.
    pub resimulated_total: u64,
}

/// A frame may lie this far past the last one; frames further ahead are refused.
const MAX_JUMP: usize = 3600;

/// The first frame that was seen lies below: more than half an hour at 60 frames per second.
const MAX_FIRST: usize = 1 << 17;

impl FrameTable {
    /// Number of frames, stepped or skipped.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flags.len()
    }

    /// Whether no frame was stepped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// What is true of a frame; nothing for frames beyond the last one.
    #[must_use]
    pub fn flags(&self, frame: Frame) -> FrameFlags {
        self.flags.get(frame.index()).copied().unwrap_or_default()
    }

    /// What a stepped frame was last simulated with.
    #[must_use]
    pub fn inputs(&self, frame: Frame) -> Option<FrameInputs> {
        let stepped = self.flags(frame).has(FrameFlags::STEPPED);
        self.inputs.get(frame.index()).copied().filter(|_| stepped)
    }

    /// When a frame was first stepped.
    #[must_use]
    pub fn stepped_at(&self, frame: Frame) -> Option<Micros> {
        let stepped = self.flags(frame).has(FrameFlags::STEPPED);
        self.stepped.get(frame.index()).copied().filter(|_| stepped)
    }

    /// When the real inputs of a frame were all held.
    #[must_use]
    pub fn confirmed_at(&self, frame: Frame) -> Option<Micros> {
        self.confirmed.get(frame.index()).copied().flatten()
    }

    /// Which blocks of frames changed how often.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The frame that was being simulated at a time: the last one whose first step was not later.
    /// Frames that were skipped take the time of the one before.
    #[must_use]
    pub fn frame_at(&self, time: Micros) -> Option<Frame> {
        let later = self.stepped.partition_point(|stepped| *stepped <= time);
        later.checked_sub(1).map(|frame| Frame(frame as u32))
    }

    /// When a frame was first stepped, or the one before it where it was skipped.
    #[must_use]
    pub fn time_of(&self, frame: Frame) -> Option<Micros> {
        self.stepped.get(frame.index()).copied()
    }

    /// How often a frame was stepped again.
    #[must_use]
    pub fn resimulated(&self, frame: Frame) -> u16 {
        self.resimulated.get(frame.index()).copied().unwrap_or(0)
    }

    /// Depth of the deepest rollback discovered when this frame was about to be stepped.
    #[must_use]
    pub fn rollback_depth(&self, frame: Frame) -> u16 {
        self.rollback_depth.get(frame.index()).copied().unwrap_or(0)
    }

    /// Queue depths when a frame was stepped.
    #[must_use]
    pub fn depths(&self, frame: Frame) -> Depths {
        self.depths.get(frame.index()).copied().unwrap_or_default()
    }

    /// Adds a frame that was stepped for the first time. Returns whether it could be added: it may
    /// not lie far beyond the last one.
    pub fn step(&mut self, frame: Frame, inputs: FrameInputs, time: Micros, at: Depths) -> bool {
        if !self.reach(frame) {
            return false;
        }
        if let Some(flags) = self.flags.get_mut(frame.index()) {
            flags.set(FrameFlags::STEPPED);
            if !inputs.predicted.is_empty() {
                flags.set(FrameFlags::SHOWN_PREDICTED);
            }
        }
        set(&mut self.inputs, frame, inputs);
        // Times never go back, so that a frame can be found by its time.
        let before = frame.previous().and_then(|before| self.time_of(before));
        set(&mut self.stepped, frame, before.map_or(time, |before| before.max(time)));
        set(&mut self.depths, frame, at);
        self.changes.note(frame);
        true
    }

    /// Notes that a frame was stepped again with `inputs`.
    pub fn step_again(&mut self, frame: Frame, inputs: FrameInputs) {
        let before = self.inputs(frame);
        if before.is_some_and(|before| before.actions() != inputs.actions()) {
            self.mark(frame, FrameFlags::SHOWN_WRONG);
        }
        set(&mut self.inputs, frame, inputs);
        if let Some(count) = self.resimulated.get_mut(frame.index()) {
            *count = count.saturating_add(1);
            self.resimulated_total += 1;
            self.changes.note(frame);
        }
    }

    /// Says what a frame was really simulated with.
    pub fn set_inputs(&mut self, frame: Frame, inputs: FrameInputs) {
        set(&mut self.inputs, frame, inputs);
        self.changes.note(frame);
    }

    /// Notes that a rollback of `depth_frames` was discovered at a frame.
    pub fn note_rollback(&mut self, frame: Frame, depth_frames: u32) {
        if self.reach(frame)
            && let Some(depth) = self.rollback_depth.get_mut(frame.index())
        {
            *depth = (*depth).max(u16::try_from(depth_frames).unwrap_or(u16::MAX));
            self.changes.note(frame);
        }
    }

    /// Notes that a frame is confirmed; the first time stays.
    pub fn confirm(&mut self, frame: Frame, time: Micros) {
        if let Some(slot) = self.confirmed.get_mut(frame.index()) {
            slot.get_or_insert(time);
            self.changes.note(frame);
        }
    }

    /// Sets bits of a frame.
    pub fn mark(&mut self, frame: Frame, flags: FrameFlags) {
        if let Some(slot) = self.flags.get_mut(frame.index()) {
            slot.set(flags);
            self.changes.note(frame);
        }
    }

    fn reach(&mut self, frame: Frame) -> bool {
        let needed = frame.index() + 1;
        let most = if self.is_empty() { MAX_FIRST } else { self.len() + MAX_JUMP };
        if needed > most {
            return false;
        }
        if needed > self.len() {
            self.flags.resize(needed, FrameFlags::default());
            self.inputs.resize(needed, FrameInputs::default());
            let last = self.stepped.last().copied().unwrap_or_default();
            self.stepped.resize(needed, last);
            self.confirmed.resize(needed, None);
            self.resimulated.resize(needed, 0);
            self.rollback_depth.resize(needed, 0);
            self.depths.resize(needed, Depths::default());
        }
        true
    }
}

fn set<T>(column: &mut [T], frame: Frame, value: T) {
    if let Some(slot) = column.get_mut(frame.index()) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_by_time_across_skipped_ones() {
        let mut table = FrameTable::default();
        for (frame, time) in [(0, 10), (1, 20), (4, 50)] {
            table.step(Frame(frame), FrameInputs::default(), Micros(time), Depths::default());
        }
        let found = [5, 10, 19, 20, 49, 50, 90].map(|time| table.frame_at(Micros(time)));
        let expected = [None, Some(0), Some(0), Some(3), Some(3), Some(4), Some(4)];
        assert_eq!(found, expected.map(|frame| frame.map(Frame)));
        assert_eq!(table.stepped_at(Frame(3)), None);
    }

    #[test]
    fn every_change_of_a_frame_is_noted() {
        let mut table = FrameTable::default();
        table.step(Frame(0), FrameInputs::default(), Micros(1), Depths::default());
        table.step_again(Frame(0), FrameInputs::default());
        table.confirm(Frame(0), Micros(2));
        table.mark(Frame(0), FrameFlags::STALLED);
        table.note_rollback(Frame(0), 3);
        assert_eq!(table.changes().of_block(0), 5);
    }
}
