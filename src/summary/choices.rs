//! What there is to choose from: the games of a capture and the episodes of each.

use serde::Serialize;

use crate::session::{Game, Session};

/// Which game and episode the views are about, by their places; what is not chosen, or is not there,
/// is the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Choice {
    /// Place of the game in the capture.
    pub game: Option<usize>,
    /// Place of the episode in the game.
    pub episode: Option<usize>,
}

/// One game that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct GameChoice {
    /// Seed of the game, where it was captured.
    pub seed: Option<u32>,
    /// Names of the files that it came by; the analysis knows them.
    pub files: Vec<String>,
    /// Names of the peers whose own traffic is observed.
    pub observed: Vec<String>,
    /// Its episodes in order.
    pub episodes: Vec<EpisodeChoice>,
}

/// One episode that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct EpisodeChoice {
    /// Its number, as the game counts.
    pub number: u32,
    /// Frames that were stepped.
    pub frames: u32,
}

impl Choice {
    /// The chosen game and episode of a session, by place; `None` before any game was seen.
    #[must_use]
    pub fn of(self, session: &Session) -> Option<(usize, usize)> {
        let newest = session.games().len().checked_sub(1)?;
        let place = self.game.filter(|game| *game <= newest).unwrap_or(newest);
        let last = session.games().get(place)?.newest_episode();
        Some((place, self.episode.filter(|episode| *episode <= last).unwrap_or(last)))
    }
}

/// Every game with its episodes, in order of appearance.
#[must_use]
pub fn choices(session: &Session) -> Vec<GameChoice> {
    session.games().iter().map(choice).collect()
}

fn choice(game: &Game) -> GameChoice {
    let count = game.peers.iter().map(|peer| peer.episodes.len()).max().unwrap_or(0);
    let episode = |place: usize| {
        let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(place));
        EpisodeChoice {
            number: game.episode_number(place).map_or(place as u32, |number| number.0),
            frames: records().map(|record| record.next_frame().0).max().unwrap_or(0),
        }
    };
    let observed = game.peers.iter().filter_map(|peer| peer.local);
    GameChoice {
        seed: game.seed,
        files: Vec::new(),
        observed: observed.map(|player| player.to_string()).collect(),
        episodes: (0..count).map(episode).collect(),
    }
}
