//! The figures of the session, peers as columns; on tall panels only.

use rollscope::timeline::{Figure, PeerChip};

use super::meaning::{Stop, live};

use crate::html::{self, IntoNode, IntoNodes};
use crate::signal::{Memo, Signal};

/// What stands in the place of a figure that was not measured.
pub const NOT_MEASURED: &str = "was not measured";

/// The figures in two tables beside each other.
///
/// `inferred` says what of the configuration the traffic does not say.
pub fn figures(
    numbers: Signal<(Vec<PeerChip>, Vec<Figure>)>,
    inferred: Signal<String>,
) -> impl IntoNode {
    let count = Memo::new(move |_| numbers.with(|(_, figures)| figures.len()));
    let tables = move || {
        let half = count.get().div_ceil(2).max(1);
        [0, half].map(|first| table(numbers, first..first + half))
    };
    let has_any = move || count.get() > 0;
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
            ))
        })
    }
}

/// From here on a figure of several parts has a line for each, in bytes.
const LONG: usize = 24;

/// A line per part: these begin with a letter after a comma, or after a semicolon.
fn in_lines(value: &str) -> String {
    let mut text = String::new();
    for part in value.split_inclusive(", ") {
        let is_next = part.starts_with(|first: char| first.is_alphabetic());
        if is_next && text.ends_with(", ") {
            text.pop();
            text.push('\n');
        }
        text.push_str(part);
    }
    text.replace("; ", ";\n")
}

/// A table of the figures at some places. While recording only texts change in it: a name that has the focus keeps it.
pub fn table(
    numbers: Signal<(Vec<PeerChip>, Vec<Figure>)>,
    places: std::ops::Range<usize>,
) -> impl IntoNode {
    // What the table is built of: names of the peers and figures, and which figures nobody knows.
    let built = Memo::new(move |_| {
        numbers.with(|(peers, figures)| {
            let peers: Vec<String> = peers.iter().map(|peer| peer.name.clone()).collect();
            let shown = figures.iter().enumerate().skip(places.start).take(places.len());
            let row = |(place, figure): (usize, &Figure)| {
                let is_unknown = figure.values.iter().all(Option::is_none);
                (place, figure.name.clone(), figure.values.len(), is_unknown)
            };
            (peers, shown.map(row).collect::<Vec<_>>())
        })
    });
    let at = move |place: usize, column: usize| {
        numbers.with(|(_, figures)| figures.get(place)?.values.get(column)?.clone())
    };
    let cell = move |place: usize, column: usize| {
        let value = Memo::new(move |_| at(place, column));
        let class = move || {
            value.with(|value| match value {
                None => "unknown",
                Some(value) if value.len() > LONG => "long",
                Some(_) => "",
            })
        };
        let text = move || match value.get() {
            None => "–".to_owned(),
            Some(value) if value.len() > LONG => in_lines(&value),
            Some(value) => value,
        };
        let title = move || value.with(Option::is_none).then_some(NOT_MEASURED);
        html::td().class(class).attr("title", title).child(text)
    };
    let row =
        move |(at, (place, name, columns, is_unknown)): (usize, (usize, String, usize, bool))| {
            let about = move || {
                let about =
                    numbers.with(|(_, figures)| Some(figures.get(place)?.explanation.clone()));
                about.unwrap_or_default()
            };
            let values = if is_unknown {
                let span = columns.max(1).to_string();
                vec![
                    html::td()
                        .class("unknown")
                        .attr("colspan", span)
                        .child(NOT_MEASURED)
                        .into_node(),
                ]
            } else {
                (0..columns).map(|column| cell(place, column).into_node()).collect()
            };
            // By pointer and by keyboard: what it is, its unit, what it was counted from.
            let name = live(name, Signal::derive(about), Stop::of(at));
            html::tr().child((html::th().attr("scope", "row").child(name), values))
        };
    move || {
        let (peers, rows) = built.get();
        let head = peers.into_iter().map(|peer| html::th().attr("scope", "col").child(peer));
        html::table().attr("data-meanings", "").child((
            html::thead().child(
                html::tr().child((html::th().attr("scope", "col").child("figure"), head.nodes())),
            ),
            html::tbody().child(rows.into_iter().enumerate().map(row).nodes()),
        ))
    }
}
