//! Can every simulated action be told to the other pages?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Looks for steps with actions that no message can carry.
pub(super) struct ActionUnsendable;

impl Check for ActionUnsendable {
    fn code(&self) -> &'static str {
        "action-unsendable"
    }

    fn title(&self) -> &'static str {
        "Simulated actions are whole numbers"
    }

    fn documentation(&self) -> &'static str {
        "Messages carry an action as a whole number. A page that steps with a text, a fraction, a \
         list or a negative number simulates what it cannot announce: the other pages step with \
         another action (0 as a rule), and the states part. A number that is cut off on its way \
         is `input-announced-otherwise`. It passes for answered requests whose actions are whole \
         numbers, and needs the worker's traffic."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let (odd, steps) = (&peer.worker_order.odd_actions, peer.worker_order.batches);
            if odd.count + steps == 0 {
                outcome.add_not_checkable(1, "no step of a worker was captured");
                continue;
            }
            outcome.passed += steps;
            outcome.failed += odd.count;
            if odd.count > 0 {
                let text = format!(
                    "{} stepped with an action that is no whole number in {}",
                    peer_name(peer),
                    counted(odd.count, "request", "requests"),
                );
                let detail = "inputs · no message carries such an action";
                let severity = Severity::Error;
                outcome.findings.push(Finding::of_tally(self, severity, peer, odd, text, detail));
            }
        }
        outcome
    }
}
