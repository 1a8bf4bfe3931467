//! The engine's side of spectators: it hands on what is confirmed and waits for none of them.

use super::super::drops::DropReason;
use super::super::saved::SavedState;
use super::super::transfer::asked_chunks;
use super::Engine;
use super::resync::chunk_message;
use crate::frame::Frame;
use crate::message::{MissingChunks, PeerMessage};

impl<S: SavedState> Engine<S> {
    /// Takes a message of the spectator in a place, from 0; places past the options' number, and
    /// messages that only players send, change nothing.
    pub fn handle_spectator_message(&mut self, place: u8, message: &PeerMessage) {
        let Some(watcher) = self.feed.heard(place) else {
            return self.drop_for(DropReason::UnknownPlayer);
        };
        match message {
            PeerMessage::Watched { episode, received_through } if *episode == self.episode => {
                // A spectator that begins again holds less than before.
                watcher.received_through = *received_through;
            }
            PeerMessage::StateRequest { episode, at_least, missing, .. }
                if *episode == self.episode =>
            {
                self.show_state(place, *at_least, missing.as_ref());
            }
            PeerMessage::Watched { .. } | PeerMessage::StateRequest { .. } => {
                self.drop_for(DropReason::EarlierEpisode);
            }
            _ => self.drop_for(DropReason::WrongSpeaker),
        }
    }

    /// The next message for a spectator, with its place.
    pub fn poll_spectator_message(&mut self) -> Option<(u8, PeerMessage)> {
        self.feed.poll()
    }

    /// Takes back a message that was sent to a spectator.
    pub fn recycle_spectator_message(&mut self, message: PeerMessage) {
        self.feed.recycle(message);
    }

    pub(super) fn feed_spectators(&mut self) {
        if !self.feed.has_places() {
            return;
        }
        let wrong = self.ledger.earliest_misprediction().map(|wrong| wrong.frame);
        let confirmed = self.confirmed_frame().map_or(Frame::ZERO, Frame::next).min(self.current);
        let limits = [wrong, self.ending.end()].into_iter().flatten();
        let confirmed = limits.fold(confirmed, Frame::min);
        // What a received state skipped, nobody here can hand on.
        let oldest = self.ledger.oldest_held();
        let first = self.feed.next().max(oldest);
        for frame in (first.0..confirmed.0).map(Frame) {
            self.feed.keep(frame, self.ledger.inputs_for(frame));
        }
        let players = self.peers.len() as u8;
        self.feed.speak(self.episode, self.local, players, self.ending.certain());
    }

    fn show_state(&mut self, place: u8, at_least: Frame, missing: Option<&MissingChunks>) {
        let known = self.feed.heard(place).and_then(|watcher| watcher.outgoing.take());
        let known = known
            .filter(|outgoing| missing.is_some_and(|missing| missing.frame == outgoing.name.frame));
        let Some(outgoing) = known.or_else(|| self.new_outgoing(at_least, None)) else {
            return;
        };
        let asked = missing.filter(|missing| missing.frame == outgoing.name.frame).copied();
        let asked = asked.unwrap_or(MissingChunks { frame: Frame::ZERO, first: 0, held: 0 });
        for index in asked_chunks(&asked) {
            let Some(chunk) = outgoing.chunk(index) else { break };
            let bytes = chunk.to_vec();
            let (episode, local) = (self.episode, self.local);
            self.feed.send(place, chunk_message(episode, local, &outgoing.name, index, bytes));
        }
        if let Some(watcher) = self.feed.heard(place) {
            watcher.outgoing = Some(outgoing);
        }
    }
}
