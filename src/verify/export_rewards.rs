//! Do the exported rows hold the rewards that the steps brought?

use super::boundary::end_of;
use super::case::Case;
use super::exported::{exports, wrong_rows};
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use super::runs::Run;
use crate::frame::Frame;
use crate::session::{EpisodeRecord, Export};

/// Holds exported rewards against those of each frame's last step.
pub(super) struct ExportRewards;

/// Rewards pass through MessagePack and JavaScript, both of which keep doubles.
const TOLERANCE: f64 = 1e-9;

impl Check for ExportRewards {
    fn code(&self) -> &'static str {
        "export-rewards"
    }

    fn title(&self) -> &'static str {
        "Exported rewards are those of the steps"
    }

    fn documentation(&self) -> &'static str {
        "The reward of every player in every exported row must be the one that the frame's last step \
         brought. Another reward is that of a guess that was rolled back afterwards, or of a frame \
         beside it. It needs the page's export and the replies of its worker; rows past the end of \
         the episode are left out."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        let end = end_of(game, episode);
        for (peer, record, export) in exports(game, episode, &mut outcome) {
            for run in wrong_rewards(record, export, end, &mut outcome) {
                let text = format!(
                    "{} exported {} with another reward than its step brought, first frame {}",
                    peer_name(peer),
                    counted(run.count, "row", "rows"),
                    run.first,
                );
                let evidence = evidence_of(peer, [export.seq]);
                let place = (peer, Some(record.number));
                let detail = "accounting · exported rows against the worker's replies";
                let finding = Finding::of_run(self, Severity::Error, place, run, text, detail);
                outcome.findings.push(Finding { evidence, ..finding });
            }
        }
        outcome
    }
}

fn wrong_rewards(
    record: &EpisodeRecord,
    export: &Export,
    end: Frame,
    outcome: &mut CheckOutcome,
) -> Vec<Run> {
    wrong_rows(export, end, outcome, |row, frame| {
        let stepped = record.accounts.rewards(frame);
        let exported: Option<Vec<f64>> =
            export.rows.players.iter().map(|one| one.rewards.get(row).copied().flatten()).collect();
        let exported = exported
            .filter(|all| !all.is_empty() && all.len() == stepped.len())
            .ok_or("the frame's rewards were not captured")?;
        let mut pairs = stepped.iter().zip(&exported);
        Ok(pairs.all(|(one, other)| (one - other).abs() <= TOLERANCE))
    })
}
