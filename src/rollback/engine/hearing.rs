//! What the engine makes of its peers' messages. Whatever they say, it stays bounded and whole.

use super::super::MAX_APART_FRAMES;
use super::super::drops::DropReason;
use super::super::event::EngineEvent;
use super::super::input_queue::Inserted;
use super::super::saved::SavedState;
use super::super::transfer::StateName;
use super::{Engine, log};
use crate::action::Action;
use crate::frame::Frame;
use crate::message::{MessageError, PeerMessage};
use crate::player::PlayerId;

/// Messages that may wait when one more hash is acknowledged, so that a flood of hashes is bounded.
const MAX_WAITING_FOR_ACKNOWLEDGEMENT: usize = 64;

impl<S: SavedState> Engine<S> {
    /// Takes one message of the peer of `from` as it came, in any form. What cannot be used is
    /// counted and changes nothing.
    ///
    /// # Errors
    ///
    /// [`MessageError::Version`] when the peer speaks another version: nobody can play with it.
    pub fn handle_bytes(&mut self, from: PlayerId, bytes: &[u8]) -> Result<(), MessageError> {
        match PeerMessage::decode_any(bytes) {
            Ok((message, _)) => {
                self.handle_message_from(from, &message);
                Ok(())
            }
            Err(error @ MessageError::Version { .. }) => {
                self.drop_for(DropReason::OtherVersion);
                Err(error)
            }
            Err(_) => {
                self.drop_for(DropReason::Unreadable);
                Ok(())
            }
        }
    }

    /// Takes one message of the peer that it names itself; see [`Engine::handle_message_from`],
    /// which also refuses one peer's words in another's name.
    pub fn handle_message(&mut self, message: &PeerMessage) {
        if let Some(speaker) = message.speaker() {
            self.handle_message_from(speaker, message);
        }
    }

    /// Takes one message that came from the peer of `from`. Messages of other episodes and about
    /// other players change nothing; `Ping`, `Pong` and the contents of `Hello` are the
    /// connection's business.
    pub fn handle_message_from(&mut self, from: PlayerId, message: &PeerMessage) {
        let (Some(speaker), Some(episode)) = (message.speaker(), message.episode()) else {
            return;
        };
        if speaker != from {
            return self.drop_for(DropReason::WrongSpeaker);
        }
        let Some(peer) = self.peers.get_mut(from.index()).filter(|_| from != self.local) else {
            return self.drop_for(DropReason::UnknownPlayer);
        };
        if peer.handle_heard(episode) {
            let (episode, player) = (self.episode, from);
            self.log(EngineEvent::PeerHeard { episode, player });
        }
        if episode < self.episode {
            return self.drop_for(DropReason::EarlierEpisode);
        }
        if episode > self.episode {
            return self.drop_for(DropReason::LaterEpisode);
        }
        match message {
            PeerMessage::Inputs { current, received_through, first, actions, .. } => {
                self.handle_inputs(from, *current, *received_through, *first, actions);
            }
            // Said again until it is acknowledged: by then there is something to compare.
            PeerMessage::StateHashes { .. } if self.is_returning() => {}
            PeerMessage::StateHashes { hashes, .. } => self.handle_hashes(from, hashes),
            PeerMessage::HashesReceived { first, last, .. } => {
                self.hashes.handle_acknowledgement(from, *first, *last);
            }
            PeerMessage::FrameSync { tick, current, advantage_frames, status, ended, .. } => {
                self.note_peer_current(from, *current);
                if let Some(peer) = self.peers.get_mut(from.index()) {
                    peer.sync.handle_remote(*advantage_frames);
                    peer.handle_status(*tick, *status);
                }
                if let Some(ended) = ended {
                    self.handle_peer_end(from, *ended);
                }
            }
            PeerMessage::StateRequest { at_least, base, missing, .. } => {
                self.answer_state_request(from, *at_least, *base, missing.as_ref());
            }
            PeerMessage::StateChunk {
                frame,
                hash,
                is_end,
                base,
                total_bytes,
                index,
                bytes,
                ..
            } => {
                let (frame, hash, is_end) = (*frame, *hash, *is_end);
                let (base, total_bytes) = (*base, *total_bytes);
                let name = StateName { frame, hash, is_end, base, total_bytes };
                self.handle_chunk(from, name, *index, bytes);
            }
            PeerMessage::HeldInputs { oldest, through, first, actions, .. } => {
                self.handle_held_inputs(from, *oldest, *through, *first, actions);
            }
            // Inputs go out from the first one that is not acknowledged in every tick, asked for or not.
            PeerMessage::InputRequest { .. }
            | PeerMessage::Hello { .. }
            | PeerMessage::Ping { .. }
            | PeerMessage::Pong { .. }
            | PeerMessage::ConfirmedInputs { .. }
            | PeerMessage::Watched { .. } => {}
        }
    }

    fn handle_inputs(
        &mut self,
        player: PlayerId,
        current: Frame,
        received_through: Option<Frame>,
        first: Frame,
        actions: &[Action],
    ) {
        let sent = self.ledger.queue(self.local).and_then(|queue| queue.confirmed_through());
        // A page that comes back does not know yet what it has said; inputs of others it can hold.
        if received_through > sent && self.returning.is_none() {
            return self.drop_for(DropReason::AcknowledgesUnsent);
        }
        for (offset, action) in actions.iter().enumerate() {
            let Some(frame) = first.0.checked_add(offset as u32).map(Frame) else {
                return self.drop_for(DropReason::TooFarAhead);
            };
            match self.ledger.handle_input(player, frame, *action).map(|arrival| arrival.inserted) {
                Some(Inserted::Conflict { .. }) => {
                    let episode = self.episode;
                    self.log(EngineEvent::Conflict { episode, frame, player });
                    self.drop_for(DropReason::Conflict);
                    self.hash_pace.handle_trouble();
                }
                // What comes behind it lies further ahead still.
                Some(Inserted::TooFarAhead) => return self.drop_for(DropReason::TooFarAhead),
                _ => {}
            }
        }
        self.note_peer_current(player, current);
        if let Some(peer) = self.peers.get_mut(player.index()) {
            peer.acknowledged = peer.acknowledged.max(received_through);
            // It says inputs again: it has what it had lost.
            peer.is_returning = false;
        }
    }

    fn note_peer_current(&mut self, player: PlayerId, current: Frame) {
        if current.since(self.current) > MAX_APART_FRAMES {
            return self.drop_for(DropReason::TooFarAhead);
        }
        if let Some(peer) = self.peers.get_mut(player.index()) {
            peer.handle_current(current);
        }
    }

    fn handle_hashes(&mut self, player: PlayerId, hashes: &[(Frame, u64)]) {
        // States from before the newest resync differ for a reason that is repaired.
        let (mut has_new, repaired) = (false, self.resynced_at);
        let mut differs = false;
        for &(frame, hash) in hashes {
            if frame.since(self.current) > MAX_APART_FRAMES {
                self.drops.note(DropReason::TooFarAhead);
                continue;
            }
            let (episode, theirs) = (self.episode, hash);
            let events = &mut self.events;
            self.hashes.handle_peer_hash(player, frame, hash, |ours| {
                differs = true;
                has_new |= frame >= repaired;
                log(events, EngineEvent::Desync { episode, frame, ours, theirs });
            });
        }
        if differs {
            self.hash_pace.handle_desync();
        }
        if has_new {
            self.want_state_of(player);
        }
        self.acknowledge_hashes(player, hashes);
    }

    // What a flood leaves unacknowledged is said again.
    fn acknowledge_hashes(&mut self, peer: PlayerId, hashes: &[(Frame, u64)]) {
        if let (Some((first, _)), Some((last, _))) = (hashes.first(), hashes.last())
            && self.outbox.len() < MAX_WAITING_FOR_ACKNOWLEDGEMENT
        {
            let (episode, player, first, last) = (self.episode, self.local, *first, *last);
            self.send(peer, PeerMessage::HashesReceived { episode, player, first, last });
        }
    }
}
