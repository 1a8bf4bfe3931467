//! Can the page keep the state that its worker saves?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Looks for states that JavaScript cannot read.
pub(super) struct StateNotPortable;

impl Check for StateNotPortable {
    fn code(&self) -> &'static str {
        "state-not-portable"
    }

    fn title(&self) -> &'static str {
        "Saved states can be read by the page"
    }

    fn documentation(&self) -> &'static str {
        "A state with `NaN` or an infinity is no strict JSON: a page that reads it with \
         `JSON.parse` throws, keeps no snapshot, and can neither roll back nor hash that frame. A \
         whole number beyond 2^53 is rounded when the page reads the text and writes it back, so a \
         rollback restores another state; it fails where that happened. It needs the state texts in \
         the capture."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            if peer.round_trips.is_empty() {
                outcome.add_not_checkable(1, "no worker traffic was captured");
                continue;
            }
            let tally = &peer.oracle.unreadable;
            outcome.passed += peer.oracle.readable;
            outcome.failed += tally.count;
            if tally.count + peer.oracle.readable == 0 {
                outcome.add_not_checkable(1, "no state text was captured");
            }
            let lost = &peer.oracle.lost_integers;
            outcome.failed += lost.count;
            if lost.count > 0 {
                let text = format!(
                    "{} restored {} whose whole numbers beyond 2^53 are not the saved ones",
                    peer_name(peer),
                    counted(lost.count, "state", "states"),
                );
                let detail = "hashes · numbers that JavaScript rounds";
                let severity = Severity::Error;
                outcome.findings.push(Finding::of_tally(self, severity, peer, lost, text, detail));
            }
            if tally.count > 0 {
                let text = format!(
                    "{}: {} no JSON that a page can read, so there is no snapshot of it",
                    peer_name(peer),
                    counted(tally.count, "saved state is", "saved states are"),
                );
                outcome.findings.push(Finding::of_tally(
                    self,
                    Severity::Error,
                    peer,
                    tally,
                    text,
                    "hashes · numbers that only Python writes",
                ));
            }
        }
        outcome
    }
}
