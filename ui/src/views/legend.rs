//! The line above the timeline: what the marks mean, and whether it follows the newest frame.

use leptos::ev;

use crate::commands;
use crate::frame::filter;
use crate::html::{self, Element, IntoNodes};
use crate::keys::Command;
use crate::state::Ui;

/// States in the order of their rank, with the class of their glyph.
const STATES: [&str; 8] = [
    "predicted",
    "confirmed",
    "verified",
    "resimulated",
    "stalled",
    "unchecked",
    "mismatch",
    "missed rollback",
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
    let entry = |name: &'static str| {
        let class = format!("swatch {}", name.split(' ').next().unwrap_or(name));
        html::li().attr("title", name).child((
            html::span().class(class).attr("aria-hidden", "true"),
            html::span().class("name").child(name),
        ))
    };
    html::div().class("legend").child((
        filter::filter_box(ui),
        tool("Fit", "F", Command::Fit),
        tool("Follow", "Space", Command::Follow),
        tool("Lanes", "L", Command::Lanes),
        html::span().class("space"),
        html::ul().attr("aria-label", "Legend").child(STATES.into_iter().map(entry).nodes()),
    ))
}
