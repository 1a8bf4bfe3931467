//! Does a page announce every input of its own player?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Severity, counted, peer_name};
use super::runs::Runs;
use super::standstill::settled_until;
use crate::frame::Frame;

/// Looks for stepped frames whose own input never went out.
pub(super) struct InputsUnannounced;

/// Later inputs that were announced before one counts as left out: a message repeats ten.
const LATER_INPUTS: u32 = 10;

impl Check for InputsUnannounced {
    fn code(&self) -> &'static str {
        "inputs-unannounced"
    }

    fn title(&self) -> &'static str {
        "Own inputs are announced, every one"
    }

    fn documentation(&self) -> &'static str {
        "The other pages know of a player only what its page announces. A frame that the page stepped \
         and whose own input it never announced, although it went on to later ones, is one that the \
         others can only guess: after a catch-up whose messages were cut short, for instance. It \
         needs the page's announcements; frames below the input delay and before the first announced \
         one are left out."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let seen = &record.announcements;
            let end = record.next_frame().min(end_of(game, episode));
            let Some((first, newest)) = seen.own_range().filter(|_| !record.frames.is_empty())
            else {
                outcome.add_not_checkable(1, "no own input was announced");
                continue;
            };
            let mut runs = Runs::default();
            let settled = settled_until(game, peer, record, (newest, LATER_INPUTS)).min(end);
            for frame in (first.0..settled.0).map(Frame) {
                if seen.own(frame).is_some() {
                    outcome.passed += 1;
                    runs.pass();
                } else if record.known_inputs(frame).is_some() {
                    outcome.failed += 1;
                    runs.fail(frame, []);
                }
            }
            let detail = "inputs · the other pages can only guess them";
            outcome.add_runs(self, Severity::Error, (peer, record), (runs, detail), |run| {
                format!(
                    "{} stepped {} whose own input it never announced, first frame {}",
                    peer_name(peer),
                    counted(run.count, "frame", "frames"),
                    run.first,
                )
            });
        }
        outcome
    }
}
