//! Everything that the checks say of a whole session: all its games and all their episodes, and
//! the one verdict over them.

use serde::Serialize;

use super::CHECKS;
use super::case::Case;
use super::comparison::Comparison;
use super::coverage::SessionCoverage;
use super::finding::{CheckOutcome, CheckResult, Scope, Verdict};
use super::stress::Stress;
use super::verdict::{CaptureAccount, judge};
use crate::session::{Game, Session};

/// What was found out about a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionCheck {
    /// The one verdict.
    pub verdict: Verdict,
    /// Every check, over everything.
    pub checks: Vec<CheckResult>,
    /// The coverage maps of all episodes.
    pub coverage: SessionCoverage,
    /// The stress of the whole session.
    pub stress: Stress,
    /// What the capture saw and lost.
    pub capture: CaptureAccount,
}

impl SessionCheck {
    /// Checks every episode of every game.
    #[must_use]
    pub fn of(session: &Session, capture: CaptureAccount) -> Self {
        Self::of_games(session.games(), capture)
    }

    /// Checks every episode of some games.
    #[must_use]
    pub fn of_games(games: &[Game], capture: CaptureAccount) -> Self {
        let nothing = [Game::default()];
        let games = if games.is_empty() { &nothing[..] } else { games };
        let mut checks: Vec<CheckResult> = CHECKS
            .iter()
            .map(|check| CheckResult {
                code: check.code(),
                title: check.title(),
                outcome: CheckOutcome::default(),
            })
            .collect();
        let (mut comparisons, mut coverage, mut stress) =
            (Vec::new(), SessionCoverage::default(), Stress::default());
        for game in games {
            let game = Case::new(game);
            let newest = game.newest_episode();
            for episode in 0..=newest {
                coverage.push(game.coverage(episode).as_ref().clone());
                comparisons.push(game.comparison(episode));
                stress.add(&Stress::of(&game, episode));
                for (check, result) in CHECKS.iter().zip(&mut checks) {
                    if check.scope() == Scope::Episode || episode == newest {
                        result.outcome.merge(check.run(&game, episode));
                    }
                }
            }
        }
        let played: Vec<&Game> = games.iter().filter(|game| !game.peers.is_empty()).collect();
        let comparisons: Vec<&Comparison> = comparisons.iter().map(AsRef::as_ref).collect();
        let verdict = judge(&played, &comparisons, &stress, &checks, capture);
        Self { verdict, checks, coverage, stress, capture }
    }
}
