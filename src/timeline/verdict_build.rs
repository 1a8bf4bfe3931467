//! Builds the Verdict view of one episode out of records and checks.

use super::verdict::{
    CheckRow, CostCard, CoverageCell, FindingRow, SyncCard, VerdictView, WhereCard,
};
use crate::frame::Frame;
use crate::session::{Game, RollbackState};
use crate::sorting;
use crate::summary::{
    Figure, configurations, figures, inferred_sentence, last_frame, peer_chips, quantile,
    rollback_micros, sorted_depths,
};
use crate::verify::{
    CaptureAccount, Case, CheckOutcome, CheckResult, Comparison, Finding, Severity, Stress, judge,
    run_checks,
};

impl VerdictView {
    /// The view of one episode of a game.
    #[must_use]
    pub fn of(game: &Game, episode: usize, capture: CaptureAccount) -> Self {
        let case = Case::new(game);
        let (checks, figures) = (run_checks(&case, episode), figures(&case, episode));
        Self::of_checks((&case, episode), capture, &checks, figures)
    }

    /// The same where every check was run and every figure measured already.
    #[must_use]
    pub fn of_checks(
        (game, episode): (&Case<'_>, usize),
        capture: CaptureAccount,
        checks: &[CheckResult],
        figures: Vec<Figure>,
    ) -> Self {
        let comparison = game.comparison(episode);
        let stress = Stress::of(game, episode);
        let verdict = judge(&[game], &[&comparison], &stress, checks, capture);
        Self {
            kind: verdict.kind,
            headline: verdict.headline,
            numbers: verdict.numbers,
            short: verdict.short,
            peers: peer_chips(game),
            place: where_card(game, episode, &comparison, &stress),
            sync: sync_card(&comparison),
            cost: cost_card(game, episode),
            findings: finding_rows(checks),
            checks: check_rows(checks),
            figures,
            inferred: inferred_sentence(&configurations(game)),
            last_frame: last_frame(game, episode),
        }
    }
}

fn records(game: &Game, episode: usize) -> impl Iterator<Item = &crate::session::EpisodeRecord> {
    game.peers.iter().filter_map(move |peer| peer.episodes.get(episode))
}

fn sync_card(comparison: &Comparison) -> SyncCard {
    SyncCard {
        compared: comparison.compared,
        equal: comparison.equal,
        different: comparison.different(),
        contiguous_through: comparison.contiguous_through,
        seen_through: comparison.seen_through,
        ceiling_percent: comparison
            .interval_frames
            .and_then(|interval| 100_u32.checked_div(interval)),
        coverage: comparison
            .frames
            .iter()
            .map(|(frame, same)| {
                let cell = match same {
                    Some(true) => CoverageCell::Equal,
                    Some(false) => CoverageCell::Different,
                    None => CoverageCell::Unchecked,
                };
                (*frame, cell)
            })
            .collect(),
    }
}

fn where_card(game: &Game, episode: usize, comparison: &Comparison, stress: &Stress) -> WhereCard {
    let since_start = |frame: Frame| {
        records(game, episode).find_map(|record| {
            let start = record.frames.stepped_at(Frame::ZERO)?;
            Some(record.frames.stepped_at(frame)?.since(start))
        })
    };
    let classes = stress.classes();
    let seen = classes.iter().filter(|(.., seen)| *seen).count() as u32;
    let caption = match (comparison.first_different, comparison.last_agreed()) {
        (Some(_), Some(agreed)) => format!("last agreed at frame {agreed}"),
        (Some(_), None) => "no earlier frame agreed".to_owned(),
        (None, _) if comparison.compared > 0 => "no compared frame differs".to_owned(),
        (None, _) => "nothing compared yet".to_owned(),
    };
    WhereCard {
        first_mismatch: comparison.first_different,
        since_start_micros: comparison.first_different.and_then(since_start),
        stress_seen: (seen, classes.len() as u32),
        stress: classes.into_iter().map(|(name, text, _)| (name.to_owned(), text)).collect(),
        caption,
    }
}

fn cost_card(game: &Game, episode: usize) -> CostCard {
    let mut card = CostCard::default();
    let mut all_depths = Vec::new();
    for peer in &game.peers {
        let Some(record) = peer.episodes.get(episode) else {
            continue;
        };
        let executed = record.rollbacks.iter().filter(|r| r.state == RollbackState::Executed);
        card.rollbacks += executed.count() as u32;
        if let Some(micros) = rollback_micros(peer, record) {
            card.worker_micros = Some(card.worker_micros.unwrap_or(0) + micros);
        }
        let depths = sorted_depths(record);
        let mut histogram = vec![0; depths.last().map_or(0, |deepest| (*deepest).min(64) as usize)];
        for depth in &depths {
            // Depths past the last bar fall into it.
            let bar = (*depth).clamp(1, 64) as usize - 1;
            if let Some(count) = histogram.get_mut(bar) {
                *count += 1;
            }
        }
        let name = peer.local.map_or_else(|| "P?".to_owned(), |player| player.to_string());
        card.depth_histogram.push((name, histogram));
        all_depths.extend(depths);
    }
    sorting::sort_by_number(&mut all_depths, |depth| u64::from(*depth));
    let quantiles = (quantile(&all_depths, 50), quantile(&all_depths, 95), all_depths.last());
    if let (Some(median), Some(high), Some(highest)) = quantiles {
        card.depth_frames = Some((median, high, *highest));
    }
    card
}

fn finding_rows(checks: &[CheckResult]) -> Vec<FindingRow> {
    let mut findings: Vec<&Finding> = checks.iter().flat_map(|c| &c.outcome.findings).collect();
    // A stable sort keeps the order of the checks among equally bad findings.
    sorting::sort_by_key(&mut findings, |finding| finding.severity);
    findings
        .into_iter()
        .map(|finding| FindingRow {
            code: finding.code.to_owned(),
            severity: finding.severity,
            text: finding.text.clone(),
            detail: finding.detail.clone(),
            frame: finding.frames.map(|(first, _)| first),
            count: finding.count,
        })
        .collect()
}

fn check_rows(checks: &[CheckResult]) -> Vec<CheckRow> {
    let mut rows: Vec<CheckRow> = checks
        .iter()
        .map(|check| CheckRow {
            code: check.code.to_owned(),
            title: check.title.to_owned(),
            passed: check.outcome.passed,
            failed: check.outcome.failed,
            severity: worst(&check.outcome),
            not_checkable: check.outcome.not_checkable,
            reason: check.outcome.reason.clone(),
        })
        .collect();
    sorting::sort_by_key(&mut rows, |row| (row.failed == 0, row.severity));
    rows
}

/// Of a failure that no finding describes nothing better is known than that it is an error.
fn worst(outcome: &CheckOutcome) -> Option<Severity> {
    let worst = outcome.findings.iter().map(|finding| finding.severity).min();
    (outcome.failed > 0).then(|| worst.unwrap_or(Severity::Error))
}
