//! Is the restored state the one that was saved for its frame?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, peer_name};
use super::rollback_content::request_evidence;
use crate::session::{Match, RollbackRecord};

/// Compares restored state texts with saved ones.
pub(super) struct SnapshotRestored;

impl Check for SnapshotRestored {
    fn code(&self) -> &'static str {
        "snapshot-altered"
    }

    fn title(&self) -> &'static str {
        "Rollbacks restore the saved state"
    }

    fn documentation(&self) -> &'static str {
        "The state text that a rollback restores must be, to the byte, the newest one that the \
         worker returned for that frame. Another text means a wrong snapshot, or a state that was \
         altered on its way through the page. A snapshot whose saving was not captured is not \
         checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let with = |wanted: Match| {
                record.rollbacks.iter().filter(move |rollback| rollback.restored == wanted)
            };
            outcome.passed += with(Match::Same).count() as u32;
            outcome.add_not_checkable(
                with(Match::Unknown).count() as u32,
                "the saving of the snapshot was not captured",
            );
            let altered: Vec<&RollbackRecord> = with(Match::Different).collect();
            outcome.failed += altered.len() as u32;
            if let (Some(first), Some(last)) = (altered.first(), altered.last()) {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: Some((first.snapshot, last.snapshot)),
                    count: altered.len() as u32,
                    text: format!(
                        "{}: {} of {} rollbacks restored another state than the saved one, first \
                         the snapshot of frame {}",
                        peer_name(peer),
                        altered.len(),
                        record.rollbacks.len(),
                        first.snapshot,
                    ),
                    detail: "rollback · state texts compared to the byte".to_owned(),
                    evidence: request_evidence(peer, altered.iter().copied()),
                });
            }
        }
        outcome
    }
}
