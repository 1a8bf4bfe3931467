//! Did the players find each other at the first try?

use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, because, counted, peer_name};
use crate::session::Game;

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

    fn run(&self, game: &Game, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let course = &peer.course;
            let failed = &course.unpaired;
            if course.paired + failed.tally.count == 0 {
                outcome.add_not_checkable(1, "no word of a pairing was captured");
                continue;
            }
            outcome.passed += course.paired;
            outcome.failed += failed.tally.count;
            if failed.tally.count > 0 {
                let text = format!(
                    "{} did not get a channel to its peer {}{}",
                    peer_name(peer),
                    counted(failed.tally.count, "time", "times"),
                    because(&failed.reason),
                );
                let detail = "lifecycle · handshake and pairing";
                let severity = Severity::Notice;
                outcome.findings.push(Finding::of_tally(
                    self,
                    severity,
                    peer,
                    &failed.tally,
                    text,
                    detail,
                ));
            }
        }
        outcome
    }
}
