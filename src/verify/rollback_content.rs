//! Does every rollback replay the right frames with the right actions?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of, peer_name};
use crate::observation::Evidence;
use crate::session::{PeerSession, RollbackRecord};

/// Holds the replayed actions against the inputs delivered by then.
pub(super) struct RollbackContent;

impl Check for RollbackContent {
    fn code(&self) -> &'static str {
        "rollback-content"
    }

    fn title(&self) -> &'static str {
        "Rollbacks replay the delivered inputs"
    }

    fn documentation(&self) -> &'static str {
        "A rollback must restore a snapshot at or before the first incorrect frame and step every \
         frame from it up to the current one, in order, with the inputs delivered by then and, \
         where one is missing, with the guess by the game's own rule. It fails for a replay with \
         another action, with a gap, or from a snapshot that lies after the wrong frame. It needs \
         the settings of all players; otherwise a rollback is not checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let mut wrong = Vec::new();
            for rollback in &record.rollbacks {
                if rollback.wrong_actions.is_none() {
                    outcome.add_not_checkable(1, "the players' settings were not captured");
                } else if let Some(fault) = fault(rollback) {
                    wrong.push((rollback, fault));
                } else {
                    outcome.passed += 1;
                }
            }
            outcome.failed += wrong.len() as u32;
            if let (Some((first, fault)), Some((last, _))) = (wrong.first(), wrong.last()) {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: Some((first.snapshot, last.current)),
                    count: wrong.len() as u32,
                    text: format!(
                        "{}: {} of {} rollbacks replayed wrongly; the one at frame {} {fault}",
                        peer_name(peer),
                        wrong.len(),
                        record.rollbacks.len(),
                        first.current,
                    ),
                    detail: "rollback · compared with the inputs delivered by then".to_owned(),
                    evidence: request_evidence(peer, wrong.iter().map(|(rollback, _)| *rollback)),
                });
            }
        }
        outcome
    }
}

fn fault(rollback: &RollbackRecord) -> Option<String> {
    let target = rollback.cause.map(|cause| cause.frame);
    if let Some(target) = target.filter(|target| rollback.snapshot > *target) {
        return Some(format!(
            "restored the snapshot of frame {}, after the wrong frame {target}",
            rollback.snapshot
        ));
    }
    if !rollback.is_complete {
        return Some(format!(
            "did not step every frame from {} to {}",
            rollback.snapshot, rollback.current
        ));
    }
    let wrong = rollback.wrong_actions.filter(|wrong| *wrong > 0)?;
    Some(format!("used {wrong} actions that were neither delivered nor guessed by the rule"))
}

/// The requests of some rollbacks, as evidence.
pub(super) fn request_evidence<'a>(
    peer: &PeerSession,
    rollbacks: impl Iterator<Item = &'a RollbackRecord>,
) -> Vec<Evidence> {
    evidence_of(peer, rollbacks.map(|rollback| rollback.seq))
}
