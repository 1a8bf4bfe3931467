//! Did the channel between the pages hold?

use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, because, counted, peer_name};
use crate::session::Game;

/// Reports times without a channel.
pub(super) struct ConnectionInterrupted;

impl Check for ConnectionInterrupted {
    fn code(&self) -> &'static str {
        "connection-interrupted"
    }

    fn title(&self) -> &'static str {
        "The channel holds while it is played"
    }

    fn documentation(&self) -> &'static str {
        "A page that loses its channel stops, and so does its peer when the server says so. \
         They go on where they stood once they have a channel again; inputs that were under way \
         are lost, which `input-hole` says where it matters. A study may want to leave such \
         sessions out. It needs the page's words to its server; a page that never said how its \
         channel is, is not checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Game, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let course = &peer.course;
            let lost = &course.interrupted;
            if course.connected + lost.tally.count == 0 {
                outcome.add_not_checkable(1, "no word of the channel was captured");
                continue;
            }
            outcome.passed += course.connected;
            outcome.failed += lost.tally.count;
            if lost.tally.count > 0 {
                let text = format!(
                    "{} was interrupted {}{}",
                    peer_name(peer),
                    counted(lost.tally.count, "time", "times"),
                    because(&lost.reason),
                );
                let detail = "lifecycle · the page stands still meanwhile";
                let severity = Severity::Notice;
                outcome.findings.push(Finding::of_tally(
                    self,
                    severity,
                    peer,
                    &lost.tally,
                    text,
                    detail,
                ));
            }
        }
        outcome
    }
}
