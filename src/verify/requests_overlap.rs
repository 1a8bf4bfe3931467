//! Does only one request at a time change the state?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Looks for requests that were posted while another one was still changing the state.
pub(super) struct RequestsOverlap;

impl Check for RequestsOverlap {
    fn code(&self) -> &'static str {
        "requests-overlap"
    }

    fn title(&self) -> &'static str {
        "Requests that change the state do not overlap"
    }

    fn documentation(&self) -> &'static str {
        "A step, batch, restore or reset that is posted while another one is still open may run \
         before it, after it or in its middle: a worker that waits inside a request takes up the \
         next one. It holds where the worker's own times show that one ended before the other began. \
         Without such times it is a risk; where the later one was answered first, \
         `batch-interrupted` says that it happened. It needs the worker's traffic."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let (changes, tally) = (peer.worker_order.changes, &peer.worker_order.overlapping);
            if changes == 0 {
                outcome.add_not_checkable(1, "no request that changes the state was answered");
                continue;
            }
            outcome.passed += changes.saturating_sub(tally.count);
            outcome.failed += tally.count;
            if tally.count > 0 {
                let text = format!(
                    "{} posted {} that change the state while another one was open; nothing shows \
                     in which order they ran",
                    peer_name(peer),
                    counted(tally.count, "request", "requests"),
                );
                let detail = "batch contract · one request at a time may change the state";
                outcome.findings.push(Finding::of_tally(
                    self,
                    Severity::Risk,
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
