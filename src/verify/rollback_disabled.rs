//! Does a page roll back at all?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, peer_name};
use super::runs::Run;
use crate::frame::Frame;

/// Wrong guesses without any rollback that show that there are none.
const WRONG_GUESSES: u32 = 3;

/// Looks for pages that never restore a snapshot.
pub(super) struct RollbackDisabled;

impl Check for RollbackDisabled {
    fn code(&self) -> &'static str {
        "rollback-disabled"
    }

    fn title(&self) -> &'static str {
        "A page that guesses wrong rolls back"
    }

    fn documentation(&self) -> &'static str {
        "A page that guesses wrong again and again and never restores a snapshot has its \
         rollback switched off: its game cannot save its state, or nobody asks it to. Every \
         wrong guess then stays. It needs the settings of all players; with fewer than three \
         wrong guesses nothing is checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            if !record.is_replayable() {
                outcome.add_not_checkable(1, "the players' settings were not captured");
                continue;
            }
            let wrong: u32 = record.mispredictions.iter().sum();
            if !record.rollbacks.is_empty() {
                outcome.passed += 1;
            } else if wrong < WRONG_GUESSES {
                outcome.add_not_checkable(1, "fewer than three wrong guesses");
            } else if record.awaited_rollback().is_some() {
                outcome.add_not_checkable(1, "the page did not step on yet");
            } else {
                outcome.failed += 1;
                let first = record.open_misprediction().map_or(Frame::ZERO, |first| first.frame);
                let last = record.next_frame().previous().unwrap_or(Frame::ZERO);
                let run = Run { first, last, count: 1, seqs: Vec::new() };
                let text = format!(
                    "{} guessed wrong {wrong} times, first for frame {first}, and never rolled back",
                    peer_name(peer)
                );
                let place = (peer, Some(record.number));
                let detail = "rollback · no snapshot was ever restored";
                outcome.findings.push(Finding::of_run(
                    self,
                    Severity::Error,
                    place,
                    run,
                    text,
                    detail,
                ));
            }
        }
        outcome
    }
}
