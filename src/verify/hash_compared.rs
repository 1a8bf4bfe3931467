//! Do the peers report equal hashes for the same confirmed frame?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of};
use super::runs::{Run, Runs};
use crate::frame::Frame;
use crate::observation::Evidence;
use crate::session::{Game, PeerSession};

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

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let comparison = game.comparison(episode);
        let mut outcome = CheckOutcome {
            passed: comparison.equal,
            failed: comparison.different(),
            ..CheckOutcome::default()
        };
        let unchecked = comparison.frames.len() as u32 - comparison.compared;
        outcome.add_not_checkable(unchecked, "fewer than two peers reported a hash of the frame");
        let (mut runs, mut agreed, mut agreed_before) = (Runs::default(), None, Vec::new());
        for (frame, same) in &comparison.frames {
            match same {
                Some(true) => {
                    agreed = Some(*frame);
                    runs.pass();
                }
                Some(false) => {
                    runs.fail(*frame, []);
                    agreed_before.push((*frame, agreed));
                }
                None => {}
            }
        }
        for Run { first, last, count, .. } in runs.finish() {
            let before = agreed_before.iter().find(|(frame, _)| *frame == first);
            let agreed = before.and_then(|(_, agreed)| *agreed).map_or_else(
                || "No frame before it agreed".to_owned(),
                |frame| format!("Last agreed at frame {frame}"),
            );
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Error,
                peers: game.players().map(|player| player.to_string()).collect(),
                episode: game.episode_number(episode),
                frames: Some((first, last)),
                count,
                text: format!(
                    "State hashes differ on {count} of {} compared frames, first at frame {first}",
                    comparison.compared
                ),
                detail: format!("cross-peer · {agreed} · hashes as seen on the wire"),
                evidence: evidence(game, episode, first),
            });
        }
        outcome
    }
}

fn evidence(game: &Game, episode: usize, frame: Frame) -> Vec<Evidence> {
    let of_peer = |peer: &PeerSession| {
        let slot = peer.episodes.get(episode).and_then(|record| record.hashes.slot(frame));
        let seqs = slot.into_iter().flat_map(|slot| slot.reports().map(|(_, report)| report.seq));
        evidence_of(peer, seqs)
    };
    game.peers.iter().flat_map(of_peer).collect()
}
