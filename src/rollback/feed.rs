//! What a player's peer hands on to spectators: confirmed inputs, and a state to begin with.
//!
//! Nothing of it holds a player up: spectators who fall behind what is kept begin again with a
//! state. Bounded whatever they ask for.

use std::collections::VecDeque;

use super::ledger::FrameInputs;
use super::options::SendOrder;
use super::outbox::Outbox;
use super::transfer::Outgoing;
use crate::frame::{Episode, Frame};
use crate::message::{MAX_INPUTS_PER_MESSAGE, PeerMessage};
use crate::player::PlayerId;

/// Confirmed frames that are kept for spectators: ten seconds at 60 a second.
const MAX_KEPT: usize = 600;

/// Confirmed frames that are kept while nobody watches, for whoever is there from the start. Who
/// comes later begins with a state: that is less to catch up with.
const MAX_KEPT_UNWATCHED: usize = 60;

/// Ticks without a word after which a spectator counts as gone.
const GONE_TICKS: u32 = 600;

/// One spectator.
#[derive(Debug, Clone, Default)]
pub(super) struct Watcher {
    pub(super) received_through: Option<Frame>,
    pub(super) outgoing: Option<Outgoing>,
    unheard_ticks: u32,
    is_watching: bool,
}

/// The spectators of one peer.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    watchers: Vec<Watcher>,
    kept: VecDeque<FrameInputs>,
    base: Frame,
    outbox: Outbox,
}

impl Feed {
    pub(super) fn new(spectators: u8) -> Self {
        Self {
            watchers: vec![Watcher::default(); usize::from(spectators)],
            kept: VecDeque::new(),
            base: Frame::ZERO,
            outbox: Outbox::new(SendOrder::ByPriority, None),
        }
    }

    pub(super) fn begin_episode(&mut self) {
        self.kept.clear();
        self.base = Frame::ZERO;
        for watcher in &mut self.watchers {
            watcher.received_through = None;
            watcher.outgoing = None;
        }
    }

    pub(super) fn has_places(&self) -> bool {
        !self.watchers.is_empty()
    }

    /// The first frame that is not kept yet.
    pub(super) fn next(&self) -> Frame {
        self.base.plus(self.kept.len() as u32)
    }

    /// Keeps the inputs of a confirmed frame; one that does not follow begins anew.
    pub(super) fn keep(&mut self, frame: Frame, inputs: FrameInputs) {
        if frame != self.next() {
            self.kept.clear();
            self.base = frame;
        }
        self.kept.push_back(inputs);
        let is_watched = self.watchers.iter().any(|watcher| watcher.is_watching);
        let most = if is_watched { MAX_KEPT } else { MAX_KEPT_UNWATCHED };
        while self.kept.len() > most {
            self.kept.pop_front();
            self.base = self.base.next();
        }
    }

    /// The spectator of a place, heard just now; `None` for a place that there is not.
    pub(super) fn heard(&mut self, place: u8) -> Option<&mut Watcher> {
        let watcher = self.watchers.get_mut(usize::from(place))?;
        watcher.is_watching = true;
        watcher.unheard_ticks = 0;
        Some(watcher)
    }

    /// Queues what each spectator lacks.
    pub(super) fn speak(
        &mut self,
        episode: Episode,
        player: PlayerId,
        players: u8,
        ended: Option<Frame>,
    ) {
        let frames = MAX_INPUTS_PER_MESSAGE / usize::from(players.max(1));
        for (place, watcher) in self.watchers.iter_mut().enumerate() {
            watcher.unheard_ticks = watcher.unheard_ticks.saturating_add(1);
            watcher.is_watching &= watcher.unheard_ticks < GONE_TICKS;
            if !watcher.is_watching {
                watcher.outgoing = None;
                continue;
            }
            let first = watcher.received_through.map_or(Frame::ZERO, Frame::next).max(self.base);
            let mut actions = self.outbox.actions();
            let kept = self.kept.iter().skip(first.since(self.base) as usize).take(frames);
            kept.for_each(|inputs| actions.extend_from_slice(inputs.actions()));
            let message =
                PeerMessage::ConfirmedInputs { episode, player, players, first, ended, actions };
            self.outbox.push(PlayerId(place as u8), message);
        }
    }

    pub(super) fn send(&mut self, place: u8, message: PeerMessage) {
        self.outbox.push(PlayerId(place), message);
    }

    pub(super) fn poll(&mut self) -> Option<(u8, PeerMessage)> {
        self.outbox.poll().map(|(place, message)| (place.0, message))
    }

    pub(super) fn recycle(&mut self, message: PeerMessage) {
        self.outbox.recycle(message);
    }
}
