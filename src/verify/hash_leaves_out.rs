//! Do equal hashes mean equal states?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::runs::Runs;
use crate::observation::Evidence;
use crate::session::PeerSession;

/// Compares the states of two pages where their hashes agree.
pub(super) struct HashLeavesOut;

impl Check for HashLeavesOut {
    fn code(&self) -> &'static str {
        "hash-leaves-out"
    }

    fn title(&self) -> &'static str {
        "Equal hashes mean equal states"
    }

    fn documentation(&self) -> &'static str {
        "Where two pages report one hash for a frame, their saved states of that frame must be equal \
         in everything that the game needs to go on, random generators included. If they are not, \
         the hash leaves out what differs: the pages have parted already and the comparison of hashes \
         will see it late or never. Spellings of numbers that JavaScript changes do not count. It \
         needs the states of two pages and their own reports; a frame whose state only one page saved is \
         not checkable, and neither are two documents of one player: the one that was left may have \
         saved a guess that it never came to repair."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let comparison = game.comparison(episode);
        let equal = comparison.frames.iter().filter(|(_, same)| *same == Some(true));
        let frames: Vec<_> = equal.map(|(frame, _)| *frame).collect();
        let Some(number) = game.episode_number(episode) else {
            return outcome;
        };
        let [here, there] = game.peers.as_slice() else {
            outcome.add_not_checkable(frames.len() as u32, "not two pages were observed");
            return outcome;
        };
        if here.local == there.local {
            let reason = "both documents are one player's, and the first may have ended on a guess";
            outcome.add_not_checkable(frames.len() as u32, reason);
            return outcome;
        }
        let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
        if !records().all(|record| record.is_placed) {
            let reason = "the number of a page's episode is not known";
            outcome.add_not_checkable(frames.len() as u32, reason);
            return outcome;
        }
        let state = |peer: &PeerSession, frame| peer.oracle.saved.get(Some(number), frame);
        // What the other page heard may be newer than what was seen of the page itself.
        let is_told = |peer: &PeerSession, frame| {
            let slot = peer.episodes.get(episode).and_then(|record| record.hashes.slot(frame));
            slot.zip(peer.local).is_some_and(|(slot, local)| slot.reported(local).is_some())
        };
        let (mut runs, mut seqs) = (Runs::default(), Vec::new());
        for frame in frames {
            let (Some(one), Some(other)) = (state(here, frame), state(there, frame)) else {
                outcome.add_not_checkable(1, "only one page's state of the frame was captured");
                continue;
            };
            if !(is_told(here, frame) && is_told(there, frame)) {
                let reason = "a page was not seen to report the hash of the frame itself";
                outcome.add_not_checkable(1, reason);
            } else if one.0 == other.0 {
                outcome.passed += 1;
                runs.pass();
            } else {
                outcome.failed += 1;
                runs.fail(frame, []);
                seqs.push((frame, [one.1, other.1]));
            }
        }
        for run in runs.finish() {
            let shown = seqs.iter().find(|(frame, _)| *frame == run.first);
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Risk,
                peers: vec![peer_name(here), peer_name(there)],
                episode: Some(number),
                frames: Some((run.first, run.last)),
                count: run.count,
                text: format!(
                    "{} and {} report equal hashes for {} whose states differ, first frame {}",
                    peer_name(here),
                    peer_name(there),
                    counted(run.count, "frame", "frames"),
                    run.first,
                ),
                detail: "hashes · something that the hash leaves out has changed".to_owned(),
                evidence: shown.map_or_else(Vec::new, |(_, [one, other])| {
                    vec![
                        Evidence { source: here.source, seq: *one },
                        Evidence { source: there.source, seq: *other },
                    ]
                }),
            });
        }
        outcome
    }
}
