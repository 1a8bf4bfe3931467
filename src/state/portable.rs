//! Digests that recognise one state again wherever its text comes from: out of the game, or back
//! out of a page that passed it through JavaScript.
//!
//! Takes state texts; the determinism oracle keeps the digests.

use std::hash::{DefaultHasher, Hasher};

use super::document::{Json, Number};
use super::envelope;
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
    /// Whether some whole number is so large that JavaScript gives another one back.
    pub loses_integers: bool,
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

/// What is known of one part of a state text.
#[derive(Debug, Clone, Copy)]
struct Part {
    portable: u64,
    spelled: u64,
    has_number_keys: bool,
    loses_integers: bool,
}

/// Parts of each kind that are remembered: a rollback goes back over a few of them.
const REMEMBERED: usize = 12;

/// Longest part that is remembered, in bytes.
const MAX_REMEMBERED_BYTES: usize = 64 << 10;

/// Reads state texts one after another and remembers their newest parts: the words of a random
/// generator fill most of a text and seldom change.
#[derive(Debug, Clone, Default)]
pub struct PortableReader {
    // By part of the envelope, newest last.
    known: [Vec<(Box<str>, Part)>; PARTS_OF_ENVELOPE.len()],
}

impl PortableState {
    /// Reads a state text. `None` if it is no JSON or does not survive JavaScript.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        PortableReader::default().read(text)
    }
}

impl PortableReader {
    /// Reads a state text as [`PortableState::of`] does.
    pub fn read(&mut self, text: &str) -> Option<PortableState> {
        let mut parts: [Option<&str>; PARTS_OF_ENVELOPE.len()] = [None; PARTS_OF_ENVELOPE.len()];
        let (mut step_number, mut has_number_keys, mut is_readable) = (None, false, true);
        let mut loses_integers = false;
        let is_whole = envelope::members(text, &mut |name, value| {
            let place = PARTS_OF_ENVELOPE.iter().position(|part| *part == name);
            if let Some(slot) = place.and_then(|place| parts.get_mut(place)) {
                *slot = Some(value);
                return true;
            }
            if name == "step_num" {
                step_number = value.parse().ok();
            }
            // What the page added is small.
            let added = Json::parse(value);
            has_number_keys |=
                is_number(name.as_bytes()) || added.as_ref().is_ok_and(holds_number_keys);
            is_readable &= added.is_ok();
            is_readable
        });
        let [Some(_), ..] = parts else {
            let part = Part::of(text)?;
            let Part { portable, spelled, has_number_keys, loses_integers } = part;
            let step_number = None;
            return Some(PortableState {
                portable,
                spelled,
                has_number_keys,
                loses_integers,
                step_number,
            });
        };
        if !is_whole {
            return None;
        }
        let (mut portable, mut spelled) = (DefaultHasher::new(), DefaultHasher::new());
        for (known, part) in self.known.iter_mut().zip(parts) {
            let part = match part {
                Some(text) => Some(part_of(known, text)?),
                None => None,
            };
            portable.write_u64(part.map_or(0, |part| part.portable));
            spelled.write_u64(part.map_or(0, |part| part.spelled));
            has_number_keys |= part.is_some_and(|part| part.has_number_keys);
            loses_integers |= part.is_some_and(|part| part.loses_integers);
        }
        let (portable, spelled) = (portable.finish(), spelled.finish());
        Some(PortableState { portable, spelled, has_number_keys, loses_integers, step_number })
    }
}

fn part_of(known: &mut Vec<(Box<str>, Part)>, text: &str) -> Option<Part> {
    // The newest is the likeliest.
    if let Some(place) = known.iter().rposition(|(known, _)| **known == *text) {
        let found = known.remove(place);
        let part = found.1;
        known.push(found);
        return Some(part);
    }
    let part = Part::of(text)?;
    if text.len() <= MAX_REMEMBERED_BYTES {
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push((text.into(), part));
    }
    Some(part)
}

impl Part {
    fn of(text: &str) -> Option<Self> {
        let document = Json::parse(text).ok()?;
        Some(Self {
            portable: digest(&document, &PORTABLE)?,
            spelled: digest(&document, &SPELLED)?,
            has_number_keys: holds_number_keys(&document),
            loses_integers: loses_integers(&document),
        })
    }
}

fn digest(document: &Json<'_>, rule: &HashRule) -> Option<u64> {
    let mut text = Vec::with_capacity(1024);
    push_canonical(&mut text, document, rule).ok()?;
    // This hasher has fixed keys: the same text gives the same digest everywhere.
    let mut hasher = DefaultHasher::new();
    hasher.write(&text);
    Some(hasher.finish())
}

fn is_number(key: &[u8]) -> bool {
    !key.is_empty() && key.iter().all(u8::is_ascii_digit)
}

// Doubles hold every whole number up to this one.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

fn loses_integers(document: &Json<'_>) -> bool {
    match document {
        Json::Number(Number::Integer(lexeme)) if lexeme.len() > 15 => {
            // Most numbers of such a size are no doubles.
            let double = Number::Integer(lexeme).as_f64();
            // What is too large for 128 bits counts as lost, too.
            let is_exact = double < i128::MAX as f64 && lexeme.parse() == Ok(double as i128);
            double.abs() > MAX_SAFE_INTEGER && !is_exact
        }
        Json::Array(items) => items.iter().any(loses_integers),
        Json::Object(object) => object.members().any(|(_, value)| loses_integers(value)),
        _ => false,
    }
}

fn holds_number_keys(document: &Json<'_>) -> bool {
    match document {
        Json::Array(items) => items.iter().any(holds_number_keys),
        Json::Object(object) => object
            .members()
            .any(|(key, value)| is_number(key.as_bytes()) || holds_number_keys(value)),
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
    fn a_reader_that_remembers_reads_as_one_that_does_not() {
        let mut reader = PortableReader::default();
        for turn in 0..3 * REMEMBERED {
            for words in [turn, turn / 2, 3] {
                let text = format!(
                    r#"{{"env_state": {{"t": {turn}.0}}, "np_rng_state": [{words}, "]"], "step_num": {turn}}}"#
                );
                let read = reader.read(&text);
                assert!(read.is_some() && read == PortableState::of(&text), "{text}");
            }
        }
        assert!(reader.known.iter().all(|known| known.len() <= REMEMBERED));
    }

    #[test]
    fn whole_numbers_that_no_double_holds_are_lost() {
        let loses = |text| PortableState::of(text).unwrap().loses_integers;
        assert!(loses("[9007199254740993]") && loses("[-9007199254740993]"));
        assert!(loses(r#"{"env_state":{"x":170141183460469231731687303715884105727}}"#));
        assert!(!loses("[9007199254740992,9007199254740991,1e300,4294967296]"));
    }

    #[test]
    fn parts_do_not_pass_for_each_other_and_additions_count_for_their_keys() {
        let of = |text| PortableState::of(text).unwrap();
        let two = of(r#"{"env_state":1,"np_rng_state":2}"#);
        assert_ne!(two.portable, of(r#"{"env_state":1,"py_rng_state":2}"#).portable);
        assert_ne!(two.portable, of(r#"{"env_state":2,"np_rng_state":1}"#).portable);
        assert!(of(r#"{"env_state":1,"cumulative_rewards":{"0":1}}"#).has_number_keys);
    }

    #[test]
    fn what_is_no_state_has_no_digest() {
        let broken = [
            "{",
            "[NaN]",
            r#"{"env_state":1"#,
            r#"{"env_state":[1,]}"#,
            r#"{"env_state":NaN}"#,
            r#"{"env_state":1} 2"#,
            r#"{"env_state":1,"step_num":}"#,
            r#"{"env_state":1,}"#,
        ];
        for text in broken {
            assert_eq!(PortableState::of(text), None, "{text}");
        }
    }
}
