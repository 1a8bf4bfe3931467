//! State hashes against vectors that CPython's `json` and `hashlib` made, on both routes of the
//! text. `tests/fixtures` holds a selection; the full set is read where it lies beside the tree.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use rollscope::state::{
    HashAlgorithm, HashError, HashRule, Json, Rounding, Separators, TextRoute, javascript_text,
    print::push_canonical,
};
use serde::Deserialize;

/// One state text with everything that follows from it.
#[derive(Deserialize)]
struct Vector {
    name: String,
    #[serde(alias = "env_state_json")]
    state_json: String,
    /// A whole snapshot text whose `env_state` is the state.
    get_state: Option<String>,
    normalised_json: Option<String>,
    sha256_16: String,
    sha256: String,
    md5_8: String,
    js_parse_ok: Option<bool>,
    js_state_json: Option<String>,
    js_normalised_json: Option<String>,
    js_sha256_16: Option<String>,
    js_hash_differs: Option<bool>,
}

const SHA256_IN_FULL: HashRule = HashRule { digits: 64, ..HashRule::MUG_DIRECT_HASH };

#[track_caller]
fn check_hash(name: &str, rule: HashRule, text: &str, expected: &str) {
    let hash = rule.hash_text(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(hash.hex(), expected, "{name} under {rule:?}");
}

#[track_caller]
fn check_canonical(name: &str, rule: HashRule, text: &str, expected: Option<&String>) {
    let Some(expected) = expected else { return };
    let mut out = Vec::new();
    push_canonical(&mut out, &Json::parse(text).unwrap(), &rule).unwrap();
    assert_eq!(&String::from_utf8(out).unwrap(), expected, "{name} under {rule:?}");
}

#[track_caller]
fn check_vector(vector: &Vector) {
    let (name, text) = (vector.name.as_str(), vector.state_json.as_str());
    check_canonical(name, HashRule::MUG_DIRECT_HASH, text, vector.normalised_json.as_ref());
    check_hash(name, HashRule::MUG_DIRECT_HASH, text, &vector.sha256_16);
    check_hash(name, SHA256_IN_FULL, text, &vector.sha256);
    check_hash(name, HashRule::MUG_EPISODE_START, text, &vector.md5_8);
    if let Some(snapshot) = &vector.get_state {
        let snapshot = Json::parse(snapshot).unwrap();
        let state = snapshot.get("env_state").unwrap();
        let hash = HashRule::MUG_DIRECT_HASH.hash_document(state).unwrap();
        assert_eq!(hash.hex(), vector.sha256_16, "{name}");
    }
    match vector.js_parse_ok {
        Some(true) => check_round_trip(vector),
        Some(false) => {
            let refused = HashRule::MUG_STATE_HASH.hash_text(text);
            assert!(matches!(refused, Err(HashError::NotStrict(_))), "{name}");
        }
        None => {}
    }
}

#[track_caller]
fn check_round_trip(vector: &Vector) {
    let (name, text) = (vector.name.as_str(), vector.state_json.as_str());
    let javascript = javascript_text(&Json::parse(text).unwrap()).unwrap();
    assert_eq!(Some(&javascript), vector.js_state_json.as_ref(), "{name}");
    let expected = vector.js_sha256_16.as_deref().unwrap();
    check_canonical(name, HashRule::MUG_STATE_HASH, text, vector.js_normalised_json.as_ref());
    check_hash(name, HashRule::MUG_STATE_HASH, text, expected);
    // A text that took the route already gives the same hash on both.
    check_hash(name, HashRule::MUG_STATE_HASH, &javascript, expected);
    check_hash(name, HashRule::MUG_DIRECT_HASH, &javascript, expected);
    assert_eq!(Some(expected != vector.sha256_16), vector.js_hash_differs, "{name}");
}

fn check_vectors(text: &str, at_least: usize) {
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    assert!(vectors.len() >= at_least);
    for vector in &vectors {
        check_vector(vector);
    }
}

#[test]
fn selected_states_hash_as_python_hashes_them() {
    check_vectors(include_str!("fixtures/state-hash.json"), 200);
}

#[test]
fn state_inside_a_snapshot_hashes_as_python_hashes_it() {
    check_vectors(include_str!("fixtures/state-hash-envelopes.json"), 1);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the full set lies beside the tree, not in it")]
fn full_set_hashes_as_python_hashes_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors");
    for (file, at_least) in [("state-hash.json", 388), ("state-hash-envelopes.json", 4)] {
        match std::fs::read_to_string(folder.join(file)) {
            Ok(text) => check_vectors(&text, at_least),
            Err(_) => println!("skipped: {file} does not lie beside the tree"),
        }
    }
}

#[test]
fn no_byte_of_a_state_text_can_end_the_reader() {
    let text = r#"{"a":[1,-2.5e-7,"\u00e9\ud83d\ude00",null,true,NaN,-Infinity],"b":{"a":1e400}}"#;
    let rule = HashRule {
        algorithm: HashAlgorithm::Md5,
        digits: 32,
        rounding: Rounding::TenDecimals,
        separators: Separators::Spaced,
        route: TextRoute::JsRoundTrip,
    };
    for index in 0..text.len() {
        let _ = rule.hash_text(&text[..index]).map_err(|error| error.to_string());
        for byte in 0..0x80_u8 {
            let mut bytes = text.as_bytes().to_vec();
            bytes[index] = byte;
            let changed = String::from_utf8(bytes).unwrap();
            let _ = rule.hash_text(&changed).map_err(|error| error.to_string());
        }
    }
}
