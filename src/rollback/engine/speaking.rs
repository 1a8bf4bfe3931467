//! What the engine says to its peers, tick by tick. Sends nothing itself: it fills the outbox.

use super::super::drops::DropReason;
use super::super::event::EngineEvent;
use super::super::saved::SavedState;
use super::{Engine, log};
use crate::frame::Frame;
use crate::message::{MAX_HASHES_PER_MESSAGE, MAX_INPUTS_PER_MESSAGE, PeerMessage};
use crate::player::PlayerId;

/// Ticks between two frame syncs that say something else than the pace.
const STATUS_INTERVAL_TICKS: u32 = 10;

impl<S: SavedState> Engine<S> {
    pub(super) fn speak(&mut self) {
        self.queue_held_inputs();
        // It has nothing to say of a game that it does not know.
        if self.returning.is_some() {
            return self.queue_state_request();
        }
        if self.ticks.is_multiple_of(self.options.send_interval_ticks.max(1)) {
            self.queue_inputs();
        }
        self.queue_input_requests();
        let interval = self.options.frame_sync_interval_ticks;
        let is_due = interval != 0 && self.ticks.is_multiple_of(interval);
        let has_news = self.has_changed_status || self.ending.is_certain();
        let is_news_due = has_news && self.ticks.is_multiple_of(STATUS_INTERVAL_TICKS);
        if is_due || is_news_due || self.urgent_syncs > 0 {
            self.urgent_syncs = self.urgent_syncs.saturating_sub(1);
            self.queue_frame_syncs();
        }
        self.queue_state_request();
    }

    pub(super) fn send(&mut self, peer: PlayerId, message: PeerMessage) {
        if self.outbox.push(peer, message) {
            self.drops.note(DropReason::OutboxFull);
        }
    }

    fn peer_ids(&self) -> impl Iterator<Item = PlayerId> + use<S> {
        let local = self.local;
        (0..self.peers.len() as u8).map(PlayerId).filter(move |player| *player != local)
    }

    fn acknowledged(&self, peer: PlayerId) -> Option<Frame> {
        self.peers.get(peer.index()).and_then(|track| track.acknowledged)
    }

    fn queue_inputs(&mut self) {
        let newest = self.ledger.queue(self.local).and_then(|q| q.confirmed_through());
        let delay = Frame(self.settings.input_delay_frames);
        for peer in self.peer_ids() {
            let first = self.acknowledged(peer).map_or(delay, Frame::next).max(delay);
            let mut actions = self.outbox.actions();
            let Some(queue) = self.ledger.queue(self.local) else {
                return;
            };
            let end = newest.map_or(0, |newest| newest.next().0);
            let frames = (first.0..end).take(MAX_INPUTS_PER_MESSAGE);
            actions.extend(frames.map_while(|frame| queue.get(Frame(frame))));
            let received_through = self.ledger.queue(peer).and_then(|q| q.confirmed_through());
            let message = PeerMessage::Inputs {
                episode: self.episode,
                player: self.local,
                current: self.current,
                received_through,
                first,
                actions,
            };
            self.send(peer, message);
        }
    }

    // Messages of inputs begin with the first one that the listener lacks: one that never comes while
    // its player plays on is in none of them.
    fn queue_input_requests(&mut self) {
        for peer in self.peer_ids() {
            let through = self.ledger.queue(peer).and_then(|queue| queue.confirmed_through());
            let first = through.map_or(Frame::ZERO, Frame::next);
            let Some(track) = self.peers.get_mut(peer.index()) else { continue };
            if let (true, Some(last)) = (track.asks_for(first), track.current.previous()) {
                let (episode, player) = (self.episode, self.local);
                self.send(peer, PeerMessage::InputRequest { episode, player, first, last });
            }
        }
    }

    fn queue_frame_syncs(&mut self) {
        for peer in self.peer_ids() {
            let said = self.peers.get(peer.index()).map(|track| track.sync.said());
            let message = PeerMessage::FrameSync {
                episode: self.episode,
                player: self.local,
                tick: self.ticks,
                current: self.current,
                advantage_frames: said.unwrap_or(0),
                status: self.status,
                ended: self.ending.certain(),
            };
            self.send(peer, message);
        }
    }

    pub(super) fn oldest_unacknowledged(&self) -> Frame {
        let held = |peer| self.acknowledged(peer).map_or(Frame::ZERO, Frame::next);
        self.peer_ids().map(held).min().unwrap_or(self.current)
    }

    /// Notes the hashes that are final now and returns how many of them are to be said.
    pub(super) fn note_settled_hashes(&mut self) -> usize {
        let settled = self.settled_frame();
        let mut said = 0;
        while Some(self.next_hash) <= settled
            && self.repair.is_none()
            && !self.ending.is_at_or_before(self.next_hash)
        {
            let Some(hash) = self.snapshots.get(self.next_hash).map(|snapshot| snapshot.hash)
            else {
                break;
            };
            let frame = self.next_hash;
            let is_said = self.hash_pace.is_said(frame);
            said += usize::from(is_said);
            self.next_hash = frame.plus(self.settings.snapshot_interval_frames.max(1));
            self.note_hash(frame, hash, is_said);
        }
        said
    }

    /// Notes one final hash; a difference may begin a repair.
    pub(super) fn note_hash(&mut self, frame: Frame, hash: u64, is_said: bool) {
        let (episode, ours) = (self.episode, hash);
        if is_said {
            log(&mut self.events, EngineEvent::Hash { episode, frame, hash });
        }
        let events = &mut self.events;
        let mut differing = None;
        self.hashes.announce(frame, hash, is_said, |player, theirs| {
            differing = differing.max(Some(player));
            log(events, EngineEvent::Desync { episode, frame, ours, theirs });
        });
        if let Some(player) = differing {
            self.hash_pace.handle_desync();
            self.want_state_of(player);
        }
    }

    /// Says to every peer the hashes that it has not acknowledged.
    pub(super) fn queue_hashes(&mut self) {
        for peer in self.peer_ids() {
            let mut to_send = self.hashes.to_send(peer).peekable();
            while to_send.peek().is_some() {
                let mut hashes = self.outbox.hashes();
                hashes.extend(to_send.by_ref().take(MAX_HASHES_PER_MESSAGE));
                let (episode, player) = (self.episode, self.local);
                let message = PeerMessage::StateHashes { episode, player, hashes };
                if self.outbox.push(peer, message) {
                    self.drops.note(DropReason::OutboxFull);
                }
            }
        }
    }
}
