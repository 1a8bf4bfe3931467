//! Are asked inputs delivered?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};
use super::runs::Runs;
use crate::observation::Direction;
use crate::session::ANSWER_MESSAGES;

/// Looks for requests for inputs that nobody answered.
pub(super) struct RequestUnanswered;

impl Check for RequestUnanswered {
    fn code(&self) -> &'static str {
        "input-request-unanswered"
    }

    fn title(&self) -> &'static str {
        "Requests for inputs are answered"
    }

    fn documentation(&self) -> &'static str {
        "A page that lacks inputs, after its time in the background for instance, asks the other one \
         for them. Without an answer it goes on with guesses for frames that it may never repair. \
         Requests and answers may be lost on the way: a request of this page without an answer is a \
         risk. Where pages repeat their inputs in every message, those of one second must hold the \
         requested ones. It needs a request in the capture."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let own = peer.lifecycle.requests.iter();
            let own: Vec<_> = own.filter(|one| one.direction == Direction::Sent).collect();
            if own.is_empty() {
                outcome.add_not_checkable(1, "the page asked for no input");
            }
            let mut runs = Runs::default();
            for request in own {
                if request.is_answered {
                    outcome.passed += 1;
                    runs.pass();
                    continue;
                }
                if peer.is_native && request.passed_over < ANSWER_MESSAGES {
                    outcome.add_not_checkable(1, "the other page said too little after a request");
                    continue;
                }
                outcome.failed += 1;
                runs.fail(request.first, [request.seq]);
                runs.fail(request.last, []);
            }
            for run in runs.finish() {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Risk,
                    peers: vec![peer_name(peer)],
                    episode: None,
                    frames: Some((run.first, run.last)),
                    count: run.count / 2,
                    text: format!(
                        "{} asked for the inputs of frames {} to {} and got no answer",
                        peer_name(peer),
                        run.first,
                        run.last,
                    ),
                    detail: "lifecycle · the page goes on with guesses".to_owned(),
                    evidence: evidence_of(peer, run.seqs),
                });
            }
        }
        outcome
    }
}
