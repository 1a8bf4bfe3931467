//! Does the page hand its worker code to run?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Counts requests that bring code.
pub(super) struct CodeExecuted;

impl Check for CodeExecuted {
    fn code(&self) -> &'static str {
        "arbitrary-code"
    }

    fn title(&self) -> &'static str {
        "Workers are asked by named operations"
    }

    fn documentation(&self) -> &'static str {
        "A request that brings code (`runPython` and the like) can do anything: nobody can tell \
         from outside what it does to the state, so nothing after it is sure, and whoever can \
         post to the worker can run anything. Named operations with parameters say what they \
         do. It passes for batches with steps and fails for requests that bring code. It needs \
         the worker's traffic."
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
            if peer.runs_python_itself() {
                outcome.add_not_checkable(1, "the page's Python runs on its own thread");
                continue;
            }
            let tally = &order.code;
            outcome.passed += order.batches;
            outcome.failed += tally.count;
            if tally.count > 0 {
                let text = format!(
                    "{} handed its worker code to run in {}",
                    peer_name(peer),
                    counted(tally.count, "request", "requests"),
                );
                let detail = "protocol use · a named operation would say what it does";
                outcome.findings.push(Finding::of_tally(
                    self,
                    Severity::Notice,
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
