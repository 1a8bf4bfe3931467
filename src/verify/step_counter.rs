//! Does a page count its steps right?

use super::case::Case;
use super::counts::{Wording, of_books};
use super::finding::{Check, CheckOutcome, Severity, counted};
use crate::fixed::shortest;
use crate::session::Wrong;

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

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let wording = Wording {
            severity: Severity::Risk,
            absent: "no restored state had a step counter beside it",
            detail: "accounting · episodes end by this counter",
        };
        of_books(
            self,
            (game, episode),
            wording,
            |record| &record.accounts.steps,
            |name, book, wrong| {
                let Wrong { frame, told, counted: sum, .. } = wrong;
                let (told, sum) = (shortest(*told), shortest(*sum));
                format!(
                    "{name} restored {} with a wrong step counter, first that of frame {frame}: {told} steps \
                     instead of {sum}",
                    counted(book.wrong, "state", "states"),
                )
            },
        )
    }
}
