//! The one place where explanations show: of a name with `data-meaning` after a rest of the pointer or when the
//! keyboard comes to it, of a control with a title when the keyboard does. Nothing is ever cut off by a scroll area.
//!
//! A pointer that rests hides nothing that the keyboard asked for: browsers say `pointerover` also where the page
//! moved below a pointer that did not. What the keyboard asked for goes along where its element is scrolled.

use rollscope::fixed::Fixed;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, MouseEvent, Node};

use crate::html::{self, IntoNode};
use crate::leptos::ev;
use crate::leptos::prelude::*;
use crate::signal::{RwSignal, StoredValue};

/// Rest of the pointer before an explanation shows.
const DELAY: Duration = Duration::from_millis(300);

/// Width that an explanation takes at most, as in the style sheet.
const WIDTH: f64 = 300.0;

/// Height that is kept free below a name, or the explanation stands above it.
const ROOM: f64 = 90.0;

/// What shows, and where: style of its box.
type Shown = Option<(String, String)>;

thread_local! {
    /// The element whose explanation the keyboard asked for, while it shows.
    static ASKED: RefCell<Option<Element>> = const { RefCell::new(None) };
    /// Where the pointer was last, in the window; `None` until it is known.
    static POINTER: Cell<Option<(i32, i32)>> = const { Cell::new(None) };
}

/// Notes where the pointer is; whether it was somewhere else before.
fn moved(event: &MouseEvent) -> bool {
    let now = (event.client_x(), event.client_y());
    POINTER.replace(Some(now)).is_some_and(|before| before != now)
}

/// The explanation of whatever has it.
pub fn tip() -> impl IntoNode {
    let shown = RwSignal::new(None::<(String, String)>);
    let pending = StoredValue::new(None::<TimeoutHandle>);
    let hide = move || {
        ASKED.set(None);
        if let Some(handle) = pending.update_value(Option::take).flatten() {
            handle.clear();
        }
        if shown.with_untracked(Option::is_some) {
            shown.set(None);
        }
    };
    let over = window_event_listener(ev::pointerover, move |event| {
        let has_moved = moved(&event);
        if !has_moved && ASKED.with_borrow(Option::is_some) {
            return;
        }
        hide();
        let Some(element) = target(&event) else { return };
        let show = move || {
            shown.set(match around(&element, "[data-meaning]") {
                Some(named) => explained(&named),
                None => name_of(&element).and_then(|(named, figure)| said_at(&named, &figure)),
            });
        };
        pending.set_value(set_timeout_with_handle(show, DELAY).ok());
    });
    let focused = window_event_listener(ev::focusin, move |event| {
        let Some(element) = target(&event) else { return };
        if element.matches(":focus-visible").unwrap_or(false) {
            hide();
            let named = around(&element, "[data-meaning], [title]");
            shown.set(named.as_ref().and_then(explained));
            ASKED.set(named);
        }
    });
    // Also of areas inside the page, which tell nobody above them.
    let scrolled = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let Some(area) = event.target().and_then(|area| area.dyn_into::<Node>().ok()) else {
            return;
        };
        let asked = ASKED.with_borrow(Clone::clone);
        if let Some(named) = asked.filter(|named| area.contains(Some(named))) {
            shown.set(explained(&named));
        }
    });
    let _ = window().add_event_listener_with_callback_and_bool(
        "scroll",
        scrolled.as_ref().unchecked_ref(),
        true,
    );
    scrolled.forget();
    let moving = window_event_listener(ev::pointermove, |event| {
        moved(&event);
    });
    let left = window_event_listener(ev::focusout, move |_| hide());
    let pressed = window_event_listener(ev::pointerdown, move |_| hide());
    let keyed = window_event_listener(ev::keydown, move |event| match event.key().as_str() {
        "Escape" => hide(),
        "ArrowDown" | "ArrowRight" if go(&event, true) => event.prevent_default(),
        "ArrowUp" | "ArrowLeft" if go(&event, false) => event.prevent_default(),
        _ => {}
    });
    on_cleanup(move || {
        for handle in [over, pressed, moving] {
            handle.remove();
        }
        for handle in [focused, left] {
            handle.remove();
        }
        keyed.remove();
    });
    move || {
        shown.get().map(|(text, place)| {
            html::div()
                .class("tooltip meaning-tip")
                .attr("role", "tooltip")
                .attr("data-testid", "tip")
                .attr("style", place)
                .child(text)
        })
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()
}

fn around(element: &Element, selector: &str) -> Option<Element> {
    element.closest(selector).ok().flatten()
}

/// The name that a figure stands under, and the figure: the head of its column, or of its card. `None` for what
/// explains itself by a title.
fn name_of(element: &Element) -> Option<(Element, Element)> {
    if around(element, "[title]").is_some() {
        return None;
    }
    let named = |inside: &Element| inside.query_selector("[data-meaning]").ok().flatten();
    if let Some(card) = around(element, ".card") {
        return named(&card).zip(around(element, ".figure, .caption"));
    }
    let cell = around(element, "td, .grid .body .line > *")?;
    let row = cell.parent_element()?.children();
    let at = (0..row.length()).find(|at| row.item(*at).as_ref() == Some(&cell))?;
    let heads = around(&cell, "table, .grid")?.query_selector("thead tr, .heads").ok().flatten()?;
    named(&heads.children().item(at)?).zip(Some(cell))
}

/// What explains a name, at a figure below it.
fn said_at(named: &Element, figure: &Element) -> Shown {
    let (text, _) = explained(named)?;
    let (_, place) = placed(text.clone(), figure)?;
    Some((text, place))
}

/// The explanation of an element, below it or above it where the window ends; `None` where it says no more
/// than the element's own text.
fn explained(element: &Element) -> Shown {
    let text = element.get_attribute("data-meaning").or_else(|| element.get_attribute("title"))?;
    if text.is_empty() || element.text_content().as_deref().map(str::trim) == Some(text.trim()) {
        return None;
    }
    placed(text, element)
}

fn placed(text: String, element: &Element) -> Shown {
    let size = |value: Result<JsValue, _>| value.ok()?.as_f64();
    let (width, height) = (size(window().inner_width())?, size(window().inner_height())?);
    let area = element.get_bounding_client_rect();
    let left = area.left().min(width - WIDTH).max(4.0);
    let down = if area.bottom() > height - ROOM {
        format!("bottom:{}px", Fixed(height - area.top() + 4.0))
    } else {
        format!("top:{}px", Fixed(area.bottom() + 4.0))
    };
    Some((text, format!("left:{}px;{down}", Fixed(left))))
}

/// Goes to the name beside the one that has the focus. Returns whether there was one to go from.
fn go(event: &Event, is_on: bool) -> bool {
    let Some(here) = target(event).filter(|element| element.has_attribute("data-meaning")) else {
        return false;
    };
    let Some(row) = around(&here, "[data-meanings]") else { return false };
    let Ok(names) = row.query_selector_all("[data-meaning]") else { return false };
    let all: Vec<Element> =
        (0..names.length()).filter_map(|at| names.get(at)?.dyn_into::<Element>().ok()).collect();
    let Some(at) = all.iter().position(|one| *one == here) else { return false };
    let next = if is_on { Some(at + 1) } else { at.checked_sub(1) };
    if let Some(next) = next.and_then(|next| all.get(next)?.clone().dyn_into::<HtmlElement>().ok())
    {
        // An element that cannot take the focus leaves it where it is.
        let _ = next.focus();
    }
    true
}
