//! Were the inputs of a frame known when its hash was reported?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Severity, counted, peer_name, replayable};
use super::runs::Runs;

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

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for (peer, record) in replayable(game, episode, &mut outcome) {
            let seen = &record.announcements;
            let failed = seen.early_hashes.len() as u32;
            if seen.judged_hashes == 0 {
                outcome.add_not_checkable(1, "no own hash beside the page's steps was captured");
            }
            outcome.passed += seen.judged_hashes.saturating_sub(failed);
            outcome.failed += failed;
            let mut runs = Runs::default();
            for (frame, seq) in &seen.early_hashes {
                runs.fail(*frame, [*seq]);
            }
            let detail = "rollback · a predicted frame was called confirmed";
            outcome.add_runs(self, Severity::Error, (peer, record), (runs, detail), |run| {
                format!(
                    "{} reported {} before all inputs were held, first of frame {}",
                    peer_name(peer),
                    counted(run.count, "hash", "hashes"),
                    run.first,
                )
            });
        }
        outcome
    }
}
