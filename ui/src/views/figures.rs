//! The figures of the session, on tall panels only: peers as columns, and of distributions as lines.

use rollscope::timeline::{Figure, PeerChip};

use super::meaning::{Stop, live};

use crate::html::{self, IntoNode, IntoNodes, Node};
use crate::signal::{Memo, Signal};

/// What stands in the place of a figure that was not measured.
pub const NOT_MEASURED: &str = "was not measured";

type Numbers = Signal<(Vec<PeerChip>, Vec<Figure>)>;

/// The figures in two tables beside each other, and below them those that need a line for each peer.
///
/// `inferred` says what of the configuration the traffic does not say.
pub fn figures(numbers: Numbers, inferred: Signal<String>) -> impl IntoNode {
    let places = places(numbers);
    // They need the whole width.
    let is_many = Memo::new(move |_| numbers.with(|(peers, _)| peers.len() > 2));
    let tables = move || {
        places.with(|(narrow, _)| {
            let tables = if is_many.get() { 1 } else { 2 };
            narrow
                .chunks(narrow.len().div_ceil(tables).max(1))
                .map(|part| narrow_table(numbers, part))
                .nodes()
        })
    };
    let has_any = move || places.with(|(narrow, wide)| !(narrow.is_empty() && wide.is_empty()));
    move || {
        has_any().then(|| {
            html::section().class("figures").child((
                html::div().class("list-head").child((
                    html::h2().child("Figures"),
                    html::span().child("this episode, per peer"),
                )),
                move || {
                    let text = inferred.get();
                    let is_any = !text.is_empty();
                    is_any.then(|| {
                        html::p().class("inferred").attr("data-testid", "inferred").child(text)
                    })
                },
                html::div().class("columns").child(tables),
                move || places.with(|(_, wide)| wide_table(numbers, wide)),
            ))
        })
    }
}

/// The same figures below each other, for a sheet.
pub fn sheet(numbers: Numbers) -> impl IntoNode {
    let places = places(numbers);
    html::div().class("figures").child((
        move || places.with(|(narrow, _)| narrow_table(numbers, narrow)),
        move || places.with(|(_, wide)| wide_table(numbers, wide)),
    ))
}

/// Places of the figures that fit a column, and of those that need a line.
fn places(numbers: Numbers) -> Memo<(Vec<usize>, Vec<usize>)> {
    Memo::new(move |_| {
        numbers.with(|(_, figures)| {
            (0..figures.len()).partition(|at| figures.get(*at).is_some_and(|one| !one.is_wide))
        })
    })
}

/// What a table is built of, of each of its figures: place, name, number of peers, whether nobody knows it.
type Built = Vec<(usize, String, usize, bool)>;

/// While recording only texts change in a table, because this does not: a name that has the focus keeps it.
fn built(numbers: Numbers, places: &[usize]) -> Memo<(Vec<String>, Built)> {
    let places = places.to_vec();
    Memo::new(move |_| {
        numbers.with(|(peers, figures)| {
            let peers: Vec<String> = peers.iter().map(|peer| peer.name.clone()).collect();
            let row = |place: &usize| {
                let figure = figures.get(*place)?;
                let is_unknown = figure.values.iter().all(Option::is_none);
                Some((*place, figure.name.clone(), figure.values.len(), is_unknown))
            };
            (peers, places.iter().filter_map(row).collect())
        })
    })
}

fn narrow_table(numbers: Numbers, places: &[usize]) -> Node {
    let built = built(numbers, places);
    let row =
        move |(at, (place, name, columns, is_unknown)): (usize, (usize, String, usize, bool))| {
            let values = if is_unknown {
                vec![unknown(columns)]
            } else {
                (0..columns).map(|column| cell(numbers, place, column, |text| text)).collect()
            };
            html::tr().child((head(numbers, (at, place), name, 1), values))
        };
    let content = move || {
        let (peers, rows) = built.get();
        let head = peers.into_iter().map(|peer| html::th().attr("scope", "col").child(peer));
        (
            html::thead().child(
                html::tr().child((html::th().attr("scope", "col").child("figure"), head.nodes())),
            ),
            html::tbody().child(rows.into_iter().enumerate().map(row).nodes()),
        )
    };
    html::table().attr("data-meanings", "").child(content).into_node()
}

/// A line for each peer: its numbers stand below those of the others, however many peers there are.
fn wide_table(numbers: Numbers, places: &[usize]) -> Node {
    let built = built(numbers, places);
    let rows = move |peers: Vec<String>,
                     (at, (place, name, columns, is_unknown)): (
        usize,
        (usize, String, usize, bool),
    )| {
        let lines = if is_unknown { 1 } else { columns.max(1) };
        let first = head(numbers, (at, place), name, lines);
        if is_unknown {
            return vec![html::tr().child((first, unknown(2))).into_node()];
        }
        let mut first = Some(first);
        let line = |(column, peer): (usize, String)| {
            html::tr()
                .child((
                    first.take(),
                    html::td().class("who").child(peer),
                    cell(numbers, place, column, in_lines),
                ))
                .into_node()
        };
        peers.into_iter().enumerate().take(columns).map(line).collect()
    };
    let content = move || {
        let (peers, built) = built.get();
        let rows = built.into_iter().enumerate().flat_map(|one| rows(peers.clone(), one));
        let heads = [("figure", ""), ("", "who"), ("median / p95 / p99 / max of n, and rates", "")];
        let head = |(name, class): (&'static str, &'static str)| {
            html::th().class(class).attr("scope", "col").child(name)
        };
        (
            html::thead().child(html::tr().child(heads.map(head).into_iter().nodes())),
            html::tbody().child(rows.nodes()),
        )
    };
    html::table().class("wide").attr("data-meanings", "").child(content).into_node()
}

/// The name of a figure, which explains itself by pointer and keyboard: what it is, its unit, what it was counted from.
fn head(numbers: Numbers, (at, place): (usize, usize), name: String, lines: usize) -> Node {
    let about = move || {
        let about = numbers.with(|(_, figures)| Some(figures.get(place)?.explanation.clone()));
        about.unwrap_or_default()
    };
    html::th()
        .attr("scope", "row")
        .attr("rowspan", (lines > 1).then(|| lines.to_string()))
        .child(live(name, Signal::derive(about), Stop::of(at)))
        .into_node()
}

fn cell(numbers: Numbers, place: usize, column: usize, write: fn(String) -> String) -> Node {
    let value = Memo::new(move |_| {
        numbers.with(|(_, figures)| figures.get(place)?.values.get(column)?.clone())
    });
    let class = move || if value.with(Option::is_none) { "unknown" } else { "" };
    let title = move || value.with(Option::is_none).then_some(NOT_MEASURED);
    let text = move || value.get().map_or_else(|| "–".to_owned(), write);
    html::td().class(class).attr("title", title).child(text).into_node()
}

/// Figures by type of message stand below each other, where a line has room for one.
#[expect(clippy::needless_pass_by_value, reason = "one of two ways to write a text")]
fn in_lines(text: String) -> String {
    let mark = if text.contains("; ") { "; " } else { ", " };
    text.replace(mark, "\n")
}

fn unknown(columns: usize) -> Node {
    html::td()
        .class("unknown")
        .attr("colspan", columns.max(1).to_string())
        .child(NOT_MEASURED)
        .into_node()
}
