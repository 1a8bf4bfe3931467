//! The page's and the worker's clock: the one place where time is read.

use rollscope::time::Micros;
use wasm_bindgen::prelude::*;
use web_sys::Performance;

fn performance() -> Option<Performance> {
    let clock = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("performance"));
    clock.ok().map(JsCast::unchecked_into)
}

/// Time since the page's or the worker's own time origin.
pub(super) fn now() -> Micros {
    Micros::from_millis(performance().map_or(0.0, |clock| clock.now()))
}

/// Milliseconds since the epoch on a clock that never jumps (`performance.timeOrigin` plus
/// `performance.now()`).
#[must_use]
pub fn epoch_millis() -> f64 {
    performance().map_or(0.0, |clock| clock.time_origin() + clock.now())
}
