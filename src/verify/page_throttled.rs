//! Did a page keep its pace while it had the focus?

use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, counted, peer_name};
use crate::session::Game;

/// Looks for gaps between pings.
pub(super) struct PageThrottled;

impl Check for PageThrottled {
    fn code(&self) -> &'static str {
        "page-throttled"
    }

    fn title(&self) -> &'static str {
        "Pages ping at their pace"
    }

    fn documentation(&self) -> &'static str {
        "A page pings its peer at a steady pace. A ping that comes more than a second after the \
         one before, from a page that never said that it lost the focus, means that the browser \
         slowed its timers or that its thread was busy for so long: it played late, too, and \
         its round-trip times say less. Pages that always ping more seldom are measured by \
         their own pace. It needs pings; fewer than two are not checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Game, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let course = &peer.course;
            let late = &course.late_pings;
            if course.pings + late.count == 0 {
                outcome.add_not_checkable(1, "fewer than two pings were captured");
                continue;
            }
            outcome.passed += course.pings;
            outcome.failed += late.count;
            if late.count > 0 {
                let text = format!(
                    "{} was late with {}, at most {:.1} s after the one before, although it had the focus",
                    peer_name(peer),
                    counted(late.count, "ping", "pings"),
                    course.longest_ping_micros as f64 / 1e6,
                );
                let detail = "lifecycle · slowed timers or a busy thread";
                let severity = Severity::Notice;
                outcome.findings.push(Finding::of_tally(self, severity, peer, late, text, detail));
            }
        }
        outcome
    }
}
