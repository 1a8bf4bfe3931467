//! Carries out commands of the keyboard: the one place where keys meet state and analysis.

use rollscope::frame::Frame;
use rollscope::summary::Choice;
use rollscope::timeline::Axis;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::keys::{self, Command, Shift};
use crate::leptos::prelude::*;
use crate::overview;
use crate::range::Range;
use crate::state::{Ui, View};
use crate::store::{self, Beside};
use crate::views::{state, traffic};

/// Id of the frame box, which `G` moves the cursor to.
pub const FRAME_BOX: &str = "frame-box";
/// Id of the filter box of the view, which `/` moves the cursor to.
pub const FILTER_BOX: &str = "filter-box";

/// Zoom of one key press or wheel notch.
const ZOOM_STEP: f64 = 0.8;
/// Share of the visible range that one key press pans.
const PAN_STEP: f64 = 0.125;

/// Listens to bare keys as long as the panel lives.
pub fn listen(ui: Ui) {
    let handle = window_event_listener(crate::leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typed_into(&event) {
            return;
        }
        let shift = if event.shift_key() { Shift::Held } else { Shift::Free };
        let Some(command) = keys::command(&event.key(), &event.code(), shift) else { return };
        // Space presses a button; digits and letters in a list of options choose there.
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
    let extent = ui.extent.get_untracked();
    let range = ui.range.get_untracked();
    match command {
        Command::ZoomIn => ui.set_range(range.zoomed(centre(ui, range), ZOOM_STEP, extent)),
        Command::ZoomOut => ui.set_range(range.zoomed(centre(ui, range), 1.0 / ZOOM_STEP, extent)),
        Command::PanEarlier => ui.set_range(range.panned(-range.frames * PAN_STEP, extent)),
        Command::PanLater => ui.set_range(range.panned(range.frames * PAN_STEP, extent)),
        Command::PreviousFrame => step_frame(ui, Beside::Before),
        Command::NextFrame => step_frame(ui, Beside::After),
        Command::PreviousRollback => step_rollback(ui, Beside::Before),
        Command::NextRollback => step_rollback(ui, Beside::After),
        Command::WorstRollback => {
            if let Some((row, frame)) = store::worst_rollback() {
                ui.view.set(View::Rollbacks);
                ui.select_rollback(row, frame);
            }
        }
        Command::PreviousFinding => step_finding(ui, Beside::Before),
        Command::NextFinding => step_finding(ui, Beside::After),
        Command::PreviousMarker => step_marker(ui, Beside::Before),
        Command::NextMarker => step_marker(ui, Beside::After),
        Command::Sessions => ui.is_sessions_open.set(true),
        Command::PreviousSession => step_session(ui, Beside::Before),
        Command::NextSession => step_session(ui, Beside::After),
        Command::GoToFrame => focus(FRAME_BOX),
        Command::Filter if ui.view.get_untracked() == View::Traffic => focus(traffic::FILTER),
        Command::Filter => {
            if document().get_element_by_id(FILTER_BOX).is_none() {
                ui.view.set(View::Timeline);
            }
            request_animation_frame(|| focus(FILTER_BOX));
        }
        Command::ClearFilter => ui.set_filter(String::new()),
        Command::Diff if ui.view.get_untracked() == View::State => state::toggle_base(ui),
        Command::Diff => ui.view.set(View::State),
        Command::Marker => toggle_marker(ui),
        Command::Fit => ui.set_range(Range::whole(extent)),
        Command::Axis => ui.set_axis(match ui.axis.get_untracked() {
            Axis::Frame => Axis::Time,
            Axis::Time => Axis::Frame,
        }),
        Command::Lanes => {
            ui.view.set(View::Timeline);
            ui.is_lanes_open.update(|is_open| *is_open = !*is_open);
        }
        Command::Follow => {
            ui.is_following.update(|is_following| *is_following = !*is_following);
            if ui.is_following.get_untracked() {
                ui.is_frozen.set(false);
                ui.range.set(range.following(extent));
            }
        }
        Command::Freeze => ui.is_frozen.update(|is_frozen| *is_frozen = !*is_frozen),
        Command::Palette => ui.is_palette_open.set(true),
        Command::Help => ui.is_help_open.update(|is_open| *is_open = !*is_open),
        Command::Show(view) => ui.view.set(view),
    }
}

/// Marks the selected frame, or takes its marker away; without one, the newest frame.
fn toggle_marker(ui: Ui) {
    let Some(last) = ui.total.get_untracked().checked_sub(1) else { return };
    let frame = ui.frame.get_untracked().unwrap_or(Frame(last));
    if ui.markers.with_untracked(|markers| markers.iter().any(|(at, _)| *at == frame)) {
        store::unmark(frame);
    } else {
        store::mark(frame, String::new());
        if ui.frame.get_untracked() != Some(frame) {
            ui.select_frame(frame);
        }
    }
    ui.markers.set(store::markers());
}

/// Selects the marker beside the selected frame.
fn step_marker(ui: Ui, side: Beside) {
    let from = ui.frame.get_untracked().unwrap_or_default();
    let found = ui.markers.with_untracked(|markers| {
        let frames = markers.iter().map(|(frame, _)| *frame);
        match side {
            Beside::After => frames.filter(|frame| *frame > from).min(),
            Beside::Before => frames.filter(|frame| *frame < from).max(),
        }
    });
    if let Some(frame) = found {
        ui.select_frame(frame);
    }
}

/// Selects the next frame that the filter lets through, or the one before.
pub fn step_match(ui: Ui, side: Beside) {
    let from = ui.frame.get_untracked();
    let filter = ui.filter.get_untracked();
    if let Some(frame) = store::match_beside(&filter, from, side) {
        ui.select_frame(frame);
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
    let from = (ui.frame.get_untracked().unwrap_or_default(), ui.rollback.get_untracked());
    if let Some((row, frame)) = store::rollback_beside(from, side) {
        ui.select_rollback(row, frame);
    }
}

/// Shows another session or episode.
pub fn choose(ui: Ui, choice: Choice) {
    store::choose(choice);
    ui.forget_selection();
}

/// Shows the session beside the shown one, at its worst episode; of a single session the episode beside.
fn step_session(ui: Ui, side: Beside) {
    let Some((game, episode)) = store::chosen() else { return };
    let choices = store::choices();
    let beside = |place: usize, count: usize| match side {
        Beside::Before => place.checked_sub(1),
        Beside::After => Some(place + 1).filter(|next| *next < count),
    };
    if let [one] = choices.as_slice() {
        if let Some(episode) = beside(episode, one.episodes.len()) {
            choose(ui, Choice { game: Some(game), episode: Some(episode) });
        }
    } else if let Some(game) = beside(game, choices.len()) {
        let line = ui.sessions.with_untracked(|rows| overview::session(rows, game));
        choose(ui, line.map_or(Choice { game: Some(game), episode: None }, |line| line.choice));
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
    let frame = ui.frame.get_untracked().map(|frame| ui.place_of(frame));
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
