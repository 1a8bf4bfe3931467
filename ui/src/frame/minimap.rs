//! The minimap above every view: the whole episode, and the brush that sets the visible range.

use rollscope::timeline::{Axis, MinimapView};
use web_sys::PointerEvent;

use crate::canvas;
use crate::draw::minimap::{NAMES_WIDTH, minimap as draw, scale};
use crate::html::{self, Element, ElementRef, IntoNode};
use crate::leptos::ev;
use crate::range::Range;
use crate::signal::{Memo, RwSignal, Signal, StoredValue, effect};
use crate::state::{Ui, View};
use crate::store;

/// What a drag on the minimap does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Drag {
    /// Moves the brush; holds the frame under the pointer and the range at the beginning.
    Moves(f64, Range),
    /// Moves one edge; holds the frame of the other edge.
    Edge(f64),
    /// Draws a new brush from this frame.
    New(f64),
}

/// The minimap; `ask` gives the whole episode on an axis in so many columns.
pub fn minimap(
    ui: Ui,
    has_session: Signal<bool>,
    ask: impl Fn(Axis, usize) -> MinimapView + Copy + Send + Sync + 'static,
) -> Element {
    html::section().class("minimap").attr("aria-label", "Whole episode").child(move || {
        if has_session.get() {
            strips(ui, ask).into_node()
        } else {
            html::div().class("nothing").child(html::span().child("No frames yet")).into_node()
        }
    })
}

fn strips(
    ui: Ui,
    ask: impl Fn(Axis, usize) -> MinimapView + Copy + Send + Sync + 'static,
) -> Element {
    let node = ElementRef::default();
    let width = RwSignal::new(0.0);
    let view = Memo::new(move |_| {
        ask(ui.axis.get(), (width.get() - NAMES_WIDTH - 12.0).max(1.0) as usize)
    });
    let shown = canvas::once_a_frame(move || ui.range.get());
    let place = move |frame| {
        // Frames of the time axis move while an episode is young.
        view.track();
        ui.axis.track();
        ui.place_of(frame)
    };
    let size = canvas::canvas(node, ui.theme.into(), move |size| {
        let range = (ui.view.get() == View::Timeline).then(|| shown.get());
        let range = range.or_else(|| Some(Range::whole(view.with(|view| view.units))));
        let markers: Vec<f64> =
            ui.markers.with(|markers| markers.iter().map(|(frame, _)| place(*frame)).collect());
        view.with(|view| draw(view, size, range, ui.frame.get().map(place), &markers))
    });
    effect(move || width.set(size.get().0));
    let drag = StoredValue::new(None::<Drag>);
    let frame_under = move |event: &PointerEvent| {
        let scale = scale(size.get_untracked().0, ui.extent.get_untracked());
        scale.unit_from_x(f64::from(event.offset_x()))
    };
    let pressed = move |event: PointerEvent| {
        capture_pointer(&event);
        let at = frame_under(&event);
        let range = ui.range.get_untracked();
        let reach = 6.0 / scale(size.get_untracked().0, ui.extent.get_untracked()).px_per_unit;
        let is_whole = range == Range::whole(ui.extent.get_untracked());
        drag.set_value(Some(if (at - range.first).abs() < reach {
            Drag::Edge(range.end())
        } else if (at - range.end()).abs() < reach {
            Drag::Edge(range.first)
        } else if at > range.first && at < range.end() && !is_whole {
            Drag::Moves(at, range)
        } else {
            Drag::New(at)
        }));
    };
    let moved = move |event: PointerEvent| {
        let total = ui.extent.get_untracked();
        let at = frame_under(&event);
        match drag.get_value() {
            Some(Drag::Moves(from, range)) => ui.set_range(range.panned(at - from, total)),
            Some(Drag::Edge(other)) => ui.set_range(Range::between(other, at, total)),
            Some(Drag::New(from)) if is_far(from, at, total) => {
                ui.set_range(Range::between(from, at, total));
            }
            _ => {}
        }
    };
    let released = move |event: PointerEvent| {
        let at = frame_under(&event);
        let total = ui.extent.get_untracked();
        let clicked = match drag.get_value() {
            Some(Drag::New(from) | Drag::Moves(from, _)) => !is_far(from, at, total),
            _ => false,
        };
        if clicked && total > 0 {
            ui.select_frame(store::frame_at(ui.axis.get_untracked(), at.max(0.0)));
        }
        drag.set_value(None);
    };
    html::canvas()
        .node_ref(node)
        .attr("role", "img")
        .attr("aria-label", move || words(ui, &view.get()))
        .on(ev::pointerdown, pressed)
        .on(ev::pointermove, moved)
        .on(ev::pointerup, released)
        .on(ev::pointercancel, move |_| drag.set_value(None))
}

fn is_far(from: f64, to: f64, total: u32) -> bool {
    (from - to).abs() * 250.0 > f64::from(total)
}

fn words(ui: Ui, view: &MinimapView) -> String {
    let range = ui.range.get();
    let names: Vec<&str> = view.strips.iter().map(|(name, _)| name.as_str()).collect();
    let ends = [range.first, range.end().min(f64::from(view.units))];
    let [from, to] = ends.map(|unit| store::frame_at(view.axis, unit));
    format!(
        "Whole episode, {} frames of {}; the timeline shows frames {from} to {to}",
        ui.total.get(),
        names.join(" and "),
    )
}

fn capture_pointer(event: &PointerEvent) {
    use wasm_bindgen::JsCast;
    let target = event.current_target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
    if let Some(target) = target {
        // A pointer that has gone cannot be captured, and need not be.
        let _ = target.set_pointer_capture(event.pointer_id());
    }
}
