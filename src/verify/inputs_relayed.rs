//! Did inputs leave the channel between the pages?

use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};
use crate::session::Game;

/// Counts inputs that went through the server.
pub(super) struct InputsRelayed;

impl Check for InputsRelayed {
    fn code(&self) -> &'static str {
        "inputs-relayed"
    }

    fn title(&self) -> &'static str {
        "Inputs go from page to page"
    }

    fn documentation(&self) -> &'static str {
        "A page whose channel is slow or closed sends its inputs through the server instead. \
         They take longer, go one by one and are not repeated, so one that is lost at the \
         change stays lost (`input-hole`). A study that compares delays may want to leave such \
         sessions out. It passes for messages that went to the other page itself; without \
         announced inputs nothing is checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Game, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let course = &peer.course;
            let relayed = &course.relayed;
            if course.direct + relayed.count == 0 {
                outcome.add_not_checkable(1, "no own input was announced");
                continue;
            }
            outcome.passed += course.direct;
            outcome.failed += relayed.count;
            if let Some((first, _)) = relayed.frames {
                let text = format!(
                    "{} sent {} through the server, from frame {first} on",
                    peer_name(peer),
                    counted(relayed.count, "input", "inputs"),
                );
                let detail = "lifecycle · slower, and never repeated";
                let severity = Severity::Notice;
                outcome
                    .findings
                    .push(Finding::of_tally(self, severity, peer, relayed, text, detail));
            }
        }
        outcome
    }
}
