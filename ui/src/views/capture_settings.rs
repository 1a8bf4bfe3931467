//! The form of the Capture view: settings of the hook for the observed site.

use super::capture::{Model, section};
use crate::html::{self, Node};
use crate::leptos::ev;
use crate::settings::{Settings, Shaper};

/// The form.
pub fn site_settings(model: Model) -> Node {
    let rule = move || model.settings.with(|settings| settings.shaper);
    let change = move |set: fn(&mut Shaper, u32), value: u32| {
        model.settings.update(|settings| set(settings.shaper.get_or_insert_default(), value));
    };
    let number = move |label: &'static str, get: fn(Shaper) -> u32, set: fn(&mut Shaper, u32)| {
        html::label().class("field").child((
            html::span().child(label),
            html::input()
                .attr("type", "number")
                .attr("min", "0")
                .attr("aria-label", label)
                .prop("disabled", move || rule().is_none())
                .prop("value", move || rule().map_or(0, get).to_string())
                .on_field(ev::change, move |field| {
                    change(set, field.value().parse().unwrap_or(0));
                }),
        ))
    };
    let check = move |label: &'static str,
                      id: &'static str,
                      is_on: fn(&Settings) -> bool,
                      set: fn(&mut Settings, bool)| {
        html::label().class("field").child((
            html::input()
                .attr("type", "checkbox")
                .attr("data-testid", id)
                .prop("disabled", !model.is_in_devtools)
                .prop("checked", move || model.settings.with(is_on))
                .on_field(ev::change, move |field| {
                    let is_set = field.is_checked();
                    model.settings.update(|settings| set(settings, is_set));
                }),
            html::span().child(label),
        ))
    };
    let json = move || model.settings.with(Settings::to_json);
    section(
        "Settings of this site",
        "Kept in the site's own local storage; they apply when the page is loaded again",
        move || {
            (
                html::p().class("row").child((
                    check(
                        "Make the network worse",
                        "shaper-on",
                        |settings| settings.shaper.is_some(),
                        |settings, is_set| {
                            settings.shaper = is_set.then_some(Shaper {
                                seed: 1,
                                delay_millis: 60,
                                jitter_millis: 20,
                                loss_per_mille: 20,
                            });
                        },
                    ),
                    number(
                        "delay ms",
                        |one| one.delay_millis,
                        |one, value| one.delay_millis = value,
                    ),
                    number(
                        "jitter ms",
                        |one| one.jitter_millis,
                        |one, value| one.jitter_millis = value,
                    ),
                    number(
                        "lost ‰",
                        |one| one.loss_per_mille,
                        |one, value| one.loss_per_mille = value.min(1000),
                    ),
                    number("seed", |one| one.seed, |one, value| one.seed = value),
                )),
                html::p().class("row").child((
                    check(
                        "Keep everything under load",
                        "keep-under-load",
                        |settings| settings.keeps_under_load,
                        |settings, is_set| settings.keeps_under_load = is_set,
                    ),
                    check(
                        "Watch Python on the page's thread",
                        "watch-python",
                        |settings| settings.watches_python,
                        |settings, is_set| settings.watches_python = is_set,
                    ),
                )),
                html::p().class("row").child((
                    html::button()
                        .class("button primary")
                        .attr("type", "button")
                        .attr("data-testid", "apply-settings")
                        .prop("disabled", !model.is_in_devtools)
                        .on(ev::click, move |_| model.apply.run(model.settings.get_untracked()))
                        .child("Save and reload the page"),
                    html::code().class("mono hint").attr("data-testid", "settings-json").child(
                        move || {
                            let json = json();
                            if json.is_empty() {
                                "as the hook does by itself".to_owned()
                            } else {
                                json
                            }
                        },
                    ),
                )),
            )
        },
    )
}
