//! Did the players find each other at the first try?

use super::case::Case;
use super::counts::{Wording, of_tallies};
use super::finding::{Check, CheckOutcome, Scope, Severity, because, counted, peer_name};

/// Reports pairings that failed.
pub(super) struct PairedAnew;

impl Check for PairedAnew {
    fn code(&self) -> &'static str {
        "paired-anew"
    }

    fn title(&self) -> &'static str {
        "Players are paired once"
    }

    fn documentation(&self) -> &'static str {
        "Before a game begins, the pages try whether their channel carries messages. One lost \
         message can make that fail, for it is sent once: the page gives up, the server pairs \
         its players anew, and a study has a started game without data. Nothing of the game \
         that follows is spoiled. It needs the pages' words to their server."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let wording = Wording {
            severity: Severity::Notice,
            absent: "no word of a pairing was captured",
            detail: "lifecycle · handshake and pairing",
        };
        of_tallies(
            self,
            game,
            wording,
            |peer| Some((peer.course.paired, &peer.course.unpaired.tally)),
            |peer, failed| {
                format!(
                    "{} did not get a channel to its peer {}{}",
                    peer_name(peer),
                    counted(failed.count, "time", "times"),
                    because(&peer.course.unpaired.reason),
                )
            },
        )
    }
}
