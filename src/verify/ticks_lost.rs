//! Does a page step as often as its timer ticks?

use super::case::Case;
use super::counts::{Wording, of_tallies};
use super::finding::{Check, CheckOutcome, Scope, Severity, peer_name};

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
         its players wait. A page of this project's runtime steps up to six of them later; only what \
         comes on top is dropped. It needs the timer's worker and the worker of the game; the page's \
         own thread does not show when it is busy."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let wording = Wording {
            severity: Severity::Notice,
            absent: "no timer beside a worker was captured",
            detail: "protocol · steps take longer than the timer's interval",
        };
        of_tallies(
            self,
            game,
            wording,
            |peer| {
                let course = &peer.course;
                (!peer.round_trips.is_empty()).then_some((course.ticks, &course.lost_ticks))
            },
            |peer, lost| {
                format!(
                    "{} dropped {} of {} ticks because a step or rollback was still open",
                    peer_name(peer),
                    lost.count,
                    lost.count + peer.course.ticks,
                )
            },
        )
    }
}
