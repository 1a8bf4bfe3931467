//! A box to type into and the list of what it finds, over the view: of all commands, or of all sessions.

use web_sys::KeyboardEvent;

use crate::commands;
use crate::html::{self, Element, IntoNodes};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::leptos::prelude::*;
use crate::signal::{Memo, RwSignal};

/// What one list is called, and what its box says.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// Name for programs; ids begin with it.
    pub id: &'static str,
    /// Name of the dialog.
    pub dialog: &'static str,
    /// Name of the box.
    pub label: &'static str,
    /// What stands in the empty box.
    pub placeholder: &'static str,
    /// What is said where nothing is found.
    pub nothing: &'static str,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its sign.
    pub sign: Option<Icon>,
    /// Its name.
    pub name: String,
    /// What is said of it behind its name.
    pub more: String,
    /// Its key.
    pub key: &'static str,
}

/// The list while it is open: `find` gives the entries for what was typed, `run` does what the one at a place of them
/// stands for.
pub fn chooser(
    words: Words,
    is_open: RwSignal<bool>,
    find: impl Fn(&str) -> Vec<Entry> + Send + Sync + 'static,
    run: impl Fn(&str, usize) + Copy + 'static,
) -> Element {
    let Words { id, .. } = words;
    request_animation_frame(move || commands::focus(&format!("{id}-box")));
    let text = RwSignal::new(String::new());
    let place = RwSignal::new(0_usize);
    let found = Memo::new(move |_| text.with(|text| find(text)));
    let run = move |chosen: usize| {
        let is_there = found.with_untracked(|found| chosen < found.len());
        is_open.set(false);
        if is_there {
            text.with_untracked(|text| run(text, chosen));
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
            "Escape" | "Tab" => is_open.set(false),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
        let shown = format!("{id}-{}", place.get_untracked());
        request_animation_frame(move || {
            if let Some(option) = document().get_element_by_id(&shown) {
                option.scroll_into_view_with_bool(false);
            }
        });
    };
    let option = move |(at, entry): (usize, Entry)| {
        let title = if entry.more.is_empty() {
            String::new()
        } else {
            format!("{}: {}", entry.name, entry.more)
        };
        html::li()
            .attr("id", format!("{id}-{at}"))
            .attr("role", "option")
            .attr("title", title)
            .attr("aria-selected", move || (place.get() == at).to_string())
            .on(ev::pointerdown, move |event| {
                event.prevent_default();
                run(at);
            })
            .child((
                entry.sign.map(icon),
                html::span().class("what").child(entry.name),
                html::span().class("more").child(entry.more),
                (!entry.key.is_empty()).then(|| html::kbd().child(entry.key)),
            ))
    };
    html::section()
        .class(format!("palette {id}"))
        .attr("role", "dialog")
        .attr("aria-label", words.dialog)
        .child((
            html::input()
                .attr("id", format!("{id}-box"))
                .attr("type", "text")
                .attr("role", "combobox")
                .attr("aria-label", words.label)
                .attr("aria-expanded", "true")
                .attr("aria-controls", format!("{id}-list"))
                .attr("aria-autocomplete", "list")
                .attr("aria-activedescendant", move || format!("{id}-{}", place.get()))
                .attr("placeholder", words.placeholder)
                .attr("autocomplete", "off")
                .attr("data-testid", id)
                .on_field(ev::input, move |field| {
                    text.set(field.value());
                    place.set(0);
                })
                .on(ev::keydown, pressed)
                .on(ev::blur, move |_| {
                    is_open.try_set(false);
                }),
            html::ul()
                .attr("id", format!("{id}-list"))
                .attr("role", "listbox")
                .attr("aria-label", words.dialog)
                .child(move || found.get().into_iter().enumerate().map(option).nodes()),
            move || found.with(Vec::is_empty).then(|| html::p().class("hint").child(words.nothing)),
        ))
}
