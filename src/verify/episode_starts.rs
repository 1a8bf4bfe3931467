//! Do the peers begin an episode from one state?

use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};
use crate::frame::Frame;
use crate::session::Game;

/// Compares the hashes of first states.
pub(super) struct EpisodeStarts;

impl Check for EpisodeStarts {
    fn code(&self) -> &'static str {
        "episode-starts-differ"
    }

    fn title(&self) -> &'static str {
        "Episodes begin from one state"
    }

    fn documentation(&self) -> &'static str {
        "Peers that are ready for an episode say the hash of its first state. Different ones mean that \
         they will never agree on any frame: another seed, another version of the game, or a reset \
         that leaves something over from before. Only the digits that both sides sent are compared, \
         and the first word of each side counts, because ready messages repeat. It needs ready \
         messages of both sides."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Game, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let starts = &peer.lifecycle.starts;
            if starts.is_empty() {
                outcome.add_not_checkable(1, "no ready message was captured");
            }
            for (episode, start) in starts {
                let (Some((ours, sent)), Some((theirs, received))) = (start.sent, start.received)
                else {
                    outcome.add_not_checkable(1, "only one side's ready message was captured");
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
                    frames: Some((Frame::ZERO, Frame::ZERO)),
                    count: 1,
                    text: format!(
                        "{} began episode {episode} from a state with hash {ours:08x}, the other \
                         peer from one with {theirs:08x}",
                        peer_name(peer)
                    ),
                    detail: "lifecycle · the states differ before the first step".to_owned(),
                    evidence: evidence_of(peer, [sent, received]),
                });
            }
        }
        outcome
    }
}
