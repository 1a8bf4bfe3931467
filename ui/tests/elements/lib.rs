//! The panel's own elements and signals, tried in a document: each exported function is one test, run by
//! `tests/e2e/specs/elements.test.mjs` in both browsers.
//!
//! `cargo xtask test` compiles this as a module of its own, of the same files as the panel and without the panel.
#![cfg(target_arch = "wasm32")]
#![expect(
    unreachable_pub,
    reason = "what is exported to a page is public, also in a private module"
)]
#![expect(clippy::indexing_slicing, reason = "a test stops at its first surprise")]

#[expect(dead_code, unused_imports, reason = "the panel uses the rest")]
#[path = "../../src/html/mod.rs"]
mod html;
#[path = "../../src/leptos.rs"]
mod leptos;
#[expect(dead_code, reason = "the panel uses the rest")]
#[path = "../../src/signal.rs"]
mod signal;

mod leaving;
mod lists;
mod panics;
mod signals;
mod stage;
mod trees;
mod values;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Starts what runs effects, and lets panics say what they are.
#[wasm_bindgen]
pub fn begin() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&JsValue::from_str(&panic.to_string()));
    }));
    leptos::run(|| ());
}

/// Has what waits to run: after a panic it waits for the next one who has something to run.
#[wasm_bindgen]
pub fn nudge() {
    any_spawner::Executor::spawn_local(async {});
}
