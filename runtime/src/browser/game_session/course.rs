//! What a page tells its server of the course of its game, and how it leaves it or cuts its connections.

use super::super::clock::now;
use super::super::peer_link::PeerLink;
use super::Inner;
use crate::part::Part;
use crate::signal::{Role, Speaker, ToServer, Told};

impl Inner {
    /// Tells the server how the channels to the other players stand, where there is news.
    pub(super) fn tell_course(&mut self) {
        let speaks = !self.is_over() && self.config.role == Role::Player;
        let Some(told) = self.told().filter(|_| speaks) else {
            return;
        };
        let is_here = |link: &&mut PeerLink| link.presence().current().end().is_none();
        let links = self.links.iter_mut().filter(is_here);
        let words: Vec<_> = links.filter_map(|link| link.news(now(), told.clone())).collect();
        words.iter().for_each(|word| self.tell(word));
    }

    /// Tells it that this page has played everything.
    pub(super) fn tell_complete(&self) {
        if let Some(told) = self.told() {
            self.tell(&ToServer::MultiplayerGameComplete(told));
        }
    }

    fn told(&self) -> Option<Told> {
        let Speaker { game_id, player_id } = self.speaker()?;
        let frame = self.session.as_ref().and_then(Part::current);
        let frame_number = frame.map(|frame| frame.0);
        Some(Told { game_id, player_id, frame_number, ..Told::default() })
    }

    pub(super) fn leave(&mut self) {
        self.has_left = true;
        if let Some(speaker) = self.speaker() {
            self.tell(&ToServer::LeaveGame(speaker));
        }
    }

    pub(super) fn cut_links(&mut self, is_cut: bool) {
        for link in self.links.iter_mut().chain(&mut self.audience) {
            link.cut(is_cut, now());
        }
    }
}
