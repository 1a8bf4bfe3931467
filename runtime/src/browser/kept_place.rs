//! A page's place in its room, kept by the tab from the moment when a page goes away until the next
//! one begins: so a page that is loaded anew has its place back.
//!
//! It is written when the page goes and taken away when the next one comes: a tab that is opened as
//! a copy of a living one finds none. Where the browser keeps nothing, a page begins anew.

use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::{Event, Window};

use super::Listener;
use crate::signal::Resume;

#[wasm_bindgen]
extern "C" {
    // The object itself may be refused, in frames without storage; then each call throws.
    #[wasm_bindgen(catch, js_namespace = sessionStorage, js_name = getItem)]
    fn get_item(key: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_namespace = sessionStorage, js_name = setItem)]
    fn set_item(key: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = sessionStorage, js_name = removeItem)]
    fn remove_item(key: &str) -> Result<(), JsValue>;
}

/// Longest token that a server gives out.
const MAX_TOKEN_BYTES: usize = 64;

fn key(room: &str) -> String {
    format!("rollscope-place:{room}")
}

/// Keeps the place of a page that goes away.
pub(super) fn keep(room: &str, player_id: u8, token: &str) {
    // Without storage the page that comes next begins anew.
    let _ = set_item(&key(room), &json!({"player_id": player_id, "token": token}).to_string());
}

/// Takes what the page before has kept.
pub(super) fn take(room: &str) -> Option<Resume> {
    let text = get_item(&key(room)).ok()??;
    let _ = remove_item(&key(room));
    let kept: serde_json::Value = serde_json::from_str(&text).ok()?;
    let token = kept.get("token")?.as_str().filter(|token| token.len() <= MAX_TOKEN_BYTES)?;
    let player_id = u8::try_from(kept.get("player_id")?.as_u64()?).ok()?;
    let token = token.to_owned();
    Some(Resume { player_id, token, is_playing: true, has_lost_game: true })
}

/// Hears of the page's going away until this is dropped.
pub(super) struct Leaving {
    window: Window,
    on_hide: Listener<Event>,
}

const EVENT: &str = "pagehide";

impl Leaving {
    /// `None` where there is no window.
    pub(super) fn watch(handle: impl Fn(()) + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let on_hide: Listener<Event> = Closure::new(move |_: Event| handle(()));
        let listener = on_hide.as_ref().unchecked_ref();
        window.add_event_listener_with_callback(EVENT, listener).ok()?;
        Some(Self { window, on_hide })
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let listener = self.on_hide.as_ref().unchecked_ref();
        let _ = self.window.remove_event_listener_with_callback(EVENT, listener);
    }
}
