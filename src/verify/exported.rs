//! Exported rows as items of a check: which peers exported an episode, and row by row what was wrong.

use super::finding::CheckOutcome;
use super::runs::{Run, Runs};
use crate::frame::Frame;
use crate::session::{EpisodeRecord, Export, Game, PeerSession};

/// Every peer that handed over rows of an episode, with its record; the others are not checkable.
pub(super) fn exports<'g>(
    game: &'g Game,
    episode: usize,
    outcome: &mut CheckOutcome,
) -> Vec<(&'g PeerSession, &'g EpisodeRecord, &'g Export)> {
    let mut found = Vec::new();
    for peer in &game.peers {
        let Some(record) = peer.episodes.get(episode) else {
            continue;
        };
        match peer.exports.of(record.number) {
            Some(export) => found.push((peer, record, export)),
            None => outcome.add_not_checkable(1, "no export of the episode was captured"),
        }
    }
    found
}

/// Runs of wrong rows before the episode's end. `is_right` hears a row and its frame, and says
/// why when it cannot tell.
pub(super) fn wrong_rows(
    export: &Export,
    end: Frame,
    outcome: &mut CheckOutcome,
    is_right: impl Fn(usize, Frame) -> Result<bool, &'static str>,
) -> Vec<Run> {
    let mut runs = Runs::default();
    for (row, frame) in export.rows.frames.iter().enumerate().filter(|(_, frame)| **frame < end) {
        match is_right(row, *frame) {
            Ok(true) => {
                outcome.passed += 1;
                runs.pass();
            }
            Ok(false) => {
                outcome.failed += 1;
                runs.fail(*frame, []);
            }
            Err(reason) => outcome.add_not_checkable(1, reason),
        }
    }
    runs.finish()
}
