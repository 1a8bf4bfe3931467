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
    return_state: ReturnState,
}

/// Where the page of a peer stands that was loaded anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReturnState {
    /// It was not.
    Never,
    /// The engine has not heard of it yet: nothing is said to the new page.
    Waiting,
    /// It is greeted as a page that comes back.
    Greeted,
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
            return_state: ReturnState::Never,
        });
        Self { list: list.collect(), next_ping: Micros(0) }
    }

    /// Whether `player` is another player of this game.
    pub(super) fn has(&self, player: PlayerId) -> bool {
        self.list.iter().any(|peer| peer.player == player)
    }

    /// Takes that a peer's page was loaded anew: another page with another clock, which knows nothing.
    /// It is not greeted before [`Peers::greet_again`].
    pub(super) fn handle_returned(&mut self, player: PlayerId, config: &SessionConfig) {
        let SessionConfig { player: local, players, episode, settings, .. } = *config;
        if let Some(peer) = self.get_mut(player) {
            *peer = Peer {
                player,
                handshake: Handshake::new(episode, local, players, settings),
                round_trip_micros: None,
                clock: ClockEstimate::default(),
                return_state: ReturnState::Waiting,
            };
        }
    }

    /// From now on a page that was loaded anew is greeted: what is said to it after that is true.
    pub(super) fn greet_again(&mut self, player: PlayerId) {
        if let Some(peer) = self.get_mut(player) {
            peer.return_state = ReturnState::Greeted;
        }
    }

    /// Whether a peer's page was loaded anew in this game.
    pub(super) fn is_back(&self, player: PlayerId) -> bool {
        let peer = self.list.iter().find(|peer| peer.player == player);
        peer.is_some_and(|peer| peer.return_state != ReturnState::Never)
    }

    /// Whether a peer's hello has come.
    pub(super) fn has_greeted(&self, player: PlayerId) -> bool {
        let peer = self.list.iter().find(|peer| peer.player == player);
        peer.is_some_and(|peer| peer.handshake.has_heard())
    }

    /// Takes a hello; the answer goes back to where it came from.
    pub(super) fn handle_hello(
        &mut self,
        from: PlayerId,
        hello: &PeerMessage,
    ) -> Result<Option<PeerMessage>, HandshakeError> {
        match self.get_mut(from) {
            Some(peer) if peer.return_state != ReturnState::Waiting => {
                peer.handshake.handle_hello(hello)
            }
            _ => Ok(None),
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
        let greeted = |peer: &&mut Peer| peer.return_state != ReturnState::Waiting;
        for peer in self.list.iter_mut().filter(greeted) {
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
