//! Model of the Checks view: the coverage map, and the detail of one check.

use rollscope::timeline::{CheckDetail, CoverageView};

use crate::format;
use crate::frame::detail::{Act, Content, Detail, Part};
use crate::signal::Memo;
use crate::state::Ui;
use crate::store;

/// The coverage map of the episode that is shown.
pub fn coverage(ui: Ui) -> Memo<CoverageView> {
    Memo::new(move |_| {
        ui.revision.track();
        store::with_analysis(|analysis| analysis.coverage())
    })
}

/// Findings of one check that the pane shows.
const FINDINGS: usize = 8;

/// Events of one finding that the pane links to.
const EVENTS: usize = 6;

/// The detail of the selected check.
pub fn detail(ui: Ui) -> Option<Detail> {
    ui.revision.track();
    let code = ui.chosen.check.get()?;
    let check = store::with_analysis(|analysis| analysis.check_detail(&code))?;
    let outcome = &check.outcome;
    let mut pairs = vec![
        ("rule".to_owned(), check.code.to_owned()),
        ("passed".to_owned(), format::count(outcome.passed.into())),
        ("failed".to_owned(), format::count(outcome.failed.into())),
        ("not checkable".to_owned(), format::count(outcome.not_checkable.into())),
    ];
    if let Some(reason) = outcome.reason.clone().filter(|_| outcome.not_checkable > 0) {
        pairs.push(("because".to_owned(), reason));
    }
    let mut parts = vec![
        Part { title: "", content: Content::Pairs(pairs) },
        Part { title: "the rule", content: Content::Note(check.rule.to_owned()) },
    ];
    parts.extend(findings(&check));
    Some(Detail { title: check.title.to_owned(), parts })
}

fn findings(check: &CheckDetail) -> Vec<Part> {
    let mut parts = Vec::new();
    for finding in check.outcome.findings.iter().take(FINDINGS) {
        let mut links = Vec::new();
        if let Some((first, last)) = finding.frames {
            links.push(("from".to_owned(), format!("frame {first}"), Act::Frame(first)));
            if last != first {
                links.push(("to".to_owned(), format!("frame {last}"), Act::Frame(last)));
            }
        }
        for evidence in finding.evidence.iter().take(EVENTS) {
            let found = store::with_analysis(|analysis| {
                let event = analysis.traffic_of(*evidence)?;
                analysis.traffic_row(event)
            });
            if let Some(row) = found {
                let player = row.player.map_or(String::new(), |player| format!("{player} "));
                let text = format!("{player}{} #{}", row.name, evidence.seq);
                links.push(("event".to_owned(), text, Act::Message(row.event)));
            }
        }
        parts.push(Part { title: "found", content: Content::Note(finding.text.clone()) });
        if !links.is_empty() {
            parts.push(Part { title: "", content: Content::Links(links) });
        }
        let more = finding.evidence.len().saturating_sub(EVENTS);
        if more > 0 {
            let text = format!("and {}", format::counted(more as u64, "more event"));
            parts.push(Part { title: "", content: Content::Note(text) });
        }
    }
    let more = check.outcome.findings.len().saturating_sub(FINDINGS);
    if more > 0 {
        let text = format!("and {}", format::counted(more as u64, "more finding"));
        parts.push(Part { title: "", content: Content::Note(text) });
    }
    parts
}
