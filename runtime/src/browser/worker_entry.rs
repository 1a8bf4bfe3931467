//! The worker's side of the Worker protocol: requests in, one environment, replies out.
//!
//! Requests are handled in the order of their messages and each to its end: only what is no part of
//! a game (`installPackages`, `initEnv`) may take its time, and whatever comes meanwhile waits.
//! Objects cross the border between wasm and JavaScript as JSON texts: states are texts anyway.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use rollscope::worker::{
    Command, Env, Failure, Operation, Reply, ReplyBody, Request, Timing, execute,
};
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::clock::epoch_millis;
use super::script_env::{ScriptEnv, ScriptObject};
use super::{Listener, words};
use crate::seam::WorkerSeam;

/// Requests that wait while something is prepared; further ones are refused.
const MAX_WAITING: usize = 1_024;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Prepares environments that take their time. What it knows is its own list: a page can name one of
 * them, and no message of a page can bring code along. */
export interface Loader {
  installPackages(packages: string[]): Promise<void>;
  initEnv(name: string | undefined, config: unknown): Promise<Environment>;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The object; its interface is the one above.
    #[wasm_bindgen(typescript_type = "Loader")]
    pub type Loader;

    #[wasm_bindgen(method, structural, catch, js_name = installPackages)]
    fn install_packages(this: &Loader, packages: js_sys::Array)
    -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = initEnv)]
    fn init_env(
        this: &Loader,
        name: Option<String>,
        config: &JsValue,
    ) -> Result<js_sys::Promise, JsValue>;
}

struct Host {
    scope: DedicatedWorkerGlobalScope,
    env: RefCell<Option<Box<dyn Env>>>,
    loader: Option<Loader>,
    seam: Option<RefCell<Box<dyn WorkerSeam>>>,
    // Requests that came while something is prepared; none when nothing is.
    waiting: RefCell<Option<VecDeque<JsValue>>>,
}

/// Serves `env` in this worker for good, and says once that it is ready, and in which protocol.
///
/// # Errors
///
/// When this is no dedicated worker.
pub fn worker_main(env: impl Env + 'static) -> Result<(), JsValue> {
    serve(Some(Box::new(env)), None, None)
}

/// Like [`worker_main`], with something between the environment and the page.
///
/// # Errors
///
/// When this is no dedicated worker.
pub fn worker_main_with(env: impl Env + 'static, seam: Box<dyn WorkerSeam>) -> Result<(), JsValue> {
    serve(Some(Box::new(env)), None, Some(seam))
}

/// Serves a JavaScript environment in this worker for good.
///
/// # Errors
///
/// When this is no dedicated worker.
#[wasm_bindgen(js_name = serveEnvironment)]
pub fn serve_environment(environment: ScriptObject) -> Result<(), JsValue> {
    worker_main(ScriptEnv::new(environment))
}

/// Serves what `loader` prepares when a page asks for it by `initEnv`.
///
/// # Errors
///
/// When this is no dedicated worker.
#[wasm_bindgen(js_name = serveLoader)]
pub fn serve_loader(loader: Loader) -> Result<(), JsValue> {
    serve(None, Some(loader), None)
}

fn serve(
    env: Option<Box<dyn Env>>,
    loader: Option<Loader>,
    seam: Option<Box<dyn WorkerSeam>>,
) -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let host = Rc::new(Host {
        scope: scope.clone(),
        env: RefCell::new(env),
        loader,
        seam: seam.map(RefCell::new),
        waiting: RefCell::new(None),
    });
    let listener: Listener<MessageEvent> =
        Closure::new(move |event: MessageEvent| host.handle(event.data()));
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    scope.post_message(&js_sys::JSON::parse(
        r#"{"type":"ready","protocol":"rollscope-worker","version":1}"#,
    )?)
}

impl Host {
    fn handle(self: &Rc<Self>, data: JsValue) {
        if let Some(waiting) = &mut *self.waiting.borrow_mut() {
            if waiting.len() < MAX_WAITING {
                waiting.push_back(data);
            } else {
                let refused =
                    read_request(&data).map_or_else(|reply| reply.id, |request| request.id);
                self.post(
                    failed(refused, "too many requests wait for the preparation"),
                    epoch_millis(),
                );
            }
            return;
        }
        let started_ms = epoch_millis();
        let request = match read_request(&data) {
            Ok(request) => request,
            Err(refused) => return self.post(refused, started_ms),
        };
        if let (Command::Single(operation), Some(_)) = (&request.command, &self.loader)
            && operation.is_preparation()
        {
            *self.waiting.borrow_mut() = Some(VecDeque::new());
            let host = Rc::clone(self);
            let operation = operation.clone();
            spawn_local(async move {
                let body = match host.prepare(operation).await {
                    Ok(()) => ReplyBody::Result { result: json!({"ok": true}) },
                    Err(error) => failure(words_of(&error)),
                };
                host.post(Reply { id: request.id, body, timing: None }, started_ms);
                host.go_on();
            });
            return;
        }
        let reply = match &mut *self.env.borrow_mut() {
            Some(env) => execute(&mut **env, &request),
            None => failed(request.id, "there is no environment yet: send initEnv first"),
        };
        self.post(reply, started_ms);
    }

    /// Handles what waited; another preparation among it makes the rest wait again, in order.
    fn go_on(self: &Rc<Self>) {
        let mut waiting = self.waiting.borrow_mut().take().unwrap_or_default();
        while let Some(data) = waiting.pop_front() {
            self.handle(data);
            if let Some(again) = &mut *self.waiting.borrow_mut() {
                again.append(&mut waiting);
            }
        }
    }

    async fn prepare(&self, operation: Operation) -> Result<(), JsValue> {
        let loader = self.loader.as_ref().ok_or("nothing can be prepared here")?;
        match operation {
            Operation::InstallPackages { packages } => {
                let names = packages.iter().map(|name| JsValue::from_str(name)).collect();
                JsFuture::from(loader.install_packages(names)?).await?;
            }
            Operation::InitEnv { env, config } => {
                let config = js_sys::JSON::parse(&config.to_string())?;
                let made = JsFuture::from(loader.init_env(env, &config)?).await?;
                let made = ScriptEnv::new(made.unchecked_into());
                *self.env.borrow_mut() = Some(Box::new(made));
            }
            _ => {}
        }
        Ok(())
    }

    fn post(&self, mut reply: Reply, started_ms: f64) {
        reply.timing = Some(Timing { started_ms, finished_ms: epoch_millis() });
        let Some(seam) = &self.seam else {
            return self.post_text(serde_json::to_string(&reply));
        };
        let Ok(reply) = serde_json::to_value(&reply) else {
            return;
        };
        let passed = seam.borrow_mut().handle_reply(reply);
        match passed {
            Ok(all) => all.iter().for_each(|one| self.post_text(Ok(one.to_string()))),
            // Nothing catches it: the page's worker fails.
            Err(message) => wasm_bindgen::throw_str(&message),
        }
    }

    fn post_text(&self, text: Result<String, serde_json::Error>) {
        let object = text
            .map_err(|error| JsValue::from_str(&error.to_string()))
            .and_then(|text| js_sys::JSON::parse(&text));
        if let Ok(object) = object {
            // Posting plain data fails only when the page is gone.
            let _ = self.scope.post_message(&object);
        }
    }
}

fn words_of(error: &JsValue) -> String {
    error.as_string().unwrap_or_else(|| words(error))
}

fn failure(message: String) -> ReplyBody {
    ReplyBody::Error { error: Failure { message, ..Failure::default() } }
}

fn failed(id: u32, message: &str) -> Reply {
    Reply { id, body: failure(message.to_owned()), timing: None }
}

fn read_request(data: &JsValue) -> Result<Request, Reply> {
    #[derive(Deserialize)]
    struct IdOnly {
        id: u32,
    }
    let text = js_sys::JSON::stringify(data).ok().and_then(|text| text.as_string());
    let text = text.unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| {
        let id = serde_json::from_str(&text).map_or(0, |IdOnly { id }| id);
        failed(id, &format!("not a request of the Worker protocol: {error}"))
    })
}
