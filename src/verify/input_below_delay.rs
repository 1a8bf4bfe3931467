//! Do frames before the first possible input use the default action?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Severity, counted, peer_name, replayable};
use super::runs::Runs;
use crate::frame::Frame;

/// Looks at the frames that no input can exist for.
pub(super) struct InputBelowDelay;

impl Check for InputBelowDelay {
    fn code(&self) -> &'static str {
        "input-below-delay"
    }

    fn title(&self) -> &'static str {
        "Frames below the input delay use the default action"
    }

    fn documentation(&self) -> &'static str {
        "With an input delay of n frames nobody announces an input for the first n frames of an \
         episode, so every page must use the default action there. A page that uses its own \
         player's action instead simulates what no other page will ever learn, and the states \
         differ from the first frame on. It needs the settings of all players."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for (peer, record) in replayable(game, episode, &mut outcome) {
            let mut runs = Runs::default();
            for (player, settings) in game.players().zip(&peer.settings) {
                let Some(settings) = settings else { continue };
                for frame in (0..settings.input_delay_frames).map(Frame) {
                    let used = record.known_inputs(frame).and_then(|used| used.action(player));
                    match used {
                        Some(used) if used != settings.default_action => {
                            outcome.failed += 1;
                            runs.fail(frame, []);
                        }
                        Some(_) => outcome.passed += 1,
                        None => {}
                    }
                }
            }
            let detail = "inputs · no other page can know these actions";
            outcome.add_runs(self, Severity::Error, (peer, record), (runs, detail), |run| {
                format!(
                    "{} stepped {} below the input delay with another action than the default one",
                    peer_name(peer),
                    counted(run.count, "input", "inputs"),
                )
            });
        }
        outcome
    }
}
