//! The filter box: shared by the views that filter, with what is wrong below it.

use rollscope::timeline::Filter;

use crate::commands::{self, FILTER_BOX};
use crate::html::{self, Element};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::signal::Memo;
use crate::state::Ui;
use crate::store::Beside;

/// The box.
pub fn filter_box(ui: Ui) -> Element {
    let error = Memo::new(move |_| {
        ui.filter_text.with(|text| Filter::parse(text).err().map(|error| error.to_string()))
    });
    let keys = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            let side = if event.shift_key() { Beside::Before } else { Beside::After };
            commands::step_match(ui, side);
        }
        "Escape" => ui.set_filter(String::new()),
        _ => {}
    };
    html::span().class("filter").child((
        icon(Icon::Search),
        html::input()
            .attr("id", FILTER_BOX)
            .attr("data-testid", "filter")
            .attr("type", "search")
            .attr("aria-label", "Filter")
            .attr("aria-invalid", move || error.with(Option::is_some).to_string())
            .attr("aria-describedby", move || error.with(Option::is_some).then_some("filter-error"))
            .attr("placeholder", "/ e.g. depth>3")
            .attr("title", "frame:120..140 player:1 kind:rollback depth>3 -state:confirmed")
            .attr("spellcheck", "false")
            .attr("autocomplete", "off")
            .prop("value", move || ui.filter_text.get())
            .on_field(ev::input, move |field| ui.set_filter(field.value()))
            .on(ev::keydown, keys),
        move || {
            error.get().map(|text| {
                html::span()
                    .class("filter-error")
                    .attr("id", "filter-error")
                    .attr("role", "alert")
                    .child(text)
            })
        },
    ))
}
