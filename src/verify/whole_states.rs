//! Do pages ask for what differs, where a whole state is not needed?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, peer_name};
use super::runs::Run;
use crate::observation::Direction;

/// Looks for requests for whole states although an earlier state was common.
pub(super) struct WholeStates;

impl Check for WholeStates {
    fn code(&self) -> &'static str {
        "whole-state-asked"
    }

    fn title(&self) -> &'static str {
        "Repairs ask for what differs"
    }

    fn documentation(&self) -> &'static str {
        "A page whose state is to be repaired may ask for the whole state of another page, or name a \
         state that both have, one whose hashes agreed before, and get only what differs from it. \
         States of one game resemble each other, so the difference is mostly a small part and crosses \
         in fewer pieces, while the game waits. A page that could not use a difference asks for the \
         whole state, and one such request is no fault, so it is a notice. It passes for requests that \
         name a common state; one that comes before any hash agreed, and a session in which no player \
         asked for a state, are not checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let Some(number) = game.episode_number(episode) else {
            return outcome;
        };
        let comparison = game.comparison(episode);
        // Where both pages are observed, one request is seen twice.
        let is_alone = game.peers.len() == 1;
        for peer in &game.peers {
            let mut asked = peer
                .protocol
                .state_requests
                .iter()
                .filter(|one| one.episode == number)
                .filter(|one| is_alone || one.direction == Direction::Sent)
                .peekable();
            if asked.peek().is_none() {
                outcome.add_not_checkable(1, "no player asked for a state");
            }
            for request in asked {
                if request.base.is_some() {
                    outcome.passed += 1;
                    continue;
                }
                let is_before = |frame| request.frame.is_none_or(|asked| frame < asked);
                let mut agreed =
                    comparison.frames.iter().rev().filter(|(_, same)| *same == Some(true));
                let Some((common, _)) = agreed.find(|(frame, _)| is_before(*frame)) else {
                    outcome.add_not_checkable(1, "no earlier state was common to the pages");
                    continue;
                };
                outcome.failed += 1;
                let verb = match request.direction {
                    Direction::Sent => "asked",
                    Direction::Received => "was asked",
                };
                let text = format!(
                    "{} {verb} for a whole state, although both pages had that of frame {common}",
                    peer_name(peer),
                );
                let frame = request.frame.unwrap_or(*common);
                let run = Run { first: frame, last: frame, count: 1, seqs: vec![request.seq] };
                let place = (peer, Some(number));
                let detail = "protocol use · what differs from it would have done";
                let severity = Severity::Notice;
                let finding = Finding::of_run(self, severity, place, run, text, detail);
                outcome.findings.push(finding);
            }
        }
        outcome
    }
}
