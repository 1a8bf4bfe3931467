//! Did an input never come, although later ones did?

use crate::fixed::Fixed;

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, peer_name};
use super::runs::Run;
use super::standstill::standing_micros;

/// Inputs after a missing one that show that it will not come: more than any page repeats.
const LATER_INPUTS: u32 = 50;

/// Looks for inputs that cannot come any more.
pub(super) struct InputHole;

impl Check for InputHole {
    fn code(&self) -> &'static str {
        "input-hole"
    }

    fn title(&self) -> &'static str {
        "Every input arrives in the end"
    }

    fn documentation(&self) -> &'static str {
        "Inputs travel on a lossy channel and are repeated for a while. A frame whose input is \
         still missing when fifty later frames of that player have come will never be \
         confirmed: the page stalls there, or goes on with a guess as if it were real. A page that \
         stalls hears no fifty later inputs, because the other page stalls with it: there it fails \
         when the page stood at the end of its prediction window for two seconds, twenty messages of \
         the player came meanwhile, and none brought the input. It needs the settings of all players."
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
            for player in game.players().filter(|player| peer.local != Some(*player)) {
                let missing = record.first_missing(player);
                let newest = record.announcements.newest_received(player);
                let (Some(missing), Some(newest)) = (missing, newest) else {
                    outcome.add_not_checkable(1, "no input of another player was captured");
                    continue;
                };
                outcome.passed += missing.0;
                let stood = standing_micros(peer, record, player).filter(|_| newest > missing);
                if newest.since(missing) < LATER_INPUTS && stood.is_none() {
                    continue;
                }
                outcome.failed += 1;
                let run = Run { first: missing, last: missing, count: 1, seqs: Vec::new() };
                let standing = stood.map_or_else(String::new, |micros| {
                    format!(
                        "; it stands at frame {} for {:.1} s",
                        record.next_frame(),
                        Fixed(micros as f64 / 1e6)
                    )
                });
                let text = format!(
                    "{} never got the input of {player} for frame {missing}, although inputs up to \
                     frame {newest} came{standing}",
                    peer_name(peer)
                );
                let place = (peer, Some(record.number));
                let detail = "rollback · a hole that can never be filled";
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
