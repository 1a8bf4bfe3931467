//! A worker of the Worker protocol for pages that drive a game themselves: every operation is a
//! method, every reply settles a promise.
//!
//! A session has its own way of asking ([`super::game_session`]); this is the same protocol by hand.
//! What decides when something is asked is the page's business.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::worker::{Command, Failure, Operation, ReplyBody, Request};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::words;
use super::worker_client::{WorkerClient, WorkerEvent, read_reply};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One operation of a batch; `frame` is read by observers only. */
export type WorkerOperation =
  | { op: "setState"; params: { stateJson: string; frame?: number } }
  | { op: "getState"; params: { frame?: number } }
  | { op: "step"; params: { actions: Record<number, number>; frame?: number } }
  | { op: "reset"; params: { seed: number | null } }
  | { op: "computeHash"; params: { stateJson?: string } }
  | { op: "render"; params: Record<string, never> }
  | { op: "seedRng"; params: { seed: number } }
  | { op: "validateCapabilities"; params: Record<string, never> };

/** What one step brought, by player index. */
export interface StepResult { rewards: Record<number, number>; terminateds: Record<number, boolean> }

/** What an environment was found to be able to do; `problems` says what was missing, for people. */
export interface Capabilities {
  environment: string; getState: boolean; setState: boolean; restoresExactly: boolean; computeHash: boolean;
  render: boolean; problems: string[];
}

/** What an operation returned. */
export type OperationResult =
  | StepResult | { stateJson: string } | { hash: string } | { renderState: unknown } | { capabilities: Capabilities }
  | { ok: true };

/** What a promise of a `GameWorker` is rejected with. */
export interface WorkerFailure extends Error {
  /** Of a batch: the operation that failed. What stands before it was done, nothing after it. */
  failedIndex?: number;
  /** Of a batch: the results of the operations before it. */
  partialResults?: OperationResult[];
}
"#;

struct Asked {
    id: u32,
    resolve: Function,
    reject: Function,
}

#[derive(Default)]
struct Inner {
    worker: Option<WorkerClient>,
    last_id: u32,
    asked: Vec<Asked>,
    /// Why nothing can be asked any more, for people.
    ended: Option<String>,
}

/// A game in a worker, asked by hand. Requests may be made before the worker is ready, and are
/// answered in their order.
#[wasm_bindgen]
pub struct GameWorker {
    inner: Rc<RefCell<Inner>>,
}

#[wasm_bindgen]
impl GameWorker {
    /// Starts the module worker at `url`.
    ///
    /// # Errors
    ///
    /// When the browser refuses it.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &str) -> Result<Self, JsError> {
        let inner = Rc::new(RefCell::new(Inner::default()));
        let again = Rc::clone(&inner);
        let worker = WorkerClient::start(url, move |event| handle(&again, event));
        let worker = worker.map_err(|error| JsError::new(&words(&error)))?;
        inner.borrow_mut().worker = Some(worker);
        Ok(Self { inner })
    }

    /// Makes packages available that the worker itself knows by name.
    #[wasm_bindgen(js_name = installPackages, unchecked_return_type = "Promise<{ ok: true }>")]
    pub fn install_packages(&self, packages: Vec<String>) -> Promise {
        self.single(Operation::InstallPackages { packages })
    }

    /// Prepares one of the worker's environments; without a name the only one.
    #[wasm_bindgen(js_name = initEnv, unchecked_return_type = "Promise<{ ok: true }>")]
    pub fn init_env(
        &self,
        env: Option<String>,
        #[wasm_bindgen(unchecked_optional_param_type = "unknown")] config: &JsValue,
    ) -> Promise {
        match read::<Value>(config) {
            Ok(config) => self.single(Operation::InitEnv { env, config }),
            Err(reason) => {
                Promise::reject(&error_of(Failure { message: reason, ..Failure::default() }))
            }
        }
    }

    /// Tries out what the environment can do and leaves its state as it was.
    #[wasm_bindgen(js_name = validateCapabilities, unchecked_return_type = "Promise<{ capabilities: Capabilities }>")]
    pub fn validate_capabilities(&self) -> Promise {
        self.single(Operation::ValidateCapabilities {})
    }

    /// Starts an episode; without a seed the random state stays.
    #[wasm_bindgen(unchecked_return_type = "Promise<{ renderState: unknown }>")]
    pub fn reset(&self, seed: Option<u32>) -> Promise {
        self.single(Operation::Reset { seed })
    }

    /// Seeds the random state alone.
    #[wasm_bindgen(js_name = seedRng, unchecked_return_type = "Promise<{ ok: true }>")]
    pub fn seed_rng(&self, seed: u32) -> Promise {
        self.single(Operation::SeedRng { seed })
    }

    /// Steps by one frame with one action per player, by player index.
    #[wasm_bindgen(unchecked_return_type = "Promise<StepResult>")]
    pub fn step(&self, actions: Vec<u32>, frame: Option<u32>) -> Promise {
        let named = |(player, action): (usize, u32)| (player.to_string(), Action(action));
        let actions: BTreeMap<_, _> = actions.into_iter().enumerate().map(named).collect();
        self.single(Operation::Step { actions, frame: frame.map(Frame) })
    }

    /// The whole state as text, random state included.
    #[wasm_bindgen(js_name = getState, unchecked_return_type = "Promise<{ stateJson: string }>")]
    pub fn get_state(&self, frame: Option<u32>) -> Promise {
        self.single(Operation::GetState { frame: frame.map(Frame) })
    }

    /// Restores a state exactly.
    #[wasm_bindgen(js_name = setState, unchecked_return_type = "Promise<{ ok: true }>")]
    pub fn set_state(&self, state_json: String, frame: Option<u32>) -> Promise {
        self.single(Operation::SetState { state_json, frame: frame.map(Frame) })
    }

    /// The hash of a state text, or of the current state. `hashState` does it without the worker.
    #[wasm_bindgen(js_name = computeHash, unchecked_return_type = "Promise<{ hash: string }>")]
    pub fn compute_hash(&self, state_json: Option<String>) -> Promise {
        self.single(Operation::ComputeHash { state_json })
    }

    /// What to draw.
    #[wasm_bindgen(unchecked_return_type = "Promise<{ renderState: unknown }>")]
    pub fn render(&self) -> Promise {
        self.single(Operation::Render {})
    }

    /// Operations in order, with nothing in between. At the first error it stops, and the promise is
    /// rejected with a `WorkerFailure` that says which one failed and what those before it returned.
    #[wasm_bindgen(unchecked_return_type = "Promise<OperationResult[]>")]
    pub fn batch(
        &self,
        #[wasm_bindgen(unchecked_param_type = "WorkerOperation[]")] operations: &JsValue,
    ) -> Promise {
        match read::<Vec<Operation>>(operations) {
            Ok(operations) => self.ask(&Command::Batch(operations)),
            Err(message) => Promise::reject(&error_of(Failure { message, ..Failure::default() })),
        }
    }

    /// Ends the worker; what was not answered is rejected.
    pub fn end(&self) {
        end(&self.inner, "the worker was ended");
    }

    fn single(&self, operation: Operation) -> Promise {
        self.ask(&Command::Single(operation))
    }

    fn ask(&self, command: &Command) -> Promise {
        Promise::new(&mut |resolve, reject| {
            let mut inner = self.inner.borrow_mut();
            inner.last_id = inner.last_id.wrapping_add(1);
            let request = Request { id: inner.last_id, command: command.clone() };
            let posted = match (inner.ended.clone(), &mut inner.worker) {
                (None, Some(worker)) => worker.post(&request).map_err(|error| words(&error)),
                (reason, _) => Err(reason.unwrap_or_else(|| "there is no worker".to_owned())),
            };
            match posted {
                Ok(()) => inner.asked.push(Asked { id: request.id, resolve, reject }),
                Err(message) => {
                    settle(&reject, &error_of(Failure { message, ..Failure::default() }));
                }
            }
        })
    }
}

impl Drop for GameWorker {
    fn drop(&mut self) {
        end(&self.inner, "the worker's object was freed");
    }
}

fn handle(inner: &Rc<RefCell<Inner>>, event: WorkerEvent) {
    match event {
        WorkerEvent::Ready => {
            let posted = inner.borrow_mut().worker.as_mut().map(WorkerClient::handle_ready);
            if let Some(Err(error)) = posted {
                end(inner, &words(&error));
            }
        }
        WorkerEvent::Failed(reason) => end(inner, &reason),
        WorkerEvent::Replied(text) => match read_reply(&text) {
            Err(reason) => end(inner, &reason),
            Ok(reply) => {
                let mut borrowed = inner.borrow_mut();
                let place = borrowed.asked.iter().position(|asked| asked.id == reply.id);
                let Some(asked) = place.map(|place| borrowed.asked.remove(place)) else { return };
                drop(borrowed);
                match reply.body {
                    ReplyBody::Result { result } => settle(&asked.resolve, &object_of(&result)),
                    ReplyBody::Error { error } => settle(&asked.reject, &error_of(error)),
                }
            }
        },
    }
}

/// Rejects what waits. The worker's own listener may be running: it is let go of in a later task.
fn end(inner: &Rc<RefCell<Inner>>, reason: &str) {
    let mut borrowed = inner.borrow_mut();
    let worker = borrowed.worker.take();
    borrowed.ended.get_or_insert_with(|| reason.to_owned());
    let asked = std::mem::take(&mut borrowed.asked);
    drop(borrowed);
    if let Some(worker) = worker {
        worker.end();
        wasm_bindgen_futures::spawn_local(async move { drop(worker) });
    }
    for Asked { reject, .. } in asked {
        settle(&reject, &error_of(Failure { message: reason.to_owned(), ..Failure::default() }));
    }
}

// A promise's own functions do not throw.
fn settle(how: &Function, value: &JsValue) {
    let _ = how.call1(&JsValue::UNDEFINED, value);
}

fn object_of(value: &Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).unwrap_or(JsValue::UNDEFINED)
}

fn error_of(failure: Failure) -> JsValue {
    let error = js_sys::Error::new(&failure.message);
    let members = [
        ("failedIndex", failure.failed_index.map(JsValue::from)),
        ("partialResults", failure.partial_results.map(|results| object_of(&results))),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            // An error that was just made takes members.
            let _ = Reflect::set(&error, &JsValue::from_str(name), &value);
        }
    }
    error.into()
}

fn read<T: serde::de::DeserializeOwned>(given: &JsValue) -> Result<T, String> {
    if given.is_undefined() {
        return serde_json::from_str("null").map_err(|error| error.to_string());
    }
    let text = js_sys::JSON::stringify(given).ok().and_then(|text| text.as_string());
    let text = text.ok_or("what was given is no plain data")?;
    serde_json::from_str(&text)
        .map_err(|error| format!("not an operation of the Worker protocol: {error}"))
}
