//! What a MUG page decides with the inputs that it holds: its guesses, its wrong guesses, its
//! snapshots, its confirmed frame (MUG wire notes, §4.2 to 4.5).
//!
//! The page's rules are not those of this project's engine: it marks whole frames as predicted,
//! never fills the frames below the input delay, forgets inputs by age or by anchor, and forgets
//! wrong guesses that it learned of outside a tick.

mod snapshots;

use snapshots::Snapshots;

use super::rules::{Forgetting, Rules};
use crate::action::Action;
use crate::frame::Frame;
use crate::message::PredictionRule;
use crate::player::{MAX_PLAYERS, PlayerId, PlayerSet};
use crate::rollback::{Arrival, FrameInputs, Inserted, Misprediction};
use crate::sorted::{SortedMap, SortedSet};

/// Frames of inputs that are held at most; a page that behaves holds about a hundred.
const MAX_HELD: usize = 4096;

/// Frames whose simulation is remembered.
const MAX_USED: usize = 8192;

/// Frames behind the current one whose inputs a page keeps that forgets by age.
pub(super) const KEPT_BY_AGE_FRAMES: u32 = 60;

/// Frames that inputs are kept for at most by a page that forgets by age: of more it lets go of the
/// oldest, also of frames that it has not stepped yet.
const MAX_KEPT_BY_AGE: usize = 120;

/// Frames behind the confirmed one whose snapshots outlive a catch-up of a page that forgets by age
/// (MUG's published source, at the lines that the wire notes name in §4.6).
const SNAPSHOTS_AFTER_CATCH_UP_FRAMES: u32 = 30;

/// The page's own books of one episode.
#[derive(Debug, Clone)]
pub(in crate::session) struct MugLedger {
    rules: Rules,
    players: usize,
    held: SortedMap<Frame, [Option<Action>; MAX_PLAYERS]>,
    used: SortedMap<Frame, FrameInputs>,
    predicted: SortedSet<Frame>,
    last_known: [Option<Action>; MAX_PLAYERS],
    snapshots: Snapshots,
    confirmed: Option<Frame>,
    current: Frame,
    wrong: Option<Misprediction>,
    // What is left of the held inputs of an ended episode: the first missing one of each player.
    missing_at_end: Option<[Frame; MAX_PLAYERS]>,
    // Before it only what rests on a guess is left in `used`.
    settled: Frame,
}

impl MugLedger {
    pub(super) fn new(rules: Rules, players: usize) -> Self {
        Self {
            rules,
            players: players.min(MAX_PLAYERS),
            held: SortedMap::new(),
            used: SortedMap::new(),
            predicted: SortedSet::new(),
            last_known: [None; MAX_PLAYERS],
            snapshots: Snapshots::default(),
            confirmed: None,
            current: Frame::ZERO,
            wrong: None,
            missing_at_end: None,
            settled: Frame::ZERO,
        }
    }

    /// Lets go of what only a page that still plays the episode decides with.
    pub(in crate::session) fn close(&mut self) {
        let mut missing = [Frame::ZERO; MAX_PLAYERS];
        for (player, slot) in (0_u8..).map(PlayerId).zip(&mut missing) {
            *slot = self.first_missing(player);
        }
        self.missing_at_end = Some(missing);
        self.forget_settled();
        self.held = SortedMap::new();
        self.predicted = SortedSet::new();
        self.snapshots = Snapshots::default();
    }

    // A frame that is confirmed and rests on no guess is not found wrong any more.
    fn forget_settled(&mut self) {
        let confirmed = self.confirmed.unwrap_or_default();
        while self.settled < confirmed {
            let mut frames = self.used.range(self.settled..confirmed).map(|(frame, _)| *frame);
            let next = frames.find(|frame| !self.predicted.contains(frame));
            if let Some(settled) = next {
                self.used.remove(&settled);
            }
            self.settled = next.map_or(confirmed, Frame::next);
        }
    }

    /// Begins the tick of a frame: what was found wrong outside a tick is forgotten.
    pub(super) fn begin_tick(&mut self, current: Frame) {
        self.current = current;
        self.wrong = None;
    }

    /// Takes one input. `None` for a player that the game does not have.
    pub(in crate::session) fn handle_input(
        &mut self,
        player: PlayerId,
        frame: Frame,
        action: Action,
    ) -> Option<Arrival> {
        if player.index() >= self.players || self.missing_at_end.is_some() {
            return None;
        }
        let arrival = |inserted| Some(Arrival { inserted, misprediction: None });
        let is_full = self.held.len() >= MAX_HELD && !self.held.contains_key(&frame);
        if is_full {
            return arrival(Inserted::TooFarAhead);
        }
        // The player has a slot: a game has no more players than there are.
        let hold = |slots: &mut [Option<Action>; MAX_PLAYERS]| {
            let slot = slots.get_mut(player.index())?;
            let held = *slot;
            *slot = held.or(Some(action));
            held
        };
        match self.held.change(frame, Default::default, hold) {
            Some(held) if held == action => return arrival(Inserted::Duplicate),
            Some(held) => return arrival(Inserted::Conflict { held }),
            None => {}
        }
        if let Some(last) = self.last_known.get_mut(player.index()) {
            *last = Some(action);
        }
        // A page that forgot an input takes a repetition of it as new.
        let is_known = self.confirmed.is_some_and(|confirmed| frame <= confirmed);
        let inserted = if is_known { Inserted::BehindQueue } else { Inserted::New };
        let used = self.used.get(&frame).and_then(|used| used.action(player));
        let is_guessed = frame < self.current && self.predicted.contains(&frame);
        let misprediction = used
            .filter(|predicted| is_guessed && *predicted != action)
            .map(|predicted| Misprediction { frame, player, predicted, actual: action });
        if let Some(wrong) = misprediction
            && self.wrong.is_none_or(|known| wrong.frame < known.frame)
        {
            self.wrong = Some(wrong);
        }
        Some(Arrival { inserted, misprediction })
    }

    /// What `frame` would be simulated with now.
    pub(in crate::session) fn inputs_for(&self, frame: Frame) -> FrameInputs {
        let held = self.held.get(&frame).copied().unwrap_or_default();
        let mut predicted = PlayerSet::EMPTY;
        let mut actions = [Action::default(); MAX_PLAYERS];
        let slots = actions.iter_mut().zip(held).zip(self.last_known).take(self.players);
        for (index, ((slot, held), last)) in slots.enumerate() {
            *slot = held.unwrap_or_else(|| {
                predicted.insert(PlayerId(index as u8));
                let last = last.filter(|_| self.rules.prediction == PredictionRule::RepeatLast);
                last.unwrap_or(self.rules.default_action)
            });
        }
        FrameInputs::new(actions.get(..self.players).unwrap_or_default(), predicted)
    }

    /// Notes that `frame` was simulated with `inputs`, for the first time or again. A real input
    /// that is used becomes the last known one, whatever its frame.
    pub(in crate::session) fn note_simulated(&mut self, frame: Frame, inputs: FrameInputs) {
        for (index, (last, action)) in self.last_known.iter_mut().zip(inputs.actions()).enumerate()
        {
            if !inputs.predicted.contains(PlayerId(index as u8)) {
                *last = Some(*action);
            }
        }
        if inputs.predicted.is_empty() {
            self.predicted.remove(&frame);
        } else {
            self.predicted.insert(frame);
        }
        self.used.insert(frame, inputs);
        self.settled = self.settled.min(frame);
        if self.used.len() > MAX_USED {
            self.used.pop_first();
        }
        self.current = self.current.max(frame.next());
    }

    /// Says what a frame was really simulated with.
    pub(super) fn correct_used(&mut self, frame: Frame, inputs: FrameInputs) {
        if let Some(used) = self.used.get_mut(&frame) {
            *used = inputs;
        }
    }

    /// Says that everything up to `frame` is known to be confirmed.
    pub(super) fn confirm_through(&mut self, frame: Frame) {
        self.confirmed = self.confirmed.max(Some(frame));
        self.predicted = self.predicted.split_off(&frame.next());
        self.wrong = None;
    }

    /// A page that caught up takes everything up to its frame for confirmed, and forgets: by age the
    /// snapshots that lie too far behind, so that it may have none to repair the next frames from.
    pub(super) fn catch_up(&mut self) {
        self.confirmed = self.confirmed.max(self.current.previous());
        match (self.rules.forgetting, self.confirmed) {
            (Forgetting::ByAge, Some(confirmed)) => {
                self.snapshots.forget_before(confirmed.minus(SNAPSHOTS_AFTER_CATCH_UP_FRAMES));
            }
            _ => self.prune_snapshots(),
        }
        self.predicted.clear();
        self.prune();
    }

    /// Takes an action for the last known one before its input is stored.
    pub(super) fn note_last_known(&mut self, player: PlayerId, action: Action) {
        if let Some(last) = self.last_known.get_mut(player.index()) {
            *last = Some(action);
        }
    }

    /// Saves the state before a frame.
    pub(super) fn save_snapshot(&mut self, frame: Frame) {
        self.snapshots.save(frame, self.rules.forgetting);
    }

    /// Lets go of snapshots behind the anchor, as a page without a worker does after a live save.
    pub(super) fn prune_snapshots(&mut self) {
        if let (Forgetting::BehindAnchor, Some(anchor)) = (self.rules.forgetting, self.anchor()) {
            self.snapshots.forget_before(anchor);
        }
    }

    /// The snapshot that a rollback to `target` restores.
    pub(super) fn snapshot_for(&self, target: Frame) -> Option<Frame> {
        self.snapshots.newest_at(target)
    }

    // The snapshot that everything up to the confirmed frame can be replayed from.
    fn anchor(&self) -> Option<Frame> {
        self.snapshot_for(self.confirmed?)
    }

    /// Moves the confirmed frame on, over frames before `current` whose inputs are all held. A scan
    /// that begins behind the oldest held frame jumps there.
    pub(super) fn advance(&mut self, current: Frame) {
        let mut frame = self.confirmed.map_or(Frame::ZERO, Frame::next);
        if let Some((oldest, _)) = self.held.first_key_value() {
            frame = frame.max(*oldest);
        }
        while frame < current && self.is_held(frame) {
            self.confirmed = Some(frame);
            self.predicted.remove(&frame);
            frame = frame.next();
        }
    }

    /// Whether the inputs of all players are held for a frame.
    pub(super) fn is_held(&self, frame: Frame) -> bool {
        let held = self.held.get(&frame).map(|held| held.iter().take(self.players));
        held.is_some_and(|mut held| held.all(Option::is_some))
    }

    /// Forgets inputs as the page does at the end of its tick.
    pub(super) fn prune(&mut self) {
        let oldest = match self.rules.forgetting {
            Forgetting::ByAge => Some(self.current.minus(KEPT_BY_AGE_FRAMES)),
            Forgetting::BehindAnchor => self.anchor(),
        };
        let is_by_age = self.rules.forgetting == Forgetting::ByAge;
        let most = if is_by_age { MAX_KEPT_BY_AGE } else { MAX_HELD };
        let is_old = |frame: Frame| oldest.is_some_and(|oldest| frame < oldest);
        while let Some((frame, _)) = self.held.first_key_value()
            && (self.held.len() > most || is_old(*frame))
        {
            if is_by_age {
                self.predicted.remove(frame);
            }
            self.held.pop_first();
        }
        self.forget_settled();
    }

    /// Takes the rules as they are known now.
    pub(super) fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    pub(in crate::session) fn used(&self, frame: Frame) -> Option<FrameInputs> {
        self.used.get(&frame).copied()
    }

    pub(in crate::session) fn held(&self, player: PlayerId, frame: Frame) -> Option<Action> {
        self.held.get(&frame)?.get(player.index()).copied().flatten()
    }

    /// The first frame that `player`'s input is missing for, after the confirmed one.
    pub(in crate::session) fn first_missing(&self, player: PlayerId) -> Frame {
        if let Some(missing) = &self.missing_at_end {
            return missing.get(player.index()).copied().unwrap_or_default();
        }
        let mut frame = self.confirmed.map_or(Frame::ZERO, Frame::next);
        if let Some((oldest, _)) = self.held.first_key_value() {
            frame = frame.max(*oldest);
        }
        while self.held(player, frame).is_some() {
            frame = frame.next();
        }
        frame
    }

    pub(in crate::session) fn earliest_misprediction(&self) -> Option<Misprediction> {
        self.wrong
    }

    pub(in crate::session) fn take_misprediction(&mut self) -> Option<Misprediction> {
        self.wrong.take()
    }

    pub(in crate::session) fn confirmed_frame(&self) -> Option<Frame> {
        self.confirmed
    }

    pub(in crate::session) fn players(&self) -> usize {
        self.players
    }

    /// Frames that are marked as predicted.
    pub(in crate::session) fn predicted_frames(&self) -> u32 {
        self.predicted.len() as u32
    }

    /// Frames that inputs are held for.
    pub(super) fn held_frames(&self) -> u32 {
        self.held.len() as u32
    }

    /// Inputs of some players that are held for frames not yet simulated.
    pub(in crate::session) fn inputs_ahead(&self, is_of: impl Fn(usize) -> bool) -> u32 {
        let ahead = self.held.range(self.current..);
        let held = ahead.flat_map(|(_, held)| held.iter().enumerate());
        held.filter(|(player, held)| is_of(*player) && held.is_some()).count() as u32
    }

    /// Snapshots that the page holds.
    pub(super) fn snapshot_count(&self) -> u32 {
        self.snapshots.count()
    }
}

#[cfg(test)]
mod tests;
