//! Did the server save the rows that it was asked to save?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of, peer_name};

/// A server that says nothing for so long will not.
const ANSWER_MICROS: u64 = 2_000_000;

/// Looks for exports without an acknowledgement.
pub(super) struct ExportSaved;

impl Check for ExportSaved {
    fn code(&self) -> &'static str {
        "export-unsaved"
    }

    fn title(&self) -> &'static str {
        "Exports are acknowledged"
    }

    fn documentation(&self) -> &'static str {
        "A page that hands over rows and asks for an acknowledgement must get one that says that they \
         were saved; otherwise the rows may be lost. It needs an export that asks, and a page that was \
         seen for two seconds more: where a page does not ask or was left at once, nobody can tell \
         whether its rows arrived, and it is not checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let record = peer.episodes.get(episode);
            let Some(export) = record.and_then(|record| peer.exports.of(record.number)) else {
                outcome.add_not_checkable(1, "no export of the episode was captured");
                continue;
            };
            if export.acknowledgement.is_none() {
                outcome.add_not_checkable(1, "the page asked for no acknowledgement");
                continue;
            }
            let says = match export.acknowledged {
                Some(Some(true) | None) => {
                    outcome.passed += 1;
                    continue;
                }
                None if peer.worker_order.last_seen.since(export.at) < ANSWER_MICROS => {
                    let reason = "the page was not seen for two seconds after it handed over";
                    outcome.add_not_checkable(1, reason);
                    continue;
                }
                Some(Some(false)) => "the server answered that it did not save them",
                None => "the server did not answer",
            };
            outcome.failed += 1;
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Risk,
                peers: vec![peer_name(peer)],
                episode: export.episode,
                frames: None,
                count: 1,
                text: format!(
                    "{} handed over {} rows, and {says}",
                    peer_name(peer),
                    export.rows.frames.len()
                ),
                detail: "accounting · the rows may be lost".to_owned(),
                evidence: evidence_of(peer, [export.seq]),
            });
        }
        outcome
    }
}
