//! Carries out commands of the keyboard: the one place where keys meet state and analysis.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use rollscope::frame::Frame;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::keys::{self, Command, Shift};
use crate::range::Range;
use crate::state::Ui;
use crate::store::{self, Beside};

/// Id of the frame box, which `G` moves the cursor to.
pub const FRAME_BOX: &str = "frame-box";

/// Zoom of one key press or wheel notch.
const ZOOM_STEP: f64 = 0.8;
/// Share of the visible range that one key press pans.
const PAN_STEP: f64 = 0.125;

/// Listens to bare keys as long as the panel lives.
pub fn listen(ui: Ui) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typed_into(&event) {
            return;
        }
        let shift = if event.shift_key() { Shift::Held } else { Shift::Free };
        let Some(command) = keys::command(&event.key(), &event.code(), shift) else { return };
        if command == Command::Follow && is_on_button(&event) {
            return;
        }
        event.prevent_default();
        carry_out(ui, command);
    });
    on_cleanup(move || handle.remove());
}

/// Carries out one command.
pub fn carry_out(ui: Ui, command: Command) {
    let total = ui.total.get_untracked();
    let range = ui.range.get_untracked();
    match command {
        Command::ZoomIn => ui.set_range(range.zoomed(centre(ui, range), ZOOM_STEP, total)),
        Command::ZoomOut => ui.set_range(range.zoomed(centre(ui, range), 1.0 / ZOOM_STEP, total)),
        Command::PanEarlier => ui.set_range(range.panned(-range.frames * PAN_STEP, total)),
        Command::PanLater => ui.set_range(range.panned(range.frames * PAN_STEP, total)),
        Command::PreviousFrame => step_frame(ui, Beside::Before),
        Command::NextFrame => step_frame(ui, Beside::After),
        Command::PreviousRollback => step_rollback(ui, Beside::Before),
        Command::NextRollback => step_rollback(ui, Beside::After),
        Command::PreviousFinding => step_finding(ui, Beside::Before),
        Command::NextFinding => step_finding(ui, Beside::After),
        Command::GoToFrame => focus(FRAME_BOX),
        Command::Fit => ui.set_range(Range::whole(total)),
        Command::Follow => {
            ui.is_following.update(|is_following| *is_following = !*is_following);
            if ui.is_following.get_untracked() {
                ui.is_frozen.set(false);
                ui.range.set(range.following(total));
            }
        }
        Command::Help => ui.is_help_open.update(|is_open| *is_open = !*is_open),
    }
}

/// Selects the frame beside the selected one; without one, the newest.
pub fn step_frame(ui: Ui, side: Beside) {
    let total = ui.total.get_untracked();
    if total == 0 {
        return;
    }
    let frame = match (ui.frame.get_untracked(), side) {
        (None, _) => Frame(total - 1),
        (Some(frame), Beside::Before) => frame.minus(1),
        (Some(frame), Beside::After) => frame.next(),
    };
    ui.select_frame(frame);
}

/// Selects the rollback beside the selected frame.
pub fn step_rollback(ui: Ui, side: Beside) {
    let from = ui.frame.get_untracked().unwrap_or_default();
    if let Some((row, frame)) = store::rollback_beside(from, side) {
        ui.select_rollback(row, frame);
    }
}

/// Selects the finding beside the selected one and its frame.
pub fn step_finding(ui: Ui, side: Beside) {
    let Some(verdict) = store::verdict() else { return };
    let last = verdict.findings.len().checked_sub(1);
    let Some(last) = last else { return };
    let place = match (ui.finding.get_untracked(), side) {
        (None, _) => 0,
        (Some(place), Beside::Before) => place.saturating_sub(1),
        (Some(place), Beside::After) => place.saturating_add(1).min(last),
    };
    if let Some(frame) = verdict.findings.get(place).and_then(|finding| finding.frame) {
        ui.select_frame(frame);
    }
    ui.finding.set(Some(place));
}

/// Puts the focus on the element with an id.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

fn centre(ui: Ui, range: Range) -> f64 {
    let frame = ui.frame.get_untracked().map(|frame| f64::from(frame.0) + 0.5);
    let visible = frame.filter(|frame| *frame >= range.first && *frame <= range.end());
    visible.unwrap_or(range.first + range.frames / 2.0)
}

fn tag(event: &KeyboardEvent) -> String {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.map(|element| element.tag_name()).unwrap_or_default()
}

fn is_typed_into(event: &KeyboardEvent) -> bool {
    matches!(tag(event).as_str(), "INPUT" | "TEXTAREA" | "SELECT")
}

fn is_on_button(event: &KeyboardEvent) -> bool {
    matches!(tag(event).as_str(), "BUTTON" | "A")
}
