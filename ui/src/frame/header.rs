//! The header: connection, freeze, session and episode, peers, verdict, frame box, help, gear.

use rollscope::frame::Frame;
use rollscope::timeline::{Axis, HealthView, PeerChip, PeerClock, VerdictView};
use rollscope::verify::VerdictKind;

use super::clocks;
use super::picker;
use crate::bridge;
use crate::commands::{self, FRAME_BOX};
use crate::format;
use crate::html::{self, Element, IntoNode, IntoNodes, Node};
use crate::icons::{self, Icon, icon};
use crate::leptos::ev;
use crate::signal::{Memo, Signal, StoredValue, effect};
use crate::standing::{identities, place_now};
use crate::state::{Connection, Ui, View};
use crate::store::Beside;
use crate::views::meaning::{Stop, live};

/// What the header shows.
#[derive(Clone, Copy)]
pub struct Header {
    /// The shared state.
    pub ui: Ui,
    /// The verdict, if there is a session.
    pub verdict: Signal<Option<VerdictView>>,
    /// What the capture saw.
    pub health: Signal<HealthView>,
    /// What there is to choose from, and what is chosen.
    pub picker: picker::Model,
    /// How far each peer's clock stands apart.
    pub clocks: Signal<Vec<Option<PeerClock>>>,
    /// Whether the panel stands in the developer tools.
    pub is_in_devtools: bool,
}

/// The header.
pub fn header(model: Header) -> Element {
    let Header { ui, verdict, health, picker, clocks, is_in_devtools } = model;
    // Only what changed is built anew: the verdict comes four times a second.
    let peers = Memo::new(move |_| {
        verdict.with(|view| view.as_ref().map(|view| view.peers.clone())).unwrap_or_default()
    });
    let chip = Memo::new(move |_| {
        verdict.with(|view| {
            view.as_ref().map(|view| (view.kind, view.short.clone(), view.headline.clone()))
        })
    });
    html::header().class("header").child((
        recording(ui, health, is_in_devtools),
        freeze(ui),
        html::span().class("divider"),
        picker::picker(picker),
        html::span().class("divider"),
        move || peer_chips(peers.get(), clocks, is_in_devtools),
        html::span().class("space"),
        move || chip.get().map(|chip| verdict_chip(ui, chip)),
        findings(ui, verdict),
        frame_box(ui),
        axis_switch(ui),
        html::button()
            .class("tool")
            .attr("type", "button")
            .attr("aria-label", "Keys")
            .attr("title", "Keys  ?")
            .attr("aria-expanded", move || ui.is_help_open.get().to_string())
            .on(ev::click, move |_| ui.is_help_open.update(|is_open| *is_open = !*is_open))
            .child(icon(Icon::Help)),
        html::button()
            .class("tool")
            .class(("on", move || ui.view.get() == View::Capture))
            .attr("type", "button")
            .attr("data-view", View::Capture.id())
            .attr("aria-label", "Capture settings")
            .attr("title", "Capture: health, levels, shaper")
            .attr("aria-pressed", move || (ui.view.get() == View::Capture).to_string())
            .on(ev::click, move |_| ui.view.set(View::Capture))
            .child(icon(Icon::Gear)),
    ))
}

/// The sign that a page is recorded, which is also the switch: one press stops, one starts again.
fn recording(ui: Ui, health: Signal<HealthView>, is_in_devtools: bool) -> Element {
    let state = move || {
        if ui.opened.with(Option::is_some) {
            return ("file", "FILE");
        }
        match ui.status.with(|status| status.connection) {
            Connection::Recording => ("recording", "REC"),
            Connection::Connecting => ("ready", "Ready"),
            Connection::Detached => ("ready", "Detached"),
            Connection::NotAllowed => ("ready", "Not allowed"),
            Connection::File => ("file", "No file"),
        }
    };
    let connection = Memo::new(move |_| {
        let is_live = is_in_devtools && ui.opened.with(Option::is_none);
        is_live.then(|| ui.status.with(|status| status.connection))
    });
    let label = move || match connection.get() {
        Some(Connection::Recording) => Some("Stop recording on this site"),
        Some(Connection::NotAllowed) => Some("Record on this site"),
        _ => None,
    };
    let press = move |_| match connection.get_untracked() {
        Some(Connection::Recording) => bridge::forget_origin(),
        Some(Connection::NotAllowed) => bridge::request_origin(),
        _ => {}
    };
    let sign = html::button().attr("type", "button").attr("data-testid", "record");
    let sign = sign.attr("title", label).attr("disabled", move || label().is_none());
    sign.class(move || format!("record {}", state().0)).on(ev::click, press).child((
        html::span().class("lamp").attr("aria-hidden", "true"),
        html::b().child(move || state().1),
        html::span().class("clock").child(move || {
            let micros = health.with(|health| health.duration_micros);
            if micros == 0 { String::new() } else { format::clock(micros) }
        }),
    ))
}

fn freeze(ui: Ui) -> Element {
    let label = move || {
        if ui.is_frozen.get() {
            "Show new frames again"
        } else {
            "Freeze the views; capturing goes on"
        }
    };
    html::button()
        .class("tool")
        .class(("on", move || ui.is_frozen.get()))
        .attr("type", "button")
        .attr("aria-pressed", move || ui.is_frozen.get().to_string())
        .attr("aria-label", label)
        .attr("title", label)
        .on(ev::click, move |_| ui.is_frozen.update(|is_frozen| *is_frozen = !*is_frozen))
        .child(move || icon(if ui.is_frozen.get() { Icon::Play } else { Icon::Pause }))
}

/// From so many peers on a chip is its badge; the rest stands in its explanation.
const MANY: usize = 3;

fn peer_chips(
    peers: Vec<PeerChip>,
    clocks: Signal<Vec<Option<PeerClock>>>,
    is_in_devtools: bool,
) -> Node {
    if peers.is_empty() {
        return html::span().class("peer none").child("no peers").into_node();
    }
    let observed = peers.iter().filter(|peer| peer.is_observed).count();
    let is_many = peers.len() >= MANY;
    let chip = |(place, peer): (usize, PeerChip)| {
        let seen = match (peer.is_observed, is_in_devtools && observed == 1) {
            (true, true) => "this tab",
            (true, false) => "observed",
            (false, _) => "seen on the wire",
        };
        let badge = if place == 0 { "badge first" } else { "badge" };
        let clock = Memo::new(move |_| {
            clocks.with(|all| all.get(place).copied().flatten().map(clocks::words))
        });
        let figure = move || clock.get().map_or(seen.to_owned(), |(figure, _)| figure);
        let name = peer.name.clone();
        let about = move || match clock.get() {
            Some((_, meaning)) => format!("{name}: {seen}; {meaning}"),
            None => format!("{name}: {seen}"),
        };
        let words =
            (!is_many || seen == "this tab").then(|| html::span().class("seen").child(figure));
        let shown = (html::b().class(badge).child(peer.name), words);
        html::span().class("peer").child(live(shown, Signal::derive(about), Stop::of(place)))
    };
    let chips = peers.into_iter().enumerate().map(chip).nodes();
    html::span().class("peers").attr("data-meanings", "").child(chips).into_node()
}

/// The chosen finding stays chosen when others come to stand before it.
fn keep_chosen(ui: Ui, verdict: Signal<Option<VerdictView>>) {
    let before = StoredValue::new(Vec::new());
    effect(move || {
        let now = verdict
            .with(|view| view.as_ref().map_or_else(Vec::new, |view| identities(&view.findings)));
        let place = ui.finding.get_untracked();
        let found = place.and_then(|place| place_now(&before.get_value(), &now, place));
        if found.is_some() && found != place {
            ui.finding.set(found);
        }
        before.set_value(now);
    });
}

/// Previous and next finding, and which of them is selected.
fn findings(ui: Ui, verdict: Signal<Option<VerdictView>>) -> Element {
    keep_chosen(ui, verdict);
    let count = Memo::new(move |_| {
        verdict.with(|view| view.as_ref().map_or(0, |view| view.findings.len()))
    });
    let step = move |label: &'static str, glyph: Icon, side: Beside| {
        html::button()
            .class("tool narrow")
            .attr("type", "button")
            .attr("aria-label", label)
            .attr("title", label)
            .prop("disabled", move || count.get() == 0)
            .on(ev::click, move |_| commands::step_finding(ui, side))
            .child(icon(glyph))
    };
    html::span().class("steps").child((
        step("Previous finding  [", Icon::Previous, Beside::Before),
        html::span().class("name").child(move || match (ui.finding.get(), count.get()) {
            (_, 0) => "– findings".to_owned(),
            (None, count) => format::counted(count as u64, "finding"),
            (Some(place), count) => format!("{} of {count}", place + 1),
        }),
        step("Next finding  ]", Icon::Next, Beside::After),
    ))
}

/// What the axis counts.
fn axis_switch(ui: Ui) -> Element {
    let side = move |axis: Axis, label: &'static str| {
        html::button()
            .class(("on", move || ui.axis.get() == axis))
            .attr("type", "button")
            .attr("aria-pressed", move || (ui.axis.get() == axis).to_string())
            .attr("title", format!("{label}s along the axis  T"))
            .prop("disabled", move || ui.total.get() == 0)
            .on(ev::click, move |_| ui.set_axis(axis))
            .child(label)
    };
    html::span()
        .class("axis-switch")
        .attr("role", "group")
        .attr("aria-label", "Axis")
        .child((side(Axis::Frame, "Frame"), side(Axis::Time, "Time")))
}

fn verdict_chip(ui: Ui, (kind, short, headline): (VerdictKind, String, String)) -> Element {
    html::button()
        .class(format!("verdict-chip {}", icons::name_of_verdict(kind)))
        .attr("type", "button")
        .attr("title", headline)
        .on(ev::click, move |_| ui.view.set(View::Verdict))
        .child((icon(icons::of_verdict(kind)), html::b().child(short)))
}

fn frame_box(ui: Ui) -> Element {
    let step = move |side: Beside, name: &'static str, glyph: Icon| {
        html::button()
            .class("tool narrow")
            .attr("type", "button")
            .attr("aria-label", name)
            .attr("title", name)
            .prop("disabled", move || ui.total.get() == 0)
            .on(ev::click, move |_| commands::step_frame(ui, side))
            .child(icon(glyph))
    };
    let shown = move || ui.frame.get().map(|frame| frame.to_string()).unwrap_or_default();
    html::span().class("frame-box").child((
        step(Beside::Before, "Previous frame  ,", Icon::Previous),
        html::label().attr("for", FRAME_BOX).class("name").child("Frame"),
        html::input()
            .attr("id", FRAME_BOX)
            .attr("data-testid", "frame-box")
            .attr("type", "text")
            .attr("inputmode", "numeric")
            .attr("autocomplete", "off")
            .attr("aria-label", "Frame")
            .prop("disabled", move || ui.total.get() == 0)
            .prop("value", shown)
            .on_field(ev::change, move |field| {
                match field.value().trim().parse() {
                    Ok(frame) => ui.select_frame(Frame(frame)),
                    // What is no frame number is taken back to the frame that is selected.
                    Err(_) => field.set_value(
                        &ui.frame
                            .get_untracked()
                            .map(|frame| frame.to_string())
                            .unwrap_or_default(),
                    ),
                }
            }),
        html::span().class("total").child(move || match ui.total.get() {
            0 => "/ –".to_owned(),
            total => format!("/ {total}"),
        }),
        step(Beside::After, "Next frame  .", Icon::Next),
    ))
}
