//! The line above the timeline: what the marks mean, and whether it follows the newest frame.

use super::meaning::{Stop, beside};
use crate::commands;
use crate::frame::filter;
use crate::html::{self, Element, IntoNodes};
use crate::keys::Command;
use crate::leptos::ev;
use crate::state::Ui;

/// States in the order of their rank, with what each says of a frame; the first word is the class of the glyph.
const STATES: [(&str, &str); 8] = [
    (
        "predicted",
        "Stepped on a guess: not all inputs were there. Upper half of a frame: how it was shown; lower half: what it became",
    ),
    ("confirmed", "The real inputs of all players are held; no hash of it was compared"),
    ("verified", "The hashes that the peers reported for it are equal"),
    ("resimulated", "Stepped again by a rollback: the thin line below, from the snapshot on"),
    ("stalled", "The step came late, because the prediction window was used up"),
    ("unchecked", "It was stepped, and nothing says yet what it became"),
    ("mismatch", "Two peers reported different hashes for it"),
    ("missed rollback", "A guess that was proved wrong, and no rollback followed"),
];

/// The line.
pub fn legend(ui: Ui) -> Element {
    let tool = move |label: &'static str, key: &'static str, command: Command| {
        let is_on = move || match command {
            Command::Follow => ui.is_following.get(),
            _ => ui.is_lanes_open.get(),
        };
        html::button()
            .class("chip")
            .class(("on", move || command != Command::Fit && is_on()))
            .attr("type", "button")
            .attr("title", format!("{label}  {key}"))
            .attr("aria-pressed", move || (command != Command::Fit).then(|| is_on().to_string()))
            .on(ev::click, move |_| commands::carry_out(ui, command))
            .child(label)
    };
    let entry = |(place, (name, about)): (usize, (&'static str, &'static str))| {
        let class = format!("swatch {}", name.split(' ').next().unwrap_or(name));
        let sign = (
            html::span().class(class).attr("aria-hidden", "true"),
            html::span().class("name").child(name),
        );
        html::li().child(beside(sign, about, Stop::of(place)))
    };
    html::div().class("legend").child((
        filter::filter_box(ui),
        tool("Fit", "F", Command::Fit),
        tool("Follow", "Space", Command::Follow),
        tool("Lanes", "L", Command::Lanes),
        html::span().class("space"),
        html::ul()
            .attr("aria-label", "Legend")
            .attr("data-meanings", "")
            .child(STATES.into_iter().enumerate().map(entry).nodes()),
    ))
}
