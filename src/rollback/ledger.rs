//! The input ledger: what came in, what each frame was simulated with, and where a guess was wrong.
//!
//! This is the part of a rollback engine that decides. The live engine asks it for the inputs of
//! the next frame; reconstruction tells it what a page simulated and learns which frame had to be
//! repaired.

use std::collections::VecDeque;

use super::MAX_APART_FRAMES;
use super::input_queue::{InputQueue, Inserted};
use super::predictor::{Predictor, predictor};
use crate::action::Action;
use crate::frame::Frame;
use crate::message::PredictionRule;
use crate::player::{MAX_PLAYERS, PlayerId, PlayerSet};

/// What one frame was simulated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameInputs {
    actions: [Action; MAX_PLAYERS],
    players: u8,
    /// Players whose action was guessed.
    pub predicted: PlayerSet,
}

impl FrameInputs {
    /// The inputs of a frame by player; actions past [`MAX_PLAYERS`] are left out.
    #[must_use]
    pub fn new(actions: &[Action], predicted: PlayerSet) -> Self {
        let mut inputs = Self { predicted, ..Self::default() };
        for (slot, action) in inputs.actions.iter_mut().zip(actions) {
            *slot = *action;
            inputs.players += 1;
        }
        inputs
    }

    /// One action per player.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        self.actions.get(..usize::from(self.players)).unwrap_or_default()
    }

    /// The action of one player; `None` for a player that the game does not have.
    #[must_use]
    pub fn action(&self, player: PlayerId) -> Option<Action> {
        self.actions().get(player.index()).copied()
    }
}

/// A frame that was simulated with another action than the player's real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misprediction {
    /// The first incorrect frame.
    pub frame: Frame,
    /// The player whose input was guessed wrong.
    pub player: PlayerId,
    /// What the frame was simulated with.
    pub predicted: Action,
    /// The input that came.
    pub actual: Action,
}

/// What one arriving input did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// What the player's queue made of it.
    pub inserted: Inserted,
    /// Set if it proved a guess wrong.
    pub misprediction: Option<Misprediction>,
}

/// Frames that [`InputLedger::predicted_frames`] looks at: far beyond any prediction window.
const MAX_COUNTED: u32 = 512;

/// Inputs of all players, and what the recent frames were simulated with.
#[derive(Debug, Clone)]
pub struct InputLedger {
    queues: Vec<InputQueue>,
    used: VecDeque<FrameInputs>,
    used_base: Frame,
    predictor: &'static dyn Predictor,
    default: Action,
    earliest: Option<Misprediction>,
}

impl InputLedger {
    /// A ledger with one queue per entry of `input_delays_frames`, at most [`MAX_PLAYERS`].
    #[must_use]
    pub fn new(input_delays_frames: &[u32], rule: PredictionRule, default: Action) -> Self {
        let queue = |delay: &u32| match rule {
            PredictionRule::Frequency => InputQueue::new(*delay, default).with_pattern(),
            PredictionRule::DefaultAction | PredictionRule::RepeatLast => {
                InputQueue::new(*delay, default)
            }
        };
        Self {
            queues: input_delays_frames.iter().take(MAX_PLAYERS).map(queue).collect(),
            used: VecDeque::with_capacity(256),
            used_base: Frame::ZERO,
            predictor: predictor(rule),
            default,
            earliest: None,
        }
    }

    /// Number of players.
    #[must_use]
    pub fn players(&self) -> usize {
        self.queues.len()
    }

    /// Takes one input of one player. `None` for a player that the game does not have.
    pub fn handle_input(
        &mut self,
        player: PlayerId,
        frame: Frame,
        action: Action,
    ) -> Option<Arrival> {
        let inserted = self.queues.get_mut(player.index())?.insert(frame, action);
        let misprediction = (inserted == Inserted::New)
            .then(|| self.used(frame))
            .flatten()
            .and_then(|used| used.action(player))
            .filter(|predicted| *predicted != action)
            .map(|predicted| Misprediction { frame, player, predicted, actual: action });
        if let Some(wrong) = misprediction {
            let order = |m: &Misprediction| (m.frame, m.player);
            if self.earliest.as_ref().is_none_or(|known| order(&wrong) < order(known)) {
                self.earliest = Some(wrong);
            }
        } else if inserted == Inserted::New {
            self.mark_real(player, frame);
        }
        Some(Arrival { inserted, misprediction })
    }

    /// The inputs that `frame` should be simulated with now: real ones where held, else guesses.
    #[must_use]
    #[inline]
    pub fn inputs_for(&self, frame: Frame) -> FrameInputs {
        let mut inputs = FrameInputs { players: self.queues.len() as u8, ..FrameInputs::default() };
        for (index, (queue, slot)) in self.queues.iter().zip(&mut inputs.actions).enumerate() {
            *slot = queue.get(frame).unwrap_or_else(|| {
                inputs.predicted.insert(PlayerId(index as u8));
                self.predictor.predict(queue, frame, self.default)
            });
        }
        inputs
    }

    /// Notes that `frame` was simulated with `inputs`, for the first time or again.
    ///
    /// Frames come without gaps; one that does not continue the noted ones starts the notes anew.
    pub fn note_simulated(&mut self, frame: Frame, inputs: FrameInputs) {
        if frame < self.used_base {
            return;
        }
        let offset = frame.since(self.used_base) as usize;
        if let Some(slot) = self.used.get_mut(offset) {
            *slot = inputs;
        } else {
            if offset != self.used.len() {
                self.used.clear();
                self.used_base = frame;
            }
            self.used.push_back(inputs);
            // However long inputs are missing.
            if self.used.len() > MAX_APART_FRAMES as usize {
                self.used.pop_front();
                self.used_base = self.used_base.next();
            }
        }
    }

    /// What `frame` was last simulated with; `None` if it was not simulated or was let go.
    #[must_use]
    pub fn used(&self, frame: Frame) -> Option<FrameInputs> {
        if frame < self.used_base {
            return None;
        }
        self.used.get(frame.since(self.used_base) as usize).copied()
    }

    /// The earliest misprediction that no rollback has repaired yet.
    #[must_use]
    pub fn earliest_misprediction(&self) -> Option<Misprediction> {
        self.earliest
    }

    /// Notes that a rollback repairs everything that is known to be wrong.
    pub fn take_misprediction(&mut self) -> Option<Misprediction> {
        self.earliest.take()
    }

    /// Highest frame for which the real inputs of all players are held without a gap.
    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        self.queues
            .iter()
            .map(InputQueue::confirmed_through)
            .reduce(|lowest, through| lowest.min(through))
            .flatten()
    }

    /// The inputs of one player.
    #[must_use]
    pub fn queue(&self, player: PlayerId) -> Option<&InputQueue> {
        self.queues.get(player.index())
    }

    /// Noted frames before `current` that were simulated with a guess not yet settled, out of the
    /// last 512.
    #[must_use]
    pub fn predicted_frames(&self, current: Frame) -> u32 {
        // Nothing up to the confirmed frame rests on a guess, so the count costs a window's length.
        let first = self.confirmed_frame().map_or(Frame::ZERO, Frame::next);
        let unsettled = first.max(self.used_base).max(current.minus(MAX_COUNTED)).0..current.0;
        let is_guessed = |frame| self.used(frame).is_some_and(|used| !used.predicted.is_empty());
        unsettled.filter(|frame| is_guessed(Frame(*frame))).count() as u32
    }

    /// Lets go of everything before `frame`; missing inputs are never let go.
    pub fn discard_before(&mut self, frame: Frame) {
        for queue in &mut self.queues {
            queue.discard_before(frame);
        }
        while self.used_base < frame && self.used.pop_front().is_some() {
            self.used_base = self.used_base.next();
        }
    }

    /// Lets go of everything before `frame`, missing inputs too: a received state makes them
    /// needless. What was simulated before it is forgotten, wrong guesses included.
    pub fn skip_to(&mut self, frame: Frame) {
        for queue in &mut self.queues {
            queue.skip_to(frame);
        }
        self.earliest = None;
        if self.used_base.plus(self.used.len() as u32) <= frame {
            self.used.clear();
        }
        while self.used_base < frame && self.used.pop_front().is_some() {
            self.used_base = self.used_base.next();
        }
    }

    /// Lets go of one player's inputs before `frame`, missing ones too.
    pub fn skip_player_to(&mut self, player: PlayerId, frame: Frame) {
        if let Some(queue) = self.queues.get_mut(player.index()) {
            queue.skip_to(frame);
        }
    }

    /// Forgets what the frames from `frame` on were simulated with: they are taken back.
    pub fn forget_from(&mut self, frame: Frame) {
        self.used.truncate(frame.since(self.used_base) as usize);
        self.earliest = self.earliest.filter(|wrong| wrong.frame < frame);
    }

    /// The oldest frame from which on no input was let go.
    #[must_use]
    pub fn oldest_held(&self) -> Frame {
        self.queues.iter().map(InputQueue::oldest_held).max().unwrap_or(Frame::ZERO)
    }

    fn mark_real(&mut self, player: PlayerId, frame: Frame) {
        if frame < self.used_base {
            return;
        }
        if let Some(used) = self.used.get_mut(frame.since(self.used_base) as usize) {
            used.predicted.remove(player);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P0: PlayerId = PlayerId(0);
    const P1: PlayerId = PlayerId(1);

    fn ledger_after(frames: u32) -> InputLedger {
        let mut ledger = InputLedger::new(&[0, 0], PredictionRule::RepeatLast, Action(0));
        for frame in 0..frames {
            ledger.handle_input(P0, Frame(frame), Action(1));
            let inputs = ledger.inputs_for(Frame(frame));
            ledger.note_simulated(Frame(frame), inputs);
        }
        ledger
    }

    #[test]
    fn a_right_guess_settles_without_a_rollback() {
        let mut ledger = ledger_after(3);
        assert_eq!(ledger.predicted_frames(Frame(3)), 3);
        let arrival = ledger.handle_input(P1, Frame(0), Action(0)).unwrap();
        assert_eq!(arrival.misprediction, None);
        assert_eq!(ledger.confirmed_frame(), Some(Frame(0)));
        assert_eq!(ledger.predicted_frames(Frame(3)), 2);
        assert_eq!(ledger.earliest_misprediction(), None);
    }

    #[test]
    fn the_earliest_wrong_guess_wins_whatever_the_order_of_arrival() {
        let mut ledger = ledger_after(4);
        ledger.handle_input(P1, Frame(3), Action(5));
        ledger.handle_input(P1, Frame(1), Action(6));
        ledger.handle_input(P1, Frame(2), Action(7));
        let wrong = ledger.take_misprediction().unwrap();
        assert_eq!((wrong.frame, wrong.predicted, wrong.actual), (Frame(1), Action(0), Action(6)));
        assert_eq!(ledger.take_misprediction(), None);
        assert_eq!(ledger.inputs_for(Frame(2)).action(P1), Some(Action(7)));
    }

    #[test]
    fn a_player_that_does_not_exist_changes_nothing() {
        let mut ledger = ledger_after(1);
        assert_eq!(ledger.handle_input(PlayerId(7), Frame(0), Action(1)), None);
    }
}
