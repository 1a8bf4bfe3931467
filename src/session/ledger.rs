//! The books that decide for one episode of one peer: this project's engine, or the rules of the
//! page that is observed. Records are filled the same way from either.

use super::mug::MugLedger;
use crate::action::Action;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::rollback::{Arrival, FrameInputs, InputLedger, Misprediction};

/// Inputs that came in, what frames were simulated with, and which guess was wrong first.
#[derive(Debug, Clone)]
pub(super) enum Ledger {
    /// The engine's own.
    Engine(Box<InputLedger>),
    /// A MUG page's.
    Mug(Box<MugLedger>),
}

impl Ledger {
    pub(super) fn handle_input(
        &mut self,
        player: PlayerId,
        frame: Frame,
        action: Action,
    ) -> Option<Arrival> {
        match self {
            Self::Engine(ledger) => ledger.handle_input(player, frame, action),
            Self::Mug(ledger) => ledger.handle_input(player, frame, action),
        }
    }

    pub(super) fn inputs_for(&self, frame: Frame) -> FrameInputs {
        match self {
            Self::Engine(ledger) => ledger.inputs_for(frame),
            Self::Mug(ledger) => ledger.inputs_for(frame),
        }
    }

    pub(super) fn note_simulated(&mut self, frame: Frame, inputs: FrameInputs) {
        match self {
            Self::Engine(ledger) => ledger.note_simulated(frame, inputs),
            Self::Mug(ledger) => ledger.note_simulated(frame, inputs),
        }
    }

    pub(super) fn used(&self, frame: Frame) -> Option<FrameInputs> {
        match self {
            Self::Engine(ledger) => ledger.used(frame),
            Self::Mug(ledger) => ledger.used(frame),
        }
    }

    pub(super) fn earliest_misprediction(&self) -> Option<Misprediction> {
        match self {
            Self::Engine(ledger) => ledger.earliest_misprediction(),
            Self::Mug(ledger) => ledger.earliest_misprediction(),
        }
    }

    pub(super) fn take_misprediction(&mut self) -> Option<Misprediction> {
        match self {
            Self::Engine(ledger) => ledger.take_misprediction(),
            Self::Mug(ledger) => ledger.take_misprediction(),
        }
    }

    pub(super) fn confirmed_frame(&self) -> Option<Frame> {
        match self {
            Self::Engine(ledger) => ledger.confirmed_frame(),
            Self::Mug(ledger) => ledger.confirmed_frame(),
        }
    }

    pub(super) fn players(&self) -> usize {
        match self {
            Self::Engine(ledger) => ledger.players(),
            Self::Mug(ledger) => ledger.players(),
        }
    }

    /// The input of a player that is held for a frame.
    pub(super) fn held(&self, player: PlayerId, frame: Frame) -> Option<Action> {
        match self {
            Self::Engine(ledger) => ledger.queue(player)?.get(frame),
            Self::Mug(ledger) => ledger.held(player, frame),
        }
    }

    /// The first frame that a player's input is missing for; `None` for a player that is not there.
    pub(super) fn first_missing(&self, player: PlayerId) -> Option<Frame> {
        match self {
            Self::Engine(ledger) => {
                let queue = ledger.queue(player)?;
                Some(queue.confirmed_through().map_or(Frame::ZERO, Frame::next))
            }
            Self::Mug(ledger) => Some(ledger.first_missing(player)),
        }
    }

    /// Frames before `current` that rest on a guess.
    pub(super) fn predicted_frames(&self, current: Frame) -> u32 {
        match self {
            Self::Engine(ledger) => ledger.predicted_frames(current),
            Self::Mug(ledger) => ledger.predicted_frames(),
        }
    }

    /// Inputs of others that are held for frames from `current` on.
    pub(super) fn waiting_inputs(&self, local: PlayerId, current: Frame) -> u32 {
        match self {
            Self::Engine(ledger) => {
                ledger.confirmed_frame().map_or(0, |held| held.next().since(current))
            }
            Self::Mug(ledger) => ledger.inputs_ahead(|player| player != local.index()),
        }
    }

    /// Own inputs that are held for frames from `current` on; `None` for a player that is not there.
    pub(super) fn own_inputs(&self, local: PlayerId, current: Frame) -> Option<u32> {
        match self {
            Self::Engine(ledger) => {
                let through = ledger.queue(local)?.confirmed_through();
                Some(through.map_or(0, |through| through.next().since(current)))
            }
            Self::Mug(ledger) => Some(ledger.inputs_ahead(|player| player == local.index())),
        }
    }

    /// Goes on from a received state of `frame`. A MUG page's books know no such thing.
    pub(super) fn skip_to(&mut self, frame: Frame) {
        if let Self::Engine(ledger) = self {
            ledger.skip_to(frame);
        }
    }

    /// Lets go of inputs that nothing asks for any more. A MUG page's books do so by its own rule.
    pub(super) fn discard_before(&mut self, frame: Frame) {
        if let Self::Engine(ledger) = self {
            ledger.discard_before(frame);
        }
    }

    /// Lets go of what an ended episode does not need any more. The engine's own books may still get
    /// late inputs, and keep only the newest frames anyway.
    pub(super) fn close(&mut self) {
        if let Self::Mug(ledger) = self {
            ledger.close();
        }
    }

    /// The books of a MUG page.
    pub(super) fn as_mug(&mut self) -> Option<&mut MugLedger> {
        match self {
            Self::Engine(_) => None,
            Self::Mug(ledger) => Some(ledger),
        }
    }
}
