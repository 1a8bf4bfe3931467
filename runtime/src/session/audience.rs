//! The pages that watch: what they say waits for the next tick, in a list of their own, so that no
//! spectator can crowd out what a player says.

use rollscope::message::PeerMessage;
use rollscope::player::PlayerId;
use rollscope::rollback::Engine;

use super::Session;
use crate::signal::FIRST_SPECTATOR;

/// Messages of spectators that wait for the next tick: eight of them say sixteen at most.
const MAX_WAITING: usize = 64;

/// The engine's place of a spectator; `None` for a player.
pub(super) fn place_of(id: PlayerId) -> Option<u8> {
    id.0.checked_sub(FIRST_SPECTATOR)
}

impl Session {
    /// Takes a message of a spectator. What cannot be read, of another version too, is counted and
    /// changes nothing: the players' game is none of its business.
    pub(super) fn handle_spectator(&mut self, from: PlayerId, place: u8, bytes: &[u8]) {
        let Ok((message, _)) = PeerMessage::decode_any(bytes) else {
            return self.counts.unreadable += 1;
        };
        match message {
            PeerMessage::Ping { stamp_micros } => {
                self.send(from, &PeerMessage::Pong { stamp_micros });
            }
            // How far away a spectator is, matters to nobody here.
            PeerMessage::Pong { .. } => {}
            _ if self.has_ended() => {}
            message if self.audience.len() < MAX_WAITING => {
                self.audience.push_back((place, message));
            }
            _ => self.counts.dropped += 1,
        }
    }
}

/// The next message for a spectator, and who it is.
pub(super) fn poll(engine: &mut Engine<String>) -> Option<(PlayerId, PeerMessage)> {
    let (place, message) = engine.poll_spectator_message()?;
    Some((PlayerId(FIRST_SPECTATOR.saturating_add(place)), message))
}
