//! Do the peers end an episode at the same frame?

use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};
use crate::session::Game;

/// Compares the frames at which the peers found their episodes' ends.
pub(super) struct EpisodeEnds;

impl Check for EpisodeEnds {
    fn code(&self) -> &'static str {
        "episode-ends-differ"
    }

    fn title(&self) -> &'static str {
        "Episodes end at one frame"
    }

    fn documentation(&self) -> &'static str {
        "An episode ends when the game says so or after a fixed number of steps, so every peer must \
         find its end at the same frame. Different ends mean that a page miscounts its steps (after \
         rollbacks, for instance) or that the games have parted: pages then hold different numbers of \
         rows for one episode. It needs end messages of both sides; an end message is sent once and \
         may be lost."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Game, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let ends = &peer.lifecycle.ends;
            if ends.is_empty() {
                outcome.add_not_checkable(1, "no end of an episode was captured");
            }
            for (episode, end) in ends {
                let (Some((ours, sent)), Some((theirs, received))) = (end.sent, end.received)
                else {
                    outcome.add_not_checkable(1, "only one side's end message was captured");
                    continue;
                };
                if ours == theirs {
                    outcome.passed += 1;
                    continue;
                }
                outcome.failed += 1;
                // Two observed pages say the same of it.
                if outcome.findings.iter().any(|known| known.episode == Some(*episode)) {
                    continue;
                }
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: game.players().map(|player| player.to_string()).collect(),
                    episode: Some(*episode),
                    frames: Some((ours.min(theirs), ours.max(theirs))),
                    count: 1,
                    text: format!(
                        "{} ended episode {episode} after {ours} frames, the other peer after {theirs}",
                        peer_name(peer)
                    ),
                    detail: "lifecycle · step counters or games have parted".to_owned(),
                    evidence: evidence_of(peer, [sent, received]),
                });
            }
        }
        outcome
    }
}
