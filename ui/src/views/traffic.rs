//! The Traffic view: every message with time, frame, type, size, latency and status; bytes per type.

use std::ops::Range;

use rollscope::fixed::Fixed;
use rollscope::observation::Direction;
use rollscope::traffic::{Event, Family, Status, TrafficRow, TypeSum};

use super::grid::{Cell, Grid, Head, Line, Piece, grid};
use super::meaning::{Stop, live};
use crate::chosen::Chosen;
use crate::format;
use crate::html::{self, Element, IntoNode, IntoNodes, Node};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::signal::{Callback, Memo, Signal};
use crate::state::Ui;

/// Id of the filter, which `/` moves the cursor to.
pub const FILTER: &str = "traffic-filter";

/// Longest latency that has a bar of its own length, in microseconds.
const LONGEST_BAR_MICROS: f64 = 150_000.0;
/// Width of that bar in CSS pixels.
const LONGEST_BAR: f64 = 72.0;

/// Types of messages that the legend names.
const NAMED_TYPES: usize = 6;

/// What the view shows and asks for.
#[derive(Clone, Copy)]
pub struct Model {
    /// Messages that the filter lets through.
    pub count: Memo<usize>,
    /// Messages in all, and those that came after the index was full.
    pub all: Signal<(usize, u64)>,
    /// What of the filter was not understood.
    pub problem: Signal<Option<String>>,
    /// Sums per type of what the filter lets through.
    pub sums: Memo<Vec<TypeSum>>,
    /// The row of the selected message.
    pub selected: Signal<Option<usize>>,
    /// Gives the asked rows.
    pub rows: Callback<Range<usize>, Vec<TrafficRow>>,
    /// Selects a row.
    pub choose: Callback<usize>,
    /// Shows a row in the timeline.
    pub open: Callback<usize>,
}

/// The view.
pub fn traffic(ui: Ui, model: Model) -> Element {
    let heads = vec![
        Head::new("time", "number", "Seconds on the page's own clock, from when it was loaded"),
        Head::new("frame", "number", "The frame that the page was about to step"),
        Head::new("", "way", "Sent by the page, or received"),
        Head::new("channel", "dim", "The worker, data channel or socket"),
        Head::new("type", "", "What the message calls itself, or what its dialect reads in it"),
        Head::new(
            "size",
            "number",
            "Bytes of the content. A message to a worker has no size of its own: texts, keys and bytes count in full, a number as 8",
        ),
        Head::new(
            "latency",
            "",
            "From the request to this reply, from the ping to this pong. The way of a single message between peers was not measured",
        ),
        Head::new("status", "", "What became of it"),
    ];
    let table = Grid {
        label: "Messages",
        row_id: "traffic-row",
        row_height: 20.0,
        count: model.count.into(),
        lines: Callback::new(move |rows| model.rows.run(rows).iter().map(line).collect()),
        selected: model.selected,
        choose: model.choose,
        open: model.open,
        turn: None,
    };
    html::div().class("traffic").child((
        filters(ui, model),
        move || {
            model
                .problem
                .get()
                .map(|problem| html::p().class("problem").attr("role", "status").child(problem))
        },
        bytes_per_type(model.sums),
        grid(table, heads),
        move || {
            (model.count.get() == 0).then(|| {
                let (all, _) = model.all.get();
                html::p().class("hint").child(if all == 0 {
                    "No messages so far.".to_owned()
                } else {
                    format!("The filter hides all {}.", format::counted(all as u64, "message"))
                })
            })
        },
    ))
}

fn filters(ui: Ui, model: Model) -> Element {
    let Chosen { query, hidden, is_episode_only, .. } = ui.chosen;
    let family = move |family: Family| {
        let is_on = move || !hidden.with(|hidden| hidden.contains(&family));
        chip(family.name(), is_on, move || Chosen::toggle(hidden, family))
    };
    let sum = move || {
        let bytes = model.sums.with(|sums| sums.iter().map(|sum| sum.bytes).sum::<u64>());
        let (_, left_out) = model.all.get();
        let mut text = format!(
            "{}, {}",
            format::bytes(bytes),
            format::counted(model.count.get() as u64, "message")
        );
        if left_out > 0 {
            text.push_str(&format!("; {} after the index was full", format::count(left_out)));
        }
        text
    };
    html::div().class("bar-head").child((
        html::span().class("filter").child((
            icon(Icon::Search),
            html::input()
                .attr("id", FILTER)
                .attr("data-testid", FILTER)
                .attr("type", "search")
                .attr("spellcheck", "false")
                .attr("autocomplete", "off")
                .attr("aria-label", "Filter")
                .attr("placeholder", "/ e.g. frame:395..410")
                .attr(
                    "title",
                    "frame:395..410  player:1  type:batch  dir:sent  size>1000  latency>50  -kind:ping",
                )
                .prop("value", move || query.get())
                .on_field(ev::input, move |field| query.set(field.value())),
        )),
        Family::ALL.into_iter().map(family).nodes(),
        chip(
            "this episode",
            move || is_episode_only.get(),
            move || {
                is_episode_only.update(|is_only| *is_only = !*is_only);
            },
        ),
        html::span().class("space"),
        html::span().class("hint").attr("data-testid", "traffic-sum").child(sum),
    ))
}

fn chip(
    name: &'static str,
    is_on: impl Fn() -> bool + Copy + Send + Sync + 'static,
    toggle: impl Fn() + 'static,
) -> Node {
    html::button()
        .class("chip")
        .class(("on", is_on))
        .attr("type", "button")
        .attr("aria-pressed", move || is_on().to_string())
        .on(ev::click, move |_| toggle())
        .child(name)
        .into_node()
}

/// One bar, a piece per type: neutral greys, because types are no states. The key has a fixed number of places, so that
/// a name which has the focus keeps it while numbers and order change.
fn bytes_per_type(sums: Memo<Vec<TypeSum>>) -> impl IntoNode {
    let shade = |place: usize| ["a", "b", "c", "d"].get(place % 4).copied().unwrap_or("a");
    let piece = move |(place, sum): (usize, &TypeSum)| {
        html::i()
            .class(shade(place))
            .attr("title", words(sum))
            .attr("style", format!("flex-grow:{}", sum.bytes))
    };
    let pieces = move || {
        sums.with(|sums| {
            let all: u64 = sums.iter().map(|sum| sum.bytes).sum();
            let shown = sums.iter().enumerate().filter(|(_, sum)| sum.bytes * 400 > all);
            shown.map(piece).nodes()
        })
    };
    let entry = move |place: usize| {
        let of = move |text: fn(&TypeSum) -> String| {
            sums.with(|sums| sums.get(place).map(text).unwrap_or_default())
        };
        let name = move || of(|sum| format!("{} {}", sum.name, format::bytes(sum.bytes)));
        let about = Signal::derive(move || of(words));
        html::span()
            .class("entry")
            .class(("none", move || sums.with(|sums| sums.len() <= place)))
            .child((html::i().class(shade(place)), live(name, about, Stop::of(place))))
    };
    html::div()
        .class("types")
        .class(("none", move || sums.with(Vec::is_empty)))
        .attr("role", "group")
        .attr("aria-label", "Bytes per type")
        .child((
            html::div().class("types-bar").child(pieces),
            html::div()
                .class("types-key")
                .attr("data-meanings", "")
                .child((0..NAMED_TYPES).map(entry).nodes()),
        ))
}

fn words(sum: &TypeSum) -> String {
    let messages = format::counted(sum.messages, "message");
    format!("{} {} in {messages}", sum.name, format::bytes(sum.bytes))
}

fn line(row: &TrafficRow) -> Line {
    let dash = || "–".to_owned();
    let (way, name) = match row.direction {
        Direction::Sent => (Icon::Sent, "sent"),
        Direction::Received => (Icon::Received, "received"),
    };
    let channel = match row.player {
        Some(player) => format!("{player} {}", row.channel_name),
        None => row.channel_name.clone(),
    };
    let latency = row.latency_micros.map_or_else(Vec::new, |micros| {
        let width = (f64::from(micros) / LONGEST_BAR_MICROS).min(1.0) * LONGEST_BAR;
        vec![
            Piece::Block("latency", format!("width:{}px", Fixed(width.max(2.0)))),
            Piece::Text(format::duration(micros.into())),
        ]
    });
    let (class, text) = status(row.status);
    let status = match row.status {
        Status::Slow | Status::Error | Status::Threw => {
            vec![Piece::Icon(Icon::Warning), Piece::Text(format!(" {text}"))]
        }
        _ => vec![Piece::Text(text.to_owned())],
    };
    Line {
        class: "",
        rollback: None,
        branch: None,
        cells: vec![
            Cell::text("number", format!("{:.3}", Fixed(row.time.0 as f64 / 1e6))),
            Cell::text("number", row.frame.map_or_else(dash, |frame| frame.to_string())),
            Cell::of("way", vec![Piece::Icon(way)]).titled(name),
            Cell::text("dim", channel),
            Cell::of("", vec![Piece::Text(row.name.clone()), Piece::Span("dim", about(row))]),
            Cell::text("number", format::bytes(row.size_bytes.into())),
            Cell::of("", latency),
            Cell::of(class, status),
        ],
    }
}

/// What stands behind the name of the type: a request's number, the last frame of inputs.
pub fn about(row: &TrafficRow) -> String {
    let number = row.number.map(|number| match row.family {
        Family::Worker => format!(" #{number}"),
        _ => format!(" up to frame {number}"),
    });
    let count = (row.family == Family::Worker && row.count > 1)
        .then(|| format!(", {} operations", row.count));
    format!("{}{}", number.unwrap_or_default(), count.unwrap_or_default())
}

/// Class and name of a status.
pub const fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Sent => ("dim", "sent"),
        Status::Ok => ("dim", "ok"),
        Status::Open => ("dim", "no reply"),
        Status::Error => ("risk", "error"),
        Status::Slow => ("risk", "slow"),
        Status::Threw => ("risk", "threw"),
        Status::Withheld => ("risk", "withheld by shaper"),
        Status::Delayed => ("dim", "delayed by shaper"),
        Status::Duplicated => ("dim", "doubled by shaper"),
    }
}

/// What an event of the traffic is, in a few words, with its direction.
pub fn title(row: &TrafficRow) -> String {
    let way = if row.direction == Direction::Sent { "↑" } else { "↓" };
    format!("{way} {}{}", row.name, about(row))
}

/// Whether two rows are one message and its answer.
pub fn partner(row: &TrafficRow) -> Option<(&'static str, Event)> {
    let name = if row.direction == Direction::Sent { "reply" } else { "request" };
    row.partner.map(|event| (name, event))
}
