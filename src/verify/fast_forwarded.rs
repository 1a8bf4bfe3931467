//! Did a page catch up with frames that it had missed?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};

/// Reports frames that were caught up with.
pub(super) struct FastForwarded;

impl Check for FastForwarded {
    fn code(&self) -> &'static str {
        "fast-forwarded"
    }

    fn title(&self) -> &'static str {
        "Frames are stepped at their time"
    }

    fn documentation(&self) -> &'static str {
        "A page that comes back from the background steps what it missed at once, with the \
         inputs that it holds and guesses for the rest, and repairs none of them afterwards. \
         Its player saw none of these frames. What goes wrong with it is told by other checks \
         (`inputs-unannounced`, `input-hole`, `state-hash-mismatch`); a study may want to know \
         the frames. It passes for pages that announced every frame as they stepped it."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let course = &peer.course;
            if course.direct == 0 {
                outcome.add_not_checkable(1, "no own input was announced");
                continue;
            }
            let caught_up = &course.caught_up;
            let Some((first, last)) = caught_up.frames else {
                outcome.passed += 1;
                continue;
            };
            outcome.failed += 1;
            let text = format!(
                "{} caught up with {}, from frame {first} to {last}",
                peer_name(peer),
                counted(caught_up.count, "frame", "frames"),
            );
            let detail = "lifecycle · stepped at once, seen by nobody";
            let severity = Severity::Notice;
            outcome.findings.push(Finding::of_tally(self, severity, peer, caught_up, text, detail));
        }
        outcome
    }
}
