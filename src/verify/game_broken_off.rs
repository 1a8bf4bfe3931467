//! Was the game played to its end?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, because, peer_name};

/// Reports games that ended before their time.
pub(super) struct GameBrokenOff;

impl Check for GameBrokenOff {
    fn code(&self) -> &'static str {
        "game-broken-off"
    }

    fn title(&self) -> &'static str {
        "Games are played to their end"
    }

    fn documentation(&self) -> &'static str {
        "A game that a page or its server breaks off (the other player left, the channel did \
         not come back, a player was excluded) has fewer frames than the study asked for. What \
         was played until then stays valid, so it is a risk and not an error. It needs the \
         words of the page or of its server that the game is over; a game that nobody called \
         over is not checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let course = &peer.course;
            let broken = &course.broken_off;
            if course.completed + broken.tally.count == 0 {
                outcome.add_not_checkable(1, "nobody said that the game is over");
                continue;
            }
            outcome.passed += u32::from(broken.tally.count == 0);
            outcome.failed += broken.tally.count.min(1);
            if broken.tally.count > 0 {
                let (place, detail) = match broken.tally.frames {
                    Some((first, _)) => (
                        format!("at frame {first}"),
                        "lifecycle · what was played until then stays valid",
                    ),
                    None => ("before its first frame".to_owned(), "lifecycle · nothing was played"),
                };
                let text = format!(
                    "the game of {} was broken off {place}{}",
                    peer_name(peer),
                    because(&broken.reason),
                );
                let severity = Severity::Risk;
                outcome.findings.push(Finding::of_tally(
                    self,
                    severity,
                    peer,
                    &broken.tally,
                    text,
                    detail,
                ));
            }
        }
        outcome
    }
}
