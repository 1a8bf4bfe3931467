//! Does a state stay as it is while nobody asks the worker to change it?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Looks for states that changed between two readings.
pub(super) struct StateUnasked;

impl Check for StateUnasked {
    fn code(&self) -> &'static str {
        "state-changed-unasked"
    }

    fn title(&self) -> &'static str {
        "States change by steps and restores only"
    }

    fn documentation(&self) -> &'static str {
        "A state or a hash that is read twice, with no step, restore or reset in between, must come \
         out the same: the hash after one frame is the hash before the next. Another one means that \
         reading the state changes it, or that something outside the requests does (a timer, another \
         page's code, a step that runs on), so that no replay can repeat it. Where nothing was read \
         twice nothing is checkable; requests that overlap are left out."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let (read, tally) = (peer.oracle.reread, &peer.oracle.reread_otherwise);
            if read == 0 {
                outcome.add_not_checkable(1, "no state was read twice without a step in between");
                continue;
            }
            outcome.passed += read.saturating_sub(tally.count);
            outcome.failed += tally.count;
            if tally.count > 0 {
                let text = format!(
                    "{}: {} of {} came out otherwise than just before, although nothing was asked to \
                     change the state",
                    peer_name(peer),
                    tally.count,
                    counted(read, "second reading", "second readings"),
                );
                let detail = "batch content · hash after a frame against hash before the next";
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
