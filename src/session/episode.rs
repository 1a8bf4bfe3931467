//! One episode of one observed peer: the engine's decisions replayed, and what was really done.

use super::announcements::Announcements;
use super::arrivals::Arrivals;
use super::frames::{Depths, FrameFlags, FrameTable};
use super::hashes::HashTable;
use super::records::{Match, RollbackRecord, RollbackState};
use super::states::StateStore;
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::SessionSettings;
use crate::player::{PlayerId, PlayerSet};
use crate::rollback::{FrameInputs, InputLedger, Inserted, Misprediction};
use crate::time::Micros;

/// Frames behind the confirmed one whose inputs stay at hand, for late duplicates and deep replays.
const KEPT_BEHIND_FRAMES: u32 = 600;

/// Conflicting inputs kept.
const MAX_CONFLICTS: usize = 256;

/// Everything reconstructed of one episode.
#[derive(Debug, Clone)]
pub struct EpisodeRecord {
    /// Its number.
    pub number: Episode,
    /// The frames.
    pub frames: FrameTable,
    /// The rollbacks in order of their requests.
    pub rollbacks: Vec<RollbackRecord>,
    /// The state hashes.
    pub hashes: HashTable,
    /// The state texts that are still at hand.
    pub states: StateStore,
    /// Inputs announced twice with different actions: frame, player, evidence.
    pub conflicts: Vec<(Frame, PlayerId, u32)>,
    /// Mispredictions seen, by player.
    pub mispredictions: Vec<u32>,
    /// Inputs of each player that were not the default action.
    pub active_inputs: Vec<u32>,
    /// What was announced, beyond what the ledger decides.
    pub announcements: Announcements,
    /// Messages with inputs as they arrived.
    pub arrivals: Arrivals,
    /// Stalls before a step.
    pub stalls: u32,
    ledger: Option<InputLedger>,
    settings: Option<SessionSettings>,
    next_frame: Frame,
    pending: u16,
    cause_seq: Option<u32>,
    was_window_full: bool,
    confirmed: Option<Frame>,
    newest_announced: Option<Frame>,
    acknowledged: Option<Frame>,
    remote_current: Option<Frame>,
}

impl EpisodeRecord {
    /// An episode before its first frame. Without all players' settings (one per player, the local
    /// one's included) guesses and targets stay unknown.
    #[must_use]
    pub fn new(number: Episode, local: PlayerId, settings: &[Option<SessionSettings>]) -> Self {
        let known: Option<Vec<SessionSettings>> = settings.iter().copied().collect();
        let own = known.as_ref().and_then(|all| all.get(local.index())).copied();
        let ledger = own.zip(known).map(|(own, all)| {
            let delays: Vec<u32> = all.iter().map(|s| s.input_delay_frames).collect();
            InputLedger::new(&delays, own.prediction, own.default_action)
        });
        Self {
            number,
            frames: FrameTable::default(),
            rollbacks: Vec::new(),
            hashes: HashTable::default(),
            states: StateStore::default(),
            conflicts: Vec::new(),
            mispredictions: vec![0; settings.len()],
            active_inputs: vec![0; settings.len()],
            announcements: Announcements::default(),
            arrivals: Arrivals::default(),
            stalls: 0,
            ledger,
            settings: own,
            next_frame: Frame::ZERO,
            pending: 0,
            cause_seq: None,
            was_window_full: false,
            confirmed: None,
            newest_announced: None,
            acknowledged: None,
            remote_current: None,
        }
    }

    /// Whether the settings of all players were seen, so that decisions can be replayed.
    #[must_use]
    pub fn is_replayable(&self) -> bool {
        self.ledger.is_some()
    }

    /// The settings of the observed peer.
    #[must_use]
    pub fn settings(&self) -> Option<&SessionSettings> {
        self.settings.as_ref()
    }

    /// The next frame that will be stepped for the first time.
    #[must_use]
    pub fn next_frame(&self) -> Frame {
        self.next_frame
    }

    /// Highest simulated frame for which the real inputs of all players are held.
    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        self.confirmed
    }

    /// The first frame whose input of `player` is missing; `None` where that is not known.
    #[must_use]
    pub fn first_missing(&self, player: PlayerId) -> Option<Frame> {
        let queue = self.ledger.as_ref()?.queue(player)?;
        Some(queue.confirmed_through().map_or(Frame::ZERO, Frame::next))
    }

    /// The earliest wrong guess that no rollback has repaired yet.
    #[must_use]
    pub fn open_misprediction(&self) -> Option<Misprediction> {
        self.ledger.as_ref().and_then(InputLedger::earliest_misprediction)
    }

    /// Whether a simulated frame still rests on a guess; `None` where that is not known.
    #[must_use]
    pub fn is_predicted(&self, frame: Frame) -> Option<bool> {
        let ledger = self.ledger.as_ref()?;
        if self.confirmed.is_some_and(|confirmed| frame <= confirmed) {
            return Some(false);
        }
        ledger.used(frame).map(|used| !used.predicted.is_empty())
    }

    /// Messages with inputs that the other peer must have sent and that never came, out of those
    /// it must have sent: every step of the other peer makes one.
    #[must_use]
    pub fn lost_messages(&self) -> (u32, u32) {
        self.arrivals.lost()
    }

    /// Takes an input of another player that arrived.
    pub fn handle_input(
        &mut self,
        player: PlayerId,
        frame: Frame,
        action: Action,
        seq: u32,
        time: Micros,
    ) {
        self.announcements.note_received(player, frame, self.next_frame, seq);
        let Some(ledger) = self.ledger.as_mut() else {
            return;
        };
        let Some(arrival) = ledger.handle_input(player, frame, action) else {
            return;
        };
        let default = self.settings.map(|settings| settings.default_action);
        match arrival.inserted {
            Inserted::New if Some(action) != default => {
                if let Some(count) = self.active_inputs.get_mut(player.index()) {
                    *count += 1;
                }
            }
            // Announcements repeat; one conflict a frame is enough.
            Inserted::Conflict { .. }
                if !self.announcements.note_contradiction(player, frame, seq)
                    && self.conflicts.len() < MAX_CONFLICTS
                    && !self.conflicts.iter().any(|c| (c.0, c.1) == (frame, player)) =>
            {
                self.conflicts.push((frame, player, seq));
            }
            _ => {}
        }
        if let Some(wrong) = arrival.misprediction {
            self.pending = self.pending.saturating_add(1);
            if let Some(count) = self.mispredictions.get_mut(player.index()) {
                *count += 1;
            }
            if ledger.earliest_misprediction() == Some(wrong) {
                self.cause_seq = Some(seq);
            }
        }
        self.advance_confirmed(time);
    }

    /// Takes what another peer's message says of itself: its current frame, and how far it holds
    /// the observed player's inputs.
    pub fn handle_remote_progress(&mut self, current: Frame, received_through: Option<Frame>) {
        self.remote_current = self.remote_current.max(Some(current));
        self.acknowledged = self.acknowledged.max(received_through);
        self.arrivals.note_announced(current);
    }

    /// Takes the newest frame that the observed player announced an input for.
    pub fn handle_announcement(&mut self, newest: Frame) {
        self.newest_announced = self.newest_announced.max(Some(newest));
    }

    /// Takes a step of a frame for the first time. Returns whether the frame fits the ones before.
    pub fn handle_step(
        &mut self,
        local: PlayerId,
        frame: Frame,
        actions: &[Action],
        time: Micros,
    ) -> bool {
        let fits = frame == self.next_frame;
        if !fits {
            // Without the steps in between nobody knows what was guessed: better say nothing.
            self.ledger = None;
        }
        if let (Some(ledger), Some(action)) = (self.ledger.as_mut(), actions.get(local.index())) {
            let inserted = ledger.handle_input(local, frame, *action);
            let is_new = inserted.is_some_and(|arrival| arrival.inserted == Inserted::New);
            let default = self.settings.map(|settings| settings.default_action);
            if is_new
                && Some(*action) != default
                && let Some(count) = self.active_inputs.get_mut(local.index())
            {
                *count += 1;
            }
        }
        if self.ledger.is_none() {
            self.count_active(actions);
        }
        if let Some(ledger) = &self.ledger {
            self.announcements.note_step(ledger, local, frame, actions);
        }
        if let Some(missed) = self.open_misprediction() {
            self.frames.mark(missed.frame, FrameFlags::MISSED_ROLLBACK);
        }
        let inputs = FrameInputs::new(actions, self.missing_inputs(frame, actions.len()));
        let depths = self.depths(frame);
        if !self.frames.step(frame, inputs, time, depths) {
            return false;
        }
        if let Some(ledger) = self.ledger.as_mut() {
            ledger.note_simulated(frame, inputs);
        }
        self.note_stall(frame, time);
        self.pending = 0;
        self.next_frame = frame.next();
        self.was_window_full = self.is_window_full();
        self.advance_confirmed(time);
        fits
    }

    /// Takes a rollback as its request shows it: the restored snapshot and the replayed frames.
    pub fn handle_rollback(
        &mut self,
        snapshot: Frame,
        restored: Match,
        replay: &[(Frame, &[Action])],
        round_trip: usize,
    ) {
        let cause = self.ledger.as_mut().and_then(InputLedger::take_misprediction);
        let cause_seq = self.cause_seq.take().filter(|_| cause.is_some());
        cause_seq.into_iter().for_each(|seq| self.arrivals.note_cause(seq));
        let mut wrong_actions = 0;
        for (frame, actions) in replay {
            let inputs = FrameInputs::new(actions, self.missing_inputs(*frame, actions.len()));
            if let Some(ledger) = self.ledger.as_mut() {
                let expected = ledger.inputs_for(*frame);
                let pairs = expected.actions().iter().zip(*actions);
                wrong_actions += pairs.filter(|(expected, used)| expected != used).count() as u32;
                ledger.note_simulated(*frame, inputs);
            }
            self.frames.step_again(*frame, inputs);
        }
        let expected = (snapshot.0..self.next_frame.0).map(Frame);
        let is_complete = expected.eq(replay.iter().map(|(frame, _)| *frame));
        let record = RollbackRecord {
            cause,
            cause_seq,
            current: self.next_frame,
            snapshot,
            resimulated: replay.len() as u32,
            state: RollbackState::Running,
            restored,
            wrong_actions: self.ledger.is_some().then_some(wrong_actions),
            is_complete,
            round_trip,
        };
        self.frames.note_rollback(self.next_frame, record.depth_frames().unwrap_or(0));
        self.rollbacks.push(record);
    }

    /// Says how the rollback of a round trip ended.
    pub fn handle_rollback_reply(&mut self, round_trip: usize, state: RollbackState) {
        let mut newest_first = self.rollbacks.iter_mut().rev();
        if let Some(record) = newest_first.find(|record| record.round_trip == round_trip) {
            record.state = state;
        }
    }

    // Without a ledger the actions that a frame was stepped with are all there is to go by.
    fn count_active(&mut self, actions: &[Action]) {
        let default = self.settings.map_or(Action::default(), |settings| settings.default_action);
        for (count, action) in self.active_inputs.iter_mut().zip(actions) {
            *count += u32::from(*action != default);
        }
    }

    fn missing_inputs(&self, frame: Frame, players: usize) -> PlayerSet {
        let mut missing = PlayerSet::EMPTY;
        if let Some(ledger) = &self.ledger {
            for player in (0..players.min(ledger.players())).map(|index| PlayerId(index as u8)) {
                if ledger.queue(player).is_some_and(|queue| queue.get(frame).is_none()) {
                    missing.insert(player);
                }
            }
        }
        missing
    }

    fn depths(&self, frame: Frame) -> Depths {
        let small = |count: u32| u16::try_from(count).unwrap_or(u16::MAX);
        let confirmed_next = self.confirmed.map_or(Frame::ZERO, Frame::next);
        let held = self.ledger.as_ref().and_then(InputLedger::confirmed_frame);
        let own_newest = self.newest_announced.map_or(0, |newest| newest.0 + 1);
        let acknowledged = self.acknowledged.map_or(0, |through| through.0.saturating_add(1));
        let remote = self.remote_current.unwrap_or(frame);
        let ahead = i64::from(frame.0) - i64::from(remote.0);
        Depths {
            predicted: small(
                self.ledger.as_ref().map_or(0, |ledger| ledger.predicted_frames(frame)),
            ),
            pending: self.pending,
            receive: small(held.map_or(0, |held| held.next().since(frame))),
            send: small(own_newest.saturating_sub(acknowledged)),
            advantage: ahead.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16,
            lag: small(frame.since(confirmed_next)),
        }
    }

    fn is_window_full(&self) -> bool {
        let confirmed_next = self.confirmed.map_or(Frame::ZERO, Frame::next);
        self.settings.is_some_and(|settings| {
            self.next_frame.since(confirmed_next) >= settings.max_prediction_frames
        })
    }

    // The engine skipped ticks before this frame if its window was used up after the last step and
    // the next step came more than one and a half ticks later.
    fn note_stall(&mut self, frame: Frame, time: Micros) {
        let Some(settings) = self.settings.filter(|_| self.was_window_full) else {
            return;
        };
        let Some(last) = frame.previous().and_then(|last| self.frames.stepped_at(last)) else {
            return;
        };
        let tick_micros = 1_000_000 / u64::from(settings.frames_per_second.max(1));
        if time.since(last) > tick_micros + tick_micros / 2 {
            self.stalls += 1;
            self.frames.mark(frame, FrameFlags::STALLED);
        }
    }

    fn advance_confirmed(&mut self, time: Micros) {
        let Some(ledger) = self.ledger.as_mut() else {
            return;
        };
        let last = self.next_frame.previous();
        let Some(reached) = ledger.confirmed_frame().zip(last).map(|(held, last)| held.min(last))
        else {
            return;
        };
        let mut frame = self.confirmed.map_or(Frame::ZERO, Frame::next);
        while frame <= reached {
            self.frames.confirm(frame, time);
            frame = frame.next();
        }
        if self.confirmed < Some(reached) {
            self.confirmed = Some(reached);
            ledger.discard_before(reached.minus(KEPT_BEHIND_FRAMES));
        }
    }
}
