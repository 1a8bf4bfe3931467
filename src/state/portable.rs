//! Digests that recognise one state again wherever its text comes from: out of the game, or back
//! out of a page that passed it through JavaScript.
//!
//! Takes state texts; the determinism oracle keeps the digests.

use std::hash::{DefaultHasher, Hasher};

use super::document::{Json, Number};
use super::print::push_canonical;
use super::rule::{HashAlgorithm, HashRule, Rounding, Separators, TextRoute};

/// What is kept of one state text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortableState {
    /// Digest of the state as JavaScript would give it back: equal for texts of one state.
    pub portable: u64,
    /// Digest of the state as it was written, numbers and all: equal only for equal spellings.
    pub spelled: u64,
    /// Whether some key looks like a number. A game may hold such keys as numbers until its state is
    /// restored from a text, and a hash sorts numbers and texts differently.
    pub has_number_keys: bool,
    /// Number of steps before the state, where the page wrote it beside the state.
    pub step_number: Option<u32>,
}

/// What a page saves of a game (MUG wire notes, 1.3); what it adds to them is not the game's.
const PARTS_OF_ENVELOPE: [&str; 3] = ["env_state", "np_rng_state", "py_rng_state"];

const SPELLED: HashRule = HashRule {
    algorithm: HashAlgorithm::Sha256,
    digits: 64,
    rounding: Rounding::Exact,
    separators: Separators::Compact,
    route: TextRoute::Direct,
};

const PORTABLE: HashRule = HashRule { route: TextRoute::JsRoundTrip, ..SPELLED };

impl PortableState {
    /// Reads a state text. `None` if it is no JSON or does not survive JavaScript.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let document = Json::parse(text).ok()?;
        let step_number = match document.get("step_num") {
            Some(Json::Number(Number::Integer(lexeme))) => lexeme.parse().ok(),
            _ => None,
        };
        let portable = digest(&document, &PORTABLE)?;
        let spelled = digest(&document, &SPELLED)?;
        let has_number_keys = has_number_keys(&document);
        Some(Self { portable, spelled, has_number_keys, step_number })
    }
}

fn digest(document: &Json<'_>, rule: &HashRule) -> Option<u64> {
    let mut text = Vec::with_capacity(1024);
    if document.get("env_state").is_some() {
        for part in PARTS_OF_ENVELOPE {
            if let Some(part) = document.get(part) {
                push_canonical(&mut text, part, rule).ok()?;
            }
            text.push(b'\n');
        }
    } else {
        push_canonical(&mut text, document, rule).ok()?;
    }
    // This hasher has fixed keys: the same text gives the same digest everywhere.
    let mut hasher = DefaultHasher::new();
    hasher.write(&text);
    Some(hasher.finish())
}

fn has_number_keys(document: &Json<'_>) -> bool {
    match document {
        Json::Array(items) => items.iter().any(has_number_keys),
        Json::Object(object) => object.members().any(|(key, value)| {
            let digits = key.as_bytes();
            let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            is_number || has_number_keys(value)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_recognised_after_javascript_and_without_what_the_page_added() {
        let saved =
            PortableState::of(r#"{"env_state":{"x":1.0,"b":2},"np_rng_state":[1]}"#).unwrap();
        let restored = PortableState::of(
            r#"{"env_state":{"b":2,"x":1},"np_rng_state":[1],"cumulative_rewards":{},"step_num":40}"#,
        )
        .unwrap();
        assert_eq!(saved.portable, restored.portable);
        assert_ne!(saved.spelled, restored.spelled);
        assert_eq!((saved.step_number, restored.step_number), (None, Some(40)));
        let other =
            PortableState::of(r#"{"env_state":{"x":1.5,"b":2},"np_rng_state":[1]}"#).unwrap();
        assert_ne!(saved.portable, other.portable);
        assert!(!other.has_number_keys);
        assert!(PortableState::of(r#"[{"7":1}]"#).unwrap().has_number_keys);
    }

    #[test]
    fn what_is_no_state_has_no_digest() {
        assert_eq!(PortableState::of("{"), None);
        assert_eq!(PortableState::of("[NaN]"), None);
    }
}
