//! Do the exported rows hold what was really played?

use super::boundary::end_of;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use super::runs::{Run, Runs};
use crate::action::Action;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{EpisodeRecord, Export, Game, PeerSession};

/// Holds exported actions against the last time that each frame was stepped.
pub(super) struct ExportActions;

impl Check for ExportActions {
    fn code(&self) -> &'static str {
        "export-actions"
    }

    fn title(&self) -> &'static str {
        "Exported actions are those that were played"
    }

    fn documentation(&self) -> &'static str {
        "The action of every player in every exported row must be the one with which the page stepped \
         the frame in the end, and all inputs of the frame must have been there when the rows were \
         handed over. Another action is that of a guess, or of a frame beside it; a row whose input \
         was still missing rests on a guess that nobody corrected. It needs the page's export and, for \
         guesses, the settings of all players; rows past the end of the episode are left out."
    }

    fn run(&self, game: &Game, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let end = end_of(game, episode);
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let Some(export) = peer.exports.of(record.number) else {
                outcome.add_not_checkable(1, "no export of the episode was captured");
                continue;
            };
            for run in wrong_actions(record, export, end, &mut outcome) {
                let what = format!(
                    "{} exported {} with another action than was played, first frame {}",
                    peer_name(peer),
                    counted(run.count, "row", "rows"),
                    run.first,
                );
                outcome.findings.push(self.finding((peer, record), export, run, what));
            }
            if let Some(run) = guessed(export, end) {
                outcome.failed += run.count;
                let what = format!(
                    "{} exported {} whose inputs had not all arrived, first frame {}",
                    peer_name(peer),
                    counted(run.count, "row", "rows"),
                    run.first,
                );
                outcome.findings.push(self.finding((peer, record), export, run, what));
            }
        }
        outcome
    }
}

impl ExportActions {
    fn finding(
        &self,
        (peer, record): (&PeerSession, &EpisodeRecord),
        export: &Export,
        run: Run,
        text: String,
    ) -> Finding {
        let evidence = evidence_of(peer, [export.seq]);
        let place = (peer, Some(record.number));
        let detail = "accounting · exported rows against the reconstruction";
        let finding = Finding::of_run(self, Severity::Error, place, run, text, detail);
        Finding { evidence, ..finding }
    }
}

fn wrong_actions(
    record: &EpisodeRecord,
    export: &Export,
    end: Frame,
    outcome: &mut CheckOutcome,
) -> Vec<Run> {
    let mut runs = Runs::default();
    for (row, frame) in export.rows.frames.iter().enumerate().filter(|(_, frame)| **frame < end) {
        let Some(used) = record.frames.inputs(*frame) else {
            outcome.add_not_checkable(1, "the frame's step was not captured");
            continue;
        };
        let columns = (0_u8..).map(PlayerId).zip(&export.rows.players);
        let is_wrong = columns.into_iter().any(|(player, column)| {
            let exported = column.actions.get(row).copied().flatten();
            let exported = exported.and_then(|action| u32::try_from(action).ok()).map(Action);
            exported.zip(used.action(player)).is_some_and(|(exported, used)| exported != used)
        });
        if is_wrong {
            outcome.failed += 1;
            runs.fail(*frame, []);
        } else {
            outcome.passed += 1;
            runs.pass();
        }
    }
    runs.finish()
}

/// Rows whose inputs were not all there when they were handed over.
fn guessed(export: &Export, end: Frame) -> Option<Run> {
    let missing = export.first_missing?;
    let rows = export.rows.frames.iter().filter(|frame| (missing..end).contains(frame));
    let frames: Vec<Frame> = rows.copied().collect();
    let (first, last) = (*frames.iter().min()?, *frames.iter().max()?);
    Some(Run { first, last, count: frames.len() as u32, seqs: Vec::new() })
}
