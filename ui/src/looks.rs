//! When the views look at the analysis: after the checks have run, in slices between animation frames.

use std::time::Duration;

use crate::bridge;
use crate::leptos::prelude::*;
use crate::signal::{StoredValue, effect};
use crate::state::{Connection, Ui};
use crate::store;

/// Time between two looks: at most four repaints a second.
const TICK: Duration = Duration::from_millis(250);

/// Time in one task that is spent on checks, in milliseconds.
const BUDGET_MS: f64 = 8.0;

/// After checks that took some time the next ones wait this many times as long, so that a long
/// session leaves the page its time.
const REST: f64 = 8.0;

/// How far the views are behind the analysis.
#[derive(Clone, Copy, Default)]
struct Looks {
    /// Revision that the views show.
    seen: u64,
    /// Time spent on the checks of the next look so far, in milliseconds.
    spent_ms: f64,
    /// No checks begin before this time.
    rest_until_ms: f64,
    is_checking: bool,
}

/// Lets the views change at most four times a second, when the analysis has.
pub fn follow(ui: Ui) {
    let looks = StoredValue::new(Looks::default());
    let handle = set_interval_with_handle(
        move || {
            if bridge::precise_now_ms() >= looks.with_value(|looks| looks.rest_until_ms) {
                begin(ui, looks);
            }
        },
        TICK,
    );
    on_cleanup(move || {
        if let Ok(handle) = handle {
            handle.clear();
        }
    });
    effect(move || {
        ui.look_again.track();
        begin(ui, looks);
    });
    // A page that stops being recorded may say so once more; the views then show the last state.
    effect(move || {
        if ui.status.with(|status| status.connection == Connection::Detached) {
            begin(ui, looks);
        }
    });
}

fn begin(ui: Ui, looks: StoredValue<Looks>) {
    let Looks { seen, is_checking, .. } = looks.get_value();
    // A verdict on a part of a file would say something else than the file.
    let waits = ui.is_frozen.get_untracked() || ui.opening.with_untracked(Option::is_some);
    if is_checking || waits || store::revision() == seen {
        return;
    }
    looks.update_value(|looks| {
        looks.is_checking = true;
        looks.spent_ms = 0.0;
    });
    check_on(ui, looks);
}

fn check_on(ui: Ui, looks: StoredValue<Looks>) {
    let begin = bridge::precise_now_ms();
    // A hidden page has no animation to disturb, and its timers come once a second.
    let is_hidden = document().hidden();
    let is_done = store::check_on(|| is_hidden || bridge::precise_now_ms() - begin < BUDGET_MS);
    let now = bridge::precise_now_ms();
    looks.update_value(|looks| looks.spent_ms += now - begin);
    if !is_done {
        set_timeout(move || check_on(ui, looks), Duration::ZERO);
        return;
    }
    // What was frozen or began to be opened meanwhile is looked at later.
    if !ui.is_frozen.get_untracked() && ui.opening.with_untracked(Option::is_none) {
        looks.update_value(|looks| looks.seen = store::revision());
        ui.revision.update(|revision| *revision = revision.wrapping_add(1));
    }
    // What is shown comes first; then what the other sessions and episodes come to.
    set_timeout(move || overview_on(ui, looks), Duration::ZERO);
}

fn overview_on(ui: Ui, looks: StoredValue<Looks>) {
    let begin = bridge::precise_now_ms();
    let is_hidden = document().hidden();
    let is_opening = ui.opening.with_untracked(Option::is_some);
    let has_time = || is_hidden || bridge::precise_now_ms() - begin < BUDGET_MS;
    let is_done = is_opening || store::overview_on(has_time);
    let now = bridge::precise_now_ms();
    looks.update_value(|looks| looks.spent_ms += now - begin);
    if !is_done {
        set_timeout(move || overview_on(ui, looks), Duration::ZERO);
        return;
    }
    store::leave_overview();
    looks.update_value(|looks| {
        looks.is_checking = false;
        looks.rest_until_ms = now + REST * looks.spent_ms;
    });
    if is_opening {
        return;
    }
    let sessions = store::sessions();
    if ui.sessions.with_untracked(|before| *before != sessions) {
        ui.sessions.set(sessions);
    }
}
