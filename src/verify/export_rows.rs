//! Are the exported rows the frames of their episode, each one once?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use crate::frame::{Episode, Frame};
use crate::session::{Export, PeerSession};
use crate::sorted::SortedMap;

/// Looks for rows that are missing, doubled or of no frame of the episode.
pub(super) struct ExportRows;

impl Check for ExportRows {
    fn code(&self) -> &'static str {
        "export-rows"
    }

    fn title(&self) -> &'static str {
        "Exported rows are the frames of the episode"
    }

    fn documentation(&self) -> &'static str {
        "A page hands over one row for each frame of an episode, from frame 0 to its end. A missing row \
         is lost data; a doubled one counts twice; rows that begin at another frame are shifted. Each \
         is an error. Rows past the end, which a page stepped before it knew of the end, are a notice: \
         they can be cut off, and must be. It needs the page's export in the capture; where the end of \
         the episode is not known, the last row counts as its end."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let Some(number) = game.episode_number(episode) else {
            return outcome;
        };
        for peer in &game.peers {
            let Some(export) = peer.exports.of(number) else {
                outcome.add_not_checkable(1, "no export of the episode was captured");
                continue;
            };
            let rows = Rows::of(export, end_of(game, episode));
            outcome.passed += rows.right;
            for (severity, frames, what) in rows.faults() {
                let count = frames.len() as u32;
                if severity != Severity::Notice {
                    outcome.failed += count;
                }
                outcome.findings.push(self.finding(
                    severity,
                    (peer, number),
                    export,
                    &frames,
                    what,
                ));
            }
        }
        outcome
    }
}

impl ExportRows {
    fn finding(
        &self,
        severity: Severity,
        (peer, number): (&PeerSession, Episode),
        export: &Export,
        frames: &[Frame],
        what: &str,
    ) -> Finding {
        let span = frames.first().copied().zip(frames.last().copied());
        let first = span.map_or(Frame::ZERO, |(first, _)| first);
        Finding {
            code: self.code(),
            severity,
            peers: vec![peer_name(peer)],
            episode: Some(number),
            frames: span,
            count: frames.len() as u32,
            text: format!(
                "{} exported episode {number} with {} {what}, first frame {first}",
                peer_name(peer),
                counted(frames.len() as u32, "row", "rows"),
            ),
            detail: format!("accounting · {} rows in all", export.rows.frames.len()),
            evidence: evidence_of(peer, [export.seq]),
        }
    }
}

/// The rows of one export by what is right or wrong with them.
struct Rows {
    right: u32,
    missing: Vec<Frame>,
    doubled: Vec<Frame>,
    past_end: Vec<Frame>,
}

/// Frames that are looked at; an episode has fewer.
const MAX_FRAMES: u32 = 1 << 20;

impl Rows {
    fn of(export: &Export, end: Frame) -> Self {
        let mut counts: SortedMap<Frame, u32> = SortedMap::new();
        for frame in &export.rows.frames {
            counts.change(*frame, || 0, |count| *count += 1);
        }
        let last = counts.last_key_value().map_or(Frame::ZERO, |(frame, _)| frame.next());
        let end = if end.0 == u32::MAX { last } else { end }.min(Frame(MAX_FRAMES));
        let frames = (0..end.0).map(Frame);
        let missing: Vec<Frame> = frames.filter(|frame| !counts.contains_key(frame)).collect();
        let doubled = counts.iter().filter(|(frame, count)| **frame < end && **count > 1);
        let doubled: Vec<Frame> = doubled.map(|(frame, _)| *frame).collect();
        let past_end = counts.range(end..).map(|(frame, _)| *frame).collect();
        let right = counts.range(..end).count().saturating_sub(doubled.len()) as u32;
        Self { right, missing, doubled, past_end }
    }

    fn faults(self) -> impl Iterator<Item = (Severity, Vec<Frame>, &'static str)> {
        let all = [
            (Severity::Error, self.missing, "missing"),
            (Severity::Error, self.doubled, "twice"),
            (Severity::Notice, self.past_end, "past its end"),
        ];
        all.into_iter().filter(|(_, frames, _)| !frames.is_empty())
    }
}
