//! The page's and the worker's clock: the one place where time is read.

use std::cell::Cell;

use rollscope::time::Micros;
use wasm_bindgen::prelude::*;
use web_sys::Performance;

use crate::switches::Clock;

thread_local! {
    static CLOCK: Cell<Clock> = const { Cell::new(Clock::HighResolution) };
}

/// Sets where times are read from here on; before anything is timed.
pub(super) fn use_clock(clock: Clock) {
    CLOCK.set(clock);
}

fn performance() -> Option<Performance> {
    let clock = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("performance"));
    clock.ok().map(JsCast::unchecked_into)
}

/// Time since the page's or the worker's own time origin.
pub(super) fn now() -> Micros {
    Micros::from_millis(match CLOCK.get() {
        Clock::HighResolution => performance().map_or(0.0, |clock| clock.now()),
        Clock::Date => js_sys::Date::now(),
    })
}

/// Milliseconds since the epoch on a clock that never jumps (`performance.timeOrigin` plus
/// `performance.now()`).
#[must_use]
pub fn epoch_millis() -> f64 {
    performance().map_or(0.0, |clock| clock.time_origin() + clock.now())
}
