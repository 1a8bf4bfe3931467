//! Does every first step use the inputs that are held?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Severity, counted, peer_name, replayable};
use super::runs::Runs;
use crate::frame::Frame;

/// Looks for held inputs that a step did not use.
pub(super) struct InputIgnored;

impl Check for InputIgnored {
    fn code(&self) -> &'static str {
        "input-ignored"
    }

    fn title(&self) -> &'static str {
        "Steps use the inputs that are held"
    }

    fn documentation(&self) -> &'static str {
        "When a frame is stepped for the first time and a player's real input is there already, \
         the step must use it. Another action is no guess that a rollback repairs, because \
         nothing arrives later that would show it. It needs the settings of all players."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for (peer, record) in replayable(game, episode, &mut outcome) {
            let end = end_of(game, episode);
            let ignored = record.announcements.ignored.iter();
            let ignored: Vec<_> = ignored.filter(|(frame, _)| *frame < end).collect();
            outcome.failed += ignored.len() as u32;
            outcome.passed += record.next_frame().0.saturating_sub(ignored.len() as u32);
            let (mut runs, mut next) = (Runs::default(), None);
            for (frame, _) in &ignored {
                if next.is_some_and(|next: Frame| *frame > next) {
                    runs.pass();
                }
                runs.fail(*frame, []);
                next = Some(frame.next());
            }
            let detail = "rollback · no later input can show it";
            outcome.add_runs(self, Severity::Error, (peer, record), (runs, detail), |run| {
                format!(
                    "{} stepped {} without the input that it held, first frame {}",
                    peer_name(peer),
                    counted(run.count, "frame", "frames"),
                    run.first,
                )
            });
        }
        outcome
    }
}
