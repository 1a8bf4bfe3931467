//! Did a page keep its pace while it had the focus?

use crate::fixed::Fixed;

use super::case::Case;
use super::counts::{Wording, of_tallies};
use super::finding::{Check, CheckOutcome, Scope, Severity, counted, peer_name};

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

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let wording = Wording {
            severity: Severity::Notice,
            absent: "fewer than two pings were captured",
            detail: "lifecycle · slowed timers or a busy thread",
        };
        of_tallies(
            self,
            game,
            wording,
            |peer| Some((peer.course.pings, &peer.course.late_pings)),
            |peer, late| {
                format!(
                    "{} was late with {}, at most {:.1} s after the one before, although it had the focus",
                    peer_name(peer),
                    counted(late.count, "ping", "pings"),
                    Fixed(peer.course.longest_ping_micros as f64 / 1e6),
                )
            },
        )
    }
}
