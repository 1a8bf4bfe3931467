//! `rollscope check`: the verdict, and of several sessions one line for each.

use std::io::{self, Write};

use anyhow::Result;
use rollscope::analysis::Analysis;
use rollscope::verify::{SessionCheck, Verdict, VerdictKind};
use serde_json::{Value, json};

use crate::{files, warn};

/// Prints the verdict; returns its exit code, of several sessions that of the worst.
pub(crate) fn run(analysis: &Analysis, as_json: bool) -> Result<u8> {
    let (checked, health) = (analysis.check(), analysis.health());
    let games = if analysis.choices().len() > 1 { analysis.check_games() } else { Vec::new() };
    let worst = games.iter().map(|(check, _)| check.verdict.kind).min();
    let exit_code = worst.unwrap_or(checked.verdict.kind).exit_code();
    let mut out = io::stdout().lock();
    if as_json {
        writeln!(out, "{}", object(&checked, &games, exit_code, &health))?;
    } else {
        for (place, (check, names)) in games.iter().enumerate() {
            writeln!(out, "{}: {}", name(place, names), sentence(&check.verdict))?;
        }
        match games.len() {
            0 => writeln!(out, "{}", sentence(&checked.verdict))?,
            count => writeln!(out, "{count} sessions: {}", counts(&games))?,
        }
    }
    let unread = (!as_json).then(|| files::unread(analysis, &health)).flatten();
    warn(health.file_notice.into_iter().chain(unread))?;
    Ok(exit_code)
}

fn sentence(verdict: &Verdict) -> String {
    format!("{}. {}", verdict.headline, verdict.numbers)
}

fn name(place: usize, files: &[String]) -> String {
    if files.is_empty() { format!("session {}", place + 1) } else { files.join(" + ") }
}

fn counts(games: &[(SessionCheck, Vec<String>)]) -> String {
    let kinds: Vec<VerdictKind> = games.iter().map(|(check, _)| check.verdict.kind).collect();
    VerdictKind::counts(&kinds)
}

fn said(verdict: &Verdict) -> Value {
    json!({ "kind": verdict.kind, "text": sentence(verdict), "exit_code": verdict.kind.exit_code() })
}

fn object(
    checked: &SessionCheck,
    games: &[(SessionCheck, Vec<String>)],
    exit_code: u8,
    health: &rollscope::timeline::HealthView,
) -> Value {
    let findings = |check: &SessionCheck| -> Vec<Value> {
        let findings = check.checks.iter().flat_map(|check| &check.outcome.findings);
        findings.map(|finding| json!(finding)).collect()
    };
    let mut verdict = said(&checked.verdict);
    if let [(first, _), ..] = games {
        let worst = games.iter().map(|(check, _)| &check.verdict).min_by_key(|one| one.kind);
        let worst = worst.unwrap_or(&first.verdict);
        verdict = json!({
            "kind": worst.kind,
            "text": format!("{} sessions: {}", games.len(), counts(games)),
            "exit_code": exit_code,
        });
    }
    let mut object = json!({
        "verdict": verdict,
        "findings": findings(checked),
        "coverage": checked.coverage,
        "stress": checked.stress,
        "accounting": {
            "events": health.events,
            "lost_events": health.lost_events,
            "losses": health.losses,
            "seen_events": checked.capture.seen,
            "is_cut_off": checked.capture.is_cut_off,
            "pages": health.pages,
            "channels": health.channels,
            "issues": health.issues,
        },
    });
    let session = |(check, files): &(SessionCheck, Vec<String>)| json!({ "files": files, "verdict": said(&check.verdict), "findings": findings(check) });
    if let Some(object) = object.as_object_mut().filter(|_| !games.is_empty()) {
        object.insert("sessions".to_owned(), games.iter().map(session).collect());
    }
    object
}
