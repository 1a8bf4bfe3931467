//! Exclusion rules: may the data of a session be pooled? Each rule holds, fires or could not be checked, with the
//! numbers that decide. A study picks its own; these name what spoils a two-player session.

use serde::Serialize;

use super::Report;
use crate::session::Game;
use crate::verify::{Case, Coverage, Severity};

/// Below this share of compared frames, of all that can be compared, little is known of a session; in percent.
const LEAST_COMPARED_PERCENT: u32 = 50;

/// Stalled steps from which a player felt the other one's network, in percent of all steps.
const MOST_STALLED_PERCENT: u32 = 5;

/// Codes of the checks that rules rest on.
const BACKGROUND: &str = "page-in-background";
const MISMATCH: &str = "state-hash-mismatch";

/// What a rule says of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The session is to be left out.
    Fires,
    /// Nothing speaks against it.
    Holds,
    /// The capture does not tell.
    NotCheckable,
}

/// One rule and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// Stable code.
    pub code: &'static str,
    /// When the rule fires, in a few words.
    pub rule: String,
    /// What it says of this session.
    pub ruling: Ruling,
    /// The numbers that decide, or why it could not be checked.
    pub text: String,
}

/// Every rule on one episode, in one order.
pub(super) fn exclusions(report: &Report, (game, episode): (&Case<'_>, usize)) -> Vec<Exclusion> {
    vec![
        mismatch(report),
        compared(&game.coverage(episode)),
        spoiled(report),
        missing(report),
        background(report),
        stalled(game, episode),
    ]
}

fn rule(code: &'static str, rule: &str, ruling: Ruling, text: String) -> Exclusion {
    Exclusion { code, rule: rule.to_owned(), ruling, text }
}

const fn fires_if(fires: bool) -> Ruling {
    if fires { Ruling::Fires } else { Ruling::Holds }
}

fn mismatch(report: &Report) -> Exclusion {
    let hashes = &report.hashes;
    let (ruling, text) = match (hashes.compared, hashes.different) {
        (0, _) => (Ruling::NotCheckable, "no hash was compared".to_owned()),
        (all, different) => {
            (fires_if(different > 0), format!("{different} of {all} compared hashes differ"))
        }
    };
    rule("any-mismatch", "any mismatch", ruling, text)
}

fn compared(coverage: &Coverage) -> Exclusion {
    let (compared, hashable) = (coverage.compared, coverage.hashable);
    let (ruling, text) = match (u64::from(compared) * 100).checked_div(u64::from(hashable)) {
        None => (Ruling::NotCheckable, "the game hashes no frame".to_owned()),
        Some(percent) => (
            fires_if(percent < u64::from(LEAST_COMPARED_PERCENT)),
            format!("{compared} of {hashable} hashable frames compared"),
        ),
    };
    let name = format!("compared < {LEAST_COMPARED_PERCENT} % of hashable frames");
    rule("little-compared", &name, ruling, text)
}

fn spoiled(report: &Report) -> Exclusion {
    let findings = report.checks.iter().flat_map(|check| &check.outcome.findings);
    let mut errors =
        findings.filter(|found| found.severity == Severity::Error && found.code != MISMATCH);
    let (ruling, text) = match errors.next() {
        Some(first) => (Ruling::Fires, first.text.clone()),
        None => (Ruling::Holds, "no check found an error besides".to_owned()),
    };
    rule("other-error", "any other error", ruling, text)
}

fn missing(report: &Report) -> Exclusion {
    let (lost, notice) = (report.capture.lost_events, report.verdict.exit_code == 4);
    let text = match (lost, notice) {
        (0, true) => "nobody knows how many events are missing".to_owned(),
        (0, false) => "no event is missing".to_owned(),
        (1, _) => "1 event is missing".to_owned(),
        (lost, _) => format!("{lost} events are missing"),
    };
    rule("events-missing", "capture incomplete", fires_if(lost > 0 || notice), text)
}

fn background(report: &Report) -> Exclusion {
    let check = report.checks.iter().find(|check| check.code == BACKGROUND);
    let outcome = check.map(|check| &check.outcome);
    let (ruling, text) = match outcome {
        Some(outcome) if outcome.failed > 0 => {
            let first = outcome.findings.first().map(|finding| finding.text.clone());
            (Ruling::Fires, first.unwrap_or_default())
        }
        Some(outcome) if outcome.not_checkable == 0 && outcome.passed > 0 => {
            (Ruling::Holds, "every page stayed in the foreground".to_owned())
        }
        _ => (Ruling::NotCheckable, "not every page said anything of its focus".to_owned()),
    };
    rule("in-background", "a page in the background", ruling, text)
}

fn stalled(game: &Game, episode: usize) -> Exclusion {
    let records = game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
    let known = records.filter(|record| record.is_replayable() && record.next_frame().0 > 0);
    let shares = known.map(|record| (record.stalls, record.next_frame().0));
    let worst =
        shares.max_by_key(|(stalls, steps)| u64::from(*stalls) * 1_000_000 / u64::from(*steps));
    let (ruling, text) = match worst {
        None => (Ruling::NotCheckable, "stalls were not measured".to_owned()),
        Some((stalls, steps)) => (
            fires_if(u64::from(stalls) * 100 >= u64::from(MOST_STALLED_PERCENT) * u64::from(steps)),
            format!("at most {stalls} of {steps} steps of one page came late"),
        ),
    };
    rule("stalled", &format!("stalled ≥ {MOST_STALLED_PERCENT} % of steps"), ruling, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analysis;

    fn rulings(report: &Report) -> Vec<(&'static str, Ruling)> {
        report.exclusions.iter().map(|one| (one.code, one.ruling)).collect()
    }

    #[test]
    fn a_sound_session_is_kept_and_each_reason_is_named() {
        let mut analysis = Analysis::new();
        analysis.open_file(include_bytes!("../../tests/fixtures/session-v1.rollscope")).unwrap();
        let report = analysis.report();
        let found = rulings(&report);
        assert!(found.iter().all(|(_, ruling)| *ruling != Ruling::Fires), "{found:?}");
        assert!(found.iter().any(|(_, ruling)| *ruling == Ruling::Holds));
        assert!(report.exclusions.iter().all(|one| !one.text.is_empty()));
    }

    #[test]
    fn rules_fire_on_what_they_name() {
        let mut analysis = Analysis::new();
        analysis.open_file(include_bytes!("../../tests/fixtures/session-v1.rollscope")).unwrap();
        let mut report = analysis.report();
        report.hashes.different = 1;
        report.hashes.compared = 2;
        assert_eq!(mismatch(&report).ruling, Ruling::Fires);
        report.capture.lost_events = 3;
        assert_eq!(missing(&report).text, "3 events are missing");
        let one = compared(&Coverage { hashable: 10, compared: 4, ..Coverage::default() });
        assert_eq!(one.ruling, Ruling::Fires);
        let one = compared(&Coverage { hashable: 10, compared: 5, ..Coverage::default() });
        assert_eq!(one.ruling, Ruling::Holds);
    }

    #[test]
    fn what_was_not_seen_is_not_checkable() {
        let report = Analysis::new().report();
        let found = rulings(&report);
        for code in ["any-mismatch", "little-compared", "in-background", "stalled"] {
            assert!(found.contains(&(code, Ruling::NotCheckable)), "{code}: {found:?}");
        }
    }
}
