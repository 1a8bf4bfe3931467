//! Did the channel between the pages hold?

use super::case::Case;
use super::counts::{Wording, of_tallies};
use super::finding::{Check, CheckOutcome, Scope, Severity, because, counted, peer_name};

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

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let wording = Wording {
            severity: Severity::Notice,
            absent: "no word of the channel was captured",
            detail: "lifecycle · the page stands still meanwhile",
        };
        of_tallies(
            self,
            game,
            wording,
            |peer| Some((peer.course.connected, &peer.course.interrupted.tally)),
            |peer, lost| {
                format!(
                    "{} was interrupted {}{}",
                    peer_name(peer),
                    counted(lost.count, "time", "times"),
                    because(&peer.course.interrupted.reason),
                )
            },
        )
    }
}
