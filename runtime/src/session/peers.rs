//! The other peers of a session: what was said at the opening, and how far away each is.
//!
//! The session hands messages in and sends what comes out; the engine knows nothing of this.

use rollscope::message::{PeerMessage, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::time::Micros;

use super::SessionConfig;
use super::clock::ClockEstimate;
use crate::handshake::{Handshake, HandshakeError};

/// Time between two pings.
const PING_MICROS: u64 = 500_000;

/// All other peers, in order of their players.
#[derive(Debug)]
pub(super) struct Peers {
    list: Vec<Peer>,
    next_ping: Micros,
}

#[derive(Debug)]
struct Peer {
    player: PlayerId,
    handshake: Handshake,
    round_trip_micros: Option<u64>,
    clock: ClockEstimate,
}

impl Peers {
    pub(super) fn new(config: &SessionConfig) -> Self {
        let SessionConfig { player: local, players, episode, settings, .. } = *config;
        let others = (0..players).map(PlayerId).filter(|player| *player != local);
        let list = others.map(|player| Peer {
            player,
            handshake: Handshake::new(episode, local, players, settings),
            round_trip_micros: None,
            clock: ClockEstimate::default(),
        });
        Self { list: list.collect(), next_ping: Micros(0) }
    }

    /// Whether `player` is another player of this game.
    pub(super) fn has(&self, player: PlayerId) -> bool {
        self.list.iter().any(|peer| peer.player == player)
    }

    /// Takes a hello; the answer goes back to where it came from.
    pub(super) fn handle_hello(
        &mut self,
        from: PlayerId,
        hello: &PeerMessage,
    ) -> Result<Option<PeerMessage>, HandshakeError> {
        match self.get_mut(from) {
            Some(peer) => peer.handshake.handle_hello(hello),
            None => Ok(None),
        }
    }

    /// Takes a message of the game: its speaker has heard this peer.
    pub(super) fn handle_play(&mut self, from: PlayerId, message: &PeerMessage) {
        if let Some(peer) = self.get_mut(from) {
            peer.handshake.handle_play(message);
        }
    }

    pub(super) fn handle_round_trip(&mut self, from: PlayerId, micros: u64) {
        if let Some(peer) = self.get_mut(from) {
            peer.round_trip_micros = Some(micros);
            peer.clock.handle_round_trip(micros);
        }
    }

    /// Takes the time that a ping of a peer names, when it comes.
    pub(super) fn handle_ping(&mut self, from: PlayerId, now: Micros, stamp_micros: u64) {
        if let Some(peer) = self.get_mut(from) {
            peer.clock.handle_ping(now, stamp_micros);
        }
    }

    /// Microseconds by which a peer's clock is ahead of this one's.
    pub(super) fn clock_offset_micros(&self, player: PlayerId) -> Option<i64> {
        self.list.iter().find(|peer| peer.player == player)?.clock.offset_micros()
    }

    /// Hellos and pings that are due at `now`.
    pub(super) fn due(&mut self, now: Micros) -> Vec<(PlayerId, PeerMessage)> {
        let mut due = Vec::new();
        for peer in &mut self.list {
            due.extend(peer.handshake.poll(now).map(|hello| (peer.player, hello)));
        }
        if now >= self.next_ping {
            self.next_ping = now.plus(PING_MICROS);
            let ping = PeerMessage::Ping { stamp_micros: now.0 };
            due.extend(self.list.iter().map(|peer| (peer.player, ping.clone())));
        }
        due
    }

    /// The settings of all players by index, once each pair that this peer is part of is open.
    pub(super) fn settings_when_open(
        &self,
        config: &SessionConfig,
    ) -> Option<Vec<SessionSettings>> {
        let of = |player: PlayerId| {
            let peer = self.list.iter().find(|peer| peer.player == player);
            match peer {
                Some(peer) => peer.handshake.settings_when_open(),
                None => Some(config.settings),
            }
        };
        (0..config.players).map(|player| of(PlayerId(player))).collect()
    }

    /// The longest of the newest round trips.
    pub(super) fn round_trip_micros(&self) -> Option<u64> {
        self.list.iter().filter_map(|peer| peer.round_trip_micros).max()
    }

    fn get_mut(&mut self, player: PlayerId) -> Option<&mut Peer> {
        self.list.iter_mut().find(|peer| peer.player == player)
    }
}
