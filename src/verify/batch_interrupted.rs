//! Did anything change the state while a batch was stepping?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Looks for requests that ran inside a batch.
pub(super) struct BatchInterrupted;

impl Check for BatchInterrupted {
    fn code(&self) -> &'static str {
        "batch-interrupted"
    }

    fn title(&self) -> &'static str {
        "Nothing comes between the operations of a batch"
    }

    fn documentation(&self) -> &'static str {
        "A batch restores a state and steps on from it; whatever else changes the state before \
         it is done makes the frames that it records wrong. A request that changes the state, \
         was posted after a batch with steps and was answered before it, ran inside it: a \
         worker that waits between operations lets that happen. A step that was posted between a \
         restore in a request of its own and the batch that steps on from it does the same. It \
         needs the worker's traffic. A request that ran inside and was answered after is not seen \
         here but by `requests-overlap`."
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
            let tally = &order.interrupted;
            outcome.passed += order.batches.saturating_sub(tally.count);
            outcome.failed += tally.count;
            if tally.count > 0 {
                let text = format!(
                    "{} that changed the state ran inside a batch of {}",
                    counted(tally.count, "request", "requests"),
                    peer_name(peer),
                );
                let detail = "batch contract · answered before a batch that was posted earlier";
                outcome.findings.push(Finding::of_tally(
                    self,
                    Severity::Error,
                    peer,
                    tally,
                    text,
                    detail,
                ));
            }
            let between = &order.between;
            outcome.failed += between.count;
            if between.count > 0 {
                let text = format!(
                    "{} stepped {} between restoring a snapshot and the batch that steps on from it",
                    peer_name(peer),
                    counted(between.count, "time", "times"),
                );
                outcome.findings.push(Finding::of_tally(
                    self,
                    Severity::Error,
                    peer,
                    between,
                    text,
                    "batch contract · nothing may come between a restore and its steps",
                ));
            }
        }
        outcome
    }
}
