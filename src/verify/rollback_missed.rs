//! Was every wrong guess repaired before the next frame was stepped?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::rollback_late::{late_repair, stepped_on};
use super::runs::{Run, Runs};
use crate::frame::Frame;
use crate::session::RollbackState;

/// Looks for frames that stayed simulated with a wrong guess.
pub(super) struct RollbackMissed;

impl Check for RollbackMissed {
    fn code(&self) -> &'static str {
        "rollback-missed"
    }

    fn title(&self) -> &'static str {
        "Wrong guesses are rolled back"
    }

    fn documentation(&self) -> &'static str {
        "An input that arrives for a frame already simulated with another action must cause a \
         rollback before the next frame is stepped. A frame where the page stepped on and that no later \
         rollback repaired is a missed rollback: its state and all later ones rest on a wrong input. \
         It needs the settings of all players; without them nothing is known of guesses, and the \
         frames are not checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            if !record.is_replayable() {
                let frames = record.frames.len() as u32;
                outcome.add_not_checkable(frames, "the players' settings were not captured");
                continue;
            }
            let repaired = record.rollbacks.iter().filter(|rollback| {
                rollback.state == RollbackState::Executed && rollback.cause.is_some()
            });
            outcome.passed += repaired.count() as u32;
            let mut runs = Runs::default();
            let mut next = None;
            let end = end_of(game, episode);
            for frame in
                stepped_on(record, end).filter(|frame| late_repair(record, *frame).is_none())
            {
                if next.is_some_and(|next: Frame| frame > next) {
                    runs.pass();
                }
                runs.fail(frame, []);
                next = Some(frame.next());
            }
            for Run { first, last, count, .. } in runs.finish() {
                outcome.failed += count;
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: Some((first, last)),
                    count,
                    text: format!(
                        "{} missed on {}: it stepped on although the input of frame {first} had \
                         proved its guess wrong",
                        counted(count, "rollback", "rollbacks"),
                        peer_name(peer),
                    ),
                    detail: "rollback · no snapshot was restored before the next step".to_owned(),
                    evidence: Vec::new(),
                });
            }
        }
        outcome
    }
}
