//! Was the game played to its end?

use super::case::Case;
use super::counts::{Wording, of_tallies};
use super::finding::{Check, CheckOutcome, Scope, Severity, because, peer_name};

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
        let wording = Wording {
            severity: Severity::Risk,
            absent: "nobody said that the game is over",
            detail: "lifecycle · what was played until then stays valid",
        };
        of_tallies(
            self,
            game,
            wording,
            |peer| {
                let course = &peer.course;
                let is_whole = course.broken_off.tally.count == 0;
                Some((u32::from(is_whole && course.completed > 0), &course.broken_off.tally))
            },
            |peer, broken| {
                let place = match broken.frames {
                    Some((first, _)) => format!("at frame {first}"),
                    None => "before its first frame".to_owned(),
                };
                let reason = because(&peer.course.broken_off.reason);
                format!("the game of {} was broken off {place}{reason}", peer_name(peer))
            },
        )
    }
}
