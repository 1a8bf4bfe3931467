//! Had every rollback a reason?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::runs::Runs;

/// Looks for rollbacks that repaired nothing.
pub(super) struct RollbackSpurious;

impl Check for RollbackSpurious {
    fn code(&self) -> &'static str {
        "rollback-spurious"
    }

    fn title(&self) -> &'static str {
        "Every rollback repairs a wrong guess"
    }

    fn documentation(&self) -> &'static str {
        "A rollback without a wrong guess steps frames again to the same states: it costs time \
         and spoils nothing. It needs the settings of all players; otherwise a rollback is not \
         checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let mut runs = Runs::default();
            for rollback in &record.rollbacks {
                let is_known = rollback.cause.is_some() || rollback.wrong_actions.is_some();
                if !record.is_replayable() || !is_known {
                    outcome.add_not_checkable(1, "the players' settings were not captured");
                } else if rollback.cause.is_some() {
                    outcome.passed += 1;
                    runs.pass();
                } else {
                    outcome.failed += 1;
                    runs.fail(rollback.current, [rollback.seq]);
                }
            }
            for run in runs.finish() {
                let text = format!(
                    "{} rolled back {} without a wrong guess, first at frame {}",
                    peer_name(peer),
                    counted(run.count, "time", "times"),
                    run.first,
                );
                let place = (peer, Some(record.number));
                outcome.findings.push(Finding::of_run(
                    self,
                    Severity::Notice,
                    place,
                    run,
                    text,
                    "rollback · time spent for nothing",
                ));
            }
        }
        outcome
    }
}
