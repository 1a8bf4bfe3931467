//! The figures of the session, peers as columns; on tall panels only.

use leptos::html;
use leptos::prelude::*;
use rollscope::timeline::{Figure, PeerChip};

use super::meaning::meaning;

/// What stands in the place of a figure that was not measured.
pub const NOT_MEASURED: &str = "was not measured";

/// The figures in two tables beside each other.
///
/// `inferred` says what of the configuration the traffic does not say.
pub fn figures(
    numbers: Signal<(Vec<PeerChip>, Vec<Figure>)>,
    inferred: Signal<String>,
) -> impl IntoView {
    let tables = move || {
        let (peers, figures) = numbers.get();
        let half = figures.len().div_ceil(2).max(1);
        figures.chunks(half).map(|half| table(&peers, half)).collect::<Vec<_>>()
    };
    let has_any = move || numbers.with(|(_, figures)| !figures.is_empty());
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

/// One table of figures.
pub fn table(peers: &[PeerChip], figures: &[Figure]) -> impl IntoView + use<> {
    let head = peers.iter().map(|peer| html::th().attr("scope", "col").child(peer.name.clone()));
    let row = |figure: &Figure| {
        let is_unknown = figure.values.iter().all(Option::is_none);
        let values = if is_unknown {
            let span = figure.values.len().max(1).to_string();
            let cell = html::td().class("unknown").attr("colspan", span).child(NOT_MEASURED);
            vec![cell.into_any()]
        } else {
            let value = |value: &Option<String>| match value {
                Some(value) if value.len() > LONG => {
                    html::td().class("long").child(in_lines(value)).into_any()
                }
                Some(value) => html::td().child(value.clone()).into_any(),
                None => {
                    html::td().class("unknown").attr("title", NOT_MEASURED).child("–").into_any()
                }
            };
            figure.values.iter().map(value).collect()
        };
        // By pointer and by keyboard: what it is, its unit, what it was counted from.
        let name = meaning(figure.name.clone(), figure.explanation.clone());
        html::tr().child((html::th().attr("scope", "row").child(name), values))
    };
    html::table().child((
        html::thead().child(
            html::tr()
                .child((html::th().attr("scope", "col").child("figure"), head.collect::<Vec<_>>())),
        ),
        html::tbody().child(figures.iter().map(row).collect::<Vec<_>>()),
    ))
}
