//! The Capture view behind the gear: what the hook saw and lost, how much of which channel is recorded,
//! the network shaper, the memory.

use rollscope::analysis::{CaptureView, ChannelView, HoleView, PageView};
use rollscope::timeline::LossRow;

use super::capture_settings::site_settings;
use super::meaning::{Stop, beside};
use crate::format;
use crate::html::{self, Element, IntoNode, IntoNodes, Node};
use crate::leptos::ev;
use crate::settings::Settings;
use crate::signal::{Callback, Memo, RwSignal};
use crate::state::{Connection, Ui};

/// What the view shows and does.
#[derive(Clone, Copy)]
pub struct Model {
    /// What the capture says.
    pub view: Memo<CaptureView>,
    /// Settings as chosen here.
    pub settings: RwSignal<Settings>,
    /// Whether the panel stands in the developer tools.
    pub is_in_devtools: bool,
    /// Writes the settings for the site and reloads the page.
    pub apply: Callback<Settings>,
    /// Asks for access to the site.
    pub allow: Callback<()>,
    /// Takes the hook out of the page, and its site out of the allowed ones.
    pub forbid: Callback<()>,
    /// Sets the most bytes that chunks, index and lanes may take.
    pub set_memory_cap: Callback<usize>,
}

/// The view.
pub fn capture(ui: Ui, model: Model) -> Element {
    let view = model.view;
    html::div().class("capture").child((
        move || {
            view.with(|view| view.is_shaped).then(|| {
                html::p().class("loud").attr("role", "alert").child(
                    "NETWORK SHAPER ON: this network is made worse on purpose. Every report of this session says so.",
                )
            })
        },
        section("Hook", "What the hook saw in each page, and what became of it", move || {
            view.with(|view| pages(&view.pages))
        }),
        section("Missing", "Events that are not in the capture, or lack what they held", move || {
            view.with(missing)
        }),
        section("Channels", "Dialects, and how much of each channel is recorded", move || {
            view.with(|view| channels(&view.channels, model))
        }),
        (origin(ui, model), site_settings(model), memory(model)),
        section("Overhead", "What the hook costs the page", || {
            html::p().class("hint").child(
                "Was not measured in this page. What the hook costs per message, measured beside a page without it, stands in docs/measurements.md; cargo xtask bench hook measures it on this machine.",
            )
        }),
    ))
}

pub(super) fn section<V: IntoNode + 'static>(
    name: &'static str,
    meaning: &'static str,
    content: impl Fn() -> V + Send + 'static,
) -> Node {
    html::section()
        .attr("aria-label", name)
        .child((
            html::div()
                .class("list-head")
                .child((html::h2().child(name), html::span().child(meaning))),
            content,
        ))
        .into_node()
}

type Cells = Vec<(&'static str, String)>;

fn table(heads: &[(&'static str, &'static str, &'static str)], rows: Vec<Cells>) -> Node {
    let head =
        |(place, (name, class, meaning)): (usize, &(&'static str, &'static str, &'static str))| {
            html::th().class(*class).attr("scope", "col").child(beside(
                *name,
                *meaning,
                Stop::of(place),
            ))
        };
    let row = |cells: Cells| {
        let cells = cells.into_iter().map(|(class, text)| html::td().class(class).child(text));
        html::tr().child(cells.nodes())
    };
    html::table()
        .child((
            html::thead()
                .attr("data-meanings", "")
                .child(html::tr().child(heads.iter().enumerate().map(head).nodes())),
            html::tbody().child(rows.into_iter().map(row).nodes()),
        ))
        .into_node()
}

fn pages(pages: &[PageView]) -> Node {
    if pages.is_empty() {
        return html::p().class("hint").child("No page has been observed.").into_node();
    }
    let row = |page: &PageView| {
        let account = page.account;
        let lost = account.events_dropped + account.events_lost;
        vec![
            ("", page.name.clone()),
            ("mono wide", page.url.clone()),
            ("number", format::count(account.events_seen)),
            (if lost > 0 { "number bad" } else { "number" }, format::count(lost)),
            ("number", format::count(account.events_unknown)),
            (
                "number",
                format::count(account.messages_counted_by_load + account.messages_emptied_by_load),
            ),
            ("number", format::clock(page.duration_micros)),
        ]
    };
    table(
        &[
            ("page", "", "The player at it"),
            ("address", "wide", ""),
            ("events", "number", "Events that the hook saw"),
            ("missing", "number", "Of these, dropped in the page or lost on the way"),
            ("unknown", "number", "Skipped, because a newer hook has kinds unknown here"),
            (
                "by load",
                "number",
                "Messages only counted or emptied, because the page sent more than the hook takes",
            ),
            ("for", "number", "From the first to the last event"),
        ],
        pages.iter().map(row).collect(),
    )
}

fn missing(view: &CaptureView) -> Node {
    if view.losses.is_empty() && view.holes.is_empty() {
        return html::p().class("hint").child("Nothing is missing.").into_node();
    }
    let when = |from: u64, to: u64| format!("{} to {}", format::clock(from), format::clock(to));
    let loss = |loss: &LossRow| {
        let channel = |(name, events): &(String, u64)| format!("{name} {}", format::count(*events));
        let channels: Vec<String> = loss.channels.iter().map(channel).collect();
        let channels =
            if channels.is_empty() { "not known".to_owned() } else { channels.join(", ") };
        vec![
            ("wide", channels),
            ("number bad", format::count(loss.events)),
            ("number", when(loss.from_micros, loss.until_micros)),
            ("wide", loss.reason.clone()),
        ]
    };
    let hole = |view: &HoleView| {
        let (from, to) = view.hole.interval;
        vec![
            ("wide", view.channel.clone()),
            ("number bad", format::count(view.hole.count)),
            ("number", when(from.0, to.0)),
            ("wide", view.hole.reason.to_owned()),
        ]
    };
    table(
        &[
            ("channel", "wide", "Which channel, where the hook told it"),
            ("count", "number", "Events that are missing, or messages without their content"),
            ("when", "number", "On the page's clock"),
            ("why", "wide", ""),
        ],
        view.losses.iter().map(loss).chain(view.holes.iter().map(hole)).collect(),
    )
}

/// How much of a channel can be recorded.
const LEVELS: [&str; 3] = ["full", "headers", "counters"];

fn channels(channels: &[ChannelView], model: Model) -> Node {
    let row = move |channel: &ChannelView| {
        let ((kind, rule), label) = (channel.kind, channel.label.clone());
        let (level, reason) = channel.level.clone();
        let chosen = move |settings: &Settings, label: &str| {
            let mut rules = settings.levels.iter();
            let found = rules.find(|(known, at, _)| known == rule && at == label);
            found.map(|(.., level)| level.clone())
        };
        let option = {
            let label = label.clone();
            move |name: &'static str| {
                let label = label.clone();
                let is_on = move || {
                    let chosen = model.settings.with(|settings| chosen(settings, &label));
                    chosen.as_deref().unwrap_or(level) == name
                };
                html::option().attr("value", name).prop("selected", is_on).child(name)
            }
        };
        let name = format!("Level of {kind} {label}");
        let by = if reason == "load" { " by load" } else { "" };
        html::tr().child((
            html::td().child(kind),
            html::td().class("mono wide").attr("title", label.clone()).child(label.clone()),
            html::td().class("number").child(format::count(channel.messages.0)),
            html::td().class("number").child(format::count(channel.messages.1)),
            html::td().child(channel.dialect.unwrap_or("not recognised")),
            html::td().child((
                html::select()
                    .class("picker")
                    .attr("aria-label", name)
                    .prop("disabled", !model.is_in_devtools)
                    .on_field(ev::change, move |field| {
                        let level = field.value();
                        model.settings.update(|settings| settings.set_level(rule, &label, &level));
                    })
                    .child(LEVELS.into_iter().map(option).nodes()),
                by,
            )),
        ))
    };
    if channels.is_empty() {
        return html::p().class("hint").child("No channel has been opened.").into_node();
    }
    let head = |(name, class): (&'static str, &'static str)| {
        html::th().class(class).attr("scope", "col").child(name)
    };
    let heads = [
        ("kind", ""),
        ("label", "wide"),
        ("sent", "number"),
        ("received", "number"),
        ("dialect", ""),
        ("level", ""),
    ];
    html::table()
        .child((
            html::thead().child(html::tr().child(heads.into_iter().map(head).nodes())),
            html::tbody().child(channels.iter().map(row).nodes()),
        ))
        .into_node()
}

fn origin(ui: Ui, model: Model) -> Node {
    let place = move || ui.status.with(|status| status.origin.clone());
    let is_on = move || ui.status.with(|status| status.connection == Connection::Recording);
    let action = move || {
        if !model.is_in_devtools {
            return html::p().class("hint").child("An ordinary page records nothing.").into_node();
        }
        let origin = place();
        let (text, name, run) = if is_on() {
            (format!("{origin} is recorded."), "Stop, and forget this site", model.forbid)
        } else {
            (format!("{origin} is not recorded."), "Record this site", model.allow)
        };
        html::p()
            .class("row")
            .child((
                html::span().child(text),
                html::button()
                    .class("button")
                    .attr("type", "button")
                    .attr("data-testid", "origin-switch")
                    .on(ev::click, move |_| run.run(()))
                    .child(name),
            ))
            .into_node()
    };
    section("Site", "Nothing is touched on sites that were not allowed; localhost is", action)
}

fn memory(model: Model) -> Node {
    let megabytes = |bytes: u64| bytes >> 20;
    section("Memory", "What does not fit stays out of the capture file and is counted", move || {
        let (kept, cap, left_out) = model.view.with(|view| view.kept);
        let (index, beyond) = model.view.with(|view| view.index);
        let lanes = model.view.with(|view| view.lanes_bytes);
        let [chunks, index, lanes] = [kept, index, lanes].map(format::bytes);
        let mut text = format!("{chunks} of chunks kept, {index} of index, {lanes} of lanes.");
        if left_out > 0 {
            text.push_str(&format!(" {} stayed out.", format::counted(left_out, "chunk")));
        }
        if beyond > 0 {
            text.push_str(&format!(" {} beyond the index.", format::counted(beyond, "message")));
        }
        html::p().class("row").child((
            html::label().class("field").child((
                html::span().child("at most MB"),
                html::input()
                    .attr("type", "number")
                    .attr("min", "16")
                    .attr("data-testid", "memory-cap")
                    .prop("value", megabytes(cap).to_string())
                    .on_field(ev::change, move |field| {
                        let asked: usize = field.value().parse().unwrap_or(1024);
                        // A wasm module has 4 GB at most, and needs room for what it works with.
                        model.set_memory_cap.run(asked.clamp(16, 3072) << 20);
                    }),
            )),
            html::span().class(if left_out > 0 { "bad" } else { "hint" }).child(text),
        ))
    })
}
