//! Does a page count its steps right?

use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use crate::session::{Game, Wrong};

/// Holds the step counter beside restored states against their frame.
pub(super) struct StepCounter;

impl Check for StepCounter {
    fn code(&self) -> &'static str {
        "step-counter-drift"
    }

    fn title(&self) -> &'static str {
        "Step counters beside snapshots are right"
    }

    fn documentation(&self) -> &'static str {
        "A page that ends its episodes by a counter of steps saves the counter beside each \
         state. The counter of a restored state must be the frame that it stands before; one \
         that counts wrong after a rollback ends the episode at another frame than the other \
         page, or later than the study asked for. It is a risk as long as the ends agree \
         (`episode-ends-differ`). It needs snapshots with a counter whose frame the worker's \
         own steps tell."
    }

    fn run(&self, game: &Game, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let book = &record.accounts.steps;
            if book.right + book.wrong == 0 {
                outcome.add_not_checkable(1, "no restored state had a step counter beside it");
                continue;
            }
            outcome.passed += book.right;
            outcome.failed += book.wrong;
            let frames = || book.first.iter().map(|wrong| wrong.frame);
            let (Some(Wrong { frame, told, counted: sum, .. }), Some(first), Some(last)) =
                (book.first.first(), frames().min(), frames().max())
            else {
                continue;
            };
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Risk,
                peers: vec![peer_name(peer)],
                episode: Some(record.number),
                frames: Some((first, last)),
                count: book.wrong,
                text: format!(
                    "{} restored {} with a wrong step counter, first that of frame {frame}: {told} steps instead \
                     of {sum}",
                    peer_name(peer),
                    counted(book.wrong, "state", "states"),
                ),
                detail: "accounting · episodes end by this counter".to_owned(),
                evidence: evidence_of(peer, book.first.iter().map(|wrong| wrong.seq)),
            });
        }
        outcome
    }
}
