//! One tick of a MUG page, in the page's own order (MUG wire notes, §4.3): what came in, what was
//! wrong, what is repaired, what is confirmed, and what the frame is stepped with.

use super::ledger::KEPT_BY_AGE_FRAMES;
use super::{EarlyState, MugLedger, MugPage, PLAYERS, Waiting};
use crate::frame::{Episode, Frame};
use crate::player::PlayerId;
use crate::session::episode::EpisodeRecord;
use crate::session::ledger::Ledger;
use crate::session::peer::PeerSession;
use crate::session::records::{Match, RollbackRecord, RollbackState};
use crate::time::Micros;

/// Frames that two messages with the same inputs may lie apart: what is repeated, and as much again
/// for messages that overtake each other.
const ANCHOR_MARGIN_FRAMES: u32 = 20;

/// First frame that anchors no late observation: nobody plays for so long (nearly ten hours at 30 frames
/// a second), so a message that speaks of it lies.
const MAX_ANCHOR: Frame = Frame(1 << 20);

/// Frames that a page catches up at most (MUG wire notes, §4.1).
const MAX_CAUGHT_UP_FRAMES: u32 = 1000;

impl MugPage {
    /// Begins an episode with `frame`; a page that is seen from its first tick on begins with 0.
    pub(super) fn begin_episode(&mut self, peer: &mut PeerSession, frame: Frame) {
        let (Some(rules), Some(settings), Some(local)) =
            (self.configuration.rules(), self.configuration.settings(), peer.local)
        else {
            return;
        };
        // What came before the page cleared its books is gone with them.
        let cleared = self.ready.cleared(peer.newest_episode(), &self.waiting);
        if let Some(cleared) = cleared {
            self.waiting.retain(|waiting| waiting.first().is_some_and(|one| one.time >= cleared));
            self.relayed.retain(|one| one.time >= cleared);
            self.background.retain(|one| one.time >= cleared);
        }
        let number = self.episode_number(peer);
        peer.settings = vec![Some(settings); PLAYERS];
        if let Some(ended) = peer.newest_episode_mut() {
            ended.close();
        }
        let mut record = EpisodeRecord::new(number, local, &peer.settings);
        record.ledger = Some(Ledger::Mug(Box::new(MugLedger::new(rules, PLAYERS))));
        record.next_frame = frame;
        record.anchor = (frame == Frame::ZERO).then_some(Frame::ZERO);
        let is_first = peer.episodes.is_empty();
        record.is_placed = frame == Frame::ZERO && number == Episode::default() || !is_first;
        self.is_assumed = is_first && record.is_placed && self.ready.announced_episode().is_none();
        let place = peer.episodes.len();
        let (early, later) =
            std::mem::take(&mut self.early_states).into_iter().partition(|(of, ..)| *of == place);
        self.early_states = later;
        let early: Vec<EarlyState> = early;
        for (_, frame, hash, seq) in early {
            record.hashes.note_state(frame, hash, hash.unwrap_or_default(), seq);
        }
        peer.episodes.push(record);
        if is_first && self.ready.announced_episode() == Some(number) {
            self.learn_number(peer, number);
        }
        self.begin_ends(peer, frame, cleared);
        self.hashes.clear();
        self.announced = None;
    }

    /// The tick of `frame`: `own` are the page's own inputs that it announces for the first time.
    pub(super) fn tick(
        &mut self,
        peer: &mut PeerSession,
        frame: Frame,
        own: &[Waiting],
        seq: u32,
        time: Micros,
    ) {
        let Some(rules) = self.configuration.rules() else {
            return;
        };
        let Some(local) = peer.local else { return };
        // What it proves wrong is forgotten with the beginning of the tick.
        self.take_aside(peer);
        if let Some(ledger) = peer.newest_episode_mut().and_then(EpisodeRecord::mug_ledger_mut) {
            ledger.set_rules(rules);
            ledger.begin_tick(frame);
        }
        self.drain(peer);
        for input in own {
            if let Some(record) = peer.newest_episode_mut() {
                record.hold_own_input(*input);
            }
        }
        let state = if self.configuration.has_worker || self.interpreter.is_some() {
            RollbackState::Due
        } else {
            RollbackState::Executed
        };
        let Some(record) = peer.newest_episode_mut() else {
            return;
        };
        if rules.forgets_all_guesses() {
            record.note_age(frame);
        }
        if let Some(target) = record.repair(rules.snapshot_interval_frames, seq, state) {
            self.hashes.forget_from(target);
        }
        let is_known = record.anchor.is_some();
        if let Some(ledger) = record.mug_ledger_mut() {
            if is_known {
                ledger.advance(frame);
            }
            if frame.is_multiple_of(rules.snapshot_interval_frames) {
                ledger.save_snapshot(frame);
                ledger.prune_snapshots();
            }
        }
        record.advance_confirmed(time);
        record.step_by_rule(local, frame, time);
        if let Some(ledger) = record.mug_ledger_mut() {
            ledger.prune();
        }
        self.lay_early(peer, frame);
    }

    /// Takes everything that waits for a tick.
    pub(super) fn drain(&mut self, peer: &mut PeerSession) {
        let waiting = std::mem::take(&mut self.waiting).into_iter().flatten();
        for one in waiting.chain(std::mem::take(&mut self.relayed)) {
            self.take_input(peer, one);
        }
    }

    /// The page, back from the background, steps up to `current` without a tick for each frame.
    pub(super) fn catch_up(
        &mut self,
        peer: &mut PeerSession,
        current: Frame,
        (seq, time): (u32, Micros),
    ) {
        let Some(local) = peer.local else { return };
        let next = peer.newest_episode().map_or(current, EpisodeRecord::next_frame);
        if current <= next || current.since(next) > MAX_CAUGHT_UP_FRAMES {
            return;
        }
        // What comes after the page is back waits for its next tick.
        if !self.take_aside(peer) {
            self.drain(peer);
        }
        peer.course.note_caught_up(next, current, seq);
        let Some(record) = peer.newest_episode_mut() else {
            return;
        };
        // What was found wrong is not repaired any more.
        if let Some(ledger) = record.mug_ledger_mut() {
            ledger.take_misprediction();
        }
        let mut frame = next;
        while frame < current {
            record.step_by_rule(local, frame, time);
            frame = frame.next();
        }
        if let Some(ledger) = record.mug_ledger_mut() {
            ledger.catch_up();
        }
        record.advance_confirmed(time);
        (next.0..current.0).for_each(|frame| self.lay_early_step(peer, Frame(frame)));
    }

    pub(super) fn take_input(&mut self, peer: &mut PeerSession, input: Waiting) {
        let Waiting { player, frame, action, seq, time } = input;
        let is_other = peer.local != Some(player);
        if let Some(record) = peer.newest_episode_mut().filter(|_| is_other) {
            record.handle_input(player, frame, action, seq, time);
        }
    }
}

impl EpisodeRecord {
    pub(super) fn mug_ledger(&self) -> Option<&MugLedger> {
        match self.ledger.as_ref()? {
            Ledger::Mug(ledger) => Some(ledger),
            Ledger::Engine(_) => None,
        }
    }

    pub(super) fn mug_ledger_mut(&mut self) -> Option<&mut MugLedger> {
        self.ledger.as_mut()?.as_mug()
    }

    fn hold_own_input(&mut self, input: Waiting) {
        let default = self.settings.map(|settings| settings.default_action);
        if let Some(ledger) = self.mug_ledger_mut() {
            ledger.handle_input(input.player, input.frame, input.action);
        }
        if Some(input.action) != default
            && let Some(count) = self.active_inputs.get_mut(input.player.index())
        {
            *count += 1;
        }
    }

    // Does the rollback that the page's rule demands now; returns its target.
    fn repair(&mut self, interval: u32, seq: u32, state: RollbackState) -> Option<Frame> {
        let current = self.next_frame;
        let cause = self.mug_ledger_mut()?.take_misprediction()?;
        let cause_seq = self.cause_seq.take();
        cause_seq.into_iter().for_each(|seq| self.arrivals.note_cause(seq));
        let snapshot = self.mug_ledger()?.snapshot_for(cause.frame);
        let Some(snapshot) = snapshot else {
            // What was saved before an observation that began late is not known.
            self.anchor?;
            // The page gives up on it.
            self.frames.mark(cause.frame, super::super::frames::FrameFlags::MISSED_ROLLBACK);
            return Some(cause.frame);
        };
        let mut frame = snapshot;
        let mut replay = Vec::new();
        while frame < current {
            let ledger = self.mug_ledger_mut()?;
            let inputs = ledger.inputs_for(frame);
            ledger.note_simulated(frame, inputs);
            if frame.is_multiple_of(interval) {
                ledger.save_snapshot(frame);
            }
            self.frames.step_again(frame, inputs);
            if state == RollbackState::Due {
                replay.push(inputs);
            }
            frame = frame.next();
        }
        // What the page missed before its anchor is not known, so neither is its target.
        self.anchor?;
        if state == RollbackState::Due {
            self.demands.push(self.rollbacks.len(), replay);
        }
        self.push_rollback(RollbackRecord {
            cause: Some(cause),
            cause_seq,
            current,
            snapshot,
            resimulated: current.since(snapshot),
            state,
            restored: Match::Unknown,
            wrong_actions: None,
            is_complete: true,
            seq,
            round_trip: None,
        });
        Some(cause.frame)
    }

    /// Sees where the other peer stands when a late observation begins: what it sent before is missing.
    pub(super) fn note_anchor_floor(&mut self, newest: Frame) {
        let floor = newest.max(self.next_frame).plus(ANCHOR_MARGIN_FRAMES);
        if self.anchor.is_none() && self.anchor_floor.is_none() && floor < MAX_ANCHOR {
            self.anchor_floor = Some(floor);
        }
    }

    /// Takes an own hash of a late observation: the page reports it when everything before is
    /// confirmed, so from there on its books are known.
    pub(super) fn note_anchor(&mut self, frame: Frame) {
        let is_late = self.anchor.is_none()
            && self.anchor_floor.is_some_and(|floor| (floor..MAX_ANCHOR).contains(&frame));
        let stepped = self.next_frame.previous();
        if let (true, Some(stepped)) = (is_late, stepped) {
            self.anchor = Some(frame);
            self.confirmed = frame.previous();
            if let Some(ledger) = self.mug_ledger_mut() {
                ledger.confirm_through(frame);
                ledger.advance(stepped);
            }
            if let Some(time) = self.frames.stepped_at(stepped) {
                self.advance_confirmed(time);
            }
        }
    }

    /// Whether a page that steps otherwise than its books say only holds what was not seen: an input of
    /// the episode before may have come to it before a late observation began (MUG wire notes, §4.7).
    pub(super) fn may_hold_unseen(&self) -> bool {
        let is_first = self.is_placed && self.number == Episode::default();
        self.anchor.is_some_and(|anchor| anchor > Frame::ZERO) && !is_first
    }

    /// The page's books are other than they were taken for: a late observation needs another anchor.
    pub(super) fn lose_anchor(&mut self) {
        self.anchor = None;
        self.anchor_floor = None;
        self.note_anchor_floor(self.next_frame);
    }

    // A page that forgets by age has forgotten everything that came before a late observation once its
    // oldest input is one that was seen: its books are known then, without a hash.
    fn note_age(&mut self, frame: Frame) {
        let oldest = frame.minus(KEPT_BY_AGE_FRAMES + 1);
        if let (None, Some(floor)) = (self.anchor, self.anchor_floor)
            && oldest >= floor
        {
            self.anchor = Some(floor);
            self.confirmed = floor.previous();
        }
    }

    fn step_by_rule(&mut self, local: PlayerId, frame: Frame, time: Micros) {
        let Some(inputs) = self.mug_ledger().map(|ledger| ledger.inputs_for(frame)) else {
            return;
        };
        self.step(local, frame, inputs.actions(), inputs.predicted, time);
    }
}
