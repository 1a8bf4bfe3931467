//! Does every first step use the inputs that are held?

use super::boundary::end_of;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::runs::Runs;
use crate::frame::Frame;
use crate::session::Game;

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

    fn run(&self, game: &Game, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            if !record.is_replayable() {
                outcome.add_not_checkable(1, "the players' settings were not captured");
                continue;
            }
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
            for run in runs.finish() {
                let text = format!(
                    "{} stepped {} without the input that it held, first frame {}",
                    peer_name(peer),
                    counted(run.count, "frame", "frames"),
                    run.first,
                );
                let place = (peer, Some(record.number));
                let detail = "rollback · no later input can show it";
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
