//! The clock that makes the session run: a worker, because browsers slow down the timers of hidden
//! pages but not those of workers.

use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use super::Listener;

/// A worker that posts anything at least once per tick, until this is dropped.
pub(super) struct Timer {
    worker: Worker,
    _on_message: Listener<MessageEvent>,
}

impl Timer {
    pub(super) fn start(url: &str, handle: impl Fn(()) + 'static) -> Result<Self, JsValue> {
        let worker = Worker::new(url)?;
        let on_message: Listener<MessageEvent> = Closure::new(move |_: MessageEvent| handle(()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.terminate();
    }
}
