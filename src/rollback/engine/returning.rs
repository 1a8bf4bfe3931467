//! A page that was loaded anew in the middle of a game, from both sides.
//!
//! It has lost everything, what it said included. The others tell it which of its own inputs they
//! hold, one of them gives it a state, and it goes on from there: what any peer holds of it is said
//! again to those that lack it, what nobody holds was never said. Until then it steps nothing and
//! says nothing of the game. Who was loaded anew is said by the server, not by the page.

use std::collections::BTreeMap;

use super::super::drops::DropReason;
use super::super::event::EngineEvent;
use super::super::options::EngineOptions;
use super::super::peer_track::PeerTrack;
use super::super::saved::SavedState;
use super::resync::Repair;
use super::{Engine, EngineConfig};
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::{MAX_INPUTS_PER_MESSAGE, PeerMessage, SessionSettings};
use crate::player::PlayerId;

/// Ticks between two times that held inputs are said.
const SPEAKING_TICKS: u32 = 4;

/// Ticks that a peer which gives no state is waited for before another one is asked.
const PATIENCE_TICKS: u32 = 60;

/// Most inputs of ours that others may tell us of: far beyond what any peer keeps.
const MAX_TOLD: usize = 2048;

/// Most frames of inputs that are kept behind what no rollback needs.
const MAX_KEPT_FRAMES: u32 = 512;

/// What a page that was loaded anew has been told.
#[derive(Debug, Clone)]
pub(super) struct Returning {
    // Our own inputs, as others hold them.
    inputs: BTreeMap<Frame, Action>,
    // Per player: what it holds of us, its oldest and its newest frame; none before it has said so.
    held: Vec<Option<(Frame, Option<Frame>)>>,
    unanswered_ticks: u32,
}

impl Returning {
    fn new(players: usize) -> Self {
        Self { inputs: BTreeMap::new(), held: vec![None; players], unanswered_ticks: 0 }
    }

    /// Whether every other player's peer has told all that it holds.
    fn is_told(&self, local: PlayerId) -> bool {
        let has_all = |(oldest, through): &(Frame, Option<Frame>)| {
            through.is_none_or(|through| {
                let wanted = through.next().since(*oldest) as usize;
                wanted == 0 || self.inputs.range(*oldest..=through).count() >= wanted
            })
        };
        let others = self.held.iter().enumerate().filter(|(player, _)| *player != local.index());
        others.map(|(_, held)| held).all(|held| held.as_ref().is_some_and(has_all))
    }
}

/// Frames of inputs that a peer keeps behind its confirmed ones, so that what it holds of a page
/// that comes back reaches down to what any other peer may lack.
pub(super) fn kept_frames(settings: &[SessionSettings]) -> u32 {
    let furthest = settings
        .iter()
        .map(|player| player.max_prediction_frames.saturating_add(player.input_delay_frames));
    let interval = settings.iter().map(|player| player.snapshot_interval_frames).max();
    let frames = furthest.max().unwrap_or(0).saturating_add(interval.unwrap_or(0));
    frames.saturating_add(2).min(MAX_KEPT_FRAMES)
}

impl<S: SavedState> Engine<S> {
    /// An engine of a page that was loaded anew while `config.episode` is played: it asks the others
    /// for a state and for its own inputs before it steps anything. `None` as for
    /// [`Engine::with_options`].
    #[must_use]
    pub fn returning(config: &EngineConfig, options: EngineOptions) -> Option<Self> {
        let mut engine = Self::with_options(config, options)?;
        engine.begin_return();
        Some(engine)
    }

    /// Whether it still waits for what it has lost.
    #[must_use]
    pub fn is_returning(&self) -> bool {
        self.returning.is_some()
    }

    /// A later episode that the others have begun before they could give us a state of this one.
    #[must_use]
    pub fn missed_episode(&self) -> Option<Episode> {
        let newest = self.others().map(|(_, peer)| peer.episode).max();
        newest.filter(|newest| self.is_returning() && *newest > self.episode)
    }

    pub(super) fn begin_return(&mut self) {
        let asked = self.others().map(|(player, _)| player).max();
        self.returning = Some(Returning::new(self.peers.len()));
        self.repair = asked.map(|asked| Repair::new(asked, Frame::ZERO));
    }

    /// Takes another peer's page back that was loaded anew, as the server says: nothing of what it
    /// said or acknowledged later than now is what it knows, and it is told what it has lost.
    pub fn readmit(&mut self, player: PlayerId) {
        let own = self.ledger.queue(self.local).map_or(Frame::ZERO, |own| own.oldest_held());
        let episode = self.episode;
        let Some(peer) = self.peers.get_mut(player.index()).filter(|_| player != self.local) else {
            return;
        };
        *peer = PeerTrack::returning(episode, own);
        let known = self.ledger.queue(player).and_then(|queue| queue.confirmed_through());
        self.hashes.handle_returned(player, known.map_or(Frame::ZERO, Frame::next));
        self.outbox.forget(player);
        if let Some(outgoing) = self.outgoing.get_mut(player.index()) {
            *outgoing = None;
        }
        if let Some(returning) = &mut self.returning {
            // What the page before said of us is said again, or it holds none.
            if let Some(held) = returning.held.get_mut(player.index()) {
                *held = None;
            }
        }
        self.log(EngineEvent::PeerReturned { episode, player });
    }

    /// Tells peers that come back what of their inputs is held here. A page that comes back itself
    /// holds nothing; it says so to all, who learn by it which episode it is in.
    pub(super) fn queue_held_inputs(&mut self) {
        if !self.ticks.is_multiple_of(SPEAKING_TICKS) {
            return;
        }
        let (episode, player) = (self.episode, self.local);
        for peer in (0..self.peers.len() as u8).map(PlayerId) {
            let is_told = self.returning.is_some()
                || self.peers.get(peer.index()).is_some_and(|track| track.is_returning);
            if !is_told || peer == self.local {
                continue;
            }
            let Some(queue) = self.ledger.queue(peer) else { continue };
            let through = queue.confirmed_through().filter(|_| self.returning.is_none());
            let oldest = through.map_or(Frame::ZERO, |_| queue.oldest_held());
            let end = through.map_or(oldest, Frame::next);
            let mut first = oldest;
            loop {
                let mut actions = self.outbox.actions();
                let frames = (first.0..end.0).take(MAX_INPUTS_PER_MESSAGE).map(Frame);
                if let Some(queue) = self.ledger.queue(peer) {
                    actions.extend(frames.map_while(|frame| queue.get(frame)));
                }
                let next = first.plus(actions.len() as u32);
                let is_last = next >= end || next == first;
                let message =
                    PeerMessage::HeldInputs { episode, player, oldest, through, first, actions };
                self.send(peer, message);
                if is_last {
                    break;
                }
                first = next;
            }
        }
    }

    /// Takes what a peer holds of our own inputs.
    pub(super) fn handle_held_inputs(
        &mut self,
        player: PlayerId,
        oldest: Frame,
        through: Option<Frame>,
        first: Frame,
        actions: &[Action],
    ) {
        let Some(returning) = &mut self.returning else {
            return self.drop_for(DropReason::NotAsked);
        };
        let is_sound = through.is_none_or(|through| through.since(oldest) < MAX_TOLD as u32);
        if !is_sound || first < oldest || returning.inputs.len() + actions.len() > MAX_TOLD {
            return self.drop_for(DropReason::TooFarAhead);
        }
        if let Some(held) = returning.held.get_mut(player.index()) {
            *held = Some((oldest, through));
        }
        for (offset, action) in (0_u32..).zip(actions) {
            let frame = first.0.checked_add(offset).map(Frame);
            let Some(frame) = frame.filter(|frame| through >= Some(*frame)) else { break };
            returning.inputs.entry(frame).or_insert(*action);
        }
    }

    /// Whether a received state may be taken: a page that comes back waits for its own inputs, too.
    pub(super) fn knows_own_inputs(&self) -> bool {
        self.returning.as_ref().is_none_or(|returning| returning.is_told(self.local))
    }

    /// Takes up what the others hold of us, before a state of `frame` is taken. Returns whether this
    /// page came back by it.
    pub(super) fn take_own_inputs(&mut self, frame: Frame) -> bool {
        let Some(Returning { inputs, held, .. }) = self.returning.take() else {
            return false;
        };
        let oldest = inputs.keys().next().map_or(frame, |oldest| frame.min(*oldest));
        self.ledger.skip_player_to(self.local, oldest);
        for (of, action) in &inputs {
            self.ledger.handle_input(self.local, *of, *action);
        }
        for (peer, held) in self.peers.iter_mut().zip(held) {
            peer.acknowledged = held.and_then(|(_, through)| through);
        }
        let inputs_through = inputs.keys().next_back().copied();
        let episode = self.episode;
        self.log(EngineEvent::Returned { episode, frame, inputs_through });
        true
    }

    /// Asks another peer for the state when the one that was asked gives none.
    pub(super) fn ask_somebody_else(&mut self) {
        let (Some(returning), Some(repair)) = (&mut self.returning, &mut self.repair) else {
            return;
        };
        if repair.is_coming() {
            returning.unanswered_ticks = 0;
            return;
        }
        returning.unanswered_ticks += 1;
        if returning.unanswered_ticks < PATIENCE_TICKS {
            return;
        }
        returning.unanswered_ticks = 0;
        let players = self.peers.len() as u8;
        let before = |player: PlayerId| player.0.checked_sub(1).unwrap_or(players - 1);
        let mut next = PlayerId(before(repair.asked));
        if next == self.local {
            next = PlayerId(before(next));
        }
        repair.ask(next);
    }
}
