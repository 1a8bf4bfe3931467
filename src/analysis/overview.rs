//! What every session and every episode of a capture comes to, beside the one that the views show: nobody must have to
//! open forty sessions one by one to learn which of them is bad.

use super::Analysis;
use crate::session::Game;
use crate::verify::{GameCheck, GameVerdicts, Verdict};

/// Verdicts hold until the capture has grown by this share, so that checking them costs a live session little.
const GROWTH: u64 = 8;

/// Verdicts on games, and the game that is being checked.
#[derive(Debug, Default)]
pub(super) struct Overview {
    known: Vec<Option<Known>>,
    work: Option<(usize, GameCheck)>,
}

/// The verdicts on one game.
#[derive(Debug, Clone)]
struct Known {
    verdicts: GameVerdicts,
    /// Chunks that had come by then.
    seen: u64,
}

/// One session as the overview lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Names of the files that it came by; empty where it came by none.
    pub files: Vec<String>,
    /// Seed of the game, where it was captured.
    pub seed: Option<u32>,
    /// The verdict on all its episodes together; `None` while it is being checked.
    pub verdict: Option<Verdict>,
    /// The verdict on each episode; none while it is being checked.
    pub episodes: Vec<Verdict>,
}

impl Overview {
    /// What is known of a game that is being checked is of a state that is no more.
    pub(super) fn note_change(&mut self) {
        self.work = None;
    }
}

impl Analysis {
    /// Every session of the capture, in order of appearance, with the verdicts that [`Analysis::overview_on`] has made.
    #[must_use]
    pub fn overview(&self) -> Vec<SessionRow> {
        let row = |(place, game): (usize, &Game)| {
            let known = self.overview.known.get(place).and_then(Option::as_ref);
            SessionRow {
                files: self.file_names(game),
                seed: game.seed,
                verdict: known.map(|known| known.verdicts.whole.clone()),
                episodes: known.map(|known| known.verdicts.episodes.clone()).unwrap_or_default(),
            }
        };
        self.session.games().iter().enumerate().map(row).collect()
    }

    /// Works on the verdicts of [`Analysis::overview`], check by check, as long as `has_time` says so. Returns whether
    /// all are there. A capture of one episode has no need of them.
    pub fn overview_on(&mut self, mut has_time: impl FnMut() -> bool) -> bool {
        while self.overview_step() {
            if !has_time() {
                return self.next_unchecked().is_none();
            }
        }
        true
    }

    /// Runs one check. Returns whether there was one to run.
    fn overview_step(&mut self) -> bool {
        let games = self.session.games();
        if let ([] | [_], 0) = (games, games.first().map_or(0, Game::newest_episode)) {
            return false;
        }
        let Some(place) = self.next_unchecked() else { return false };
        let begun = self.overview.work.take().filter(|(of, _)| *of == place);
        let (_, mut check) = begun.unwrap_or_else(|| (place, GameCheck::default()));
        let Some(game) = self.session.games().get(place) else { return false };
        match check.step(game, &|| self.account_of(game)) {
            None => self.overview.work = Some((place, check)),
            Some(verdicts) => {
                let seen = self.kept.seen();
                self.overview.known.resize(self.session.games().len(), None);
                if let Some(known) = self.overview.known.get_mut(place) {
                    *known = Some(Known { verdicts, seen });
                }
            }
        }
        true
    }

    fn next_unchecked(&self) -> Option<usize> {
        let seen = self.kept.seen();
        let games = self.session.games().iter().enumerate();
        let mut unchecked = games.filter(|(place, game)| {
            let known = self.overview.known.get(*place).and_then(Option::as_ref);
            known.is_none_or(|known| {
                known.verdicts.episodes.len() != game.newest_episode() + 1
                    || seen > known.seen + known.seen / GROWTH
            })
        });
        unchecked.next().map(|(place, _)| place)
    }
}
