//! Do the peers end an episode at the same frame?

use super::both_sides::{Words, compare};
use super::case::Case;
use super::finding::{Check, CheckOutcome, Scope, peer_name};
use crate::frame::Frame;

/// Compares the frames at which the peers found their episodes' ends.
pub(super) struct EpisodeEnds;

impl Check for EpisodeEnds {
    fn code(&self) -> &'static str {
        "episode-ends-differ"
    }

    fn title(&self) -> &'static str {
        "Episodes end at one frame"
    }

    fn documentation(&self) -> &'static str {
        "An episode ends when the game says so or after a fixed number of steps, so every peer must \
         find its end at the same frame. Different ends mean that a page miscounts its steps (after \
         rollbacks, for instance) or that the games have parted: pages then hold different numbers of \
         rows for one episode. It needs end messages of both sides; an end message is sent once and \
         may be lost."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let words: Words<Frame> = Words {
            none: "no end of an episode was captured",
            one: "only one side's end message was captured",
            frames: |ours, theirs| (ours.min(theirs), ours.max(theirs)),
            text: |peer, episode, ours, theirs| {
                format!(
                    "{} ended episode {episode} after {ours} frames, the other peer after {theirs}",
                    peer_name(peer)
                )
            },
            detail: "lifecycle · step counters or games have parted",
        };
        compare(self, game, |said| &said.ends, &words)
    }
}
