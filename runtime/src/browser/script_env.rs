//! An environment that is a JavaScript object: a game in JavaScript, or one in Python behind Pyodide.
//!
//! The object's methods are called synchronously, so that a batch stays one piece; what they throw
//! becomes the error of their operation. Which messages lead here is known to `worker_entry`.

use std::collections::BTreeMap;

use js_sys::Array;
use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::worker::{Env, EnvError, StepOutcome};
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::words;
use crate::STATE_HASH_RULE;
use crate::sync_test::{SyncTestPlan, run_sync_test};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A game in a worker. Equal states and equal actions must give equal states; everything that later
 * steps depend on, random state included, belongs to the state. No method may return a promise. */
export interface Environment {
  name: string;
  /** Starts an episode; without a seed the random state stays. */
  reset(seed?: number): void;
  seedRng(seed: number): void;
  /** One whole number per player, by player index. */
  step(actions: number[]): { rewards: number[]; terminateds: boolean[] };
  /** The whole state as JSON text. */
  getState(): string;
  /** Restores a state exactly; throws if the text is none. */
  setState(stateJson: string): void;
  /** What to draw: plain data. */
  render(): unknown;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The object; its interface is the one above.
    #[wasm_bindgen(typescript_type = "Environment")]
    #[derive(Clone)]
    pub type ScriptObject;

    #[wasm_bindgen(method, getter, structural)]
    fn name(this: &ScriptObject) -> JsValue;
    #[wasm_bindgen(method, structural, catch)]
    fn reset(this: &ScriptObject, seed: Option<u32>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = seedRng)]
    fn seed_rng(this: &ScriptObject, seed: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn step(this: &ScriptObject, actions: Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = getState)]
    fn get_state(this: &ScriptObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = setState)]
    fn set_state(this: &ScriptObject, state_json: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn render(this: &ScriptObject) -> Result<JsValue, JsValue>;
}

/// A JavaScript object as an environment of the Worker protocol.
pub struct ScriptEnv {
    object: ScriptObject,
    name: String,
}

impl ScriptEnv {
    /// Wraps `object`; an object without a name is called `script`.
    #[must_use]
    pub fn new(object: ScriptObject) -> Self {
        let name = object.name().as_string().unwrap_or_else(|| "script".to_owned());
        Self { object, name }
    }
}

impl Env for ScriptEnv {
    fn name(&self) -> &str {
        &self.name
    }

    fn reset(&mut self, seed: Option<u32>) -> Result<(), EnvError> {
        self.object.reset(seed).map(drop).map_err(|error| thrown(&error))
    }

    fn seed_rng(&mut self, seed: u32) -> Result<(), EnvError> {
        self.object.seed_rng(seed).map(drop).map_err(|error| thrown(&error))
    }

    fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError> {
        let numbers: Array = actions.iter().map(|action| JsValue::from(action.0)).collect();
        let outcome = self.object.step(numbers).map_err(|error| thrown(&error))?;
        Ok(StepOutcome {
            rewards: by_player(&outcome, "rewards", JsValue::as_f64)?,
            terminateds: by_player(&outcome, "terminateds", JsValue::as_bool)?,
        })
    }

    fn state_json(&self) -> Result<String, EnvError> {
        let text = self.object.get_state().map_err(|error| thrown(&error))?;
        text.as_string().ok_or_else(|| EnvError("getState returned no text".to_owned()))
    }

    fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError> {
        self.object.set_state(state_json).map(drop).map_err(|error| thrown(&error))
    }

    fn hash_state(&self, state_json: &str) -> Result<String, EnvError> {
        let hash = STATE_HASH_RULE.hash_text(state_json);
        hash.map(|hash| hash.hex()).map_err(|error| EnvError(error.to_string()))
    }

    fn render(&self) -> Result<Value, EnvError> {
        let picture = self.object.render().map_err(|error| thrown(&error))?;
        let text = js_sys::JSON::stringify(&picture).ok().and_then(|text| text.as_string());
        let text = text.unwrap_or_else(|| "null".to_owned());
        serde_json::from_str(&text).map_err(|error| EnvError(format!("render: {error}")))
    }
}

/// What JavaScript threw, in words; of Python's traceback the last line, which says what it was.
fn thrown(error: &JsValue) -> EnvError {
    let text = error.as_string().unwrap_or_else(|| words(error));
    let last = text.trim_end().rsplit('\n').next().unwrap_or_default();
    EnvError(last.chars().take(400).collect())
}

fn by_player<T>(
    outcome: &JsValue,
    key: &str,
    read: impl Fn(&JsValue) -> Option<T>,
) -> Result<BTreeMap<String, T>, EnvError> {
    let list = js_sys::Reflect::get(outcome, &JsValue::from_str(key)).ok();
    let list = list.filter(Array::is_array).map(|list| Array::from(&list));
    let list = list.ok_or_else(|| EnvError(format!("step returned no list of {key}")))?;
    let mut map = BTreeMap::new();
    for (player, value) in list.iter().enumerate() {
        let value = read(&value).ok_or_else(|| EnvError(format!("step returned bad {key}")))?;
        map.insert(player.to_string(), value);
    }
    Ok(map)
}

/// Plays a JavaScript environment, rolls every frame back by `check_distance_frames`, and returns
/// the earliest frame whose state came out differently; undefined when all came out equal. Actions
/// are drawn from the seed.
///
/// # Errors
///
/// When the environment refuses a step or a state of its own.
#[wasm_bindgen(js_name = syncTest)]
pub fn sync_test(
    environment: ScriptObject,
    players: usize,
    seed: u32,
    frames: u32,
    check_distance_frames: u32,
) -> Result<Option<u32>, JsError> {
    let plan = SyncTestPlan { players, seed, frames, check_distance_frames };
    let action = |player: usize, frame: Frame| drawn_action(seed, player, frame);
    let tested = run_sync_test(&mut ScriptEnv::new(environment), plan, action);
    let tested = tested.map_err(|error| JsError::new(&error.to_string()))?;
    Ok(tested.map(|mismatch| mismatch.frame.0))
}

/// An action of 0 to 31 that holds for seven frames.
pub(super) fn drawn_action(seed: u32, player: usize, frame: Frame) -> Action {
    let held = (frame.0 / 7).wrapping_mul(8).wrapping_add(player as u32) ^ seed;
    Action((held.wrapping_mul(2_654_435_761) >> 11) & 31)
}
