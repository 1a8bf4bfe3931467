//! Is there a line of a log for every few frames?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};
use crate::fixed::Fixed;
use crate::session::{Lines, PeerSession};

/// Frames that must have been stepped to say anything of the hot path.
const FEWEST_FRAMES: u32 = 100;

/// More than one line for so many frames is logging in the hot path.
const FRAMES_PER_LINE: u32 = 5;

/// Holds lines of logs against stepped frames.
pub(super) struct Logging;

impl Check for Logging {
    fn code(&self) -> &'static str {
        "logging-in-hot-path"
    }

    fn title(&self) -> &'static str {
        "Frames are played without logging"
    }

    fn documentation(&self) -> &'static str {
        "A line of a log costs a message, and in the console of a browser much more; one for every \
         frame makes frames late. Counted are lines that a worker posts to its page (messages of \
         type log, console, debug, print, stdout or stderr) and lines that a page sends to its \
         server. It fails for more than one line for every five frames. It needs 100 stepped \
         frames, and at least one line that crossed a captured channel: what a page only writes \
         into its own console is not seen."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let frames: u32 = peer.episodes.iter().map(|record| record.next_frame().0).sum();
            if frames < FEWEST_FRAMES {
                outcome.add_not_checkable(1, "fewer than 100 frames were stepped");
                continue;
            }
            let lines = [
                ("sent its server", &peer.protocol.page_lines),
                ("got from its workers", &peer.protocol.worker_lines),
            ];
            if lines.iter().all(|(_, lines)| lines.count == 0) {
                outcome.add_not_checkable(1, "no line of a log crossed a captured channel");
            }
            for (verb, lines) in lines.into_iter().filter(|(_, lines)| lines.count > 0) {
                if lines.count.saturating_mul(FRAMES_PER_LINE) <= frames {
                    outcome.passed += 1;
                    continue;
                }
                outcome.failed += 1;
                outcome.findings.push(finding(self.code(), peer, (verb, lines), frames));
            }
        }
        outcome
    }
}

fn finding(
    code: &'static str,
    peer: &PeerSession,
    (verb, lines): (&str, &Lines),
    frames: u32,
) -> Finding {
    let seconds = lines.seen.map_or(0.0, |(first, last)| last.since(first) as f64 / 1e6);
    Finding {
        code,
        severity: Severity::Notice,
        peers: vec![peer_name(peer)],
        episode: None,
        frames: None,
        count: lines.count,
        text: format!(
            "{} {verb} {} in {frames} frames",
            peer_name(peer),
            counted(lines.count, "line of a log", "lines of a log"),
        ),
        detail: format!(
            "protocol use · over {} s; one for five frames is the limit",
            Fixed(seconds)
        ),
        evidence: evidence_of(peer, lines.seqs.into_iter().flat_map(|(first, last)| [first, last])),
    }
}
