//! Did inputs leave the channel between the pages?

use super::case::Case;
use super::counts::{Wording, of_tallies};
use super::finding::{Check, CheckOutcome, Scope, Severity, counted, peer_name};

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
         They take longer; MUG's go one by one and are not repeated, so one that is lost at the \
         change stays lost (`input-hole`). A study that compares delays may want to leave such \
         sessions out. Messages are counted, each with one new input. It passes for messages that \
         went to the other page itself; without announced inputs nothing is checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let wording = Wording {
            severity: Severity::Notice,
            absent: "no own input was announced",
            detail: "lifecycle · slower than from page to page",
        };
        of_tallies(
            self,
            game,
            wording,
            |peer| Some((peer.course.direct, &peer.course.relayed)),
            |peer, relayed| {
                let from = relayed
                    .frames
                    .map_or_else(String::new, |(first, _)| format!(", from frame {first} on"));
                format!(
                    "{} sent {} through the server{from}",
                    peer_name(peer),
                    counted(relayed.count, "message with inputs", "messages with inputs"),
                )
            },
        )
    }
}
