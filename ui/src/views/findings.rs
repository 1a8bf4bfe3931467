//! The worst findings, one line each on short panels, with an evidence line on tall ones.

use leptos::prelude::*;
use leptos::{ev, html};
use rollscope::timeline::FindingRow;

use crate::commands;
use crate::format;
use crate::icons::{self, Icon, icon};
use crate::state::Ui;
use crate::store::Beside;

/// Number of findings on screen.
const SHOWN: usize = 5;

/// The list; `[` and `]` move through all findings, and the five around the selected one show.
pub fn findings(ui: Ui, findings: Signal<Vec<FindingRow>>) -> impl IntoView {
    let first = move || ui.finding.get().map_or(0, |place| place.saturating_sub(SHOWN - 1));
    let title = move || {
        findings.with(|all| match all.first().map(|worst| worst.severity) {
            None => "No findings",
            Some(rollscope::verify::Severity::Notice) => "Findings, none that can spoil data",
            Some(_) => "Worst findings",
        })
    };
    let rows = move || {
        let rows = findings.get().into_iter().enumerate().skip(first()).take(SHOWN);
        rows.map(|(place, row)| finding(ui, place, &row)).collect::<Vec<_>>()
    };
    let key = move |cap: &'static str, name: &'static str, side: Beside| {
        html::button()
            .class("keycap")
            .attr("type", "button")
            .attr("aria-label", name)
            .attr("title", name)
            .on(ev::click, move |_| commands::step_finding(ui, side))
            .child(cap)
    };
    let total = move || {
        let all = findings.with(Vec::len);
        if all == 0 { String::new() } else { format!("{} of {all}", all.min(SHOWN)) }
    };
    html::section().class("findings").child((
        html::div().class("list-head").child((
            html::h2().child(title),
            html::span().child(total),
            key("[", "Previous finding", Beside::Before),
            key("]", "Next finding", Beside::After),
        )),
        html::ul().child(rows),
    ))
}

fn finding(ui: Ui, place: usize, row: &FindingRow) -> impl IntoView + use<> {
    let glyph = icons::of_finding(row);
    let (lead, rest) = format::split_lead(&row.text);
    let where_text = match row.frame {
        Some(frame) => format!("frame {frame}"),
        None => format!("{} ×", format::count(row.count.into())),
    };
    let frame = row.frame;
    let is_selected = move || ui.finding.get() == Some(place);
    let select = move |_| {
        if let Some(frame) = frame {
            ui.select_frame(frame);
        }
        ui.finding.set(Some(place));
    };
    let jump = frame.map(|frame| {
        html::button()
            .class("tool narrow")
            .attr("type", "button")
            .attr("aria-label", format!("Show frame {frame} in the timeline"))
            .attr("title", "Show in the timeline")
            .on(ev::click, move |_| ui.show_in_timeline(frame))
            .child(icon(Icon::Next))
    });
    html::li().class("finding").class(("on", is_selected)).child((
        html::button()
            .class("claim")
            .attr("type", "button")
            .attr("aria-pressed", move || is_selected().to_string())
            .attr("title", row.code.clone())
            .on(ev::click, select)
            .child((
                icon(glyph),
                html::span().class("text").child((
                    html::span()
                        .class("sentence")
                        .child((html::b().child(lead.to_owned()), rest.to_owned())),
                    html::span().class("detail").child(row.detail.clone()),
                )),
                html::span().class("where").child(where_text),
            )),
        jump,
    ))
}
