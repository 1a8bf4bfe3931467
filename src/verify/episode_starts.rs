//! Do the peers begin an episode from one state?

use super::both_sides::{Words, compare};
use super::case::Case;
use super::finding::{Check, CheckOutcome, Scope, peer_name};
use crate::frame::Frame;

/// Compares the hashes of first states.
pub(super) struct EpisodeStarts;

impl Check for EpisodeStarts {
    fn code(&self) -> &'static str {
        "episode-starts-differ"
    }

    fn title(&self) -> &'static str {
        "Episodes begin from one state"
    }

    fn documentation(&self) -> &'static str {
        "Peers that are ready for an episode say the hash of its first state. Different ones mean that \
         they will never agree on any frame: another seed, another version of the game, or a reset \
         that leaves something over from before. Only the digits that both sides sent are compared, \
         and the first word of each side counts, because ready messages repeat. Where pages report \
         hashes by episode, the one before the first step is that word. It needs a word of both \
         sides."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let words: Words<u32> = Words {
            none: "no hash of a first state was captured",
            one: "only one side's hash of the first state was captured",
            frames: |_, _| (Frame::ZERO, Frame::ZERO),
            text: |peer, episode, ours, theirs| {
                format!(
                    "{} began episode {episode} from a state with hash {ours:08x}, the other peer \
                     from one with {theirs:08x}",
                    peer_name(peer)
                )
            },
            detail: "lifecycle · the states differ before the first step",
        };
        compare(self, game, |said| &said.starts, &words)
    }
}
