//! The sync test against a real worker: what [`crate::sync_test::WorkerSyncTest`] asks is posted, the
//! end comes back as a promise.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use rollscope::worker::{Command, Operation, Reply, ReplyBody, Request};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::script_env::drawn_action;
use super::worker_client::{WorkerClient, WorkerEvent, read_reply};
use crate::sync_test::{Progress, SyncTestPlan, WorkerSyncTest};

struct Running {
    worker: Option<WorkerClient>,
    test: WorkerSyncTest,
    seed: u32,
    ends: Option<(Function, Function)>,
}

/// Plays the environment of the worker at `worker_url`, rolls every frame back by
/// `check_distance_frames`, and resolves to the earliest frame whose state came out differently, or
/// to undefined when all came out equal. `init_env` is the payload of `initEnv` as JSON text.
///
/// # Errors
///
/// When the browser refuses the worker or `init_env` is no JSON.
#[wasm_bindgen(js_name = syncTestWorker, unchecked_return_type = "Promise<number | undefined>")]
pub fn sync_test_worker(
    worker_url: &str,
    init_env: &str,
    players: usize,
    seed: u32,
    frames: u32,
    check_distance_frames: u32,
) -> Result<Promise, JsError> {
    let init: Init =
        serde_json::from_str(init_env).map_err(|error| JsError::new(&error.to_string()))?;
    let plan = SyncTestPlan { players, seed, frames, check_distance_frames };
    let (test, reset) = WorkerSyncTest::new(plan, 2);
    let running = Rc::new(RefCell::new(Running { worker: None, test, seed, ends: None }));
    let promise = Promise::new(&mut |resolve, reject| {
        running.borrow_mut().ends = Some((resolve, reject));
    });
    let again = Rc::clone(&running);
    let worker = WorkerClient::start(worker_url, move |event| {
        again.borrow_mut().handle(event);
    });
    let mut worker = worker.map_err(|error| JsError::new(&super::words(&error)))?;
    let init = Operation::InitEnv { env: init.env, config: init.config };
    for request in [Request { id: 1, command: Command::Single(init) }, reset] {
        worker.post(&request).map_err(|error| JsError::new(&super::words(&error)))?;
    }
    running.borrow_mut().worker = Some(worker);
    Ok(promise)
}

#[derive(serde::Deserialize)]
struct Init {
    env: Option<String>,
    #[serde(default)]
    config: Value,
}

impl Running {
    fn handle(&mut self, event: WorkerEvent) {
        let seed = self.seed;
        let progress = match event {
            WorkerEvent::Ready => {
                if let Some(Err(error)) = self.worker.as_mut().map(WorkerClient::handle_ready) {
                    self.end(Err(super::words(&error)));
                }
                return;
            }
            WorkerEvent::Failed(reason) => return self.end(Err(reason)),
            WorkerEvent::Replied(text) => match read_reply(&text) {
                Err(reason) => return self.end(Err(reason)),
                Ok(Reply { id: 1, body: ReplyBody::Error { error }, .. }) => {
                    Some(Progress::Refused(error.message))
                }
                Ok(reply) => {
                    self.test.handle_reply(reply, |player, frame| drawn_action(seed, player, frame))
                }
            },
        };
        match progress {
            Some(Progress::Ask(request)) => {
                if let Some(Err(error)) = self.worker.as_mut().map(|worker| worker.post(&request)) {
                    self.end(Err(super::words(&error)));
                }
            }
            Some(Progress::Equal) => self.end(Ok(JsValue::UNDEFINED)),
            Some(Progress::Differs(mismatch)) => self.end(Ok(JsValue::from(mismatch.frame.0))),
            Some(Progress::Refused(reason)) => self.end(Err(reason)),
            None => {}
        }
    }

    // The worker's own listener runs now: it is let go of in a later task.
    fn end(&mut self, how: Result<JsValue, String>) {
        let Some((resolve, reject)) = self.ends.take() else {
            return;
        };
        let worker = self.worker.take();
        wasm_bindgen_futures::spawn_local(async move { drop(worker) });
        // A promise's own functions do not throw.
        let _ = match how {
            Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
            Err(reason) => reject.call1(&JsValue::UNDEFINED, &js_sys::Error::new(&reason).into()),
        };
    }
}
