//! Is the hash that a worker computed the hash of the state that crossed the worker boundary?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of, peer_name};

/// Recomputes every state hash from the state text.
pub(super) struct HashRecomputed;

impl Check for HashRecomputed {
    fn code(&self) -> &'static str {
        "hash-not-of-state"
    }

    fn title(&self) -> &'static str {
        "Worker hashes recomputed from the state text"
    }

    fn documentation(&self) -> &'static str {
        "A worker's hash is recomputed from the state text that the same batch returned just \
         before, by the page's own rule. A difference means that the hash covers another state, or \
         that page and worker do not agree on the rule. It needs the state text in the capture; a \
         text that is no JSON is not checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let (equal, different) = record.hashes.recomputed;
            outcome.passed += equal;
            outcome.failed += different;
            outcome.add_not_checkable(record.hashes.unhashable, "the state text is no JSON");
            let wrong = &record.hashes.recomputed_wrong;
            if let (Some((first, _)), Some((last, _))) = (wrong.first(), wrong.last()) {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: Some((*first, *last)),
                    count: different,
                    text: format!(
                        "{}: {different} of {} worker hashes are not the hash of the state beside \
                         them, first at frame {first}",
                        peer_name(peer),
                        equal + different,
                    ),
                    detail: "hashes · recomputed here from the state text".to_owned(),
                    evidence: evidence_of(peer, wrong.iter().map(|(_, seq)| *seq)),
                });
            }
        }
        outcome
    }
}
