//! Whether the page can be seen: a hidden page's worker keeps time, so its game can go on, or be held.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Event};

use super::Listener;

/// Watches the document until this is dropped.
pub(super) struct Visibility {
    document: Document,
    on_change: Listener<Event>,
}

impl Visibility {
    /// `None` where there is no document. `handle` hears whether the page is hidden now.
    pub(super) fn watch(handle: impl Fn(bool) + 'static) -> Option<Self> {
        let document = web_sys::window()?.document()?;
        let of = document.clone();
        let on_change: Listener<Event> = Closure::new(move |_: Event| handle(of.hidden()));
        let listener = on_change.as_ref().unchecked_ref();
        document.add_event_listener_with_callback(EVENT, listener).ok()?;
        Some(Self { document, on_change })
    }

    /// Whether the page is hidden now.
    pub(super) fn is_hidden(&self) -> bool {
        self.document.hidden()
    }
}

impl Drop for Visibility {
    fn drop(&mut self) {
        let listener = self.on_change.as_ref().unchecked_ref();
        let _ = self.document.remove_event_listener_with_callback(EVENT, listener);
    }
}

const EVENT: &str = "visibilitychange";
