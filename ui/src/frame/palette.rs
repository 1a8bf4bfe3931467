//! The palette: every command by its words.

use leptos::ev;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::commands;
use crate::html::{self, Element, IntoNode, IntoNodes};
use crate::keys;
use crate::signal::{Memo, RwSignal};
use crate::state::Ui;

/// Id of its input.
const BOX: &str = "palette-box";

/// The palette, over the view while it is open.
pub fn palette(ui: Ui) -> impl IntoNode {
    move || ui.is_palette_open.get().then(|| open(ui))
}

fn open(ui: Ui) -> Element {
    request_animation_frame(|| commands::focus(BOX));
    let text = RwSignal::new(String::new());
    let place = RwSignal::new(0_usize);
    let found = Memo::new(move |_| text.with(|text| keys::found(text)));
    let run = move |chosen: usize| {
        let command = found.with_untracked(|found| found.get(chosen).map(|(command, ..)| *command));
        ui.is_palette_open.set(false);
        if let Some(command) = command {
            commands::carry_out(ui, command);
        }
    };
    let pressed = move |event: KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => place.update(|place| *place = (*place + 1).min(last)),
            "ArrowUp" => place.update(|place| *place = place.saturating_sub(1)),
            "Home" => place.set(0),
            "End" => place.set(last),
            "Enter" => run(place.get_untracked()),
            "Escape" | "Tab" => ui.is_palette_open.set(false),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
        let shown = format!("palette-{}", place.get_untracked());
        request_animation_frame(move || {
            if let Some(option) = document().get_element_by_id(&shown) {
                option.scroll_into_view_with_bool(false);
            }
        });
    };
    let option =
        move |(at, (_, words, key)): (usize, (keys::Command, &'static str, &'static str))| {
            html::li()
                .attr("id", format!("palette-{at}"))
                .attr("role", "option")
                .attr("aria-selected", move || (place.get() == at).to_string())
                .on(ev::pointerdown, move |event| {
                    event.prevent_default();
                    run(at);
                })
                .child((
                    html::span().child(words),
                    (!key.is_empty()).then(|| html::kbd().child(key)),
                ))
        };
    html::section()
        .class("palette")
        .attr("role", "dialog")
        .attr("aria-label", "All commands")
        .child((
            html::input()
                .attr("id", BOX)
                .attr("type", "text")
                .attr("role", "combobox")
                .attr("aria-label", "Command")
                .attr("aria-expanded", "true")
                .attr("aria-controls", "palette-list")
                .attr("aria-autocomplete", "list")
                .attr("aria-activedescendant", move || format!("palette-{}", place.get()))
                .attr("placeholder", "What shall be done?")
                .attr("autocomplete", "off")
                .attr("data-testid", "palette")
                .on_field(ev::input, move |field| {
                    text.set(field.value());
                    place.set(0);
                })
                .on(ev::keydown, pressed)
                .on(ev::blur, move |_| {
                    ui.is_palette_open.try_set(false);
                }),
            html::ul()
                .attr("id", "palette-list")
                .attr("role", "listbox")
                .attr("aria-label", "Commands")
                .child(move || found.get().into_iter().enumerate().map(option).nodes()),
            move || {
                found.with(Vec::is_empty).then(|| {
                    html::p()
                        .class("hint")
                        .child("No command has these words; try “frame” or “show”.")
                })
            },
        ))
}
