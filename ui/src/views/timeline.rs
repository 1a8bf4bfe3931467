//! The Timeline view: the canvas, its legend, pointer and wheel, and the tooltip.

use std::time::Duration;

use rollscope::fixed::Fixed;
use rollscope::timeline::{LaneQuery, TimelineView};
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::legend::legend;
use super::timeline_lanes::menu;
use crate::canvas;
use crate::draw::hit::{self, Tip};
use crate::draw::layout::{self, Layout};
use crate::draw::scale::Scale;
use crate::draw::timeline::{Selected, timeline as draw};
use crate::draw::words;
use crate::html::{self, Element, ElementRef, IntoNodes};
use crate::leptos::ev;
use crate::leptos::prelude::*;
use crate::signal::{Memo, RwSignal, StoredValue};
use crate::state::Ui;

/// Rest of the pointer before the tooltip shows.
const TIP_DELAY: Duration = Duration::from_millis(300);

/// The view; `ask` gives the lanes in the asked columns.
pub fn timeline(
    ui: Ui,
    ask: impl Fn(LaneQuery) -> TimelineView + Copy + Send + Sync + 'static,
) -> Element {
    let node = ElementRef::default();
    let size = canvas::watched_size(node);
    let range = canvas::once_a_frame(move || ui.range.get());
    let scale = Memo::new(move |_| {
        let (width, height) = size.get();
        Scale::new(range.get(), layout::gutter(height), width - 8.0)
    });
    let view = Memo::new(move |_| ask(scale.get().query(ui.axis.get())));
    let places = Memo::new(move |_| {
        let size = size.get();
        view.with(|view| ui.lanes.with(|choices| layout::layout(size, view, choices)))
    });
    let selected = move || Selected {
        frame: ui.frame.get(),
        rollback: ui.rollback.get(),
        markers: ui.markers.with(|markers| markers.iter().map(|(frame, _)| *frame).collect()),
        filter: ui.filter.get(),
    };
    canvas::paint(node, size, ui.theme.into(), move |_| {
        let selected = selected();
        view.with(|view| places.with(|places| draw(view, places, scale.get(), &selected)))
    });
    let tip = RwSignal::new(None::<(Tip, f64, f64)>);
    let label = move || view.with(|view| words::timeline(view, range.get()));
    let spoken = Memo::new(move |_| view.with(|view| words::selection(view, ui.frame.get())));
    let peers = Memo::new(move |_| {
        view.with(|view| view.lanes.iter().map(|lane| lane.name.clone()).collect::<Vec<_>>())
    });
    html::div().class("timeline").child((
        legend(ui),
        html::div().class("stage").child((
            pointer(ui, node, (view, places, scale), tip).attr("aria-label", label),
            move || tip.get().map(|(tip, x, y)| tooltip(tip, (x, y), size.get_untracked())),
            move || ui.is_lanes_open.get().then(|| menu(ui, peers.get())),
            html::p()
                .class("unseen")
                .attr("role", "status")
                .attr("data-testid", "spoken-selection")
                .child(move || spoken.get()),
        )),
    ))
}

type Seen = (Memo<TimelineView>, Memo<Layout>, Memo<Scale>);

fn pointer(
    ui: Ui,
    node: ElementRef,
    (view, places, scale): Seen,
    tip: RwSignal<Option<(Tip, f64, f64)>>,
) -> Element {
    let pending = StoredValue::new(None::<TimeoutHandle>);
    let drag = StoredValue::new(None::<(f64, f64)>);
    let rest = move |x: f64, y: f64| {
        if let Some(handle) = pending.get_value() {
            handle.clear();
        }
        let show = move || {
            let Some(view) = view.try_get_untracked() else { return };
            let found = places
                .with_untracked(|places| hit::tip(&view, places, scale.get_untracked(), (x, y)));
            tip.set(found.map(|found| (found, x, y)));
        };
        pending.set_value(set_timeout_with_handle(show, TIP_DELAY).ok());
    };
    let hide = move || {
        if let Some(handle) = pending.get_value() {
            handle.clear();
        }
        pending.set_value(None);
        if tip.with_untracked(Option::is_some) {
            tip.set(None);
        }
    };
    on_cleanup(move || {
        if let Some(handle) = pending.try_get_value().flatten() {
            handle.clear();
        }
    });
    let moved = move |event: PointerEvent| {
        hide();
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        match drag.get_value() {
            Some((from, first)) if event.buttons() & 1 == 1 => {
                let range = ui.range.get_untracked();
                let shift = (from - x) / scale.get_untracked().px_per_unit;
                if (from - x).abs() > 3.0 || range.first != first {
                    let wanted = first + shift - range.first;
                    ui.set_range(range.panned(wanted, ui.extent.get_untracked()));
                }
            }
            _ => rest(x, y),
        }
    };
    let clicked = move |event: MouseEvent| {
        let was_drag = drag.get_value().is_some_and(|(from, first)| {
            (f64::from(event.offset_x()) - from).abs() > 3.0
                || ui.range.get_untracked().first != first
        });
        drag.set_value(None);
        if was_drag {
            return;
        }
        let at = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        let scale = scale.get_untracked();
        let (arc, frame) = view.with_untracked(|view| {
            places.with_untracked(|places| {
                (hit::arc(view, places, scale, at), hit::frame_at(view, places, scale, at))
            })
        });
        match (arc, frame) {
            (Some(arc), _) => ui.select_rollback(arc.row, arc.current),
            (None, Some(frame)) => ui.select_frame(frame),
            (None, None) => {}
        }
    };
    let turned = move |event: WheelEvent| {
        event.prevent_default();
        hide();
        let extent = ui.extent.get_untracked();
        let range = ui.range.get_untracked();
        let scale = scale.get_untracked();
        let sideways = event.shift_key() || event.delta_x().abs() > event.delta_y().abs();
        // A pinch comes as a wheel with Ctrl, in finer steps.
        if sideways && !event.ctrl_key() {
            let delta = if event.delta_x() == 0.0 { event.delta_y() } else { event.delta_x() };
            ui.set_range(range.panned(delta / scale.px_per_unit, extent));
        } else {
            let under = scale.unit_from_x(f64::from(event.offset_x()).max(scale.left));
            let speed = if event.ctrl_key() { 0.01 } else { 0.002 };
            let factor = (event.delta_y() * speed).clamp(-0.5, 0.5).exp();
            ui.set_range(range.zoomed(under, factor, extent));
        }
    };
    html::canvas()
        .node_ref(node)
        .attr("role", "img")
        .attr("tabindex", "0")
        .attr("data-testid", "timeline")
        .on(ev::pointerdown, move |event| {
            drag.set_value(Some((f64::from(event.offset_x()), ui.range.get_untracked().first)));
        })
        .on(ev::pointermove, moved)
        .on(ev::pointerleave, move |_| hide())
        .on(ev::click, clicked)
        .on(ev::wheel, turned)
}

fn tooltip(tip: Tip, (x, y): (f64, f64), (width, height): (f64, f64)) -> Element {
    // Right below the pointer, or on its other side where the view ends; never over the mark.
    let across = if x > width - 250.0 {
        format!("right:{}px", Fixed(width - x + 12.0))
    } else {
        format!("left:{}px", Fixed(x + 12.0))
    };
    let down = if y > height - 120.0 {
        format!("bottom:{}px", Fixed(height - y + 12.0))
    } else {
        format!("top:{}px", Fixed(y + 14.0))
    };
    let pair =
        |(name, value): (&'static str, String)| (html::dt().child(name), html::dd().child(value));
    html::div()
        .class("tooltip")
        .attr("role", "tooltip")
        .attr("style", format!("{across};{down}"))
        .child((
            html::b().child(tip.title),
            html::dl().child(tip.pairs.into_iter().map(pair).nodes()),
        ))
}
