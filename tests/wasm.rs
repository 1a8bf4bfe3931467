//! The core as wasm: where pointers have 32 bits and floats come from the browser's engine, the
//! same bytes must come out as natively. Run by `cargo xtask test --only wasm` under Node.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rollscope::state::HashRule;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn a_state_hash_is_the_same_as_cpythons() {
    // hashlib.sha256(json.dumps(state, sort_keys=True, separators=(",", ":")).encode())
    let state = r#"{"y":-0.1,"x":1e16,"n":[1,2.5,null,true],"s":"é"}"#;
    let hash = HashRule::MUG_DIRECT_HASH.hash_text(state).unwrap();
    assert_eq!(hash.hex(), EXPECTED);
}

/// The first 16 digits of the digest above, as CPython 3.11 computes it.
const EXPECTED: &str = "72efca635f235e50";
