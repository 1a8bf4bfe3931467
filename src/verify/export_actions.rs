//! Do the exported rows hold what was really played?

use super::boundary::end_of;
use super::case::Case;
use super::exported::{exports, wrong_rows};
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use super::runs::Run;
use crate::action::Action;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{EpisodeRecord, Export, PeerSession};

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

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let end = end_of(game, episode);
        for (peer, record, export) in exports(game, episode, &mut outcome) {
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
    wrong_rows(export, end, outcome, |row, frame| {
        let used =
            record.known_inputs(frame).ok_or("what the frame was stepped with is not known")?;
        let mut columns = (0_u8..).map(PlayerId).zip(&export.rows.players);
        Ok(columns.all(|(player, column)| {
            let exported = column.actions.get(row).copied().flatten();
            let exported = exported.and_then(|action| u32::try_from(action).ok()).map(Action);
            exported.zip(used.action(player)).is_none_or(|(exported, used)| exported == used)
        }))
    })
}

/// Rows whose inputs were not all there when they were handed over.
fn guessed(export: &Export, end: Frame) -> Option<Run> {
    let missing = export.known.first_missing?;
    let rows = export.rows.frames.iter().filter(|frame| (missing..end).contains(frame));
    let frames: Vec<Frame> = rows.copied().collect();
    let (first, last) = (*frames.iter().min()?, *frames.iter().max()?);
    Some(Run { first, last, count: frames.len() as u32, seqs: Vec::new() })
}
