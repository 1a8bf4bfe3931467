//! The worst findings, one line each on short panels, with an evidence line on tall ones.

use rollscope::timeline::FindingRow;

use crate::commands;
use crate::format;
use crate::html::{self, Element, IntoNodes};
use crate::icons::{self, Icon, icon};
use crate::leptos::ev;
use crate::signal::{Memo, Signal};
use crate::state::Ui;
use crate::store::Beside;

/// Number of findings on screen.
const SHOWN: usize = 5;

/// The list; `[` and `]` move through all findings, and the five around the selected one show.
pub fn findings(ui: Ui, findings: Signal<Vec<FindingRow>>) -> Element {
    let first = move || ui.finding.get().map_or(0, |place| place.saturating_sub(SHOWN - 1));
    let title = move || {
        findings.with(|all| match all.first().map(|worst| worst.severity) {
            None => "No findings",
            Some(rollscope::verify::Severity::Notice) => "Findings, none that can spoil data",
            Some(_) => "Worst findings",
        })
    };
    // A row stays where it is while what it says changes: a finding that has the focus keeps it.
    let shown = Memo::new(move |_| {
        let count = findings.with(Vec::len);
        (first().min(count), (first() + SHOWN).min(count))
    });
    let rows = move || {
        let (first, end) = shown.get();
        let row = |place: usize| {
            let row = Memo::new(move |_| findings.with(|all| all.get(place).cloned()));
            finding(ui, place, row)
        };
        (first..end).map(row).nodes()
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

fn finding(ui: Ui, place: usize, row: Memo<Option<FindingRow>>) -> Element {
    let of = move |read: fn(&FindingRow) -> String| {
        move || row.with(|row| row.as_ref().map(read)).unwrap_or_default()
    };
    let frame = Memo::new(move |_| row.with(|row| row.as_ref()?.frame));
    let glyph = Memo::new(move |_| row.with(|row| row.as_ref().map(icons::of_finding)));
    let where_text = of(|row| match row.frame {
        Some(frame) => format!("frame {frame}"),
        None => format!("{} ×", format::count(row.count.into())),
    });
    let is_selected = move || ui.finding.get() == Some(place);
    let select = move |_| {
        if let Some(frame) = frame.get_untracked() {
            ui.select_frame(frame);
        }
        ui.finding.set(Some(place));
    };
    let jump = move || {
        frame.get().map(|frame| {
            html::button()
                .class("tool narrow")
                .attr("type", "button")
                .attr("aria-label", format!("Show frame {frame} in the timeline"))
                .attr("title", "Show in the timeline")
                .on(ev::click, move |_| ui.show_in_timeline(frame))
                .child(icon(Icon::Next))
        })
    };
    html::li().class("finding").class(("on", is_selected)).child((
        html::button()
            .class("claim")
            .attr("type", "button")
            .attr("aria-pressed", move || is_selected().to_string())
            .attr("title", of(|row| row.code.clone()))
            .on(ev::click, select)
            .child((
                move || glyph.get().map(icon),
                html::span().class("text").child((
                    html::span().class("sentence").child((
                        html::b().child(of(|row| format::split_lead(&row.text).0.to_owned())),
                        of(|row| format::split_lead(&row.text).1.to_owned()),
                    )),
                    html::span().class("detail").child(of(|row| row.detail.clone())),
                )),
                html::span().class("where").child(where_text),
            )),
        jump,
    ))
}
