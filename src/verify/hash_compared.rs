//! Do the peers report equal hashes for the same confirmed frame?

use super::comparison::compare_hashes;
use super::finding::{Check, CheckOutcome, Finding, Severity};
use crate::frame::Frame;
use crate::session::Game;

/// Compares the state hashes that the peers reported to each other.
pub(super) struct HashCompared;

impl Check for HashCompared {
    fn code(&self) -> &'static str {
        "state-hash-mismatch"
    }

    fn title(&self) -> &'static str {
        "Peers report equal state hashes"
    }

    fn documentation(&self) -> &'static str {
        "Every hash that a peer reports for a confirmed frame is compared with the other peers' \
         hashes of the same frame and episode. All differing frames are counted, and the last \
         frame that agreed before the first difference brackets the fault. It needs hashes of two \
         peers on the wire; a frame that only one peer has hashed is not checkable. A difference \
         says that the states differ, not which peer is wrong."
    }

    fn run(&self, game: &Game, episode: usize) -> CheckOutcome {
        let comparison = compare_hashes(game, episode);
        let mut outcome = CheckOutcome {
            passed: comparison.equal,
            failed: comparison.different(),
            ..CheckOutcome::default()
        };
        let unchecked = comparison.frames.len() as u32 - comparison.compared;
        outcome.add_not_checkable(unchecked, "fewer than two peers reported a hash of the frame");
        let Some(first) = comparison.first_different else {
            return outcome;
        };
        let last = comparison
            .frames
            .iter()
            .rev()
            .find(|(_, same)| *same == Some(false))
            .map_or(first, |(frame, _)| *frame);
        let agreed = comparison.last_agreed().map_or_else(
            || "No frame before it agreed".to_owned(),
            |frame| format!("Last agreed at frame {frame}"),
        );
        outcome.findings.push(Finding {
            code: self.code(),
            severity: Severity::Error,
            peers: game.players().map(|player| player.to_string()).collect(),
            episode: game.episode_number(episode),
            frames: Some((first, last)),
            count: comparison.different(),
            text: format!(
                "State hashes differ on {} of {} compared frames, first at frame {first}",
                comparison.different(),
                comparison.compared
            ),
            detail: format!("cross-peer · {agreed} · hashes as seen on the wire"),
            evidence: evidence(game, episode, first),
        });
        outcome
    }
}

fn evidence(game: &Game, episode: usize, frame: Frame) -> Vec<u32> {
    let slots = game.peers.iter().filter_map(|peer| peer.episodes.get(episode)?.hashes.slot(frame));
    slots.flat_map(|slot| slot.reports().map(|(_, report)| report.seq)).collect()
}
