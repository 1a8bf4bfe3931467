//! The opening of an episode between two peers: each says `Hello` until the other has answered.
//!
//! Messages and times come in from the session; what to send goes back to it. Settings that two
//! peers must share are compared here; what an engine does with them is not known here.

use rollscope::frame::Episode;
use rollscope::message::{PeerMessage, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::time::Micros;

/// Time between two `Hello`s that were not answered; the channel may lose any of them.
pub const RETRY_MICROS: u64 = 100_000;

/// Why two peers cannot play together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Both peers claim to be one player.
    #[error("both peers say that they are {0}")]
    SamePlayer(PlayerId),
    /// The peers count players differently.
    #[error("the other peer plays with {theirs} players, this one with {ours}")]
    Players {
        /// Players of this peer's game.
        ours: u8,
        /// Players of the other's.
        theirs: u8,
    },
    /// A setting that must be the same is not.
    #[error("the peers differ in {name}: {ours} here, {theirs} there")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// Its value here.
        ours: u32,
        /// Its value there.
        theirs: u32,
    },
}

/// The handshake of one peer for one episode.
#[derive(Debug, Clone)]
pub struct Handshake {
    episode: Episode,
    player: PlayerId,
    players: u8,
    settings: SessionSettings,
    peer: Option<SessionSettings>,
    // Whether the other peer is known to have heard this one.
    is_answered: bool,
    last_sent: Option<Micros>,
}

impl Handshake {
    /// A handshake that has not begun.
    #[must_use]
    pub fn new(episode: Episode, player: PlayerId, players: u8, settings: SessionSettings) -> Self {
        let (peer, is_answered, last_sent) = (None, false, None);
        Self { episode, player, players, settings, peer, is_answered, last_sent }
    }

    /// The settings of the other peer, once each peer is known to have heard the other.
    #[must_use]
    pub fn settings_when_open(&self) -> Option<SessionSettings> {
        self.peer.filter(|_| self.is_answered)
    }

    /// Whether the other peer's `Hello` has come.
    #[must_use]
    pub fn has_heard(&self) -> bool {
        self.peer.is_some()
    }

    /// Takes a message of the game itself: a peer that plays this episode has heard this one, even
    /// if its answers were lost.
    pub fn handle_play(&mut self, message: &PeerMessage) {
        if let PeerMessage::Inputs { episode, .. } = message {
            self.is_answered |= *episode == self.episode;
        }
    }

    /// Takes a `Hello`; other messages and other episodes change nothing. Returns the answer that
    /// the other peer still waits for, if it does.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`] when the peers cannot play together.
    pub fn handle_hello(
        &mut self,
        message: &PeerMessage,
    ) -> Result<Option<PeerMessage>, HandshakeError> {
        let PeerMessage::Hello { episode, player, players, answered, settings } = message else {
            return Ok(None);
        };
        if *episode != self.episode {
            return Ok(None);
        }
        if *player == self.player {
            return Err(HandshakeError::SamePlayer(*player));
        }
        if *players != self.players {
            return Err(HandshakeError::Players { ours: self.players, theirs: *players });
        }
        check_shared(&self.settings, settings)?;
        self.peer = Some(*settings);
        self.is_answered |= *answered;
        Ok((!answered).then(|| self.hello()))
    }

    /// The `Hello` that is due at `now`; `None` while none is.
    pub fn poll(&mut self, now: Micros) -> Option<PeerMessage> {
        let is_due = self.last_sent.is_none_or(|last| now.since(last) >= RETRY_MICROS);
        if self.is_answered || !is_due {
            return None;
        }
        self.last_sent = Some(now);
        Some(self.hello())
    }

    fn hello(&self) -> PeerMessage {
        PeerMessage::Hello {
            episode: self.episode,
            player: self.player,
            players: self.players,
            answered: self.peer.is_some(),
            settings: self.settings,
        }
    }
}

fn check_shared(ours: &SessionSettings, theirs: &SessionSettings) -> Result<(), HandshakeError> {
    let shared = [
        ("the seed", ours.seed, theirs.seed),
        ("frames per second", ours.frames_per_second, theirs.frames_per_second),
        ("the snapshot interval", ours.snapshot_interval_frames, theirs.snapshot_interval_frames),
        ("the default action", ours.default_action.0, theirs.default_action.0),
    ];
    match shared.into_iter().find(|(_, ours, theirs)| ours != theirs) {
        Some((name, ours, theirs)) => Err(HandshakeError::Setting { name, ours, theirs }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::action::Action;
    use rollscope::message::PredictionRule;

    fn handshake(player: u8, seed: u32) -> Handshake {
        let settings = SessionSettings {
            input_delay_frames: u32::from(player),
            snapshot_interval_frames: 5,
            max_prediction_frames: 20,
            frames_per_second: 60,
            prediction: PredictionRule::RepeatLast,
            default_action: Action(0),
            seed,
        };
        Handshake::new(Episode(0), PlayerId(player), 2, settings)
    }

    #[test]
    fn peers_repeat_themselves_until_answered() {
        let (mut a, mut b) = (handshake(0, 1), handshake(1, 1));
        assert!(a.poll(Micros(0)).is_some(), "the first is lost on its way");
        assert!(a.poll(Micros(50_000)).is_none());
        let hello = a.poll(Micros(100_000)).unwrap();
        let answer = b.handle_hello(&hello).unwrap().unwrap();
        assert_eq!(b.settings_when_open(), None, "b does not know yet that a hears it");
        assert_eq!(a.handle_hello(&answer).unwrap(), None, "it was answered already");
        assert_eq!(a.poll(Micros(300_000)), None);
        assert_eq!(a.settings_when_open().unwrap().input_delay_frames, 1);
        // The other side has not been answered yet and still asks.
        let question = b.poll(Micros(300_000)).unwrap();
        assert_eq!(a.handle_hello(&question).unwrap(), None);
        assert_eq!(b.settings_when_open(), None);
    }

    #[test]
    fn a_peer_that_plays_has_heard_this_one() {
        let (mut a, mut b) = (handshake(0, 1), handshake(1, 1));
        let inputs = |episode| PeerMessage::Inputs {
            episode: Episode(episode),
            player: PlayerId(0),
            current: rollscope::frame::Frame(0),
            received_through: None,
            first: rollscope::frame::Frame(0),
            actions: Vec::new(),
        };
        b.handle_play(&inputs(0));
        assert_eq!(b.settings_when_open(), None, "its settings are still unknown");
        b.handle_hello(&a.poll(Micros(0)).unwrap()).unwrap();
        assert!(b.settings_when_open().is_some());
        let mut c = handshake(1, 1);
        c.handle_hello(&a.poll(Micros(200_000)).unwrap()).unwrap();
        c.handle_play(&inputs(7));
        assert_eq!(c.settings_when_open(), None, "another episode says nothing");
    }

    #[test]
    fn an_unanswered_hello_is_answered_each_time() {
        let (mut a, mut b) = (handshake(0, 1), handshake(1, 1));
        let hello = a.poll(Micros(0)).unwrap();
        assert!(b.handle_hello(&hello).unwrap().is_some());
        assert!(b.handle_hello(&hello).unwrap().is_some());
    }

    #[test]
    fn peers_that_cannot_agree_say_in_what() {
        let hello = handshake(0, 1).poll(Micros(0)).unwrap();
        let error = handshake(1, 2).handle_hello(&hello).unwrap_err();
        assert_eq!(error.to_string(), "the peers differ in the seed: 2 here, 1 there");
        let error = handshake(0, 1).handle_hello(&hello).unwrap_err();
        assert_eq!(error, HandshakeError::SamePlayer(PlayerId(0)));
    }
}
