//! What a session does with a message of another peer, and how it begins when all are there.

use rollscope::frame::Episode;
use rollscope::message::{MessageError, PeerMessage, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig};
use rollscope::time::Micros;
use serde_json::json;

use super::header::header;
use super::{Heard, MAX_WAITING_MESSAGES, Phase, Session, audience};

impl Session {
    /// Takes one message as it came from the peer of `from`, in any form. Messages for the engine
    /// wait for the next tick; greetings and pings are the connection's business and are answered
    /// at once.
    pub fn handle_message(&mut self, now: Micros, from: PlayerId, bytes: &[u8]) {
        if let Some(place) = audience::place_of(from) {
            return self.handle_spectator(from, place, bytes);
        }
        let message = match PeerMessage::decode_any(bytes) {
            Ok((message, _)) => message,
            Err(error @ MessageError::Version { .. }) => {
                return self.fail(&format!("Another page cannot play with this one: {error}."));
            }
            Err(_) => return self.base.counts.unreadable += 1,
        };
        if !self.peers.has(from) || message.speaker().is_some_and(|speaker| speaker != from) {
            self.counts.foreign += 1;
            return;
        }
        match message {
            PeerMessage::Ping { stamp_micros } => {
                self.peers.handle_ping(from, now, stamp_micros);
                self.send(from, &PeerMessage::Pong { stamp_micros });
            }
            PeerMessage::Pong { stamp_micros } => {
                let micros = now.since(Micros(stamp_micros));
                self.peers.handle_round_trip(from, micros);
            }
            // A session that has ended stays as it is, but still answers pings.
            _ if self.has_ended() => {}
            hello @ PeerMessage::Hello { .. } => self.handle_hello(from, &hello),
            // Meant for the page that was here before, or said to it.
            _ if self.is_returning() && !self.peers.has_greeted(from) => {}
            message if self.inbox.len() < MAX_WAITING_MESSAGES => {
                self.peers.handle_play(from, &message);
                self.inbox.push_back(Heard::Message(message));
                self.begin_when_open();
            }
            _ => {
                self.counts.dropped += 1;
                let total = self.counts.dropped;
                self.log.write(&json!({"event": "message_dropped", "total": total}));
            }
        }
    }

    fn handle_hello(&mut self, from: PlayerId, hello: &PeerMessage) {
        match self.peers.handle_hello(from, hello) {
            Ok(answer) => {
                self.note_new_settings(from, hello);
                if let Some(answer) = answer {
                    self.send(from, &answer);
                }
                self.begin_when_open();
            }
            // A game that runs does not end because a page comes back with other settings: that page
            // learns it, too, and it is told there.
            Err(_) if self.engine.is_some() && self.peers.is_back(from) => {
                self.base.counts.foreign += 1;
            }
            Err(error) => {
                self.fail(&format!("Another page cannot play with this one: {error}."));
            }
        }
    }

    // A page that comes back may have another input delay, which counts from the next episode on.
    fn note_new_settings(&mut self, from: PlayerId, hello: &PeerMessage) {
        if let (PeerMessage::Hello { settings, .. }, Some(known)) =
            (hello, self.settings.get_mut(from.index()))
            && self.peers.is_back(from)
        {
            let seed = known.seed;
            *known = SessionSettings { seed, ..*settings };
        }
    }

    // Only once every other peer has heard this one: so an observer of any page has seen all
    // settings that matter to it on the wire before the first frame.
    fn begin_when_open(&mut self) {
        if self.phase == Phase::Greeting
            && let Some(settings) = self.peers.settings_when_open(&self.config)
            && let Some(episode) = self.first_episode()
        {
            self.begin(settings, episode);
        }
    }

    fn begin(&mut self, mut settings: Vec<SessionSettings>, episode: Episode) {
        let seed = self.seed_of(episode);
        settings.iter_mut().for_each(|player| player.seed = seed);
        self.base.log.write(&header(&self.config, &settings, episode));
        let local = self.config.player;
        self.settings.clone_from(&settings);
        let config = EngineConfig { local, settings, episode };
        self.engine = match self.config.is_returning {
            true => Engine::returning(&config, self.config.options),
            false => Engine::with_options(&config, self.config.options),
        };
        self.tell_status();
        if self.engine.is_none() {
            self.fail("The session has no player of this page's index.");
            return;
        }
        self.enter_rows(episode);
        self.base.reset(seed);
    }
}
