//! The session report as one HTML page without scripts, fonts or other files beside it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Format, Report, Ruling};
use crate::fixed::Fixed;
use crate::observation::Evidence;
use crate::sorting;
use crate::summary::{RollbackRow, inferred_sentence};
use crate::verify::{Severity, VerdictKind};

/// A self-contained HTML page.
pub struct Html;

/// Rollbacks listed in the table; the JSON report holds all of them.
const LISTED_ROLLBACKS: usize = 500;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn title(&self) -> &'static str {
        "HTML report"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn media_type(&self) -> &'static str {
        "text/html"
    }

    fn documentation(&self) -> &'static str {
        "A page to read, print and file: verdict, figures, findings, checks and rollbacks."
    }

    fn write(&self, report: &Report) -> String {
        page(report).into_string()
    }
}

fn page(report: &Report) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { "Rollscope session report" }
                style { (PreEscaped(include_str!("report.css"))) }
            }
            body {
                main {
                    p.eyebrow { "Rollscope session report" }
                    h1 class=(verdict_class(report.verdict.kind)) { (report.verdict.text) }
                    p { (report.verdict.numbers) }
                    (session(report))
                    (figures(report))
                    (depth_chart(&report.rollbacks))
                    (findings(report))
                    (exclusions(report))
                    (checks(report))
                    (rollbacks(report))
                    (capture(report))
                    footer { "Written by " (report.written_by) ", report version " (report.version) "." }
                }
            }
        }
    }
}

fn verdict_class(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Desync => "desync",
        VerdictKind::Risk | VerdictKind::Incomplete => "risk",
        VerdictKind::Untested => "untested",
        VerdictKind::Verified => "verified",
    }
}

fn session(report: &Report) -> Markup {
    let session = &report.session;
    html! {
        h2 { "Session" }
        dl {
            @if let Some(pseudonym) = &session.pseudonym {
                dt { "Session" } dd { (pseudonym) ", pseudonymised" }
            } @else {
                dt { "Seed" } dd { (or_not_measured(session.seed.map(|seed| format!("{seed:08x}")))) }
            }
            dt { "Episode" } dd { (or_not_measured(session.episode)) }
            dt { "Last frame" } dd { (or_not_measured(session.last_frame)) }
            dt { "Peers" }
            dd {
                @for peer in &session.peers {
                    span.peer {
                        (peer.name) @if peer.is_observed { " observed" } @else { " heard on the wire only" }
                    }
                }
            }
            @for settings in &session.settings {
                dt { "Settings of " (settings.peer) }
                dd {
                    (settings.frames_per_second) " steps per second, input delay "
                    (settings.input_delay_frames) " frames, snapshot every "
                    (settings.snapshot_interval_frames) " frames, at most "
                    (settings.max_prediction_frames) " frames predicted"
                }
            }
            @let inferred = inferred_sentence(&session.configuration);
            @if !inferred.is_empty() {
                dt { "Configuration" } dd { (inferred) }
            }
        }
    }
}

fn figures(report: &Report) -> Markup {
    let hashes = &report.hashes;
    html! {
        h2 { "Figures" }
        table {
            thead {
                tr { th { "Figure" } @for peer in &report.session.peers { th.number { (peer.name) } } }
            }
            tbody {
                @for figure in &report.figures {
                    tr {
                        td title=(figure.explanation) { (figure.name) }
                        @for value in &figure.values { td.number { (or_not_measured(value.as_deref())) } }
                    }
                }
            }
        }
        p {
            (hashes.compared) " frames compared between the peers: " (hashes.equal) " equal, "
            (hashes.different) " different. " (hashes.recomputed)
            " worker hashes recomputed from the state: " (hashes.agree) " agree, " (hashes.differ)
            " differ."
        }
        p {
            "The rollbacks took " (report.savings.as_is.0) " requests to the worker; with one request \
             per step, a restore and a read they would have taken " (report.savings.unbatched.0) ". "
            (report.savings.sentence())
        }
    }
}

// One bar per depth; the drawing is plain SVG so that the page needs nothing else.
fn depth_chart(rollbacks: &[RollbackRow]) -> Markup {
    let depths: Vec<u32> = rollbacks.iter().filter_map(|row| row.depth_frames).collect();
    let deepest = depths.iter().copied().max().unwrap_or(0).min(40);
    let counts: Vec<usize> = (1..=deepest)
        .map(|bar| depths.iter().filter(|depth| (**depth).clamp(1, 40) == bar).count())
        .collect();
    let highest = counts.iter().copied().max().unwrap_or(0).max(1);
    html! {
        @if !counts.is_empty() {
            h2 { "Rollback depth" }
            svg viewBox={ "0 0 " (counts.len() * 16) " 92" } width=(counts.len() * 16) height="92" role="img"
                aria-label="Number of rollbacks by depth in frames" {
                @for (index, count) in counts.iter().enumerate() {
                    @let height = count * 60 / highest;
                    rect x=(index * 16 + 2) y=(72 - height) width="12" height=(height) {
                        title { "depth " (index + 1) ": " (count) }
                    }
                    text x=(index * 16 + 8) y="86" { (index + 1) }
                    @if *count > 0 { text x=(index * 16 + 8) y=(68 - height) { (count) } }
                }
            }
            p.caption { "Rollbacks by depth: frames from the first incorrect frame to the current one." }
        }
    }
}

fn findings(report: &Report) -> Markup {
    let mut findings: Vec<_> =
        report.checks.iter().flat_map(|check| &check.outcome.findings).collect();
    sorting::sort_by_key(&mut findings, |finding| finding.severity);
    html! {
        h2 { "Findings" }
        @if findings.is_empty() { p { "No check found anything." } }
        ol.findings {
            @for finding in findings {
                li class=(match finding.severity {
                    Severity::Error => "desync",
                    Severity::Risk => "risk",
                    Severity::Notice => "notice",
                }) {
                    strong { (finding.text) }
                    p.caption {
                        (finding.code) " · " (finding.detail)
                        @if !finding.evidence.is_empty() {
                            " · events " (numbers(&finding.evidence))
                        }
                    }
                }
            }
        }
    }
}

fn exclusions(report: &Report) -> Markup {
    html! {
        h2 { "Exclusion rules" }
        table {
            thead { tr { th { "Rule" } th { "" } th { "because" } } }
            tbody {
                @for one in &report.exclusions {
                    tr {
                        td { (one.rule) }
                        td {
                            @match one.ruling {
                                Ruling::Fires => strong { "fires" },
                                Ruling::Holds => "holds",
                                Ruling::NotCheckable => "not checkable",
                            }
                        }
                        td { (one.text) }
                    }
                }
            }
        }
    }
}

fn numbers(evidence: &[Evidence]) -> String {
    let mut texts: Vec<String> =
        evidence.iter().take(8).map(|event| format!("#{}", event.seq)).collect();
    if evidence.len() > 8 {
        texts.push(format!("and {} more", evidence.len() - 8));
    }
    texts.join(" ")
}

fn checks(report: &Report) -> Markup {
    html! {
        h2 { "Checks" }
        table {
            thead {
                tr {
                    th { "Check" } th.number { "holds" } th.number { "fails" }
                    th.number { "not checkable" } th { "because" }
                }
            }
            tbody {
                @for check in &report.checks {
                    tr {
                        td { (check.title) }
                        td.number { (check.outcome.passed) }
                        td.number { (check.outcome.failed) }
                        td.number { (check.outcome.not_checkable) }
                        td { (check.outcome.reason.as_deref().unwrap_or("")) }
                    }
                }
            }
        }
    }
}

fn rollbacks(report: &Report) -> Markup {
    let all = report.rollbacks.len();
    html! {
        h2 { "Rollbacks" }
        @if all > LISTED_ROLLBACKS {
            p { "The first " (LISTED_ROLLBACKS) " of " (all) "; the JSON report holds all of them." }
        }
        table {
            thead {
                tr {
                    th { "peer" } th.number { "current" } th.number { "target" } th.number { "depth" }
                    th.number { "snapshot" } th.number { "stepped again" } th { "because of" }
                    th.number { "requests" } th.number { "unbatched" } th.number { "ms" }
                }
            }
            tbody {
                @for row in report.rollbacks.iter().take(LISTED_ROLLBACKS) {
                    tr {
                        td { (row.peer_name) }
                        td.number { (row.current) }
                        td.number { (or_unknown(row.target)) }
                        td.number { (or_unknown(row.depth_frames)) }
                        td.number { (row.snapshot) }
                        td.number { (row.resimulated) }
                        td { (cause(row)) }
                        td.number { (row.round_trips) }
                        td.number { (row.round_trips_unbatched) }
                        td.number { (millis(row.total_micros)) }
                    }
                }
            }
        }
    }
}

fn cause(row: &RollbackRow) -> String {
    match (row.cause_player, row.predicted, row.actual) {
        (Some(player), Some(predicted), Some(actual)) => {
            format!("{player}: {predicted} guessed, {actual} came")
        }
        _ => "unknown".to_owned(),
    }
}

fn capture(report: &Report) -> Markup {
    let capture = &report.capture;
    html! {
        h2 { "Capture" }
        p {
            (capture.events) " events delivered, " (capture.lost_events) " lost, from "
            (capture.pages) " documents."
        }
        @if let Some(notice) = &capture.file_notice { p.risk { (notice) } }
        @for loss in &capture.losses { p.risk { (loss.text()) } }
        table {
            thead {
                tr { th { "channel" } th { "" } th.number { "sent" } th.number { "received" } th { "dialect" } }
            }
            tbody {
                @for channel in &capture.channels {
                    tr {
                        td { (channel.kind) }
                        td { (channel.label) }
                        td.number { (channel.sent) }
                        td.number { (channel.received) }
                        td { (channel.dialect.unwrap_or("not recognised")) }
                    }
                }
            }
        }
        @if !report.not_measured.is_empty() {
            h2 { "Not measured" }
            ul { @for missing in &report.not_measured { li { (missing) } } }
        }
    }
}

fn or_not_measured(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "was not measured".to_owned(), |value| value.to_string())
}

fn or_unknown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

fn millis(micros: Option<u64>) -> String {
    or_unknown(micros.map(|micros| format!("{:.1}", Fixed(micros as f64 / 1000.0))))
}
