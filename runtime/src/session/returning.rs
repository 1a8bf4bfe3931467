//! Pages that are loaded anew in the middle of a game: this one, or another one.
//!
//! Another one is told to the engine in its place among the messages, and greeted after that: so
//! whatever the new page hears after a greeting is what its inputs' holders really hold. This one
//! hears nothing of a peer before its greeting, and begins in the episode that the others play.

use rollscope::frame::Episode;
use rollscope::player::PlayerId;
use rollscope::rollback::Engine;

use super::{Heard, Session};

impl Session {
    /// Takes that another player's page was loaded anew and has lost its game, as the server says.
    pub fn handle_returned(&mut self, player: PlayerId) {
        if !self.peers.has(player) || self.has_ended() {
            return;
        }
        self.peers.handle_returned(player, &self.config);
        match self.engine {
            Some(_) => self.inbox.push_back(Heard::Returned(player)),
            // Nothing was said to the old page that the new one would miss.
            None => self.peers.greet_again(player),
        }
    }

    /// Whether this page was loaded anew and does not have the game yet.
    #[must_use]
    pub fn is_returning(&self) -> bool {
        match &self.engine {
            Some(engine) => engine.is_returning(),
            None => self.config.is_returning,
        }
    }

    /// The episode to begin in: the others' newest one that was heard of, for a page that comes back.
    pub(super) fn first_episode(&self) -> Option<Episode> {
        if !self.config.is_returning {
            return Some(self.config.episode);
        }
        let episodes = self.inbox.iter().filter_map(|heard| match heard {
            Heard::Message(message) => message.episode(),
            Heard::Returned(_) => None,
        });
        episodes.max()
    }

    /// Seed of an episode.
    pub(super) fn seed_of(&self, episode: Episode) -> u32 {
        self.config.settings.seed.wrapping_add(episode.0.saturating_sub(self.config.episode.0))
    }

    /// The others went on before they could give a state of this episode.
    pub(super) fn follow_missed_episode(&mut self) {
        if let Some(later) = self.engine.as_ref().and_then(Engine::missed_episode) {
            self.enter_episode(later);
        }
    }
}
