//! The core as wasm: where pointers have 32 bits and floats come from the browser's engine, the
//! same bytes must come out as natively. Run by `cargo xtask test --only wasm` under Node.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rollscope::analysis::Analysis;
use rollscope::link::{Link, LinkProfile};
use rollscope::state::HashRule;
use rollscope::time::Micros;
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

#[wasm_bindgen_test]
fn every_state_vector_hashes_as_in_cpython() {
    let vectors = include_str!("fixtures/state-hash.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let mut checked = 0;
    for vector in vectors.as_array().unwrap() {
        let text = |key: &str| vector.get(key).and_then(serde_json::Value::as_str);
        let (Some(state), Some(expected)) = (text("state_json"), text("sha256_16")) else {
            continue;
        };
        let hash = HashRule::MUG_DIRECT_HASH.hash_text(state).unwrap();
        assert_eq!(hash.hex(), expected, "{state}");
        checked += 1;
    }
    assert!(checked > 20, "only {checked} vectors were found");
}

#[wasm_bindgen_test]
fn a_capture_gives_the_same_report_as_natively() {
    let mut analysis = Analysis::new();
    analysis.open_file(include_bytes!("fixtures/session-v1.rollscope")).unwrap();
    assert_eq!(analysis.report_json(), include_str!("fixtures/session-v1.report.json"));
    assert_eq!(analysis.capture_file(0.0), include_bytes!("fixtures/session-v1.rollscope"));
}

#[wasm_bindgen_test]
fn a_seeded_link_has_the_same_fate_as_natively() {
    let profile =
        LinkProfile { latency_micros: 50_000, jitter_micros: 20_000, loss: 0.1, duplication: 0.05 };
    let mut link = Link::new(7, profile);
    for n in 0..1000_u64 {
        link.send(Micros(n * 1000), n);
    }
    let mut sum = 0_u64;
    while let Some(n) = link.next_arrival().and_then(|time| link.poll(time)) {
        sum = sum.wrapping_mul(31).wrapping_add(n);
    }
    assert_eq!((sum, link.counts()), (SUM, (1000, LOST)));
}

/// What the same loop gives natively (`link_fate` in `tests/two_peers.rs`).
const SUM: u64 = 9_885_161_819_663_866_459;
const LOST: u64 = 110;
