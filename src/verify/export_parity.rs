//! Do two pages export the same rows?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, peer_name};
use super::runs::Runs;
use crate::frame::Frame;
use crate::observation::{Evidence, ExportedRows, PlayerColumns};
use crate::sorted::SortedMap;
use crate::sorting;

/// Compares the rows of two pages cell by cell.
pub(super) struct ExportParity;

impl Check for ExportParity {
    fn code(&self) -> &'static str {
        "export-mismatch"
    }

    fn title(&self) -> &'static str {
        "Pages export the same rows"
    }

    fn documentation(&self) -> &'static str {
        "A study that records both players gets two tables of one episode, and they must be the same: \
         actions, rewards and ends of every player in every frame. Columns that each page fills on its \
         own (focus, whether a row was a guess at first, times) are left out, and so are rows past the \
         end. It needs the exports of two pages; rows that only one of them has are `export-rows`."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let (Some(number), [here, there]) = (game.episode_number(episode), game.peers.as_slice())
        else {
            outcome.add_not_checkable(1, "not two pages were observed");
            return outcome;
        };
        let (Some(one), Some(other)) = (here.exports.of(number), there.exports.of(number)) else {
            outcome.add_not_checkable(1, "not both pages' exports were captured");
            return outcome;
        };
        let end = end_of(game, episode);
        let rows = |rows: &ExportedRows| {
            let mut by_frame: SortedMap<Frame, u32> = SortedMap::new();
            for (row, frame) in (0..).zip(&rows.frames).filter(|(_, frame)| **frame < end) {
                by_frame.insert(*frame, row);
            }
            by_frame
        };
        let (left, right) = (rows(&one.rows), rows(&other.rows));
        let (mut runs, mut columns) = (Runs::default(), SortedMap::new());
        for (frame, row) in &left {
            let Some(beside) = right.get(frame) else { continue };
            let different =
                differing_columns((&one.rows, *row as usize), (&other.rows, *beside as usize));
            if different.is_empty() {
                outcome.passed += 1;
                runs.pass();
                continue;
            }
            outcome.failed += 1;
            runs.fail(*frame, []);
            for column in different {
                columns.change(column, || 0_u32, |count| *count += 1);
            }
        }
        let names: Vec<String> =
            columns.iter().map(|(name, count)| format!("{name} in {count}")).collect();
        for run in runs.finish() {
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Error,
                peers: vec![peer_name(here), peer_name(there)],
                episode: Some(number),
                frames: Some((run.first, run.last)),
                count: run.count,
                text: format!(
                    "{} and {} exported {} differently, first frame {}",
                    peer_name(here),
                    peer_name(there),
                    counted(run.count, "row", "rows"),
                    run.first,
                ),
                detail: format!("accounting · of all rows: {}", names.join(", ")),
                evidence: vec![
                    Evidence { source: here.source, seq: one.seq },
                    Evidence { source: there.source, seq: other.seq },
                ],
            });
        }
        outcome
    }
}

fn differing_columns(
    (left, row): (&ExportedRows, usize),
    (right, beside): (&ExportedRows, usize),
) -> Vec<&'static str> {
    let mut different = Vec::new();
    for (a, b) in left.players.iter().zip(&right.players) {
        type Same = fn(&PlayerColumns, &PlayerColumns, usize, usize) -> bool;
        const COLUMNS: [(&str, Same); 4] = [
            ("actions", |a, b, i, j| a.actions.get(i) == b.actions.get(j)),
            ("rewards", |a, b, i, j| a.rewards.get(i) == b.rewards.get(j)),
            ("terminateds", |a, b, i, j| a.terminateds.get(i) == b.terminateds.get(j)),
            ("truncateds", |a, b, i, j| a.truncateds.get(i) == b.truncateds.get(j)),
        ];
        let differing = COLUMNS.iter().filter(|(_, is_same)| !is_same(a, b, row, beside));
        different.extend(differing.map(|(name, _)| *name));
    }
    sorting::sort_by_key(&mut different, |name| *name);
    different.dedup();
    different
}
