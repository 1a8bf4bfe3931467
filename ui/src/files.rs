//! Opens capture files: one by one while they come, in slices while they are read, and says which were refused.
//!
//! Bytes come from the bridge; what is read stands in `store`. Must not know where a file is from.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use crate::bridge::precise_now_ms;
use crate::intake::{Intake, Taken};
use crate::leptos::prelude::*;
use crate::state::{Loaded, Ui};
use crate::store;

/// Time in one task that is spent on a file while it is being opened, when only its progress is drawn, in milliseconds.
const BUDGET_MS: f64 = 40.0;

const EMPTY: &str = "the file is empty: save the capture again, or copy the file once more";
const NO_ANALYSIS: &str =
    "the analysis could not be loaded, so no file can be read: open the panel again";

thread_local! {
    static IS_READING: Cell<bool> = const { Cell::new(false) };
    /// Files that came before the analysis was there: name, bytes, whether beside those before.
    static WAITING: RefCell<Vec<(String, Vec<u8>, bool)>> = const { RefCell::new(Vec::new()) };
    static INTAKE: RefCell<Intake> = RefCell::default();
}

/// So many files come that were chosen together.
pub fn begin(ui: Ui, count: usize) {
    INTAKE.set(Intake::of(count));
    ui.error.set(None);
}

/// Opens a file in the place of what is open, or beside it. Returns whether it is being opened.
pub fn open(ui: Ui, name: &str, bytes: Vec<u8>, is_further: bool) -> bool {
    match INTAKE.with_borrow_mut(Intake::take) {
        Taken::Alone => ui.error.set(None),
        Taken::OfMany(place) => ui.files.set(place),
        Taken::Cancelled => return true,
    }
    let is_opened = match ui.analysis.get_untracked() {
        _ if bytes.is_empty() => say(ui, name, EMPTY),
        Loaded::There => show(ui, name, bytes, is_further),
        Loaded::Missing(_) => say(ui, name, NO_ANALYSIS),
        Loaded::Awaited => {
            ui.opening.set(Some((0, bytes.len())));
            WAITING.with_borrow_mut(|files| files.push((name.to_owned(), bytes, is_further)));
            return true;
        }
    };
    finish(ui);
    is_opened
}

/// Says that a file cannot be read, and why.
pub fn refuse(ui: Ui, name: &str, reason: &str) {
    match INTAKE.with_borrow_mut(Intake::take) {
        Taken::Cancelled => return,
        Taken::Alone => {}
        Taken::OfMany(place) => ui.files.set(place),
    }
    say(ui, name, reason);
    finish(ui);
}

/// The analysis is there: what waited for it has its turn.
pub fn open_waiting(ui: Ui) {
    for (name, bytes, is_further) in WAITING.take() {
        show(ui, &name, bytes, is_further);
    }
}

/// There will be no analysis.
pub fn refuse_waiting(ui: Ui) {
    for (name, ..) in WAITING.take() {
        say(ui, &name, NO_ANALYSIS);
    }
}

/// Closes the files, also while they are being read; the live session shows again.
pub fn close(ui: Ui) {
    INTAKE.with_borrow_mut(Intake::cancel);
    WAITING.take();
    store::close_file();
    ui.opened.set(None);
    ui.opening.set(None);
    ui.sessions.set(Vec::new());
    ui.forget_selection();
}

fn show(ui: Ui, name: &str, bytes: Vec<u8>, is_further: bool) -> bool {
    let total = bytes.len();
    if let Err(error) = store::begin_file(name, bytes, is_further) {
        return say(ui, name, &error.to_string());
    }
    let before = ui.opened.get_untracked().filter(|_| is_further);
    ui.opened.set(Some(before.map_or(name.to_owned(), |first| format!("{first} + {name}"))));
    ui.opening.set(Some((0, total)));
    if !is_further {
        ui.sessions.set(Vec::new());
        ui.forget_selection();
    }
    read();
    true
}

// Nothing is opened of what is refused.
fn say(ui: Ui, name: &str, reason: &str) -> bool {
    let text = INTAKE.with_borrow_mut(|intake| intake.refuse(name, reason));
    ui.error.set(Some(text));
    false
}

// Files that wait for a last one which cannot be opened are shown without it.
fn finish(ui: Ui) {
    let is_waiting = ui.opening.with_untracked(Option::is_some) && store::is_there();
    if is_waiting && !INTAKE.with_borrow(Intake::is_awaiting) {
        read();
    }
}

fn read() {
    if !IS_READING.replace(true) {
        set_timeout(read_on, Duration::ZERO);
    }
}

// A file is shown when it was read and checked as a whole; until then its progress is.
fn read_on() {
    let Some(ui) = crate::bridge::ui() else { return };
    let begin = precise_now_ms();
    let has_time = || precise_now_ms() - begin < BUDGET_MS;
    if let Some(left) = store::read_on(has_time) {
        ui.opening.set(Some(left));
        set_timeout(read_on, Duration::ZERO);
    } else if INTAKE.with_borrow(Intake::is_awaiting) {
        // The next file of those that were chosen together goes on with it.
        IS_READING.set(false);
    } else if !store::check_on(has_time) {
        set_timeout(read_on, Duration::ZERO);
    } else {
        IS_READING.set(false);
        ui.opening.set(None);
        ui.look_again.update(|count| *count = count.wrapping_add(1));
    }
}
