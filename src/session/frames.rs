//! The frames of one episode in columns: what each was simulated with, when, how often.

use super::changes::Changes;
use crate::action::Action;
use crate::column::Column;
use crate::frame::Frame;
use crate::player::{MAX_PLAYERS, PlayerSet};
use crate::rollback::{FrameInputs, MAX_APART_FRAMES};
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
}

/// Queue depths and distances at the moment when a frame was stepped; `None` where the traffic does not
/// tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depths {
    /// Frames simulated with a guess that is not settled.
    pub predicted: Option<u16>,
    /// Inputs that proved a guess wrong since the last step.
    pub pending: Option<u16>,
    /// Inputs of other players held for frames not yet simulated.
    pub receive: Option<u16>,
    /// Own inputs held for frames not yet simulated.
    pub local: Option<u16>,
    /// Own announced inputs that no other peer has acknowledged. MUG's pages acknowledge nothing and
    /// repeat their newest inputs whatever arrived, so of them it is never known.
    pub send: Option<u16>,
    /// Frames that this peer is ahead: own current − the other's announced current frame.
    pub advantage: Option<i16>,
    /// Frames simulated past the confirmed frame.
    pub lag: Option<u16>,
}

impl Depths {
    // Small numbers for small distances, ahead or behind; 0 for what is not known.
    fn columns(self) -> [u64; DEPTHS] {
        let Self { predicted, pending, receive, local, send, advantage, lag } = self;
        let advantage = advantage.map(|frames| zigzag(frames.into()) as u16);
        [predicted, pending, receive, local, send, advantage, lag]
            .map(|depth| depth.map_or(0, |depth| u64::from(depth) + 1))
    }

    fn of(columns: [u64; DEPTHS]) -> Self {
        let [predicted, pending, receive, local, send, advantage, lag] =
            columns.map(|value| value.checked_sub(1).map(|depth| depth as u16));
        let advantage = advantage.map(|frames| unzigzag(frames.into()) as i16);
        Self { predicted, pending, receive, local, send, advantage, lag }
    }
}

/// Columns of [`Depths`].
const DEPTHS: usize = 7;

/// Bits of [`FrameFlags`] in the column of states; the guessed players follow, then their number.
const FLAG_BITS: u32 = 5;

/// One row per frame, a column per property.
#[derive(Debug, Clone, Default)]
pub struct FrameTable {
    // Flags, players whose action was guessed, number of players.
    states: Column,
    // By player.
    actions: Vec<Column>,
    stepped: Column,
    // One more than how long after the step, zigzag; 0 while it is not confirmed.
    confirmed: Column,
    resimulated: Column,
    rollback_depth: Column,
    depths: [Column; DEPTHS],
    changes: Changes,
    // Nothing is known of the frames before this one; they cost nothing.
    first: usize,
    /// Sum of `resimulated`, without a bound.
    pub resimulated_total: u64,
}

/// A frame may lie this far past the last one; frames further ahead are refused.
pub(super) const MAX_JUMP: usize = MAX_APART_FRAMES as usize;

/// The first frame that is known of an episode lies below, whether the observation came late or the page
/// was loaded anew and took the game from others: nearly five hours at 60 frames per second.
pub(super) const MAX_FIRST: usize = 1 << 20;

impl FrameTable {
    /// Number of frames, stepped or skipped.
    #[must_use]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether no frame was stepped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    fn state(&self, frame: Frame) -> u64 {
        self.states.get(frame.index()).unwrap_or(0)
    }

    /// What is true of a frame; nothing for frames beyond the last one.
    #[must_use]
    pub fn flags(&self, frame: Frame) -> FrameFlags {
        FrameFlags(self.state(frame) as u8 & ((1 << FLAG_BITS) - 1))
    }

    /// What a stepped frame was last simulated with.
    #[must_use]
    pub fn inputs(&self, frame: Frame) -> Option<FrameInputs> {
        if !self.flags(frame).has(FrameFlags::STEPPED) {
            return None;
        }
        let guesses = self.state(frame) >> FLAG_BITS;
        let players = (guesses >> u8::BITS) as usize;
        let mut actions = [Action::default(); MAX_PLAYERS];
        for (action, column) in actions.iter_mut().zip(&self.actions) {
            *action = Action(column.get(frame.index()).unwrap_or(0) as u32);
        }
        let predicted = PlayerSet::from_bits(guesses as u8);
        Some(FrameInputs::new(actions.get(..players).unwrap_or_default(), predicted))
    }

    /// When a frame was first stepped.
    #[must_use]
    pub fn stepped_at(&self, frame: Frame) -> Option<Micros> {
        let stepped = self.flags(frame).has(FrameFlags::STEPPED);
        self.time_of(frame).filter(|_| stepped)
    }

    /// When the real inputs of a frame were all held.
    #[must_use]
    pub fn confirmed_at(&self, frame: Frame) -> Option<Micros> {
        let after = self.confirmed.get(frame.index())?.checked_sub(1)?;
        let stepped = self.stepped.get(frame.index())?;
        Some(Micros(stepped.wrapping_add_signed(unzigzag(after))))
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
        let later = self.stepped.partition_point(|stepped| stepped <= time.0);
        later.checked_sub(1).map(|frame| Frame(frame as u32))
    }

    /// When a frame was first stepped, or the one before it where it was skipped.
    #[must_use]
    pub fn time_of(&self, frame: Frame) -> Option<Micros> {
        self.stepped.get(frame.index()).map(Micros)
    }

    /// How often a frame was stepped again.
    #[must_use]
    pub fn resimulated(&self, frame: Frame) -> u16 {
        self.resimulated.get(frame.index()).unwrap_or(0) as u16
    }

    /// Depth of the deepest rollback discovered when this frame was about to be stepped.
    #[must_use]
    pub fn rollback_depth(&self, frame: Frame) -> u16 {
        self.rollback_depth.get(frame.index()).unwrap_or(0) as u16
    }

    /// Queue depths when a frame was stepped.
    #[must_use]
    pub fn depths(&self, frame: Frame) -> Depths {
        let column = |column: &Column| column.get(frame.index()).unwrap_or(0);
        Depths::of(self.depths.each_ref().map(column))
    }

    /// Adds a frame that was stepped for the first time. Returns whether it could be added: it may
    /// not lie far beyond the last one.
    pub fn step(&mut self, frame: Frame, inputs: FrameInputs, time: Micros, at: Depths) -> bool {
        if !self.reach(frame) {
            return false;
        }
        self.put_inputs(frame, inputs);
        self.mark(frame, FrameFlags::STEPPED);
        if !inputs.predicted.is_empty() {
            self.mark(frame, FrameFlags::SHOWN_PREDICTED);
        }
        // Times never go back, so that a frame can be found by its time.
        let before = frame.previous().and_then(|before| self.time_of(before));
        let confirmed = self.confirmed_at(frame);
        self.stepped.set(frame.index(), before.map_or(time, |before| before.max(time)).0);
        confirmed.into_iter().for_each(|time| self.put_confirmed(frame, time));
        for (column, depth) in self.depths.iter_mut().zip(at.columns()) {
            column.set(frame.index(), depth);
        }
        true
    }

    /// Notes that a frame was stepped again with `inputs`.
    pub fn step_again(&mut self, frame: Frame, inputs: FrameInputs) {
        let before = self.inputs(frame);
        if before.is_some_and(|before| before.actions() != inputs.actions()) {
            self.mark(frame, FrameFlags::SHOWN_WRONG);
        }
        self.put_inputs(frame, inputs);
        if let Some(count) = self.resimulated.get(frame.index()) {
            self.resimulated.set(frame.index(), (count + 1).min(u16::MAX.into()));
            self.resimulated_total += 1;
            self.changes.note(frame);
        }
    }

    /// Says what a frame was really simulated with.
    pub fn set_inputs(&mut self, frame: Frame, inputs: FrameInputs) {
        self.put_inputs(frame, inputs);
        self.changes.note(frame);
    }

    /// Notes that a rollback of `depth_frames` was discovered at a frame.
    pub fn note_rollback(&mut self, frame: Frame, depth_frames: u32) {
        if self.reach(frame) {
            let depth = u16::try_from(depth_frames).unwrap_or(u16::MAX);
            let deepest = self.rollback_depth(frame).max(depth);
            self.rollback_depth.set(frame.index(), deepest.into());
            self.changes.note(frame);
        }
    }

    /// Notes that a frame is confirmed; the first time stays.
    pub fn confirm(&mut self, frame: Frame, time: Micros) {
        if (self.first..self.len()).contains(&frame.index()) {
            if self.confirmed_at(frame).is_none() {
                self.put_confirmed(frame, time);
            }
            self.changes.note(frame);
        }
    }

    /// Sets bits of a frame.
    pub fn mark(&mut self, frame: Frame, flags: FrameFlags) {
        if frame.index() < self.len() {
            self.states.set(frame.index(), self.state(frame) | u64::from(flags.0));
            self.changes.note(frame);
        }
    }

    /// Packs all columns, because no frame will come any more; one that does is added all the same.
    pub fn seal(&mut self) {
        let times = [&mut self.states, &mut self.stepped, &mut self.confirmed];
        let counts = [&mut self.resimulated, &mut self.rollback_depth];
        let columns = times.into_iter().chain(counts).chain(&mut self.depths);
        columns.chain(&mut self.actions).for_each(Column::seal);
    }

    fn put_inputs(&mut self, frame: Frame, inputs: FrameInputs) {
        if frame.index() >= self.len() {
            return;
        }
        self.first = self.first.min(frame.index());
        let (actions, len) = (inputs.actions(), self.len());
        let players = actions.len().max(self.actions.len());
        self.actions.resize_with(players, Column::default);
        for (column, action) in self.actions.iter_mut().zip(actions) {
            column.extend_to(len, 0);
            column.set(frame.index(), action.0.into());
        }
        let guesses = (actions.len() as u64) << u8::BITS | u64::from(inputs.predicted.bits());
        let flags = u64::from(self.flags(frame).0);
        self.states.set(frame.index(), guesses << FLAG_BITS | flags);
    }

    fn put_confirmed(&mut self, frame: Frame, time: Micros) {
        let stepped = self.stepped.get(frame.index()).unwrap_or(0);
        let after = zigzag(time.0.wrapping_sub(stepped).cast_signed());
        self.confirmed.set(frame.index(), after.saturating_add(1));
    }

    fn reach(&mut self, frame: Frame) -> bool {
        let needed = frame.index() + 1;
        let most = if self.is_empty() { MAX_FIRST } else { self.len() + MAX_JUMP };
        if needed > most {
            return false;
        }
        if self.is_empty() {
            self.first = frame.index();
        }
        if needed > self.len() {
            let last = self.len().checked_sub(1).and_then(|last| self.stepped.get(last));
            self.stepped.extend_to(needed, last.unwrap_or(0));
            let plain = [&mut self.states, &mut self.confirmed];
            let counts = [&mut self.resimulated, &mut self.rollback_depth];
            let columns = plain.into_iter().chain(counts).chain(&mut self.depths);
            columns.for_each(|column| column.extend_to(needed, 0));
        }
        true
    }
}

// Small numbers for what lies near 0 on either side.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
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

    #[test]
    fn what_is_known_of_a_frame_survives_packing_and_a_second_step() {
        let mut table = FrameTable::default();
        let mut predicted = PlayerSet::EMPTY;
        predicted.insert(crate::player::PlayerId(1));
        let inputs = FrameInputs::new(&[Action(7), Action(u32::MAX)], predicted);
        let depths = Depths {
            predicted: Some(0),
            pending: Some(2),
            receive: None,
            local: Some(3),
            send: Some(u16::MAX),
            advantage: Some(-5),
            lag: Some(6),
        };
        for frame in 0..2000 {
            table.step(Frame(frame), inputs, Micros(u64::from(frame) * 16_667), depths);
        }
        table.confirm(Frame(3), Micros(9));
        table.confirm(Frame(3), Micros(10));
        table.confirm(Frame(4), Micros(70_000));
        table.seal();
        table.step(Frame(3), inputs, Micros(60_000), depths);
        let again = FrameInputs::new(&[Action(7), Action(2)], PlayerSet::EMPTY);
        table.step_again(Frame(5), again);
        assert_eq!(table.confirmed_at(Frame(3)), Some(Micros(9)));
        assert_eq!(table.confirmed_at(Frame(4)), Some(Micros(70_000)));
        assert_eq!(table.confirmed_at(Frame(5)), None);
        assert_eq!((table.inputs(Frame(5)), table.inputs(Frame(6))), (Some(again), Some(inputs)));
        assert!(table.flags(Frame(5)).has(FrameFlags::SHOWN_WRONG));
        assert!(table.flags(Frame(5)).has(FrameFlags::SHOWN_PREDICTED));
        assert_eq!((table.depths(Frame(1999)), table.resimulated(Frame(5))), (depths, 1));
        assert_eq!(
            (table.inputs(Frame(2000)), table.depths(Frame(2000))),
            (None, Depths::default())
        );
    }
}
