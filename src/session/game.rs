//! All games that were observed, each with its peers.

use super::conditions::{PageConditions, SlowSpan};
use super::mug::Answers;
use super::peer::PeerSession;
use crate::frame::{Episode, Frame};
use crate::issue::IssueLog;
use crate::observation::{Fact, GameConfiguration, Observation, SourceId};
use crate::player::PlayerId;
use crate::sorted::SortedMap;
use crate::time::Micros;

/// One game: the peers that introduced themselves with one seed.
#[derive(Debug, Default)]
pub struct Game {
    /// Name of the game, where its server gives it one.
    pub name: Option<String>,
    /// Seed of the game; `None` while no introduction was seen.
    pub seed: Option<u32>,
    /// Number of players; 0 while unknown.
    pub players: u8,
    /// The observed peers, in the order in which their documents began, whichever joined first.
    pub peers: Vec<PeerSession>,
}

impl Game {
    /// The observed peer that plays `player`.
    #[must_use]
    pub fn observed(&self, player: PlayerId) -> Option<&PeerSession> {
        self.peers.iter().find(|peer| peer.local == Some(player))
    }

    /// All players: the ones named by introductions, and any that a peer plays.
    pub fn players(&self) -> impl Iterator<Item = PlayerId> + use<> {
        let played = self.peers.iter().filter_map(|peer| peer.local).map(|player| player.0 + 1);
        (0..played.max().unwrap_or(0).max(self.players)).map(PlayerId)
    }

    /// The hash that `player` reported for a frame of an episode: as its own page sent it, else as
    /// another observed page received it.
    #[must_use]
    pub fn reported_hash(&self, episode: usize, player: PlayerId, frame: Frame) -> Option<u64> {
        self.hash_witnesses(episode, player).into_iter().find_map(|peer| {
            let slot = self.peers.get(peer)?.episodes.get(episode)?.hashes.slot(frame)?;
            slot.reported(player).map(|report| report.hash)
        })
    }

    /// The peers, by place, whose pages are asked for a hash that `player` reported in an episode, in
    /// order: the first one that knows it is believed.
    #[must_use]
    pub fn hash_witnesses(&self, episode: usize, player: PlayerId) -> Vec<usize> {
        let records = || self.peers.iter().map(|peer| peer.episodes.get(episode));
        let mut rules = records().filter_map(|record| record?.hashes.rule());
        let first = rules.next();
        // Hashes of two rules never compare.
        if rules.any(|rule| Some(rule) != first) {
            return Vec::new();
        }
        let own = self.peers.iter().position(|peer| peer.local == Some(player));
        // What a page reported of its guesses is no more to be believed where another one heard it.
        let of_own = own.and_then(|own| self.peers.get(own)?.episodes.get(episode));
        if of_own.is_some_and(|record| record.hashes.is_guessed()) {
            return own.into_iter().collect();
        }
        let is_alone = self.peers.len() == 1;
        // Of two pages, one whose episode is not known yet says nothing of any.
        let speaks = |at: &usize| {
            let record = self.peers.get(*at).and_then(|peer| peer.episodes.get(episode));
            record.is_some_and(|record| is_alone || record.is_placed)
        };
        let others = (0..self.peers.len()).filter(|at| Some(*at) != own);
        own.into_iter().chain(others).filter(speaks).collect()
    }

    /// Number of an episode by its place in the peers' records.
    #[must_use]
    pub fn episode_number(&self, episode: usize) -> Option<Episode> {
        self.peers.iter().find_map(|peer| peer.episodes.get(episode)).map(|record| record.number)
    }

    // Whether a page plays in both.
    fn has_page_of(&self, other: &Self) -> bool {
        self.peers.iter().any(|peer| other.peers.iter().any(|one| one.source == peer.source))
    }

    /// The newest episode that any peer plays; 0 if none does.
    #[must_use]
    pub fn newest_episode(&self) -> usize {
        let counts = self.peers.iter().map(|peer| peer.episodes.len());
        counts.max().unwrap_or(0).saturating_sub(1)
    }
}

/// Everything reconstructed so far.
#[derive(Debug, Default)]
pub struct Session {
    games: Vec<Game>,
    // Where the newest observations of a document belong: game and peer.
    places: SortedMap<SourceId, (usize, usize)>,
    conditions: SortedMap<SourceId, PageConditions>,
    /// What the user says of every game whose traffic does not say it.
    pub answers: Answers,
    /// What could not be placed.
    pub issues: IssueLog,
}

/// Games kept; a page that starts more is hostile or broken.
const MAX_GAMES: usize = 256;

impl Session {
    /// Takes one observation. Observations of one document come in its capture order.
    pub fn handle(&mut self, observation: &Observation<'_>) {
        if self.handle_page(observation) {
            // What is hidden belongs to the document, and to the game that it plays just then.
            let place = self.places.get(&observation.evidence.source);
            let peer =
                place.and_then(|(game, peer)| self.games.get_mut(*game)?.peers.get_mut(*peer));
            if let Some(peer) = peer.filter(|_| matches!(observation.fact, Fact::PageShown { .. }))
            {
                let (seq, time) = (observation.evidence.seq, observation.time);
                peer.lifecycle.handle(&observation.fact, seq, time);
            }
            return;
        }
        if let Fact::Introduced { settings, players, .. } = &observation.fact {
            self.place_introduction(observation.evidence.source, settings.seed, *players);
        }
        if let Fact::Configured(configuration) = &observation.fact {
            self.place_configuration(observation.evidence.source, configuration);
        }
        let Some((game, peer)) = self.place(observation.evidence.source) else {
            self.issues
                .push("session", "more games than can be kept; the further ones are left out");
            return;
        };
        let issues = &mut self.issues;
        let Some(game) = self.games.get_mut(game) else {
            return;
        };
        if matches!(observation.fact, Fact::FrameInputsAnnounced { .. }) {
            game.players = game.players.max(2);
        }
        if let Some(peer) = game.peers.get_mut(peer) {
            peer.handle(observation, issues);
        }
        let source = observation.evidence.source;
        match &observation.fact {
            Fact::FrameHashReported { frame, hash, .. } => {
                self.join_game_of_same_hash(source, *frame, *hash);
            }
            Fact::HashMentioned { frame, hash, .. } => {
                if let Some((hash, _)) = super::mug::leading_digits(hash) {
                    self.join_game_of_same_hash(source, *frame, hash);
                }
            }
            _ => {}
        }
    }

    /// What the browser said of a document.
    #[must_use]
    pub fn conditions(&self, source: SourceId) -> Option<&PageConditions> {
        self.conditions.get(&source)
    }

    // A document of which only the browser has spoken plays no game. Sources are numbers of 16
    // bits, so this table has a bound.
    fn handle_page(&mut self, observation: &Observation<'_>) -> bool {
        let time = observation.time;
        let fact = &observation.fact;
        if !matches!(
            fact,
            Fact::PageStarted { .. } | Fact::PageShown { .. } | Fact::PagePaced { .. }
        ) {
            return false;
        }
        let note = |page: &mut PageConditions| match fact {
            Fact::PageStarted { time_origin_ms } => page.time_origin_ms = *time_origin_ms,
            Fact::PageShown { is_visible } => {
                page.note_visibility(*is_visible, observation.evidence.seq, time);
            }
            Fact::PagePaced { span_micros, long_tasks, longest_frame_micros } => {
                page.tells_long_tasks = Some(long_tasks.is_some());
                page.note_pace(SlowSpan {
                    from: Micros(time.0.saturating_sub(*span_micros)),
                    to: time,
                    long_tasks: long_tasks.unwrap_or(0),
                    longest_frame_micros: *longest_frame_micros,
                });
            }
            _ => {}
        };
        self.conditions.change(observation.evidence.source, PageConditions::default, note);
        true
    }

    /// The games in order of appearance.
    #[must_use]
    pub fn games(&self) -> &[Game] {
        &self.games
    }

    /// The game that began last.
    #[must_use]
    pub fn newest_game(&self) -> Option<&Game> {
        self.games.last()
    }

    /// The player at a document's page, as the document's newest game says.
    #[must_use]
    pub fn player_at(&self, source: SourceId) -> Option<PlayerId> {
        let (game, peer) = *self.places.get(&source)?;
        self.games.get(game)?.peers.get(peer)?.local
    }

    /// Game, episode and next frame of a document, the first two by their places.
    #[must_use]
    pub fn place_of(&self, source: SourceId) -> Option<(usize, usize, Frame)> {
        let (game, peer) = *self.places.get(&source)?;
        let episodes = &self.games.get(game)?.peers.get(peer)?.episodes;
        let newest = episodes.last()?;
        Some((game, episodes.len() - 1, newest.next_frame()))
    }

    // A document that its server puts into another game plays that one from now on, and so does one
    // that is put into the same game again after it played. What was said of its page before holds on.
    fn place_configuration(&mut self, source: SourceId, said: &GameConfiguration<'_>) {
        let Some((mut place, peer)) = self.place(source) else {
            return;
        };
        let game = self.games.get(place);
        let before = game.and_then(|game| game.peers.get(peer));
        let known = game.and_then(|game| game.name.as_deref()).filter(|_| said.game.is_some());
        let is_other = known.is_some_and(|known| said.game != Some(known));
        let is_again = known.is_some() && before.is_some_and(|peer| peer.is_assigned_anew(said));
        if is_other || is_again {
            let page = before.and_then(|peer| peer.mug.as_ref()).map(|page| page.renewed());
            let asks_steps = before.and_then(|peer| peer.lifecycle.asks_steps);
            self.leave(source);
            let Some((next, peer)) = self.place(source) else {
                return;
            };
            place = next;
            let peer = self.games.get_mut(next).and_then(|game| game.peers.get_mut(peer));
            if let Some(peer) = peer {
                peer.mug = page;
                peer.lifecycle.asks_steps = asks_steps;
            }
        }
        let Some(game) = self.games.get_mut(place) else {
            return;
        };
        game.seed = said.seed.or(game.seed);
        game.players = said.players.unwrap_or_default().max(game.players);
        if let Some(name) = said.game {
            game.name = Some(name.to_owned());
            self.join_games_of_name(name);
        }
    }

    // The pages of one game may name it in any order. A page that played it before plays it anew, so
    // that it joins the first such game that it is not in.
    fn join_games_of_name(&mut self, name: &str) {
        let has_name = |game: &Game| game.name.as_deref() == Some(name);
        while let Some((last, earlier)) = self.games.split_last()
            && has_name(last)
            && let Some(first) =
                earlier.iter().position(|game| has_name(game) && !game.has_page_of(last))
        {
            self.merge(first, self.games.len() - 1);
        }
    }

    // A document that introduces itself with another seed than before plays another game.
    fn place_introduction(&mut self, source: SourceId, seed: u32, players: u8) {
        if let Some((game, _)) = self.place(source)
            && let Some(game) = self.games.get_mut(game)
        {
            if game.seed.is_none_or(|known| known == seed) {
                game.seed = Some(seed);
                game.players = game.players.max(players);
                self.join_game_of_same_seed(source, seed);
                return;
            }
            self.leave(source);
            if let Some((game, _)) = self.place(source)
                && let Some(game) = self.games.get_mut(game)
            {
                game.seed = Some(seed);
                game.players = players;
            }
            self.join_game_of_same_seed(source, seed);
        }
    }

    // Documents that play one game belong together, whichever says so first.
    fn join_game_of_same_seed(&mut self, source: SourceId, seed: u32) {
        self.join_same_game(source, |game| game.seed == Some(seed));
    }

    // Messages that name no game: what one page sent and the other received tells it. Two pages of
    // one game play different players and know one hash of 64 bits for the same frame.
    fn join_game_of_same_hash(&mut self, source: SourceId, frame: Frame, hash: u64) {
        let Some(&(own, peer)) = self.places.get(&source) else {
            return;
        };
        let alone = self.games.get(own).filter(|game| game.peers.len() == 1);
        let Some(local) = alone.and_then(|game| game.peers.get(peer)?.local) else {
            return;
        };
        self.join_same_game(source, |game| {
            let [other] = game.peers.as_slice() else {
                return false;
            };
            let is_known = |player: PlayerId| {
                let slots = other.episodes.iter().filter_map(|record| record.hashes.slot(frame));
                let mut reports = slots.filter_map(|slot| slot.reported(player));
                reports.any(|report| report.hash == hash)
            };
            other.local.is_some_and(|other| other != local) && is_known(local)
        });
    }

    fn join_same_game(&mut self, source: SourceId, is_same: impl Fn(&Game) -> bool) {
        let Some(&(own, _)) = self.places.get(&source) else {
            return;
        };
        let mut others = self.games.iter().enumerate().filter(|(at, _)| *at != own);
        let Some((other, _)) = others.find(|(_, game)| is_same(game)) else { return };
        let (into, from) = (own.min(other), own.max(other));
        // Games behind it may move up as long as nothing was played in them.
        let mut behind = self.games.iter().skip(from + 1).flat_map(|game| &game.peers);
        if behind.all(|peer| peer.episodes.is_empty()) {
            self.merge(into, from);
        }
    }

    // `from` is the later one; its peers go over.
    fn merge(&mut self, into: usize, from: usize) {
        let moved = self.games.remove(from);
        if let Some(game) = self.games.get_mut(into) {
            game.seed = game.seed.or(moved.seed);
            game.players = game.players.max(moved.players);
        }
        for peer in moved.peers {
            // A page that went on to another game since stays there.
            let place = self.places.get(&peer.source);
            let is_there = place.is_some_and(|(of, _)| *of == from);
            self.add_peer(into, peer, is_there);
        }
        for (of, _) in self.places.values_mut() {
            *of -= usize::from(*of > from);
        }
    }

    // `is_there` if the document plays this game now.
    fn add_peer(&mut self, at: usize, peer: PeerSession, is_there: bool) {
        let Some(game) = self.games.get_mut(at) else { return };
        let place = game.peers.partition_point(|known| known.source < peer.source);
        for (of, later) in self.places.values_mut() {
            *later += usize::from(*of == at && *later >= place);
        }
        if is_there {
            self.places.insert(peer.source, (at, place));
        }
        game.peers.insert(place, peer);
    }

    // A document plays another game from now on.
    fn leave(&mut self, source: SourceId) {
        let Some((game, peer)) = self.places.remove(&source) else { return };
        let game = self.games.get_mut(game);
        if let Some(peer) = game.and_then(|game| game.peers.get_mut(peer)) {
            peer.close();
        }
    }

    fn place(&mut self, source: SourceId) -> Option<(usize, usize)> {
        if let Some(&place) = self.places.get(&source) {
            return Some(place);
        }
        if self.games.len() >= MAX_GAMES {
            return None;
        }
        let place = (self.games.len(), 0);
        let mut peer = PeerSession::new(source);
        peer.answers = self.answers;
        peer.lifecycle.hidden =
            self.conditions.get(&source).and_then(PageConditions::hidden_from_now_on);
        self.games.push(Game { peers: vec![peer], ..Game::default() });
        self.places.insert(source, place);
        Some(place)
    }
}
