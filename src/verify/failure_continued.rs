//! Did a page step on after a request had failed?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Looks for steps on top of a half-done request.
pub(super) struct FailureContinued;

impl Check for FailureContinued {
    fn code(&self) -> &'static str {
        "step-after-failure"
    }

    fn title(&self) -> &'static str {
        "A failed request is undone before the next step"
    }

    fn documentation(&self) -> &'static str {
        "A request that fails in the middle has changed the state up to the failure; a batch is \
         not undone. The next step must come after a restored snapshot or a reset, otherwise \
         the page simulates on from a state that belongs to no frame. It passes for failures \
         that were followed by a restore or by no step at all. Where no request failed nothing \
         is checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let order = &peer.worker_order;
            if peer.round_trips.is_empty() {
                outcome.add_not_checkable(1, "no worker traffic was captured");
                continue;
            }
            let tally = &order.continued;
            outcome.passed += order.failures.count.saturating_sub(tally.count);
            outcome.failed += tally.count;
            if order.failures.count == 0 {
                outcome.add_not_checkable(1, "no request failed");
            }
            if tally.count > 0 {
                let text = format!(
                    "{} stepped on {} after {} without restoring a snapshot",
                    peer_name(peer),
                    counted(tally.count, "time", "times"),
                    counted(order.failures.count, "failed request", "failed requests"),
                );
                let detail = "batch contract · the state after a failure belongs to no frame";
                outcome.findings.push(Finding::of_tally(
                    self,
                    Severity::Error,
                    peer,
                    tally,
                    text,
                    detail,
                ));
            }
        }
        outcome
    }
}
