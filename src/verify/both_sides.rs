//! What both sides of a game said of one thing in each episode, held against each other: the common
//! part of the checks on how episodes begin and end.

use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of};
use crate::frame::{Episode, Frame};
use crate::session::{BothSides, Game, Lifecycle, PeerSession};
use crate::sorted::SortedMap;

/// What a check says of two sides that said different things.
pub(super) struct Words<T> {
    /// Why nothing is checkable where no side said anything.
    pub(super) none: &'static str,
    /// Why nothing is checkable where one side did.
    pub(super) one: &'static str,
    /// First and last frame of a finding, out of what was sent and received.
    pub(super) frames: fn(T, T) -> (Frame, Frame),
    /// The sentence.
    pub(super) text: fn(&PeerSession, Episode, T, T) -> String,
    /// The detail.
    pub(super) detail: &'static str,
}

/// Compares what was sent with what was received, episode by episode.
pub(super) fn compare<T: Copy + Eq>(
    check: &dyn Check,
    game: &Game,
    of: fn(&Lifecycle) -> &SortedMap<Episode, BothSides<T>>,
    words: &Words<T>,
) -> CheckOutcome {
    let mut outcome = CheckOutcome::default();
    for peer in &game.peers {
        let all = of(&peer.lifecycle);
        if all.is_empty() {
            outcome.add_not_checkable(1, words.none);
        }
        for (episode, said) in all {
            let (Some((ours, sent)), Some((theirs, received))) = (said.sent, said.received) else {
                outcome.add_not_checkable(1, words.one);
                continue;
            };
            if ours == theirs {
                outcome.passed += 1;
                continue;
            }
            outcome.failed += 1;
            // Two observed pages say the same of it.
            if outcome.findings.iter().any(|known| known.episode == Some(*episode)) {
                continue;
            }
            outcome.findings.push(Finding {
                code: check.code(),
                severity: Severity::Error,
                peers: game.players().map(|player| player.to_string()).collect(),
                episode: Some(*episode),
                frames: Some((words.frames)(ours, theirs)),
                count: 1,
                text: (words.text)(peer, *episode, ours, theirs),
                detail: words.detail.to_owned(),
                evidence: evidence_of(peer, [sent, received]),
            });
        }
    }
    outcome
}
