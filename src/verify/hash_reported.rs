//! Is the hash that a peer reports the hash of its own state of that frame?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use super::runs::{Run, Runs};

/// Compares reported hashes with the states of the reporting page.
pub(super) struct HashReported;

impl Check for HashReported {
    fn code(&self) -> &'static str {
        "hash-of-other-state"
    }

    fn title(&self) -> &'static str {
        "Reported hashes belong to the page's own final state"
    }

    fn documentation(&self) -> &'static str {
        "The hash that an observed page reports for a frame is compared with the hash of the newest \
         state text of that frame. A difference means that the page reported another frame's hash, \
         or one of a state that it rolled back afterwards; a second, different report for one \
         frame fails too. It needs the page's own worker traffic; a frame whose state never \
         crossed the worker boundary is not checkable, nor is a page whose messages do not tell \
         which text it hashes."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let (Some(record), Some(local)) = (peer.episodes.get(episode), peer.local) else {
                continue;
            };
            let mut runs = Runs::default();
            for (frame, slot) in record.hashes.iter() {
                let Some(report) = slot.reported(local) else {
                    continue;
                };
                if !record.hashes.is_rule_known() {
                    let why = "which text of a state the page hashes is not told";
                    outcome.add_not_checkable(1, why);
                    continue;
                }
                match slot.recomputed {
                    Some(own) if own == report.hash && report.contradicted_by.is_none() => {
                        outcome.passed += 1;
                        runs.pass();
                    }
                    Some(_) => {
                        outcome.failed += 1;
                        runs.fail(frame, [report.seq, slot.state_seq]);
                    }
                    None => outcome.add_not_checkable(1, "the frame's state was not captured"),
                }
            }
            for Run { first, last, count, seqs } in runs.finish() {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: Some((first, last)),
                    count,
                    text: format!(
                        "{} reported {} of its own final state, first for frame {first}",
                        peer_name(peer),
                        counted(count, "hash that is not one", "hashes that are not those"),
                    ),
                    detail: "hashes · wrong frame, or a state that was rolled back later"
                        .to_owned(),
                    evidence: evidence_of(peer, seqs),
                });
            }
        }
        outcome
    }
}
