//! Looks after the other pages of a running game: the page's author hears where each stands, and a game
//! that one of them has left ends.

use super::super::clock::now;
use super::Inner;
use crate::signal::Role;

impl Inner {
    pub(super) fn watch_others(&mut self) {
        if !self.is_ready || self.is_over() {
            return;
        }
        let (now, is_spectator) = (now(), self.config.role == Role::Spectator);
        let mut changes = Vec::new();
        for link in &mut self.links {
            let (player, route) = (link.player(), link.route().current());
            let presence = link.presence_mut();
            // Who feeds a spectator has nothing to say while nothing new is confirmed.
            if is_spectator {
                presence.handle_heard();
            }
            changes.extend(presence.look(now, route).map(|presence| (player, presence)));
        }
        for (player, presence) in changes {
            self.game.handle_presence(player, presence);
            if let Some(reason) = presence.end() {
                self.stop(reason);
            }
        }
    }
}
