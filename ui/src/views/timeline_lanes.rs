//! The menu of lanes: what is shown, what comes first, and which peers show their frames alone.

use crate::commands;
use crate::draw::lanes::{Choices, LaneKind};
use crate::html::{self, Element, IntoNodes};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::leptos::prelude::*;
use crate::state::Ui;

/// Id of the button that closes the menu.
const CLOSE: &str = "lanes-close";

/// What the choice beside a peer means.
const WHOLE: &str = "Without it only the frames of this peer are shown";

/// The menu; `peers` are their names.
pub fn menu(ui: Ui, peers: Vec<String>) -> Element {
    request_animation_frame(|| commands::focus(CLOSE));
    let row = move |kind: LaneKind| {
        let is_shown = move || ui.lanes.with(|choices| !choices.hidden.contains(&kind));
        let is_pinned = move || ui.lanes.with(|choices| choices.pinned.contains(&kind));
        html::li().attr("data-meaning", kind.meaning()).child((
            check((kind.name().to_owned(), kind.meaning()), is_shown, move || {
                ui.lanes.update(|choices| Choices::toggle(&mut choices.hidden, kind));
            }),
            html::button()
                .class("chip")
                .class(("on", is_pinned))
                .attr("type", "button")
                .attr("aria-pressed", move || is_pinned().to_string())
                .attr("aria-label", format!("Show {} first", kind.name()))
                .on(ev::click, move |_| {
                    ui.lanes.update(|choices| Choices::toggle(&mut choices.pinned, kind));
                })
                .child("pin"),
        ))
    };
    let peer = move |(place, name): (usize, String)| {
        let is_full = move || ui.lanes.with(|choices| !choices.collapsed.contains(&place));
        html::li().attr("data-meaning", WHOLE).child(check(
            (format!("all lanes of {name}"), WHOLE),
            is_full,
            move || ui.lanes.update(|choices| Choices::toggle(&mut choices.collapsed, place)),
        ))
    };
    html::section()
        .class("lanes-menu")
        .attr("role", "dialog")
        .attr("aria-label", "Lanes")
        .on(ev::keydown, move |event| {
            if event.key() == "Escape" {
                ui.is_lanes_open.set(false);
            }
        })
        .child((
            html::div().class("pane-head").child((
                html::h2().child("Lanes"),
                html::button()
                    .class("tool narrow")
                    .attr("id", CLOSE)
                    .attr("type", "button")
                    .attr("aria-label", "Close")
                    .on(ev::click, move |_| ui.is_lanes_open.set(false))
                    .child(icon(Icon::Close)),
            )),
            html::ul().child((
                LaneKind::CHOICES.into_iter().map(row).nodes(),
                peers.into_iter().enumerate().map(peer).nodes(),
            )),
        ))
}

fn check(
    (name, meaning): (String, &'static str),
    is_on: impl Fn() -> bool + Send + Sync + Copy + 'static,
    toggle: impl Fn() + 'static,
) -> Element {
    html::label().child((
        html::input()
            .attr("type", "checkbox")
            .attr("aria-description", meaning)
            .prop("checked", is_on)
            .on(ev::change, move |_| toggle()),
        html::span().child(name),
    ))
}
