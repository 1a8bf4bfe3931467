//! Does a page step as often as its timer ticks?

use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, peer_name};
use crate::session::Game;

/// Counts ticks that were dropped.
pub(super) struct TicksLost;

impl Check for TicksLost {
    fn code(&self) -> &'static str {
        "ticks-lost"
    }

    fn title(&self) -> &'static str {
        "Every tick finds the page idle"
    }

    fn documentation(&self) -> &'static str {
        "A tick of the page's timer steps one frame. One that comes while the step or the \
         rollback before is still open is dropped, so the game runs slower than it should, and \
         its players wait. It needs the timer's worker and the worker of the game; the page's \
         own thread does not show when it is busy."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Game, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let course = &peer.course;
            let lost = &course.lost_ticks;
            if course.ticks + lost.count == 0 || peer.round_trips.is_empty() {
                outcome.add_not_checkable(1, "no timer beside a worker was captured");
                continue;
            }
            outcome.passed += course.ticks;
            outcome.failed += lost.count;
            if lost.count > 0 {
                let text = format!(
                    "{} dropped {} of {} ticks because a step or rollback was still open",
                    peer_name(peer),
                    lost.count,
                    lost.count + course.ticks,
                );
                let detail = "protocol · steps take longer than the timer's interval";
                let severity = Severity::Notice;
                outcome.findings.push(Finding::of_tally(self, severity, peer, lost, text, detail));
            }
        }
        outcome
    }
}
