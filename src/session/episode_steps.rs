//! What a peer did in one episode: first steps, rollbacks, and the frames that they confirmed.

use super::episode::EpisodeRecord;
use super::frames::{Depths, FrameFlags};
use super::records::{Match, RollbackRecord, RollbackState};
use crate::action::Action;
use crate::frame::Frame;
use crate::player::{PlayerId, PlayerSet};
use crate::rollback::{FrameInputs, Inserted, Misprediction};
use crate::time::Micros;

/// Frames behind the confirmed one whose inputs stay at hand, for late duplicates and deep replays.
const KEPT_BEHIND_FRAMES: u32 = 600;

/// Frames of received states that are remembered; each resync needs the newest one.
const MAX_STATE_OFFERS: usize = 64;

impl EpisodeRecord {
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
        self.note_own_action(local, frame, actions);
        self.step(local, frame, actions, self.missing_inputs(frame, actions.len()), time) && fits
    }

    // The engine holds the local player's input as soon as it steps the frame.
    fn note_own_action(&mut self, local: PlayerId, frame: Frame, actions: &[Action]) {
        let Some(ledger) = self.ledger.as_mut() else {
            // Without a ledger the actions that a frame was stepped with are all there is.
            return self.count_active(actions);
        };
        let inserted =
            actions.get(local.index()).and_then(|own| ledger.handle_input(local, frame, *own));
        let is_new = inserted.is_some_and(|arrival| arrival.inserted == Inserted::New);
        let default = self.settings.map(|settings| settings.default_action);
        if is_new
            && actions.get(local.index()).copied() != default
            && let Some(count) = self.active_inputs.get_mut(local.index())
        {
            *count += 1;
        }
    }

    // Adds the frame that comes next, `missing` are the players whose input is guessed. Returns
    // whether the table took it.
    pub(super) fn step(
        &mut self,
        local: PlayerId,
        frame: Frame,
        actions: &[Action],
        missing: PlayerSet,
        time: Micros,
    ) -> bool {
        if let Some(ledger) = &self.ledger {
            self.announcements.note_step(ledger, local, frame, actions);
        }
        if let Some(missed) = self.open_misprediction() {
            self.frames.mark(missed.frame, FrameFlags::MISSED_ROLLBACK);
        }
        let inputs = FrameInputs::new(actions, missing);
        let depths = self.depths(local, frame);
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
        true
    }

    /// Takes a rollback as its request shows it: the restored snapshot and the replayed frames.
    pub fn handle_rollback(
        &mut self,
        snapshot: Frame,
        restored: Match,
        replay: &[(Frame, &[Action])],
        round_trip: usize,
        seq: u32,
    ) {
        let cause = match self.ledger.as_mut() {
            Some(ledger) => ledger.take_misprediction(),
            None => self.shown_cause(snapshot, replay),
        };
        let cause_seq = self.cause_seq.take().filter(|_| cause.is_some());
        cause_seq.into_iter().for_each(|seq| self.arrivals.note_cause(seq));
        // Where no step was seen yet, the replay alone says how far the page is.
        if let Some((last, _)) = replay.last().filter(|_| self.frames.is_empty()) {
            self.next_frame = last.next();
        }
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
        self.push_rollback(RollbackRecord {
            cause,
            cause_seq,
            current: self.next_frame,
            snapshot,
            resimulated: replay.len() as u32,
            state: RollbackState::Running,
            restored,
            wrong_actions: self.ledger.is_some().then_some(wrong_actions),
            is_complete,
            seq,
            round_trip: Some(round_trip),
        });
    }

    // Without the players' settings nobody knows what was guessed, but a replay shows it: the first
    // frame that it steps with another action of one player than before is the first incorrect one.
    fn shown_cause(&self, snapshot: Frame, replay: &[(Frame, &[Action])]) -> Option<Misprediction> {
        for (place, (frame, actions)) in (0..).zip(replay) {
            let before = self.frames.inputs(*frame).filter(|_| *frame == snapshot.plus(place))?;
            let pairs = (0_u8..).map(PlayerId).zip(before.actions().iter().zip(*actions));
            let mut wrong = pairs.filter(|(_, (before, now))| before != now);
            if let Some((player, (predicted, actual))) = wrong.next() {
                let cause =
                    Misprediction { frame: *frame, player, predicted: *predicted, actual: *actual };
                // Of two players' inputs nothing says which one came first.
                return wrong.next().is_none().then_some(cause);
            }
        }
        None
    }

    /// Takes that a state of this frame is coming in from a peer. It may lie ahead by the whole game:
    /// that a page was loaded anew shows by nothing else.
    pub fn handle_state_offer(&mut self, frame: Frame) {
        self.state_offers.insert(frame);
        if self.state_offers.len() > MAX_STATE_OFFERS {
            self.state_offers.pop_first();
        }
    }

    pub(super) fn has_state_offer(&self, frame: Frame) -> bool {
        self.state_offers.contains(&frame)
    }

    /// Takes the restoring of a peer's state and the frames that were stepped again after it.
    /// Nothing before them rests on a guess any more.
    pub fn handle_resync(&mut self, snapshot: Frame, steps: &[(Frame, &[Action])]) {
        self.cause_seq = None;
        self.pending = 0;
        if let Some(ledger) = self.ledger.as_mut() {
            ledger.skip_to(snapshot);
        }
        for (frame, actions) in steps {
            let inputs = FrameInputs::new(actions, self.missing_inputs(*frame, actions.len()));
            if let Some(ledger) = self.ledger.as_mut() {
                ledger.note_simulated(*frame, inputs);
            }
            self.frames.step_again(*frame, inputs);
        }
        self.next_frame = self.next_frame.max(snapshot);
    }

    pub(super) fn push_rollback(&mut self, record: RollbackRecord) {
        self.frames.note_rollback(record.current, record.depth_frames().unwrap_or(0));
        self.rollbacks.push(record);
    }

    /// Says how the rollback of a round trip ended.
    pub fn handle_rollback_reply(&mut self, round_trip: usize, state: RollbackState) {
        let mut newest_first = self.rollbacks.iter_mut().rev();
        if let Some(record) = newest_first.find(|record| record.round_trip == Some(round_trip)) {
            record.state = state;
        }
    }

    fn count_active(&mut self, actions: &[Action]) {
        let default = self.settings.map_or(Action::default(), |settings| settings.default_action);
        for (count, action) in self.active_inputs.iter_mut().zip(actions) {
            *count += u32::from(*action != default);
        }
    }

    pub(super) fn missing_inputs(&self, frame: Frame, players: usize) -> PlayerSet {
        let mut missing = PlayerSet::EMPTY;
        if let Some(ledger) = &self.ledger {
            for player in (0..players.min(ledger.players())).map(|index| PlayerId(index as u8)) {
                if ledger.held(player, frame).is_none() {
                    missing.insert(player);
                }
            }
        }
        missing
    }

    fn depths(&self, local: PlayerId, frame: Frame) -> Depths {
        let small = |count: u32| u16::try_from(count).unwrap_or(u16::MAX);
        // Without the page's books from their beginning on they say nothing.
        let ledger = self.ledger.as_ref().filter(|_| self.anchor.is_some());
        let confirmed_next = self.confirmed.map_or(Frame::ZERO, Frame::next);
        let own_newest = self.newest_announced.map_or(0, |newest| newest.0.saturating_add(1));
        let acknowledged = self.acknowledged.map_or(0, |through| through.0.saturating_add(1));
        let ahead = |remote: Frame| {
            let ahead = i64::from(frame.0) - i64::from(remote.0);
            ahead.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16
        };
        Depths {
            predicted: ledger.map(|ledger| small(ledger.predicted_frames(frame))),
            pending: ledger.map(|_| self.pending),
            receive: ledger.map(|ledger| small(ledger.waiting_inputs(local, frame))),
            local: ledger.and_then(|ledger| ledger.own_inputs(local, frame)).map(small),
            send: self.is_acknowledged().then(|| small(own_newest.saturating_sub(acknowledged))),
            advantage: self.remote_current.map(ahead),
            lag: ledger.map(|_| small(frame.since(confirmed_next))),
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

    pub(super) fn advance_confirmed(&mut self, time: Micros) {
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
