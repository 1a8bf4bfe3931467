//! Were the inputs of a frame known when its hash was reported?

use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::runs::Runs;
use crate::session::Game;

/// Looks for predicted frames that were reported as confirmed.
pub(super) struct HashEarly;

impl Check for HashEarly {
    fn code(&self) -> &'static str {
        "hash-before-confirmed"
    }

    fn title(&self) -> &'static str {
        "Only confirmed states are reported"
    }

    fn documentation(&self) -> &'static str {
        "A hash says something only if all inputs before its frame are real. A page that \
         reports one earlier calls a predicted frame confirmed: its hash may be that of a state \
         which is rolled back later, and a comparison fails without a fault or passes without a \
         proof. It needs the settings of all players."
    }

    fn run(&self, game: &Game, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            if !record.is_replayable() {
                outcome.add_not_checkable(1, "the players' settings were not captured");
                continue;
            }
            let seen = &record.announcements;
            let failed = seen.early_hashes.len() as u32;
            outcome.passed += seen.judged_hashes.saturating_sub(failed);
            outcome.failed += failed;
            let mut runs = Runs::default();
            for (frame, seq) in &seen.early_hashes {
                runs.fail(*frame, [*seq]);
            }
            for run in runs.finish() {
                let text = format!(
                    "{} reported {} before all inputs were held, first of frame {}",
                    peer_name(peer),
                    counted(run.count, "hash", "hashes"),
                    run.first,
                );
                let place = (peer, Some(record.number));
                let detail = "rollback · a predicted frame was called confirmed";
                outcome.findings.push(Finding::of_run(
                    self,
                    Severity::Error,
                    place,
                    run,
                    text,
                    detail,
                ));
            }
        }
        outcome
    }
}
