//! The Rollbacks view: what every rollback was and what its round trips cost.

use std::ops::Range;

use leptos::prelude::*;
use leptos::{ev, html};
use rollscope::timeline::{RollbackRow, SavingsView};
use web_sys::KeyboardEvent;

use super::bars;
use super::savings::savings;
use crate::format;
use crate::rows::Rows;
use crate::state::Ui;

/// Height of a row in CSS pixels, as in the style sheet.
const ROW_HEIGHT: f64 = 22.0;

/// Columns: name, class, meaning.
const COLUMNS: [(&str, &str, &str); 9] = [
    ("frame", "number", "The frame that was about to be stepped when the rollback was discovered"),
    ("target", "number", "The first incorrect frame"),
    ("depth", "number", "frame − target"),
    ("steps", "number", "Frames stepped again, from the snapshot on"),
    ("peer", "word", "The peer that rolled back"),
    ("culprit", "word", "The player whose input was guessed wrong"),
    ("predicted → actual", "word wide", "The guessed and the real input"),
    (
        "trips",
        "number wide",
        "Round trips to the worker: as it is · with one request per operation",
    ),
    ("time ms", "number", "From posting the first request to the last reply"),
];

/// What the view shows and asks for.
#[derive(Clone, Copy)]
pub struct Model {
    /// Number of rollbacks.
    pub count: Signal<usize>,
    /// The sums.
    pub savings: Signal<SavingsView>,
    /// Time at the end of the axis, in microseconds; `None` while none was measured.
    pub axis_micros: Signal<Option<u64>>,
    /// Gives the asked rows.
    pub rows: Callback<Range<usize>, Vec<RollbackRow>>,
}

/// The view.
pub fn rollbacks(ui: Ui, model: Model) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let top = RwSignal::new(0.0);
    let visible = RwSignal::new(600.0);
    let rows = Memo::new(move |_| Rows {
        count: model.count.get(),
        height: ROW_HEIGHT,
        visible: visible.get(),
    });
    let window = Memo::new(move |_| rows.get().window(top.get()));
    let measured = move || {
        if let Some(body) = node.get_untracked() {
            top.set(f64::from(body.scroll_top()));
            visible.set(f64::from(body.client_height()).max(ROW_HEIGHT));
        }
    };
    Effect::new(move |_| {
        if node.get().is_some() {
            request_animation_frame(measured);
        }
    });
    let resized = window_event_listener(ev::resize, move |_| measured());
    on_cleanup(move || resized.remove());
    // The selected row is brought into view, whoever selected it.
    Effect::new(move |_| {
        let Some(row) = ui.rollback.get() else { return };
        let Some(body) = node.get() else { return };
        let now = f64::from(body.scroll_top());
        let wanted = rows.get_untracked().showing(row, now);
        if (wanted - now).abs() >= 1.0 {
            body.set_scroll_top(wanted.round() as i32);
        }
    });
    // Rows are drawn anew only when what they show differs, so that nothing flickers while recording.
    let shown = Memo::new(move |_| {
        let (asked, _) = window.get();
        asked.clone().zip(model.rows.run(asked)).collect::<Vec<_>>()
    });
    let scale = Memo::new(move |_| {
        let overhead = model.savings.get().overhead_micros;
        // To a tenth of a millisecond: a finer change cannot be seen.
        (model.axis_micros.get().unwrap_or(0), overhead.map(|micros| micros / 100 * 100))
    });
    let lines = move || {
        let scale = scale.get();
        shown.with(|rows| {
            rows.iter().map(|(place, row)| line(ui, *place, row, scale)).collect::<Vec<_>>()
        })
    };
    html::div().class("rollbacks").child((
        savings(model.savings),
        html::div()
            .class("table")
            .attr("role", "grid")
            .attr("aria-label", "Rollbacks")
            .attr("aria-rowcount", move || model.count.get().to_string())
            .child((
                head(model.axis_micros),
                html::div()
                    .class("body")
                    .node_ref(node)
                    .attr("tabindex", "0")
                    .attr("role", "rowgroup")
                    .on(ev::scroll, move |_| measured())
                    .on(ev::keydown, move |event| moved(ui, model, rows.get_untracked(), &event))
                    .child(
                        html::div()
                            .class("content")
                            .attr("role", "presentation")
                            .attr("style", move || {
                                format!("height:{}px", rows.get().scroll_height())
                            })
                            .child(
                                html::div()
                                    .class("lines")
                                    .attr("role", "presentation")
                                    .attr("style", move || {
                                        format!("transform:translateY({}px)", window.get().1)
                                    })
                                    .child(lines),
                            ),
                    ),
            )),
        move || {
            (model.count.get() == 0).then(|| html::p().class("hint").child("No rollbacks so far."))
        },
    ))
}

fn head(axis_micros: Signal<Option<u64>>) -> impl IntoView {
    let cell = |(name, class, meaning): (&'static str, &'static str, &'static str)| {
        html::span().class(class).attr("role", "columnheader").attr("title", meaning).child(name)
    };
    let axis = move || match axis_micros.get() {
        Some(micros) => format!("0 to {}", format::duration(micros)),
        None => "time was not measured".to_owned(),
    };
    html::div().class("line heads").attr("role", "row").child((
        COLUMNS.into_iter().map(cell).collect::<Vec<_>>(),
        html::span()
            .class("bar")
            .attr("role", "columnheader")
            .attr("title", "Wait, execute and reply; the ring is where single requests would end. The axis ends at the 95th percentile")
            .child(axis),
    ))
}

fn line(
    ui: Ui,
    place: usize,
    row: &RollbackRow,
    (axis, overhead): (u64, Option<u64>),
) -> impl IntoView + use<> {
    let known = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let target = row.target.map(|frame| frame.to_string());
    let guess = match (row.predicted, row.actual) {
        (None, None) => "–".to_owned(),
        (guess, real) => format!(
            "{} → {}",
            known(guess.map(|action| action.to_string())),
            known(real.map(|action| action.to_string()))
        ),
    };
    let texts = [
        row.current.to_string(),
        known(target.clone()),
        known(row.depth_frames.map(|depth| depth.to_string())),
        row.resimulated.to_string(),
        row.peer_name.clone(),
        known(row.cause_player.map(|player| player.to_string())),
        guess,
        format!("{} · {}", row.round_trips, row.round_trips_unbatched),
        row.total_micros.map_or("running".to_owned(), format::millis),
    ];
    let cell = |(text, (_, class, _)): (String, (&'static str, &'static str, &'static str))| {
        html::span().class(class).attr("role", "gridcell").child(text)
    };
    let current = row.current;
    let is_selected = move || ui.rollback.get() == Some(place);
    html::div()
        .class("line")
        .class(("on", is_selected))
        .attr("role", "row")
        .attr("aria-rowindex", (place + 1).to_string())
        .attr("aria-selected", move || is_selected().to_string())
        .attr("data-testid", "rollback-row")
        .attr("data-row", place.to_string())
        .attr("data-peer", row.peer.to_string())
        .attr("data-target", target.unwrap_or_default())
        .attr("data-current", current.to_string())
        .on(ev::click, move |_| ui.select_rollback(place, current))
        .on(ev::dblclick, move |_| {
            ui.show_in_timeline(current);
            ui.rollback.set(Some(place));
        })
        .child((
            texts.into_iter().zip(COLUMNS).map(cell).collect::<Vec<_>>(),
            bars::bar(row, axis, overhead),
        ))
}

fn moved(ui: Ui, model: Model, rows: Rows, event: &KeyboardEvent) {
    let Some(last) = rows.count.checked_sub(1) else { return };
    let page = (rows.visible / rows.height).floor().max(1.0) as usize;
    let from = ui.rollback.get_untracked();
    let row = match (event.key().as_str(), from) {
        ("ArrowDown" | "ArrowUp" | "PageDown" | "PageUp", None) => 0,
        ("ArrowDown", Some(row)) => row.saturating_add(1),
        ("ArrowUp", Some(row)) => row.saturating_sub(1),
        ("PageDown", Some(row)) => row.saturating_add(page),
        ("PageUp", Some(row)) => row.saturating_sub(page),
        ("Home", _) => 0,
        ("End", _) => last,
        ("Enter", Some(row)) => {
            if let Some(chosen) = model.rows.run(row..row.saturating_add(1)).first() {
                ui.show_in_timeline(chosen.current);
                ui.rollback.set(Some(row));
            }
            return;
        }
        _ => return,
    }
    .min(last);
    event.prevent_default();
    if let Some(chosen) = untrack(|| model.rows.run(row..row.saturating_add(1))).first() {
        ui.select_rollback(row, chosen.current);
    }
}
