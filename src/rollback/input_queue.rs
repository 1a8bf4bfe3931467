//! The inputs of one player by frame: what is held, up to where without a gap, what was refused.

use std::collections::VecDeque;

use super::MAX_APART_FRAMES;
use super::input_pattern::InputPattern;
use crate::action::Action;
use crate::frame::Frame;

/// What became of an input that was offered to a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is held now.
    New,
    /// The same input was held already.
    Duplicate,
    /// Another action is held for this frame and stays.
    Conflict {
        /// The action that is held.
        held: Action,
    },
    /// Its frame was let go already.
    BehindQueue,
    /// Its frame lies too far ahead.
    TooFarAhead,
}

/// The inputs of one player, from the oldest frame still needed on.
#[derive(Debug, Clone)]
pub struct InputQueue {
    base: Frame,
    slots: VecDeque<Option<Action>>,
    next_missing: Frame,
    // The input just behind `base`, kept so that predictions survive letting frames go.
    before_base: Option<Action>,
    // Learned from the gapless inputs, where a predictor asks for it.
    pattern: Option<InputPattern>,
}

impl InputQueue {
    /// A queue whose first `input_delay_frames` frames hold `default`, because no input can exist
    /// for them.
    #[must_use]
    pub fn new(input_delay_frames: u32, default: Action) -> Self {
        let mut queue = Self {
            base: Frame::ZERO,
            slots: VecDeque::with_capacity(256),
            next_missing: Frame::ZERO,
            before_base: None,
            pattern: None,
        };
        for frame in 0..input_delay_frames.min(MAX_APART_FRAMES) {
            queue.insert(Frame(frame), default);
        }
        queue
    }

    /// The same queue, which also learns how its inputs follow each other.
    #[must_use]
    pub fn with_pattern(mut self) -> Self {
        let mut pattern = InputPattern::new();
        for frame in self.base.0..self.next_missing.0 {
            self.get(Frame(frame)).into_iter().for_each(|action| pattern.learn(action));
        }
        self.pattern = Some(pattern);
        self
    }

    pub(super) fn pattern(&self) -> Option<&InputPattern> {
        self.pattern.as_ref()
    }

    /// Offers the input of one frame; the first value for a frame stays.
    pub fn insert(&mut self, frame: Frame, action: Action) -> Inserted {
        if frame < self.base {
            return Inserted::BehindQueue;
        }
        let offset = frame.since(self.base);
        if offset >= MAX_APART_FRAMES {
            return Inserted::TooFarAhead;
        }
        while self.slots.len() <= offset as usize {
            self.slots.push_back(None);
        }
        match self.slots.get_mut(offset as usize) {
            Some(Some(held)) if *held == action => Inserted::Duplicate,
            Some(Some(held)) => Inserted::Conflict { held: *held },
            Some(slot) => {
                *slot = Some(action);
                self.advance();
                Inserted::New
            }
            None => Inserted::TooFarAhead,
        }
    }

    /// The input of `frame`; `None` if it is not held (not yet, or not any more).
    #[must_use]
    pub fn get(&self, frame: Frame) -> Option<Action> {
        if frame < self.base {
            return None;
        }
        self.slots.get(frame.since(self.base) as usize).copied().flatten()
    }

    /// The newest input held for a frame before `frame`; `None` if there is none.
    #[must_use]
    pub fn latest_before(&self, frame: Frame) -> Option<Action> {
        let end = (frame.since(self.base) as usize).min(self.slots.len());
        self.slots.iter().take(end).rev().find_map(|slot| *slot).or(self.before_base)
    }

    /// Highest frame up to which every input is or was held; `None` before frame 0's.
    #[must_use]
    pub fn confirmed_through(&self) -> Option<Frame> {
        self.next_missing.previous()
    }

    /// The oldest frame whose input was not let go.
    #[must_use]
    pub fn oldest_held(&self) -> Frame {
        self.base
    }

    /// Lets go of everything before `frame`, also of frames that are still missing there.
    pub fn skip_to(&mut self, frame: Frame) {
        if frame <= self.next_missing {
            return;
        }
        while self.base < frame {
            let Some(slot) = self.slots.pop_front() else { break };
            self.before_base = slot.or(self.before_base);
            self.base = self.base.next();
        }
        self.base = self.base.max(frame);
        self.next_missing = frame;
        self.advance();
    }

    fn advance(&mut self) {
        while let Some(next) = self.get(self.next_missing) {
            if let Some(pattern) = &mut self.pattern {
                pattern.learn(next);
            }
            self.next_missing = self.next_missing.next();
        }
    }

    /// Lets go of the inputs before `frame`, never of a frame that is still missing.
    pub fn discard_before(&mut self, frame: Frame) {
        while self.base < frame.min(self.next_missing) {
            if let Some(action) = self.slots.pop_front().flatten() {
                self.before_base = Some(action);
            }
            self.base = self.base.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_hold_the_confirmed_frame_back_until_they_are_filled() {
        let mut queue = InputQueue::new(2, Action(0));
        assert_eq!(queue.confirmed_through(), Some(Frame(1)));
        assert_eq!(queue.insert(Frame(4), Action(7)), Inserted::New);
        assert_eq!(queue.insert(Frame(3), Action(6)), Inserted::New);
        assert_eq!(queue.confirmed_through(), Some(Frame(1)));
        assert_eq!(queue.insert(Frame(2), Action(5)), Inserted::New);
        assert_eq!(queue.confirmed_through(), Some(Frame(4)));
    }

    #[test]
    fn the_first_value_of_a_frame_stays_and_a_conflict_is_told() {
        let mut queue = InputQueue::new(0, Action(0));
        assert_eq!(queue.insert(Frame(0), Action(1)), Inserted::New);
        assert_eq!(queue.insert(Frame(0), Action(1)), Inserted::Duplicate);
        assert_eq!(queue.insert(Frame(0), Action(2)), Inserted::Conflict { held: Action(1) });
        assert_eq!(queue.get(Frame(0)), Some(Action(1)));
    }

    #[test]
    fn predictions_survive_letting_go_and_missing_frames_are_never_let_go() {
        let mut queue = InputQueue::new(0, Action(0));
        queue.insert(Frame(0), Action(9));
        queue.insert(Frame(2), Action(8));
        queue.discard_before(Frame(3));
        assert_eq!(queue.get(Frame(0)), None);
        assert_eq!(queue.insert(Frame(0), Action(9)), Inserted::BehindQueue);
        assert_eq!(queue.latest_before(Frame(2)), Some(Action(9)));
        assert_eq!(queue.insert(Frame(1), Action(3)), Inserted::New);
        assert_eq!(queue.confirmed_through(), Some(Frame(2)));
    }

    #[test]
    fn what_is_skipped_is_missed_no_more() {
        let mut queue = InputQueue::new(0, Action(0));
        queue.insert(Frame(0), Action(9));
        queue.insert(Frame(3), Action(8));
        queue.insert(Frame(6), Action(7));
        queue.skip_to(Frame(5));
        assert_eq!((queue.confirmed_through(), queue.get(Frame(3))), (Some(Frame(4)), None));
        assert_eq!(queue.latest_before(Frame(5)), Some(Action(8)));
        queue.insert(Frame(5), Action(6));
        assert_eq!(queue.confirmed_through(), Some(Frame(6)));
        queue.skip_to(Frame(2));
        assert_eq!(queue.confirmed_through(), Some(Frame(6)), "nothing is missing there");
        queue.skip_to(Frame(u32::MAX));
        assert_eq!(queue.confirmed_through(), Some(Frame(u32::MAX - 1)));
    }

    #[test]
    fn inputs_far_ahead_cannot_fill_the_memory() {
        let mut queue = InputQueue::new(0, Action(0));
        assert_eq!(queue.insert(Frame(u32::MAX), Action(1)), Inserted::TooFarAhead);
        assert_eq!(queue.insert(Frame(MAX_APART_FRAMES), Action(1)), Inserted::TooFarAhead);
    }
}
