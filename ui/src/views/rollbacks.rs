//! The Rollbacks view: what every rollback was and what its round trips cost.

use std::ops::Range;

use rollscope::timeline::{RollbackRow, SavingsView};

use super::bars::{self, otherwise};
use super::grid::{Cell, Grid, Head, Line, grid};
use super::savings::savings;
use crate::format;
use crate::frame::filter::filter_box;
use crate::html::{self, Element};
use crate::leptos::prelude::*;
use crate::signal::{Callback, Memo, Signal};
use crate::state::Ui;

/// Height of a row in CSS pixels, as in the style sheet.
const ROW_HEIGHT: f64 = 22.0;

/// Columns before the bar: name, class, meaning.
const COLUMNS: [(&str, &str, &str); 10] = [
    ("frame", "number", "The frame that was about to be stepped when the rollback was discovered"),
    ("target", "number", "The first incorrect frame"),
    ("depth", "number", "Frames from the first incorrect one to the current one"),
    ("steps", "number", "Frames stepped again, from the snapshot on"),
    ("peer", "word", "The peer that rolled back"),
    (
        "predicted → actual",
        "word wide",
        "Whose input was guessed wrong, the guess and the real input",
    ),
    (
        "trips",
        "number wide dim",
        "Requests to the worker: as it is · as one batch · one per step, a restore and a read",
    ),
    ("as is", "number", "Milliseconds from posting the first request to the last reply: measured"),
    (
        "one",
        "number strong",
        "Milliseconds as one batch: estimated from this session's own requests",
    ),
    (
        "unbatched",
        "number dim",
        "Milliseconds with one request per step: estimated from this session's own requests",
    ),
];

/// What the view shows and asks for.
#[derive(Clone, Copy)]
pub struct Model {
    /// Number of rollbacks.
    pub count: Signal<usize>,
    /// The sums.
    pub savings: Memo<SavingsView>,
    /// Time at the end of the axis, in microseconds; `None` while none was measured.
    pub axis_micros: Signal<Option<u64>>,
    /// The rows that the filter lets through, in order; `None` where there is no filter.
    pub shown: Memo<Option<Vec<usize>>>,
    /// Gives the asked rows.
    pub rows: Callback<Range<usize>, Vec<RollbackRow>>,
}

/// The view.
pub fn rollbacks(ui: Ui, model: Model) -> Element {
    let scale = Memo::new(move |_| {
        let overhead = model.savings.with(|view| view.overhead.as_ref().map(|one| one.micros));
        // To a tenth of a millisecond: a finer change cannot be seen.
        let overhead = overhead.map(|micros| micros.div_ceil(100) * 100);
        (model.axis_micros.get().unwrap_or(0), overhead)
    });
    // A line of the table is the row at its place, or the row that the filter leaves there.
    let row_at = move |line: usize| {
        model.shown.with(|shown| match shown {
            Some(shown) => shown.get(line).copied(),
            None => Some(line),
        })
    };
    let line_of = move |row: usize| {
        model.shown.with(|shown| match shown {
            Some(shown) => shown.binary_search(&row).ok(),
            None => Some(row),
        })
    };
    let lines = Signal::derive(move || {
        model.shown.with(|shown| shown.as_ref().map(Vec::len)).unwrap_or(model.count.get())
    });
    let rows = move |lines: Range<usize>| {
        model.shown.with(|shown| match shown {
            Some(shown) => {
                let rows = shown.get(lines.start..lines.end.min(shown.len())).unwrap_or_default();
                rows.iter().flat_map(|row| model.rows.run(*row..row.saturating_add(1))).collect()
            }
            None => model.rows.run(lines),
        })
    };
    let chosen = move |line: usize| {
        untrack(|| {
            let row = row_at(line)?;
            Some((row, model.rows.run(row..row.saturating_add(1)).first()?.current))
        })
    };
    let mut heads: Vec<Head> =
        COLUMNS.into_iter().map(|(name, class, meaning)| Head::new(name, class, meaning)).collect();
    heads.push(Head {
        name: Signal::derive(move || match model.axis_micros.get() {
            Some(micros) => format!("0 to {}", format::duration(micros)),
            None => "time was not measured".to_owned(),
        }),
        class: "bar",
        meaning: "Wait, execute and reply; the tick is where one batch would end, the ring where single requests would. The axis ends at the 95th percentile",
    });
    let table = Grid {
        label: "Rollbacks",
        row_id: "rollback-row",
        row_height: ROW_HEIGHT,
        count: lines,
        lines: Callback::new(move |asked| {
            let scale = scale.get();
            rows(asked).iter().map(|row| line(row, scale)).collect()
        }),
        selected: Signal::derive(move || ui.rollback.get().and_then(line_of)),
        choose: Callback::new(move |at| {
            if let Some((row, frame)) = chosen(at) {
                ui.select_rollback(row, frame);
            }
        }),
        open: Callback::new(move |at| {
            if let Some((row, frame)) = chosen(at) {
                ui.show_in_timeline(frame);
                ui.rollback.set(Some(row));
            }
        }),
        turn: None,
    };
    html::div().class("rollbacks").child((
        html::div().class("bar-head").child((
            html::h2().child("Round trips per rollback"),
            filter_box(ui),
            html::span().class("hint").attr("data-testid", "rollbacks-shown").child(move || {
                let all = format::counted(model.count.get() as u64, "rollback");
                if model.shown.with(Option::is_some) {
                    format!("{} of {all}", lines.get())
                } else {
                    all
                }
            }),
            html::span().class("space"),
            key(),
        )),
        savings(model.savings),
        grid(table, heads),
        move || {
            (lines.get() == 0).then(|| {
                html::p().class("hint").child(if model.count.get() == 0 {
                    "No rollbacks so far."
                } else {
                    "The filter hides all rollbacks. Escape in the filter takes it away."
                })
            })
        },
    ))
}

fn key() -> Element {
    let entry = |class: &'static str, name: &'static str| {
        html::span().class("entry").child((html::i().class(class), name))
    };
    html::span().class("bar-key").attr("aria-hidden", "true").child((
        entry("wait", "wait"),
        entry("execute", "execute"),
        entry("reply", "reply"),
        entry("tick", "one batch would end"),
        entry("ring", "unbatched would end"),
    ))
}

fn line(row: &RollbackRow, (axis, overhead): (u64, Option<u64>)) -> Line {
    let known = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let target = row.target.map(|frame| frame.to_string());
    let guess = match (row.predicted, row.actual) {
        (None, None) => "–".to_owned(),
        (guess, real) => format!(
            "{} {} → {}",
            known(row.cause_player.map(|player| player.to_string())),
            known(guess.map(|action| action.to_string())),
            known(real.map(|action| action.to_string()))
        ),
    };
    let other = otherwise(row, overhead);
    let texts = [
        row.current.to_string(),
        known(target.clone()),
        known(row.depth_frames.map(|depth| depth.to_string())),
        row.resimulated.to_string(),
        row.peer_name.clone(),
        guess,
        format!("{} · 1 · {}", row.round_trips, row.round_trips_unbatched),
        row.total_micros.map_or("running".to_owned(), format::millis),
        known(other.map(|(one, _)| format::millis(one))),
        known(other.map(|(_, many)| format::millis(many))),
    ];
    let mut cells: Vec<Cell> = texts
        .into_iter()
        .zip(COLUMNS)
        .map(|(text, (_, class, _))| Cell::text(class, text))
        .collect();
    cells.push(bars::bar(row, axis, overhead));
    Line {
        class: "",
        rollback: Some([row.peer.to_string(), target.unwrap_or_default(), row.current.to_string()]),
        branch: None,
        cells,
    }
}
