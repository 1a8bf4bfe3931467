//! The list of keys, over the view.

use crate::commands;
use crate::html::{self, Element, IntoNode, IntoNodes};
use crate::icons::{Icon, icon};
use crate::keys::HELP;
use crate::leptos::ev;
use crate::leptos::prelude::*;
use crate::signal::{RwSignal, StoredValue, effect};

/// Id of the button that closes the list.
const CLOSE: &str = "help-close";

/// The list of keys; `version` is shown below it if there is one.
pub fn help(is_open: RwSignal<bool>, version: String) -> impl IntoNode {
    // The focus goes into the list when it opens, so that it is read and can be closed.
    effect(move || {
        if is_open.get() {
            request_animation_frame(|| commands::focus(CLOSE));
        }
    });
    let version = StoredValue::new(version);
    move || is_open.get().then(|| version.with_value(|version| list(is_open, version)))
}

fn list(is_open: RwSignal<bool>, version: &str) -> Element {
    let key = |(keys, meaning): (&'static str, &'static str)| {
        let caps = keys.split(' ').map(|cap| html::kbd().child(cap)).nodes();
        (html::dt().child(caps), html::dd().child(meaning))
    };
    html::section()
        .class("help")
        .attr("role", "dialog")
        .attr("aria-label", "Keys")
        .on(ev::keydown, move |event| {
            if event.key() == "Escape" {
                is_open.set(false);
            }
        })
        .child((
            html::div().class("pane-head").child((
                html::h2().child("Keys"),
                html::button()
                    .class("tool narrow")
                    .attr("id", CLOSE)
                    .attr("type", "button")
                    .attr("aria-label", "Close")
                    .on(ev::click, move |_| is_open.set(false))
                    .child(icon(Icon::Close)),
            )),
            html::dl().child(HELP.into_iter().map(key).nodes()),
            (!version.is_empty()).then(|| html::p().child(format!("Rollscope {version}"))),
        ))
}
