//! Guesses for inputs that have not come yet: one predictor per rule that peers can agree on.
//!
//! A predictor knows one player's queue and nothing else, and is a pure function of it: an observer
//! who holds the same inputs makes the same guess.

use std::fmt::Debug;

use super::input_queue::InputQueue;
use crate::action::Action;
use crate::frame::Frame;
use crate::message::PredictionRule;

/// One way to guess a missing input.
pub trait Predictor: Debug + Sync {
    /// The rule that selects this predictor.
    fn rule(&self) -> PredictionRule;

    /// The action to simulate `frame` with while the player's own input for it is not held.
    /// `default` is the game's action for players of whom nothing is known.
    fn predict(&self, queue: &InputQueue, frame: Frame, default: Action) -> Action;
}

/// All predictors.
pub const PREDICTORS: [&dyn Predictor; 3] = [&DefaultAction, &RepeatLast, &Frequency];

/// The predictor of a rule.
#[must_use]
pub fn predictor(rule: PredictionRule) -> &'static dyn Predictor {
    match rule {
        PredictionRule::DefaultAction => &DefaultAction,
        PredictionRule::RepeatLast => &RepeatLast,
        PredictionRule::Frequency => &Frequency,
    }
}

#[derive(Debug)]
struct DefaultAction;

impl Predictor for DefaultAction {
    fn rule(&self) -> PredictionRule {
        PredictionRule::DefaultAction
    }

    fn predict(&self, _: &InputQueue, _: Frame, default: Action) -> Action {
        default
    }
}

#[derive(Debug)]
struct RepeatLast;

impl Predictor for RepeatLast {
    fn rule(&self) -> PredictionRule {
        PredictionRule::RepeatLast
    }

    fn predict(&self, queue: &InputQueue, frame: Frame, default: Action) -> Action {
        queue.latest_before(frame).unwrap_or(default)
    }
}

/// Frames that a guess is carried on over; beyond them the last one is repeated.
const MAX_CARRIED_FRAMES: u32 = 64;

#[derive(Debug)]
struct Frequency;

impl Predictor for Frequency {
    fn rule(&self) -> PredictionRule {
        PredictionRule::Frequency
    }

    // From the newest gapless input on, frame by frame: an input that is held beyond a gap counts,
    // every other frame is what most often followed.
    fn predict(&self, queue: &InputQueue, frame: Frame, default: Action) -> Action {
        let Some((pattern, mut hold)) = queue.pattern().and_then(|p| Some((p, p.newest()?))) else {
            return RepeatLast.predict(queue, frame, default);
        };
        let first = queue.confirmed_through().map_or(Frame::ZERO, Frame::next);
        for between in (first.0..frame.0).take(MAX_CARRIED_FRAMES as usize) {
            hold = hold.then(queue.get(Frame(between)).unwrap_or_else(|| pattern.follower(hold)));
        }
        pattern.follower(hold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(actions: &[(u32, u32)]) -> InputQueue {
        let mut queue = InputQueue::new(0, Action(0)).with_pattern();
        for (frame, action) in actions {
            queue.insert(Frame(*frame), Action(*action));
        }
        queue
    }

    fn guess(rule: PredictionRule, queue: &InputQueue, frame: u32) -> Action {
        predictor(rule).predict(queue, Frame(frame), Action(4))
    }

    #[test]
    fn every_rule_has_one_predictor() {
        for rule in PredictionRule::ALL {
            assert_eq!(predictor(rule).rule(), rule);
            assert_eq!(PREDICTORS.iter().filter(|p| p.rule() == rule).count(), 1);
        }
    }

    #[test]
    fn repeat_last_looks_back_over_gaps_and_never_ahead() {
        assert_eq!(guess(PredictionRule::RepeatLast, &queue(&[]), 3), Action(4));
        let queue = queue(&[(1, 7), (5, 9)]);
        assert_eq!(guess(PredictionRule::RepeatLast, &queue, 3), Action(7));
        assert_eq!(guess(PredictionRule::DefaultAction, &queue, 3), Action(4));
    }

    #[test]
    fn without_experience_frequency_repeats_the_last_input() {
        assert_eq!(guess(PredictionRule::Frequency, &queue(&[]), 3), Action(4));
        assert_eq!(guess(PredictionRule::Frequency, &queue(&[(0, 7)]), 3), Action(7));
        assert_eq!(guess(PredictionRule::Frequency, &queue(&[(1, 7)]), 3), Action(7));
    }

    #[test]
    fn frequency_foresees_a_rhythm_where_repeating_fails() {
        let rhythm = |frame: u32| u32::from(frame % 8 < 3);
        let inputs: Vec<(u32, u32)> = (0..40).map(|frame| (frame, rhythm(frame))).collect();
        let queue = queue(&inputs);
        let right = |rule| {
            (40..60).filter(|frame| guess(rule, &queue, *frame) == Action(rhythm(*frame))).count()
        };
        assert_eq!(right(PredictionRule::Frequency), 20);
        assert!(right(PredictionRule::RepeatLast) < 14);
    }

    #[test]
    fn frequency_counts_an_input_beyond_a_gap() {
        let rhythm = (0..40).map(|frame| (frame, u32::from(frame % 8 < 3)));
        let inputs: Vec<(u32, u32)> = rhythm.chain([(44, 9)]).collect();
        assert_eq!(guess(PredictionRule::Frequency, &queue(&inputs), 45), Action(9));
        assert_eq!(guess(PredictionRule::Frequency, &queue(&inputs), 42), Action(1));
    }

    #[test]
    fn what_was_let_go_does_not_change_the_guess() {
        let inputs: Vec<(u32, u32)> = (0..50).map(|f| (f, u32::from(f % 6 < 2))).collect();
        let whole = queue(&inputs);
        let mut short = whole.clone();
        short.discard_before(Frame(49));
        for frame in 50..70 {
            for rule in PredictionRule::ALL {
                assert_eq!(guess(rule, &whole, frame), guess(rule, &short, frame));
            }
        }
    }
}
