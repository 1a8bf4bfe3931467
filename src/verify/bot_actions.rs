//! Do all pages let the bots do the same?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::runs::Runs;

/// Compares the actions of bots that two pages stepped each frame with.
pub(super) struct BotActions;

impl Check for BotActions {
    fn code(&self) -> &'static str {
        "bot-actions-differ"
    }

    fn title(&self) -> &'static str {
        "Bots act alike on all pages"
    }

    fn documentation(&self) -> &'static str {
        "A bot's actions are not announced: every page works them out by itself. A bot that draws \
         from a generator without a seed does something else on each page, and the states part from \
         the first such frame on. It needs the worker traffic of two pages, and steps with more \
         actions than the game has players; there is nothing that says which page is right."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let [here, there] = game.peers.as_slice() else {
            outcome.add_not_checkable(1, "not two pages were observed");
            return outcome;
        };
        let records = (here.episodes.get(episode), there.episodes.get(episode));
        let (Some(one), Some(other)) = records else {
            return outcome;
        };
        if !(one.is_placed && other.is_placed) {
            outcome.add_not_checkable(1, "the number of a page's episode is not known");
            return outcome;
        }
        let mut runs = Runs::default();
        let end = end_of(game, episode);
        for (frame, bots) in one.accounts.bots.range(..end) {
            let Some(beside) = other.accounts.bots.get(frame) else {
                continue;
            };
            if bots == beside {
                outcome.passed += 1;
                runs.pass();
            } else {
                outcome.failed += 1;
                runs.fail(*frame, []);
            }
        }
        if outcome.passed + outcome.failed == 0 {
            outcome.add_not_checkable(1, "no bot plays on both pages");
        }
        outcome.findings.extend(runs.finish().into_iter().map(|run| Finding {
            code: self.code(),
            severity: Severity::Error,
            peers: vec![peer_name(here), peer_name(there)],
            episode: game.episode_number(episode),
            frames: Some((run.first, run.last)),
            count: run.count,
            text: format!(
                "{} and {} let bots act differently in {}, first frame {}",
                peer_name(here),
                peer_name(there),
                counted(run.count, "frame", "frames"),
                run.first,
            ),
            detail: "cross-peer · bots' actions are not announced".to_owned(),
            evidence: Vec::new(),
        }));
        outcome
    }
}
