//! Do pages say their hashes more often than it helps?

use crate::fixed::Fixed;

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};

/// Fewer frames prove nothing.
const FEWEST_FRAMES: u32 = 100;

/// One message with hashes for so many frames is the most that a calm session needs: with it a
/// difference is bracketed to the snapshots on both sides of it already.
const FRAMES_PER_MESSAGE: u32 = 3;

/// Counts the messages of a page that carry hashes only.
pub(super) struct ChattySync;

impl Check for ChattySync {
    fn code(&self) -> &'static str {
        "sync-chatty"
    }

    fn title(&self) -> &'static str {
        "Hashes are said as often as they help"
    }

    fn documentation(&self) -> &'static str {
        "Every message with a state's hash takes room from the inputs on the same channel, and has \
         the state hashed before. As long as all hashes agree, one for a few frames says as much as \
         one for every frame: both pages keep snapshots, so a difference is bracketed all the same. \
         It fails for a page that sent more than one such message for every three frames, or said \
         the same hashes again and again; it passes for fewer. A session whose hashes differ is not \
         checkable, because saying more is right then, nor is one of fewer than 100 frames, or \
         without any hash."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let is_calm = (0..=episode).all(|one| game.comparison(one).different() == 0);
        for peer in &game.peers {
            let frames: u32 = peer.episodes.iter().map(|record| record.next_frame().0).sum();
            let said = &peer.protocol.hash_messages;
            let reason = if said.count == 0 {
                Some("the page sent no hash")
            } else if frames < FEWEST_FRAMES {
                Some("fewer than 100 frames were stepped")
            } else if !is_calm {
                Some("hashes differ, and saying more is right then")
            } else {
                None
            };
            if let Some(reason) = reason {
                outcome.add_not_checkable(1, reason);
                continue;
            }
            if said.count.saturating_mul(FRAMES_PER_MESSAGE) <= frames {
                outcome.passed += 1;
                continue;
            }
            outcome.failed += 1;
            let seconds = said.seen.map_or(0.0, |(first, last)| last.since(first) as f64 / 1e6);
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Notice,
                peers: vec![peer_name(peer)],
                episode: None,
                frames: None,
                count: said.count,
                text: format!(
                    "{} sent {} in {frames} frames, and no hash differed",
                    peer_name(peer),
                    counted(said.count, "message with hashes", "messages with hashes"),
                ),
                detail: format!(
                    "protocol use · over {} s; one for three frames is the limit",
                    Fixed(seconds)
                ),
                evidence: evidence_of(
                    peer,
                    said.seqs.into_iter().flat_map(|(first, last)| [first, last]),
                ),
            });
        }
        outcome
    }
}
