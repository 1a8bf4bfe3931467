//! The hash of a state text on the page's own thread: the same rule as in the worker.

use wasm_bindgen::prelude::*;

use crate::STATE_HASH_RULE;

/// Hashes a state text as the worker's `computeHash` does, without asking the worker.
///
/// # Errors
///
/// When the text is no JSON.
#[wasm_bindgen(js_name = hashState)]
pub fn hash_state(state_json: &str) -> Result<String, JsError> {
    let hash = STATE_HASH_RULE.hash_text(state_json);
    hash.map(|hash| hash.hex()).map_err(|error| JsError::new(&error.to_string()))
}
