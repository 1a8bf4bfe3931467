//! Did inputs of one episode leak into the next?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::runs::Runs;
use crate::frame::Frame;
use crate::sorting;

/// Looks for inputs that came too early and were contradicted later.
pub(super) struct InputBleed;

impl Check for InputBleed {
    fn code(&self) -> &'static str {
        "input-bleed"
    }

    fn title(&self) -> &'static str {
        "Inputs stay in their episode"
    }

    fn documentation(&self) -> &'static str {
        "An input that arrives for a frame far ahead of its time, and is contradicted when that \
         frame really comes, belongs to the episode before: the page kept it, and took the \
         player's true input for a repetition. From that frame on the two pages simulate \
         different inputs. It needs the settings of all players; early inputs that were never \
         contradicted say nothing."
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
            let mut leaked = record.announcements.leaked.clone();
            let end = end_of(game, episode);
            leaked.retain(|(frame, ..)| *frame < end);
            sorting::sort_by_key(&mut leaked, |found| *found);
            outcome.failed += leaked.len() as u32;
            outcome.passed += record.confirmed_frame().map_or(0, |frame| frame.next().0);
            let (mut runs, mut next) = (Runs::default(), None);
            for (frame, _, seqs) in leaked {
                if next.is_some_and(|next: Frame| frame > next) {
                    runs.pass();
                }
                runs.fail(frame, seqs);
                next = Some(frame.next());
            }
            for run in runs.finish() {
                let text = format!(
                    "{} kept {} of another episode, for frames {} to {}",
                    peer_name(peer),
                    counted(run.count, "input", "inputs"),
                    run.first,
                    run.last,
                );
                let place = (peer, Some(record.number));
                let detail = "lifecycle · they came far too early and were contradicted later";
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
