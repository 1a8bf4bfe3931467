//! Does a page go on reporting hashes?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, peer_name};
use super::runs::Run;
use crate::frame::Frame;

/// Hashes in a row that may be missing: single ones get lost, so many do not.
const MISSING_HASHES: u32 = 12;

/// Looks for pages that stopped reporting.
pub(super) struct HashSilent;

impl Check for HashSilent {
    fn code(&self) -> &'static str {
        "verification-blind"
    }

    fn title(&self) -> &'static str {
        "Hashes are reported as long as frames are confirmed"
    }

    fn documentation(&self) -> &'static str {
        "A page that goes on playing and confirming but reports no hash any more cannot be \
         verified from there on, and neither page notices. It fails when twelve hashes in a row \
         are missing up to the confirmed frame. It needs the settings of all players and the \
         page's snapshot interval."
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
            let interval = record.settings().map_or(0, |own| own.snapshot_interval_frames);
            let (Some(local), true) = (peer.local, interval > 0) else {
                outcome.add_not_checkable(1, "the interval of hashes is not known");
                continue;
            };
            let reported = record.hashes.iter().filter(|(_, slot)| slot.reported(local).is_some());
            let reported: Vec<Frame> = reported.map(|(frame, _)| frame).collect();
            outcome.passed += reported.len() as u32;
            let last = reported.last().copied().unwrap_or(Frame::ZERO);
            let Some(confirmed) = record.confirmed_frame() else {
                continue;
            };
            let missing = confirmed.since(last) / interval;
            if missing < MISSING_HASHES {
                continue;
            }
            outcome.failed += missing;
            let run = Run {
                first: last.plus(interval),
                last: confirmed,
                count: missing,
                seqs: Vec::new(),
            };
            let text = format!(
                "{} confirmed frames up to {confirmed} but reported no hash after frame {last}: {} \
                 are missing",
                peer_name(peer),
                missing,
            );
            let place = (peer, Some(record.number));
            outcome.findings.push(Finding::of_run(
                self,
                Severity::Risk,
                place,
                run,
                text,
                "coverage · nothing is verified from there on",
            ));
        }
        outcome
    }
}
