//! The verdicts of one game: on each of its episodes and on all of them together, worked out check by check so that
//! whoever must also keep a screen moving can stop in between.

use std::rc::Rc;

use super::case::{Case, Shared};
use super::comparison::Comparison;
use super::finding::{CheckResult, Scope, Verdict};
use super::stress::Stress;
use super::verdict::{CaptureAccount, judge};
use super::{CHECKS, run_check};
use crate::session::Game;

/// What was found out about one game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GameVerdicts {
    /// On all its episodes together, as the command line gives it.
    pub whole: Verdict,
    /// On each episode by itself, as its Verdict view gives it.
    pub episodes: Vec<Verdict>,
}

/// A game that is being checked. It must stay as it is until [`GameCheck::step`] has given its verdicts.
#[derive(Debug, Default)]
pub struct GameCheck {
    shared: Rc<Shared>,
    /// Results of the first checks of the episode that is being checked.
    results: Vec<CheckResult>,
    /// Results over the episodes that are done.
    merged: Vec<CheckResult>,
    comparisons: Vec<Rc<Comparison>>,
    stress: Stress,
    episodes: Vec<Verdict>,
}

impl GameCheck {
    /// Runs one check, or makes the verdict of an episode whose checks are done, when `capture` is asked for. Gives the
    /// verdicts when nothing is left.
    pub fn step(
        &mut self,
        game: &Game,
        capture: &dyn Fn() -> CaptureAccount,
    ) -> Option<GameVerdicts> {
        let game = Case::resumed(game, Rc::clone(&self.shared));
        let episode = self.episodes.len();
        if let Some(check) = CHECKS.get(self.results.len()) {
            self.results.push(run_check(*check, &game, episode));
            return None;
        }
        let capture = capture();
        let is_last = episode >= game.newest_episode();
        let (comparison, stress) = (game.comparison(episode), Stress::of(&game, episode));
        self.episodes.push(judge(&[&game], &[&comparison], &stress, &self.results, capture));
        self.comparisons.push(comparison);
        self.stress.add(&stress);
        self.merge(is_last);
        if !is_last {
            return None;
        }
        let comparisons: Vec<&Comparison> = self.comparisons.iter().map(AsRef::as_ref).collect();
        let whole = judge(&[&game], &comparisons, &self.stress, &self.merged, capture);
        Some(GameVerdicts { whole, episodes: std::mem::take(&mut self.episodes) })
    }

    // A check of the whole game says the same in every episode, so it counts once.
    fn merge(&mut self, is_last: bool) {
        let results = std::mem::take(&mut self.results);
        if self.merged.is_empty() {
            let empty = |result: &CheckResult| CheckResult {
                code: result.code,
                title: result.title,
                outcome: Default::default(),
            };
            self.merged = results.iter().map(empty).collect();
        }
        for ((check, result), merged) in CHECKS.iter().zip(results).zip(&mut self.merged) {
            if check.scope() == Scope::Episode || is_last {
                merged.outcome.merge(result.outcome);
            }
        }
    }
}
