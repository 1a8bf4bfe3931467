//! Does a page add up its rewards right?

use super::case::Case;
use super::counts::{Wording, of_books};
use super::finding::{Check, CheckOutcome, Severity, counted};
use crate::fixed::shortest;
use crate::session::Wrong;

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

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let wording = Wording {
            severity: Severity::Notice,
            absent: "no restored state had sums of rewards beside it",
            detail: "accounting · what the players see",
        };
        of_books(
            self,
            (game, episode),
            wording,
            |record| &record.accounts.sums,
            |name, book, wrong| {
                let Wrong { frame, told, counted: sum, .. } = wrong;
                let (told, sum) = (shortest(*told), shortest(*sum));
                format!(
                    "{name} restored {} with wrong sums of rewards, first that of frame {frame}: {told} \
                     instead of {sum}",
                    counted(book.wrong, "state", "states"),
                )
            },
        )
    }
}
