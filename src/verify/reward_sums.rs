//! Does a page add up its rewards right?

use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use crate::session::{Game, Wrong};

/// Holds the sums of rewards beside restored states against the steps' rewards.
pub(super) struct RewardSums;

impl Check for RewardSums {
    fn code(&self) -> &'static str {
        "reward-sum-wrong"
    }

    fn title(&self) -> &'static str {
        "Sums of rewards beside snapshots are right"
    }

    fn documentation(&self) -> &'static str {
        "A page that shows its players their scores saves the sums beside each state. The sums \
         of a restored state must be those of all rewards of the steps before it, each frame's \
         last step counted once. Other sums mean that the page loses rewards when it rolls \
         back: its players see other scores than they earned, and may play otherwise. Exported \
         rows hold the reward of each step and are not touched (`export-rewards`), so it is a \
         notice. It needs the rewards of every step since the episode's first."
    }

    fn run(&self, game: &Game, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let book = &record.accounts.sums;
            if book.right + book.wrong == 0 {
                outcome.add_not_checkable(1, "no restored state had sums of rewards beside it");
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
                severity: Severity::Notice,
                peers: vec![peer_name(peer)],
                episode: Some(record.number),
                frames: Some((first, last)),
                count: book.wrong,
                text: format!(
                    "{} restored {} with wrong sums of rewards, first that of frame {frame}: {told} instead of \
                     {sum}",
                    peer_name(peer),
                    counted(book.wrong, "state", "states"),
                ),
                detail: "accounting · what the players see".to_owned(),
                evidence: evidence_of(peer, book.first.iter().map(|wrong| wrong.seq)),
            });
        }
        outcome
    }
}
