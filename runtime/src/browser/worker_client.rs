//! The page's side of the Worker protocol: posts requests as objects, hands replies on.
//!
//! Requests wait until the worker has said that it is ready. Ids are the session's; a reply finds
//! its request there.

use rollscope::worker::{Reply, Request};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{Listener, words};

/// What a worker says.
pub(super) enum WorkerEvent {
    /// It can take requests now.
    Ready,
    /// It answers a request; the reply as JSON text.
    Replied(String),
    /// It died, or says what is no reply; the text is for people.
    Failed(String),
}

/// A dedicated module worker that runs the game.
pub(super) struct WorkerClient {
    worker: Worker,
    is_ready: bool,
    waiting: Vec<JsValue>,
    _on_message: Listener<MessageEvent>,
    _on_error: Listener<ErrorEvent>,
}

impl WorkerClient {
    pub(super) fn start(
        url: &str,
        handle: impl Fn(WorkerEvent) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("game");
        let worker = Worker::new_with_options(url, &options)?;
        let on_reply = handle.clone();
        let on_message = Closure::new(move |event: MessageEvent| on_reply(read(&event.data())));
        let on_error = Closure::new(move |event: ErrorEvent| {
            event.prevent_default();
            let reason = words(&event);
            handle(WorkerEvent::Failed(format!("The game's worker died: {reason}.")));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            is_ready: false,
            waiting: Vec::new(),
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Posts a request, or keeps it until the worker is ready.
    pub(super) fn post(&mut self, request: &Request) -> Result<(), JsValue> {
        let text = serde_json::to_string(request)
            .map_err(|error| JsValue::from_str(&error.to_string()))?;
        self.post_text(&text)
    }

    /// Posts an object given as JSON text, or keeps it until the worker is ready.
    pub(super) fn post_text(&mut self, text: &str) -> Result<(), JsValue> {
        let object = js_sys::JSON::parse(text)?;
        if self.is_ready {
            return self.worker.post_message(&object);
        }
        self.waiting.push(object);
        Ok(())
    }

    /// Posts what waited for the worker.
    pub(super) fn handle_ready(&mut self) -> Result<(), JsValue> {
        self.is_ready = true;
        self.waiting.drain(..).try_for_each(|object| self.worker.post_message(&object))
    }
}

impl WorkerClient {
    /// Ends the worker; what is posted from now on goes nowhere.
    pub(super) fn end(&self) {
        self.worker.terminate();
    }
}

impl Drop for WorkerClient {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn read(data: &JsValue) -> WorkerEvent {
    let kind = js_sys::Reflect::get(data, &JsValue::from_str("type")).ok();
    if kind.and_then(|kind| kind.as_string()).as_deref() == Some("ready") {
        return WorkerEvent::Ready;
    }
    let text = js_sys::JSON::stringify(data).ok().and_then(|text| text.as_string());
    WorkerEvent::Replied(text.unwrap_or_default())
}

/// Reads a reply; the error is for people.
pub(super) fn read_reply(text: &str) -> Result<Reply, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("The worker said what is no reply: {error}."))
}
