//! Guesses for inputs that have not come yet.

use super::input_queue::InputQueue;
use crate::action::Action;
use crate::frame::Frame;
use crate::message::PredictionRule;

/// The action to simulate `frame` with while the player's own input is missing.
///
/// [`PredictionRule::RepeatLast`] repeats the newest input held for an earlier frame and falls
/// back to `default` before the first one.
#[must_use]
pub fn predict(rule: PredictionRule, queue: &InputQueue, frame: Frame, default: Action) -> Action {
    match rule {
        PredictionRule::DefaultAction => default,
        PredictionRule::RepeatLast => queue.latest_before(frame).unwrap_or(default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeat_last_looks_back_over_gaps_and_never_ahead() {
        let mut queue = InputQueue::new(0, Action(0));
        assert_eq!(predict(PredictionRule::RepeatLast, &queue, Frame(3), Action(4)), Action(4));
        queue.insert(Frame(1), Action(7));
        queue.insert(Frame(5), Action(9));
        assert_eq!(predict(PredictionRule::RepeatLast, &queue, Frame(3), Action(4)), Action(7));
        assert_eq!(predict(PredictionRule::DefaultAction, &queue, Frame(3), Action(4)), Action(4));
    }
}
