//! A figure's name that explains itself, by pointer and by keyboard: what, unit, from what it was counted.
//!
//! `frame::tip` shows the explanation; of several in one container marked `data-meanings` only the first is a stop of
//! the Tab key, and the arrow keys go on from there.

use crate::html::{self, IntoNode, Node};
use crate::signal::Signal;

/// How the keyboard comes to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// By Tab.
    Tab,
    /// By the arrow keys from another name beside it.
    Arrow,
}

impl Stop {
    /// Of names in a row the first one is a stop.
    pub const fn of(place: usize) -> Self {
        if place == 0 { Self::Tab } else { Self::Arrow }
    }
}

/// The name with its explanation.
pub fn meaning(name: String, meaning: String) -> Node {
    beside(name, meaning, Stop::Tab)
}

/// The name with its explanation, where others stand beside it; a name alone where there is none.
pub fn beside(name: impl IntoNode, meaning: impl Into<String>, stop: Stop) -> Node {
    let meaning = meaning.into();
    if meaning.is_empty() {
        name.into_node()
    } else {
        explained(name.into_node(), Signal::stored(meaning), stop)
    }
}

/// The name with an explanation that may change while it has the focus.
pub fn live(name: impl IntoNode, meaning: Signal<String>, stop: Stop) -> Node {
    explained(name.into_node(), meaning, stop)
}

// One function for all kinds of names: each further one would be built anew into the panel.
fn explained(name: Node, meaning: Signal<String>, stop: Stop) -> Node {
    html::span()
        .class("meaning")
        .attr("tabindex", if stop == Stop::Tab { "0" } else { "-1" })
        .attr("aria-description", move || meaning.get())
        .attr("data-meaning", move || meaning.get())
        .child(name)
        .into_node()
}
