//! Does a page simulate its own player as it announces it?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Severity, counted, peer_name};
use super::runs::Runs;
use crate::frame::Frame;

/// Holds own simulated actions against own announced ones.
pub(super) struct InputAnnounced;

impl Check for InputAnnounced {
    fn code(&self) -> &'static str {
        "input-announced-otherwise"
    }

    fn title(&self) -> &'static str {
        "Own inputs are simulated as announced"
    }

    fn documentation(&self) -> &'static str {
        "What a page announces for its own player is what the other pages simulate, so its own \
         steps must use the same action, and it must announce one action per frame only. \
         Another one makes the pages differ without anything on the wire looking wrong. It \
         needs the page's own worker traffic and its announcements."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let Some(local) = peer.local else {
                outcome.add_not_checkable(1, "the page's own player is not known");
                continue;
            };
            let seen = &record.announcements;
            let mut runs = Runs::default();
            let end = record.next_frame().min(end_of(game, episode));
            for frame in (0..end.0).map(Frame) {
                let used = record.known_inputs(frame).and_then(|used| used.action(local));
                let (Some(used), Some((announced, seq))) = (used, seen.own(frame)) else {
                    continue;
                };
                let second = seen.own_conflicts.iter().find(|(conflict, _)| *conflict == frame);
                if used == announced && second.is_none() {
                    outcome.passed += 1;
                    runs.pass();
                } else {
                    outcome.failed += 1;
                    runs.fail(frame, [seq].into_iter().chain(second.map(|(_, seq)| *seq)));
                }
            }
            if outcome.passed + outcome.failed == 0 {
                outcome.add_not_checkable(1, "no own input was announced");
            }
            let detail = "inputs · the other pages simulate what was announced";
            outcome.add_runs(self, Severity::Error, (peer, record), (runs, detail), |run| {
                format!(
                    "{} announced another action than it simulated for {}, first frame {}",
                    peer_name(peer),
                    counted(run.count, "frame", "frames"),
                    run.first,
                )
            });
        }
        outcome
    }
}
