//! Lines of rollbacks.

use super::{LineSink, Seat, Table};
use crate::session::RollbackState;

/// One line per rollback.
pub(super) struct Rollbacks;

impl Table for Rollbacks {
    fn name(&self) -> &'static str {
        "rollbacks"
    }

    fn documentation(&self) -> &'static str {
        "target: first incorrect frame; current: frame about to be stepped; snapshot: frame whose \
         state was restored; resimulated: frames stepped again; depth: current minus target; \
         cause_player: index of the player whose input was guessed wrong; predicted and actual: the \
         guess and the input; state: running, executed or failed; cause_seq: the message that \
         brought the input"
    }

    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>) {
        for (_, record) in at.episodes() {
            for rollback in &record.rollbacks {
                let mut line = at.line(Some(record.number.0));
                let cause = rollback.cause;
                line.push("target", cause.map(|cause| cause.frame));
                line.push("current", rollback.current);
                line.push("snapshot", rollback.snapshot);
                line.push("resimulated", rollback.resimulated);
                line.push("depth", rollback.depth_frames());
                line.push("cause_player", cause.map(|cause| cause.player));
                line.push("predicted", cause.map(|cause| cause.predicted));
                line.push("actual", cause.map(|cause| cause.actual));
                line.push(
                    "state",
                    match rollback.state {
                        RollbackState::Running => "running",
                        RollbackState::Executed => "executed",
                        RollbackState::Due => "due",
                        RollbackState::Failed => "failed",
                    },
                );
                line.push("cause_seq", rollback.cause_seq);
                sink(&line);
            }
        }
    }
}
