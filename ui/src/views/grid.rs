//! A long table: rows are drawn only where they are seen, chosen by pointer or arrow keys, and drawn
//! anew only when what they show differs, so that nothing flickers while recording.

use rollscope::fixed::Fixed;

use std::ops::Range;

use wasm_bindgen::JsCast;
use web_sys::{Element as DomElement, KeyboardEvent, MouseEvent};

use super::meaning::{Stop, beside};
use crate::html::{self, Element, ElementRef, IntoNode, IntoNodes, Node};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::leptos::prelude::*;
use crate::rows::Rows;
use crate::signal::{Callback, Memo, RwSignal, Signal, effect};

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A text.
    Text(String),
    /// A text in a class of its own.
    Span(&'static str, String),
    /// An icon.
    Icon(Icon),
    /// An empty block: its class and its style.
    Block(&'static str, String),
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Its class.
    pub class: &'static str,
    /// Text that shows when the pointer rests on it; empty for none.
    pub title: String,
    /// What it shows.
    pub pieces: Vec<Piece>,
}

impl Cell {
    /// A cell with a text.
    pub fn text(class: &'static str, text: impl Into<String>) -> Self {
        Self { class, title: String::new(), pieces: vec![Piece::Text(text.into())] }
    }

    /// A cell with several pieces.
    pub fn of(class: &'static str, pieces: Vec<Piece>) -> Self {
        Self { class, title: String::new(), pieces }
    }

    /// With a text that shows when the pointer rests on it.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Its class beside `line`.
    pub class: &'static str,
    /// Peer, target and current frame of a rollback, for tests and scripts.
    pub rollback: Option<[String; 3]>,
    /// Where it stands in a tree; `None` in a plain table.
    pub branch: Option<Branch>,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// The place of a row in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// 1 for the outermost.
    pub level: usize,
    /// Whether what it holds shows; `None` where it holds nothing.
    pub is_open: Option<bool>,
}

/// What a user asks of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// To show what it holds, or to go to the first of that where it shows already.
    Open,
    /// To hide what it holds, or to go to the branch around where there is nothing to hide.
    Close,
    /// The other way.
    Other,
    /// To open every branch.
    All,
}

/// One column.
#[derive(Clone, Copy)]
pub struct Head {
    /// Its name.
    pub name: Signal<String>,
    /// Its class.
    pub class: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

impl Head {
    /// A column whose name stays.
    pub fn new(name: &'static str, class: &'static str, meaning: &'static str) -> Self {
        Self { name: Signal::derive(move || name.to_owned()), class, meaning }
    }
}

/// A table.
#[derive(Clone, Copy)]
pub struct Grid {
    /// What it holds, for screen readers.
    pub label: &'static str,
    /// Name of its rows in `data-testid`.
    pub row_id: &'static str,
    /// Height of a row in CSS pixels, as in the style sheet.
    pub row_height: f64,
    /// Number of rows.
    pub count: Signal<usize>,
    /// Gives the asked rows.
    pub lines: Callback<Range<usize>, Vec<Line>>,
    /// The chosen row.
    pub selected: Signal<Option<usize>>,
    /// Chooses a row.
    pub choose: Callback<usize>,
    /// Opens a row: Enter or a double click.
    pub open: Callback<usize>,
    /// Folds and unfolds a row of a tree; `None` in a plain table.
    pub turn: Option<Callback<(usize, Turn)>>,
}

/// The table.
pub fn grid(model: Grid, heads: Vec<Head>) -> Element {
    let node = ElementRef::default();
    let top = RwSignal::new(0.0);
    let visible = RwSignal::new(600.0);
    let rows = Memo::new(move |_| Rows {
        count: model.count.get(),
        height: model.row_height,
        visible: visible.get(),
    });
    let window = Memo::new(move |_| rows.get().window(top.get()));
    let measured = move || {
        let body = node.get_untracked::<DomElement>()?;
        top.set(f64::from(body.scroll_top()));
        visible.set(f64::from(body.client_height()).max(model.row_height));
        Some(body)
    };
    // The chosen row is brought into view, whoever chose it. What fits is known once it is laid out.
    let reveal = move |row| {
        let (Some(body), Some(rows)) = (measured(), rows.try_get_untracked()) else { return };
        let now = f64::from(body.scroll_top());
        let wanted = rows.showing(row, now);
        if (wanted - now).abs() >= 1.0 {
            body.set_scroll_top(wanted.round() as i32);
        }
    };
    effect(move || {
        let (row, is_there) = (model.selected.get(), node.get::<DomElement>().is_some());
        if is_there {
            request_animation_frame(move || match row {
                Some(row) => reveal(row),
                None => drop(measured()),
            });
        }
    });
    let resized = window_event_listener(ev::resize, move |_| drop(measured()));
    on_cleanup(move || resized.remove());
    let shown = Memo::new(move |_| {
        let (asked, _) = window.get();
        asked.clone().zip(model.lines.run(asked)).collect::<Vec<_>>()
    });
    let lines =
        move || shown.with(|rows| rows.iter().map(|(at, row)| line(model, *at, row)).nodes());
    html::div()
        .class("grid")
        .attr("role", if model.turn.is_some() { "treegrid" } else { "grid" })
        .attr("aria-label", model.label)
        .attr("aria-rowcount", move || model.count.get().to_string())
        .child((
            html::div()
                .class("line heads")
                .attr("role", "row")
                .attr("data-meanings", "")
                .child(heads.into_iter().enumerate().map(head).nodes()),
            html::div()
                .class("body")
                .node_ref(node)
                .attr("tabindex", "0")
                .attr("role", "rowgroup")
                .on(ev::scroll, move |_| drop(measured()))
                .on(ev::keydown, move |event| moved(model, rows.get_untracked(), &event))
                .child(
                    html::div()
                        .class("content")
                        .attr("role", "presentation")
                        .attr("style", move || {
                            format!("height:{}px", Fixed(rows.get().scroll_height()))
                        })
                        .child(
                            html::div()
                                .class("lines")
                                .attr("role", "presentation")
                                .attr("style", move || {
                                    format!("transform:translateY({:.2}px)", Fixed(window.get().1))
                                })
                                .child(lines),
                        ),
                ),
        ))
}

fn head((place, head): (usize, Head)) -> Node {
    let name = move || head.name.get();
    html::span()
        .class(head.class)
        .attr("role", "columnheader")
        .child(beside(name, head.meaning, Stop::of(place)))
        .into_node()
}

fn line(model: Grid, place: usize, line: &Line) -> Node {
    let is_selected = move || model.selected.get() == Some(place);
    let [peer, target, current] = match &line.rollback {
        Some(known) => known.clone().map(Some),
        None => [const { None }; 3],
    };
    html::div()
        .class(format!("line {}", line.class))
        .class(("on", is_selected))
        .attr("role", "row")
        .attr("aria-rowindex", (place + 1).to_string())
        .attr("aria-level", line.branch.map(|branch| branch.level.to_string()))
        .attr(
            "aria-expanded",
            line.branch.and_then(|branch| branch.is_open).map(|is_open| is_open.to_string()),
        )
        .attr("aria-selected", move || is_selected().to_string())
        .attr("data-testid", model.row_id)
        .attr("data-row", place.to_string())
        .attr("data-peer", peer)
        .attr("data-target", target)
        .attr("data-current", current)
        .on(ev::click, move |event| match model.turn.filter(|_| is_on_twist(&event)) {
            Some(turn) => turn.run((place, Turn::Other)),
            None => model.choose.run(place),
        })
        .on(ev::dblclick, move |_| model.open.run(place))
        .child(line.cells.iter().map(cell).nodes())
        .into_node()
}

fn cell(cell: &Cell) -> Node {
    let title = (!cell.title.is_empty()).then(|| cell.title.clone());
    html::span()
        .class(cell.class)
        .attr("role", "gridcell")
        .attr("title", title)
        .child(cell.pieces.iter().map(piece).nodes())
        .into_node()
}

/// One piece of a cell, for other places too.
pub fn piece(piece: &Piece) -> Node {
    match piece {
        Piece::Text(text) => text.clone().into_node(),
        Piece::Span(class, text) => html::span().class(*class).child(text.clone()).into_node(),
        Piece::Icon(glyph) => icon(*glyph).into_node(),
        Piece::Block(class, style) => {
            html::i().class(*class).attr("style", style.clone()).into_node()
        }
    }
}

fn moved(model: Grid, rows: Rows, event: &KeyboardEvent) {
    let Some(last) = rows.count.checked_sub(1) else { return };
    let page = (rows.visible / rows.height).floor().max(1.0) as usize;
    let from = model.selected.get_untracked();
    let row = match (event.key().as_str(), from) {
        ("ArrowDown" | "ArrowUp" | "PageDown" | "PageUp", None) => 0,
        ("ArrowDown", Some(row)) => row.saturating_add(1),
        ("ArrowUp", Some(row)) => row.saturating_sub(1),
        ("PageDown", Some(row)) => row.saturating_add(page),
        ("PageUp", Some(row)) => row.saturating_sub(page),
        ("Home", _) => 0,
        ("End", _) => last,
        ("Enter", Some(row)) => return model.open.run(row),
        (key, Some(row)) => {
            let Some((turn, asked)) = model.turn.zip(turn_of(key)) else { return };
            event.prevent_default();
            event.stop_propagation();
            return turn.run((row, asked));
        }
        _ => return,
    }
    .min(last);
    event.prevent_default();
    model.choose.run(row);
}

fn turn_of(key: &str) -> Option<Turn> {
    match key {
        "ArrowRight" => Some(Turn::Open),
        "ArrowLeft" => Some(Turn::Close),
        "*" => Some(Turn::All),
        _ => None,
    }
}

/// Whether a click meant the mark that folds and unfolds.
fn is_on_twist(event: &MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<DomElement>().ok());
    target.is_some_and(|element| element.closest(".twist").ok().flatten().is_some())
}
