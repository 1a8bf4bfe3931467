//! A figure's name that explains itself, by pointer and by keyboard: what, unit, from what it was counted.

use leptos::html;
use leptos::prelude::*;

/// The name with its explanation.
pub fn meaning(name: String, meaning: String) -> AnyView {
    html::span()
        .class("meaning")
        .attr("tabindex", "0")
        .attr("aria-description", meaning.clone())
        .attr("data-meaning", meaning)
        .child(name)
        .into_any()
}
