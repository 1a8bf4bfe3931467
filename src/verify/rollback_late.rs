//! Was every wrong guess repaired at once?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Severity, counted, peer_name, replayable};
use super::runs::Runs;
use crate::frame::Frame;
use crate::session::{EpisodeRecord, FrameFlags, RollbackState};

/// Looks for rollbacks that came after further frames had been stepped.
pub(super) struct RollbackLate;

/// Frame of a wrong guess after which a page stepped on and that it repaired later, with the index
/// of the rollback that did so; `None` if none did.
pub(super) fn late_repair(record: &EpisodeRecord, missed: Frame) -> Option<usize> {
    record.rollbacks.iter().position(|rollback| {
        rollback.cause.is_some_and(|cause| cause.frame == missed)
            && rollback.state == RollbackState::Executed
            && rollback.snapshot <= missed
            && rollback.current > missed.next()
    })
}

/// The frames of wrong guesses before `end` after which a page stepped on.
pub(super) fn stepped_on(record: &EpisodeRecord, end: Frame) -> impl Iterator<Item = Frame> {
    let frames = (0..end.0.min(record.frames.len() as u32)).map(Frame);
    frames.filter(|frame| record.frames.flags(*frame).has(FrameFlags::MISSED_ROLLBACK))
}

impl Check for RollbackLate {
    fn code(&self) -> &'static str {
        "rollback-late"
    }

    fn title(&self) -> &'static str {
        "Rollbacks come before the next frame"
    }

    fn documentation(&self) -> &'static str {
        "A wrong guess that is repaired only after further frames were stepped leaves those frames, \
         their snapshots and any hash reported meanwhile on a wrong state. In the end the states are \
         right again, so it is a risk and not an error; a guess that is never repaired is \
         `rollback-missed`. It needs the settings of all players."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for (peer, record) in replayable(game, episode, &mut outcome) {
            let mut runs = Runs::default();
            let late: Vec<(Frame, usize)> = stepped_on(record, end_of(game, episode))
                .filter_map(|frame| Some((frame, late_repair(record, frame)?)))
                .collect();
            let repairing = record.rollbacks.iter().filter(|one| one.cause.is_some()).count();
            outcome.passed += (repairing.saturating_sub(late.len())) as u32;
            for (frame, index) in &late {
                runs.fail(*frame, record.rollbacks.get(*index).map(|rollback| rollback.seq));
                runs.pass();
            }
            outcome.failed += late.len() as u32;
            let detail = "rollback · hashes reported meanwhile rest on a wrong state";
            outcome.add_runs(self, Severity::Risk, (peer, record), (runs, detail), |run| {
                format!(
                    "{} repaired {} only after it had stepped on, first that of frame {}",
                    peer_name(peer),
                    counted(run.count, "wrong guess", "wrong guesses"),
                    run.first,
                )
            });
        }
        outcome
    }
}
