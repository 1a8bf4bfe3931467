//! The worker's side of the Worker protocol: requests in, one environment, replies out.
//!
//! Requests are handled in the order of their messages and each to its end. Objects cross the
//! border between wasm and JavaScript as JSON texts: states are texts anyway.

use std::cell::RefCell;

use rollscope::worker::{Env, Failure, Reply, ReplyBody, Request, Timing, execute};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::Listener;
use super::clock::epoch_millis;

/// Serves `env` in this worker for good, and says once that it is ready, and in which protocol.
///
/// # Errors
///
/// When this is no dedicated worker.
pub fn worker_main(env: impl Env + 'static) -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let env = RefCell::new(env);
    let replies_to = scope.clone();
    let listener: Listener<MessageEvent> = Closure::new(move |event: MessageEvent| {
        let started_ms = epoch_millis();
        let mut reply = match read_request(&event.data()) {
            Ok(request) => execute(&mut *env.borrow_mut(), &request),
            Err(refused) => refused,
        };
        let finished_ms = epoch_millis();
        reply.timing = Some(Timing { started_ms, finished_ms });
        let object = serde_json::to_string(&reply)
            .map_err(|error| JsValue::from_str(&error.to_string()))
            .and_then(|text| js_sys::JSON::parse(&text));
        if let Ok(object) = object {
            // Posting plain data fails only when the page is gone.
            let _ = replies_to.post_message(&object);
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    scope.post_message(&js_sys::JSON::parse(
        r#"{"type":"ready","protocol":"rollscope-worker","version":1}"#,
    )?)
}

fn read_request(data: &JsValue) -> Result<Request, Reply> {
    #[derive(Deserialize)]
    struct IdOnly {
        id: u32,
    }
    let text = js_sys::JSON::stringify(data).ok().and_then(|text| text.as_string());
    let text = text.unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| {
        let message = format!("not a request of the Worker protocol: {error}");
        let error = Failure { message, ..Failure::default() };
        Reply {
            id: serde_json::from_str(&text).map_or(0, |IdOnly { id }| id),
            body: ReplyBody::Error { error },
            timing: None,
        }
    })
}
