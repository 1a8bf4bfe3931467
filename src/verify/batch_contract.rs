//! Does every reply of the worker fit its request?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};
use crate::session::{Contract, PeerSession, RoundTrip};

/// Holds replies against the batch contract.
pub(super) struct BatchContract;

impl Check for BatchContract {
    fn code(&self) -> &'static str {
        "batch-contract"
    }

    fn title(&self) -> &'static str {
        "Replies fit their requests"
    }

    fn documentation(&self) -> &'static str {
        "A batch returns one result per operation, of the operation's kind and in its order; when \
         an operation fails, the error names its index and holds the results before it. Also \
         wrong: a reply to no request, and a request id used again while it is open. It covers all \
         requests of the page's workers, not only those of one episode; a request without a reply \
         so far is not checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let mut broken = Vec::new();
            for (at, contract) in peer.round_trips.contracts().enumerate() {
                match contract {
                    Contract::Kept | Contract::FailedProperly => outcome.passed += 1,
                    Contract::Open => outcome.add_not_checkable(1, "no reply so far"),
                    _ => broken.extend(peer.round_trips.get(at)),
                }
            }
            let (orphans, reused) = (peer.orphan_replies.0, peer.reused_ids.0);
            let count = broken.len() as u32 + orphans + reused;
            outcome.failed += count;
            if count > 0 {
                outcome.findings.push(finding(self.code(), peer, &broken, count));
            }
        }
        outcome
    }
}

fn finding(code: &'static str, peer: &PeerSession, broken: &[RoundTrip], count: u32) -> Finding {
    let mut parts = Vec::new();
    if let Some(first) = broken.first() {
        let what = match first.contract {
            Contract::WrongCount { results } => {
                format!("{results} results for {} operations", first.operations)
            }
            Contract::WrongKind { index } => {
                format!("the result of operation {index} is of another kind")
            }
            _ => "an error that does not say which operation failed".to_owned(),
        };
        let replies = counted(broken.len() as u32, "reply does", "replies do");
        parts.push(format!("{replies} not fit the request, the first has {what}"));
    }
    if peer.orphan_replies.0 > 0 {
        let replies = counted(peer.orphan_replies.0, "reply answers", "replies answer");
        parts.push(format!("{replies} no known request"));
    }
    if peer.reused_ids.0 > 0 {
        let ids = counted(peer.reused_ids.0, "request id was", "request ids were");
        parts.push(format!("{ids} used again while open"));
    }
    let replies = broken.iter().filter_map(|trip| trip.reply_seq);
    let seqs = replies.chain(peer.orphan_replies.1).chain(peer.reused_ids.1);
    Finding {
        code,
        severity: Severity::Error,
        peers: vec![peer_name(peer)],
        episode: None,
        frames: None,
        count,
        text: format!("{}: {}", peer_name(peer), parts.join("; ")),
        detail: "batch contract · arity, order and errors of replies".to_owned(),
        evidence: evidence_of(peer, seqs),
    }
}
